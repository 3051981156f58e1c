"""Partitions of the lake's tables as Spark reads them: those of the days that are asked for, and no others."""

from collections.abc import Iterable

from pyspark.sql import DataFrame, SparkSession, Window, WindowSpec
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
)

from ndjson_lake.bucket import Bucket, StoredObject
from ndjson_lake.seam import Seam
from ndjson_parquet_lake.column_types import decimal_size
from ndjson_parquet_lake.tables import PARTITION, Table

# Times are stored without a zone, so that no reader shifts them; all of them are UTC.
_TYPES: dict[str, DataType] = {
    "string": StringType(),
    "int": IntegerType(),
    "bigint": LongType(),
    "timestamp": TimestampNTZType(),
    "date": DateType(),
    "boolean": BooleanType(),
}


def schema_of(table: Table) -> StructType:
    """The columns of the table's files, all nullable."""
    return StructType([StructField(column.name, spark_type(column.type)) for column in table.columns])


def spark_type(name: str) -> DataType:
    """Raises KeyError for a type that no declaration may have."""
    size = decimal_size(name)
    return DecimalType(*size) if size else _TYPES[name]


class Partitions:
    """Reads partitions of one lake. A column that old files lack is null in their rows."""

    def __init__(self, spark: SparkSession, bucket: Bucket, seam: Seam) -> None:
        self._spark = spark
        self._bucket = bucket
        self._seam = seam
        self.bytes_read = 0

    def read(self, table: Table, days: Iterable[str]) -> DataFrame:
        """The rows of these days, with the column `date`. Days without a partition have none. Raises StorageError."""
        found = [stored for day in days for stored in self._objects(table, day)]
        self.bytes_read += sum(stored.size for stored in found)
        schema = schema_of(table).add(PARTITION.name, DateType())
        if not found:
            return empty(self._spark, schema)
        paths = self._seam.fetch([stored.key for stored in found])
        return self._spark.read.schema(schema).option("basePath", self._seam.root(table.location)).parquet(*paths)

    def first_of(self, table: Table, days: Iterable[str]) -> str | None:
        """The first of these days that has a partition."""
        return next((day for day in days if self._objects(table, day)), None)

    def _objects(self, table: Table, day: str) -> list[StoredObject]:
        return [stored for stored in self._bucket.objects(table.prefix(day)) if stored.key.endswith(".parquet")]


def empty(spark: SparkSession, schema: StructType) -> DataFrame:
    """No rows. Spark sees that there are none and leaves out what would be done with them; of a list it would not."""
    nothing = [F.lit(None).cast(field.dataType).alias(field.name) for field in schema]
    return spark.range(0).where(F.lit(False)).select(*nothing)


def grouped_by(*columns: str) -> WindowSpec:
    """A window over rows that are equal in these columns.

    By their hash first: Spark sorts by the first eight bytes alone where these differ, and those of keys, which begin
    alike, do not.
    """
    return Window.partitionBy(F.xxhash64(*columns), *columns)


def as_stored(table: Table, rows: DataFrame) -> DataFrame:
    """The table's columns in the declared order and types, and `date`, which names the partition."""
    columns = [F.col(column.name).cast(spark_type(column.type)).alias(column.name) for column in table.columns]
    return rows.select(*columns, F.col(PARTITION.name).cast("date").alias(PARTITION.name))
