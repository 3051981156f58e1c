"""How a run goes: make all tables, write them where nobody looks, check the counts, publish, report.

Until the first partition is published a run can be killed without a trace; after that, running it again publishes the
same partitions with the same rows. Two runs of one job and day at a time are kept apart by the workflow.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from ndjson_lake.arguments import Arguments
from ndjson_lake.bucket import Bucket
from ndjson_lake.errors import InternalError
from ndjson_lake.partitions import Partitions, as_stored
from ndjson_lake.publishing import Replacement, publish, replacements
from ndjson_lake.seam import Seam
from ndjson_lake.typed_rows import Counts
from ndjson_parquet_lake.datasets import DATASETS
from ndjson_parquet_lake.tables import PARTITION, REJECTS, Table

_SHUFFLED_BYTES_PER_TASK = 128 * 1024 * 1024
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Context:
    """What a job works with. `token_key` is None when no secret was named."""

    arguments: Arguments
    spark: SparkSession
    bucket: Bucket
    seam: Seam
    token_key: bytes | None = None

    @property
    def partitions(self) -> Partitions:
        return Partitions(self.spark, self.bucket, self.seam)

    def expect(self, size_bytes: int) -> int:
        """Size the shuffles for so many bytes of input: at least one task per core, at most 128 MB for each.

        Returns the number of tasks.
        """
        tasks = max(self.spark.sparkContext.defaultParallelism, -(-size_bytes // _SHUFFLED_BYTES_PER_TASK))
        self.spark.conf.set("spark.sql.shuffle.partitions", str(tasks))
        return tasks


@dataclass(frozen=True, slots=True)
class Output:
    """New content of the table's partitions of these days; days without rows are emptied.

    `rows` has a column `date`. They go into `parts` objects; with None they are all of one day, and go into as many as
    they have partitions, which are then by the table's key.
    """

    table: Table
    rows: DataFrame
    days: Sequence[str]
    parts: int | None = 1
    dataset: str | None = None

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.dataset}" if self.dataset else self.table.name


@dataclass(slots=True)
class Made:
    """What a job wants to publish, and what it has read."""

    outputs: list[Output] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)
    undeclared: dict[str, Sequence[str]] = field(default_factory=dict)
    files_in: int = 0
    bytes_in: int = 0


@dataclass(frozen=True, slots=True)
class TableReport:
    """Rows, objects and bytes of what was published, over all days."""

    days: Sequence[str]
    rows: int
    objects: int
    bytes: int


Job = Callable[[Context], Made]


@dataclass(frozen=True, slots=True)
class _Staged:
    output: Output
    rows: int
    partitions: list[Replacement]


def run(name: str, job: Job, context: Context) -> Mapping[str, Any]:
    """Run the job once and return its report, which is also stored. Raises LakeError."""
    started, clock = datetime.now(UTC), time.monotonic()
    arguments, seam = context.arguments, context.seam
    staging = f"staging/{name}/date={arguments.date}/"
    seam.clear(staging)
    try:
        made = job(context)
        staged = [_stage(context, f"{staging}{output.name}/", output) for output in made.outputs]
        _check(made, staged)
        for one in staged:
            for partition in one.partitions:
                publish(context.bucket, seam, partition)
    finally:
        context.spark.catalog.clearCache()
    report = {
        "job": name,
        "date": arguments.date,
        "run_id": arguments.run_id,
        "status": "succeeded",
        "started_at": started.isoformat(),
        "seconds": round(time.monotonic() - clock, 3),
        **_figures(made, staged),
    }
    text = json.dumps(report, indent=2, ensure_ascii=False)
    context.bucket.write(f"reports/{name}/date={arguments.date}/{arguments.run_id}.json", text.encode())
    seam.clear(staging)
    _logger.info(json.dumps(report, ensure_ascii=False))
    return report


def _stage(context: Context, folder: str, output: Output) -> _Staged:
    """Write the output's rows below the folder, and count what is written there."""
    table, seam = output.table, context.seam
    rows = as_stored(table, output.rows)
    if output.parts is None:
        # By name: where the date is one value, Spark sorts by it alone, and forgets the order of the keys.
        [day] = output.days
        in_order = rows.drop(PARTITION.name).sortWithinPartitions(*table.key)
        in_order.write.parquet(seam.root(f"{folder}{PARTITION.name}={day}/"))
    else:
        order = (PARTITION.name, *table.key)
        parted = rows.repartition(output.parts, *order).sortWithinPartitions(*order)
        parted.write.partitionBy(PARTITION.name).parquet(seam.root(folder))
    written = [stored for stored in seam.written(folder) if stored.key.endswith(".parquet")]
    # From the files' footers: no row is read.
    count = context.spark.read.parquet(seam.root(folder)).count() if written else 0
    # Spark writes a file without rows, too.
    written = written if count else []
    prefixes = {f"{PARTITION.name}={day}": table.prefix(day, output.dataset) for day in output.days}
    try:
        return _Staged(output, count, replacements(prefixes, folder, written))
    except KeyError as error:
        raise InternalError(f"{output.name} has rows for {error}, a partition that the run does not own") from error


def _check(made: Made, staged: Sequence[_Staged]) -> None:
    """Each row that was read is written once, as accepted or as rejected. Raises InternalError."""
    written = {one.output.name: one.rows for one in staged}
    for name, counts in made.counts.items():
        accepted, rejected = written[DATASETS[name].table], written[f"{REJECTS.name}.{name}"]
        if accepted != counts.accepted or accepted + rejected != counts.rows_in:
            raise InternalError(
                f"{name}: {counts.rows_in} rows in, but {accepted} accepted and {rejected} rejected out"
            )


def _figures(made: Made, staged: Sequence[_Staged]) -> Mapping[str, Any]:
    return {
        "rows": {dataset: asdict(counts) for dataset, counts in made.counts.items()},
        "tables": {one.output.name: asdict(_table_report(one)) for one in staged},
        "undeclared_columns": {dataset: list(names) for dataset, names in made.undeclared.items() if names},
        "files_in": made.files_in,
        "bytes_in": made.bytes_in,
        "bytes_out": sum(_table_report(one).bytes for one in staged),
    }


def _table_report(staged: _Staged) -> TableReport:
    written = [stored for partition in staged.partitions for stored in partition.written]
    return TableReport(list(staged.output.days), staged.rows, len(written), sum(stored.size for stored in written))
