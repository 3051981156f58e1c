"""A bucket with the lake's declared tables in the catalog of the embedded AWS, and partitions of one row."""

import uuid
from collections.abc import Mapping
from pathlib import Path

import duckdb

from lake_quality.queries import Databases
from local.embedded_aws import EmbeddedAws
from ndjson_parquet_lake.tables import TABLES, Table
from tests.lake_views import sql_type

_PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


class LakeCatalog:
    """Tables that no other test sees. `environment` is the last part of the databases' names."""

    def __init__(self, aws: EmbeddedAws, folder: Path) -> None:
        self.s3, self.glue, self._folder = aws.client("s3"), aws.client("glue"), folder
        self.bucket, self.environment = f"lake-{uuid.uuid4().hex[:12]}", uuid.uuid4().hex[:8]
        self.databases = Databases.of(self.environment)
        self.s3.create_bucket(Bucket=self.bucket)
        for name in (self.databases.raw, self.databases.processed, self.databases.curated):
            self.glue.create_database(DatabaseInput={"Name": name})
        for table in TABLES:
            self._declare(table)

    def put_row(self, table: Table, date: str, values: Mapping[str, str], dataset: str | None = None) -> None:
        """Make the partition of the date this one row; columns without a value, which is SQL, are null."""
        given = {column.name: (values.get(column.name, "NULL"), sql_type(column.type)) for column in table.columns}
        columns = ", ".join(f"cast({value} AS {kind}) AS {name}" for name, (value, kind) in given.items())
        file = self._folder / f"{table.name}.parquet"
        duckdb.sql(f"COPY (SELECT {columns}) TO '{file}' (FORMAT parquet)")
        self.s3.upload_file(str(file), self.bucket, f"{table.prefix(date, dataset)}part-00000.parquet")

    def _declare(self, table: Table) -> None:
        columns, keys = (
            [{"Name": column.name, "Type": column.type} for column in some]
            for some in (table.columns, table.partition_columns)
        )
        storage = {**_PARQUET, "Columns": columns, "Location": f"s3://{self.bucket}/{table.location}/"}
        declared = {"Name": table.name, "StorageDescriptor": storage, "PartitionKeys": keys}
        self.glue.create_table(DatabaseName=getattr(self.databases, table.zone), TableInput=declared)
