"""SQL on the output: through Athena, or on this machine with DuckDB."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ndjson_parquet_cli.aws import Aws
from ndjson_parquet_cli.errors import ActionError, RefusedError

if TYPE_CHECKING:
    from ndjson_parquet_cli.object_reads import ObjectReads

TABLE = "records"
OUTPUT_PREFIX = "pipeline/output/"
RESULTS_PREFIX = "query-results/"
_POLL_SECONDS = 0.5
_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class Result:
    """Rows as text, null as None. `scanned_bytes`: as Athena says; for a local query, what was read from S3."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    scanned_bytes: int
    seconds: float
    is_cut: bool = False


class Athena:
    """Queries through Athena."""

    def __init__(self, aws: Aws, sleep: Callable[[float], None] = time.sleep) -> None:
        self._aws = aws
        self._sleep = sleep

    def query(self, sql: str, database: str, workgroup: str, output: str, limit: int) -> Result:
        """Run a query and wait for it; at most `limit` rows of its result.

        Raises:
            ActionError: Athena could not run it.
        """
        athena = self._aws.athena
        started = athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": database},
            WorkGroup=workgroup,
            ResultConfiguration={"OutputLocation": output},
        )["QueryExecutionId"]
        try:
            execution = self._ended(started)
        except KeyboardInterrupt:
            athena.stop_query_execution(QueryExecutionId=started)
            raise
        status, statistics = execution["Status"], execution.get("Statistics", {})
        if status["State"] != "SUCCEEDED":
            reason = status.get("StateChangeReason") or status["State"]
            raise ActionError(
                f"Athena: {reason}", f"correct the SQL; the table is {TABLE}, its columns: DESCRIBE {TABLE}"
            )
        seconds = statistics.get("TotalExecutionTimeInMillis", 0) / 1000
        return self._result(started, statistics.get("DataScannedInBytes", 0), seconds, limit)

    def _ended(self, query: str) -> Any:
        while True:
            execution = self._aws.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if execution["Status"]["State"] in _ENDED:
                return execution
            self._sleep(_POLL_SECONDS)

    def _result(self, query: str, scanned: int, seconds: float, limit: int) -> Result:
        pages = self._aws.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query)
        columns: tuple[str, ...] = ()
        rows: list[tuple[str | None, ...]] = []
        for page in pages:
            columns = columns or tuple(
                column["Name"] for column in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
            )
            rows += [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in page["ResultSet"]["Rows"]]
            if len(rows) > limit + 1:
                break
        # The first row of a SELECT repeats the names.
        content = rows[1:] if rows and rows[0] == columns else rows
        return Result(columns, tuple(content[:limit]), scanned, seconds, len(content) > limit)


def query_here(sql: str, objects: "ObjectReads", bucket: str, days: Sequence[str], limit: int) -> Result:
    """Download the Parquet of these dates and ask DuckDB; the table has the column date_prefix too.

    Raises:
        RefusedError: DuckDB is not installed, or there is no Parquet of these dates.
        ActionError: DuckDB could not run it.
    """
    try:
        import duckdb  # noqa: PLC0415  # --local alone needs it
    except ImportError as error:
        raise RefusedError(
            "--local needs DuckDB, which is not installed here", "make setup, or query without --local"
        ) from error
    begin = time.monotonic()
    with TemporaryDirectory(prefix="ndjson-parquet-") as folder:
        scanned = _download(objects, bucket, days, Path(folder))
        try:
            with duckdb.connect() as connection:
                pattern = f"{folder}/*/*.parquet"
                parts = connection.read_parquet(pattern, union_by_name=True, hive_partitioning=True)
                parts.create_view(TABLE)
                answer = connection.execute(sql)
                columns = tuple(str(column[0]) for column in answer.description or ())
                rows = answer.fetchmany(limit + 1)
        except duckdb.Error as error:
            raise ActionError(f"DuckDB: {error}", f"correct the SQL; the table is {TABLE}") from error
    texts = tuple(tuple(None if cell is None else str(cell) for cell in row) for row in islice(rows, limit))
    return Result(columns, texts, scanned, time.monotonic() - begin, len(rows) > limit)


def _download(objects: "ObjectReads", bucket: str, days: Sequence[str], folder: Path) -> int:
    total = 0
    for day in days:
        target = folder / f"date_prefix={day}"
        target.mkdir()
        for part in objects.listed(bucket, f"{OUTPUT_PREFIX}merged-parquet-{day}/"):
            objects.download(bucket, part.key, target / part.key.rpartition("/")[2])
            total += part.size_bytes
    if not total:
        raise RefusedError(f"there is no Parquet of {', '.join(days)} in {bucket}", "name other dates with --date")
    return total
