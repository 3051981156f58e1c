"""Raw files as rows: the file's key, the line as it was sent, and each declared column, not yet checked.

Numbers are decimals from the start, so that no digit passes through a double, each with the answer whether a value was
given at all; everything else is text. What a file has and nobody declared is left out, what it lacks is null: a new
column of a producer breaks nothing.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, DataType, DecimalType, StringType, StructField, StructType

from ndjson_lake.bucket import Bucket, StoredObject
from ndjson_lake.errors import SourceError
from ndjson_lake.partitions import empty
from ndjson_lake.seam import Seam
from ndjson_parquet_lake.column_types import is_number
from ndjson_parquet_lake.datasets import Dataset

SOURCE_FILE, LINE, MALFORMED, FIELDS = "source_file", "line", "malformed", "fields"
# As exact as Spark can be: 20 digits before the point, 18 after it.
WIDE = DecimalType(38, 18)
VALUE, GIVEN = "value", "given"
_NUMBER = r"^[+-]?\d{1,20}(\.\d{1,18})?([eE][+-]?\d{1,2})?$"
_BAD = "_bad_record"
_HEADER_BYTES = 64 * 1024
_READS_AT_ONCE = 16
# Strings are taken out possessively, so that a long one cannot exhaust the regular expression's stack.
_STRINGS = r'"(?:[^"\\]++|\\.)*+"'
_TWO_OBJECTS = r"\}\s*\{"


@dataclass(frozen=True, slots=True)
class Raw:
    """The rows of a day's files; `undeclared` are columns of theirs that the dataset does not have."""

    rows: DataFrame
    undeclared: tuple[str, ...] = ()


def read_raw(spark: SparkSession, bucket: Bucket, seam: Seam, dataset: Dataset, files: Sequence[StoredObject]) -> Raw:
    """All rows of the files. Raises SourceError for a file without a usable header or footer, StorageError."""
    own = [found.key for found in files if not found.key.endswith(".parquet")]
    converted = [found.key for found in files if found.key.endswith(".parquet")]
    parts: list[Raw] = []
    if own:
        read = _read_csv if dataset.format == "csv" else _read_json
        parts.append(read(spark, bucket, seam, dataset, own))
    parts.extend(_read_converted(spark, seam, dataset, key) for key in converted)
    if not parts:
        return Raw(no_rows(spark, dataset))
    rows = reduce(DataFrame.unionByName, (part.rows for part in parts))
    return Raw(rows, tuple(sorted({name for part in parts for name in part.undeclared})))


def _read_csv(spark: SparkSession, bucket: Bucket, seam: Seam, dataset: Dataset, keys: Sequence[str]) -> Raw:
    """Files with equal headers are read together: columns go by name, whatever order a producer gives them."""
    by_header = defaultdict(list)
    with ThreadPoolExecutor(_READS_AT_ONCE) as reads:
        for key, header in zip(keys, reads.map(lambda key: _header(bucket, key), keys), strict=True):
            by_header[header].append(key)
    parts = []
    undeclared: set[str] = set()
    for header, same in sorted(by_header.items()):
        names = csv_names(header, dataset, same[0])
        lines = _lines(spark, seam, same)
        lines = lines.where(F.ltrim(F.regexp_replace(LINE, "^\ufeff", "")) != header)
        parts.append(_parsed_csv(lines, dataset, names))
        undeclared |= set(names) - {column.name for column in dataset.columns}
    return Raw(reduce(DataFrame.unionByName, parts), tuple(sorted(undeclared)))


def csv_names(header: str, dataset: Dataset, key: str) -> list[str]:
    """The column names of a CSV header.

    Raises SourceError when a required one is missing or one is there twice: such files belong into quarantine.
    """
    names = [name.strip() for name in next(csv.reader([header]), [])]
    missing = [name for name in dataset.required if name not in names]
    if missing or len(names) != len(set(names)):
        problem = f"has no column {', '.join(missing)}" if missing else "names a column twice"
        raise SourceError(
            f"{key}: its header {header!r} {problem}, which {dataset.name} requires: move the file to quarantine/, or "
            f"correct the producer or the declaration in ndjson_parquet_lake"
        )
    return names


def _header(bucket: Bucket, key: str) -> str:
    first = bucket.read(key, _HEADER_BYTES).decode("utf-8-sig", errors="replace")
    return first.splitlines()[0].strip() if first.strip() else ""


def _parsed_csv(lines: DataFrame, dataset: Dataset, names: Sequence[str]) -> DataFrame:
    fields = [StructField(f"c{number}", StringType()) for number in range(len(names))]
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": _BAD, "quote": '"', "escape": '"'}
    schema = ", ".join(f"{field.name} string" for field in fields) + f", {_BAD} string"
    parsed = lines.withColumn("parsed", F.from_csv(LINE, schema, options))
    malformed = ~_is_utf8() | F.col(f"parsed.{_BAD}").isNotNull()
    found = {name: F.col(f"parsed.c{number}") for number, name in enumerate(names)}
    return parsed.select(SOURCE_FILE, LINE, malformed.alias(MALFORMED), _fields_of_text(dataset, found))


def _read_json(spark: SparkSession, _: Bucket, seam: Seam, dataset: Dataset, keys: Sequence[str]) -> Raw:
    types: list[tuple[str, DataType]] = [
        (column.name, WIDE if is_number(column.type) else StringType()) for column in dataset.columns
    ]
    schema = StructType([StructField(name, kind) for name, kind in [*types, (_BAD, StringType())]])
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": _BAD, "allowSingleQuotes": "false"}
    parsed = _lines(spark, seam, keys).withColumn("parsed", F.from_json(LINE, schema, options))
    fields = F.struct(*(_json_field(name, kind).alias(name) for name, kind in types))
    return Raw(parsed.select(SOURCE_FILE, LINE, _is_no_object(dataset).alias(MALFORMED), fields.alias(FIELDS)))


def _is_no_object(dataset: Dataset) -> Column:
    nothing = reduce(Column.__and__, (F.col(f"parsed.{column.name}").isNull() for column in dataset.columns))
    # A record with one impossible number is kept apart for that column, not as a line that nobody can read.
    unreadable = F.col(f"parsed.{_BAD}").isNotNull() & nothing
    braces = F.ltrim(LINE).startswith("{") & F.rtrim(LINE).endswith("}")
    return ~_is_utf8() | ~braces | unreadable | _is_two_objects()


def _is_two_objects() -> Column:
    """Spark reads the first and forgets the second. Only lines with a brace before their end are looked at closely."""
    without_text = F.regexp_replace(LINE, _STRINGS, '""')
    to_first_brace = F.octet_length(F.substring_index(LINE, "}", 1)) + 1
    suspect = to_first_brace < F.octet_length(F.rtrim(LINE))
    return F.when(suspect, without_text.rlike(_TWO_OBJECTS)).otherwise(F.lit(False))


def _json_field(name: str, kind: DataType) -> Column:
    value = F.col(f"parsed.{name}")
    if kind != WIDE:
        return value
    refused = F.when(F.col(f"parsed.{_BAD}").isNotNull(), F.get_json_object(LINE, f"$.{name}").isNotNull())
    given = value.isNotNull() | F.coalesce(refused, F.lit(False))
    return F.struct(value.alias(VALUE), given.alias(GIVEN))


def _read_converted(spark: SparkSession, seam: Seam, dataset: Dataset, key: str) -> Raw:
    """A part that the NDJSON pipeline wrote: one text column per key, each value the text that was sent."""
    rows = spark.read.parquet(*seam.fetch([key]))
    declared = [column.name for column in dataset.columns]
    if wrong := [field.name for field in rows.schema if field.name in declared and field.dataType != StringType()]:
        problem = f"{', '.join(wrong)} has another type than text"
        raise SourceError(f"{key}: {problem}: only Parquet that the NDJSON pipeline has written can be a source")
    found = {name: F.col(f"`{name}`") for name in declared if name in rows.columns}
    line = F.to_json(F.struct(*(value.alias(name) for name, value in found.items())))
    read = rows.select(
        F.lit(key).alias(SOURCE_FILE), line.alias(LINE), F.lit(False).alias(MALFORMED), _fields_of_text(dataset, found)
    )
    return Raw(read, tuple(sorted(name for name in rows.columns if name not in found and not name.startswith("_"))))


def _fields_of_text(dataset: Dataset, found: Mapping[str, Column]) -> Column:
    """The declared columns from the text of those that were found."""
    nothing = F.lit(None).cast("string")
    values = ((column, found.get(column.name, nothing)) for column in dataset.columns)
    return F.struct(
        *((_number(text) if is_number(column.type) else text).alias(column.name) for column, text in values)
    ).alias(FIELDS)


def _number(text: Column) -> Column:
    value = F.when(text.rlike(_NUMBER), text.cast(WIDE))
    given = text.isNotNull() & (text != "")
    return F.struct(value.alias(VALUE), F.coalesce(given, F.lit(False)).alias(GIVEN))


def _lines(spark: SparkSession, seam: Seam, keys: Sequence[str]) -> DataFrame:
    """The lines that are not blank, each with the key of its file."""
    day = _of_day(keys[0])
    # By bytes: to find the place of a character, Spark counts those before it, in each row.
    key = F.concat(F.lit(day), F.substring_index(F.input_file_name(), day, -1))
    lines = spark.read.text(seam.fetch(keys)).select(key.alias(SOURCE_FILE), F.col("value").alias(LINE))
    # A plus sign stands for itself in a path, and for a space in what url_decode expects.
    decoded = F.url_decode(F.regexp_replace(SOURCE_FILE, r"\+", "%2B"))
    named = F.when(F.col(SOURCE_FILE).contains("%"), decoded).otherwise(F.col(SOURCE_FILE))
    return lines.where(F.trim(LINE) != "").withColumn(SOURCE_FILE, named)


def _of_day(key: str) -> str:
    """`raw/{dataset}/date={day}/`, with which the keys of all files of a dataset's day begin."""
    return key[: key.index("/", key.index("date=")) + 1]


def _is_utf8() -> Column:
    return F.decode(F.col(LINE).cast("binary"), "UTF-8") == F.col(LINE)


def no_rows(spark: SparkSession, dataset: Dataset) -> DataFrame:
    """The rows of a day without files."""
    number = StructType([StructField(VALUE, WIDE), StructField(GIVEN, BooleanType(), nullable=False)])
    fields = [
        StructField(column.name, number if is_number(column.type) else StringType()) for column in dataset.columns
    ]
    schema = StructType(
        [
            StructField(SOURCE_FILE, StringType()),
            StructField(LINE, StringType()),
            StructField(MALFORMED, BooleanType()),
            StructField(FIELDS, StructType(fields)),
        ]
    )
    return empty(spark, schema)
