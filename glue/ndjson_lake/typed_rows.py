"""A day's raw rows parted into accepted, typed ones and rejects: each row is in exactly one of the two."""

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ndjson_lake.checking import column_of, days_late, reason_of, typed, verdict
from ndjson_lake.reading import LINE, SOURCE_FILE
from ndjson_parquet_lake.datasets import Dataset

LATE_DAYS = "late_days"
_VERDICT, _OWNER, _TURN = "verdict", "owner", "turn"


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one dataset and day. `rejected` is by reason."""

    rows_in: int
    accepted: int
    rejected: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Day:
    """One dataset's day: `accepted` has the declared columns, `source_file` and, if there is a business time,
    `late_days`; `rejected` has the columns of the table of rejects.
    """

    accepted: DataFrame
    rejected: DataFrame
    counts: Counts


def part(rows: DataFrame, dataset: Dataset, day: str, parts: int) -> Day:
    """Check and part the rows of `reading`. They are kept until the run ends, so that they are read once."""
    checked = rows.withColumns({column.name: typed(column) for column in dataset.columns})
    judged = checked.withColumn(_VERDICT, verdict(dataset, day))
    # Rows that were refused already share no key, and so no task either.
    columns = [*(F.col(column.name) for column in dataset.columns), F.col(SOURCE_FILE)]
    owner = F.when(F.col(_VERDICT).isNull(), F.col(dataset.key)).otherwise(F.col(LINE))
    # Only what is needed from here on: all of it is shuffled and stored.
    owned = judged.select(*columns, LINE, _VERDICT, owner.alias(_OWNER))
    turned = _without_duplicates(owned.repartition(parts, _OWNER))
    refused_line = F.when(F.col(_VERDICT).isNotNull(), F.col(LINE))
    kept = turned.select(*columns, refused_line.alias(LINE), _VERDICT).persist(StorageLevel.MEMORY_AND_DISK)
    counts = _count(kept)
    if dataset.business_time:
        columns.append(days_late(dataset.business_time, day).alias(LATE_DAYS))
    accepted = kept.where(F.col(_VERDICT).isNull()).select(*columns)
    rejected = kept.where(F.col(_VERDICT).isNotNull()).select(*_reject_columns())
    return Day(accepted, rejected, counts)


def _without_duplicates(rows: DataFrame) -> DataFrame:
    """Of rows with one key the one of the last file is accepted, by name; within a file, the greatest line.

    That is arbitrary and always the same, whatever order Spark reads in.
    """
    # In the order of the keys, in which the rows are stored.
    best_first = Window.partitionBy(_OWNER).orderBy(F.col(SOURCE_FILE).desc(), F.col(LINE).desc())
    turned = rows.withColumn(_TURN, F.row_number().over(best_first))
    later = F.col(_VERDICT).isNull() & (F.col(_TURN) > 1)
    return turned.withColumn(_VERDICT, F.when(later, F.lit("duplicate|")).otherwise(F.col(_VERDICT)))


def _count(rows: DataFrame) -> Counts:
    by_reason = {
        row["reason"]: row["count"] for row in rows.groupBy(reason_of(_VERDICT).alias("reason")).count().collect()
    }
    accepted = by_reason.pop(None, 0)
    return Counts(accepted + sum(by_reason.values()), accepted, dict(sorted(by_reason.items())))


def _reject_columns() -> list[Column]:
    # Bytes that are no UTF-8 would make the table unreadable for others.
    line = F.decode(F.col(LINE).cast("binary"), "UTF-8")
    return [
        reason_of(_VERDICT).alias("reason"),
        column_of(_VERDICT).alias("column_name"),
        F.col(SOURCE_FILE),
        line.alias("line"),
        F.sha2(F.col(LINE).cast("binary"), 256).alias("line_hash"),
    ]
