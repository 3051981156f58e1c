"""What the quality function asks, asked of the embedded AWS's Athena: joins of partitioned tables too."""

import uuid
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake_quality import queries
from local.embedded_aws import EmbeddedAws
from ndjson_parquet_lake.datasets import DATASETS
from ndjson_parquet_lake.tables import TABLES, Table
from tests.component.emulator_tools import until
from tests.lake_views import sql_type

DATE = "2026-10-03"
ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


class Lake:
    """Each declared table with one row, which has nothing but a product."""

    def __init__(self, aws: EmbeddedAws, folder: Path) -> None:
        self.s3, self.glue, self.athena = (aws.client(name) for name in ("s3", "glue", "athena"))
        self.bucket, self._folder = f"lake-{uuid.uuid4().hex[:12]}", folder
        self.databases = queries.Databases.of(uuid.uuid4().hex[:8])
        self.s3.create_bucket(Bucket=self.bucket)
        for name in (self.databases.raw, self.databases.processed, self.databases.curated):
            self.glue.create_database(DatabaseInput={"Name": name})
        for table in TABLES:
            self._add(table)

    def ask(self, sql: str) -> list[list[str | None]]:
        """The rows, the line of names left out."""
        given = {"OutputLocation": f"s3://{self.bucket}/answers/"}
        query = self.athena.start_query_execution(QueryString=sql, ResultConfiguration=given)["QueryExecutionId"]

        def status() -> Any:
            return self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]

        ended = until(status, lambda found: found["State"] in ENDED, "the answer")
        assert ended["State"] == "SUCCEEDED", ended.get("StateChangeReason")
        rows = self.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows[1:]]

    def _add(self, table: Table) -> None:
        values = ", ".join(
            f"cast({'$$P-1$$' if column.name == 'product_id' else 'NULL'} AS {sql_type(column.type)}) AS {column.name}"
            for column in table.columns
        )
        file = self._folder / f"{table.name}.parquet"
        duckdb.sql(f"COPY (SELECT {values}) TO '{file}' (FORMAT parquet)")
        dataset = "reviews" if table.by_dataset else None
        self.s3.upload_file(str(file), self.bucket, f"{table.prefix(DATE, dataset)}part-00000.parquet")
        columns, keys = (
            [{"Name": column.name, "Type": column.type} for column in some]
            for some in (table.columns, table.partition_columns)
        )
        storage = {**PARQUET, "Columns": columns, "Location": f"s3://{self.bucket}/{table.location}/"}
        declared = {"Name": table.name, "StorageDescriptor": storage, "PartitionKeys": keys}
        self.glue.create_table(DatabaseName=getattr(self.databases, table.zone), TableInput=declared)


@pytest.fixture(scope="module")
def lake(emulator: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(emulator, tmp_path_factory.mktemp("tables"))


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_day_of_each_dataset_is_counted(lake: Lake, dataset: str) -> None:
    [row] = lake.ask(queries.day_query(DATASETS[dataset], lake.databases, DATE))
    assert row[0] == "1"


def test_rejects_history_and_references_are_counted(lake: Lake) -> None:
    assert [row[0] for row in lake.ask(queries.rejects_query(lake.databases, DATE))] == ["reviews"]
    history = lake.ask(queries.history_query(lake.databases, DATE))
    assert sorted(history) == [[name, DATE, "1"] for name in sorted(DATASETS)]
    references = {(row[0], row[1]): row[2] for row in lake.ask(queries.references_query(lake.databases, DATE))}
    assert references["transactions", "product_id"] == "0"
    assert len(references) == len(set(references)) > 1
