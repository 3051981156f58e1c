"""Sessions: the events of one anonymous id with no gap of more than half an hour between them, cut at midnight UTC.

The cut makes a session a matter of one business date, so that a day can be made anew without its neighbours.
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ndjson_lake.clickstream import step_counts
from ndjson_lake.partitions import grouped_by

# Seconds. A gap of exactly this length does not end a session.
LONGEST_GAP: Final = 30 * 60
_MICROSECONDS: Final = 1_000_000
VISITOR: Final = ("date", "anonymous_id")
_ID_LENGTH: Final = 32


def sessions(events: DataFrame) -> DataFrame:
    """The sessions of events of business dates by `date`. Events at one time are in the order of their ids."""
    in_order = grouped_by(*VISITOR).orderBy("event_timestamp", "event_id")
    gap = F.col("at") - F.lag("at").over(in_order)
    begins = F.when(gap.isNull() | (gap > LONGEST_GAP * _MICROSECONDS), 1).otherwise(0)
    numbered = (
        events.withColumn("at", F.unix_micros(F.col("event_timestamp").cast("timestamp")))
        .withColumn("begins", begins)
        .withColumn("number", F.sum("begins").over(in_order))
        .withColumn("turn", F.struct("at", "event_id"))
    )
    grouped = numbered.groupBy(*VISITOR, "number").agg(
        F.min("at").alias("first_at"),
        F.max("at").alias("last_at"),
        F.min("event_timestamp").alias("started_at"),
        F.max("event_timestamp").alias("ended_at"),
        _of_first("device"),
        _of_first("page_url", "landing_page"),
        _of_first("referrer"),
        F.max_by("page_url", "turn").alias("exit_page"),
        F.max_by("user_id", F.when(F.col("user_id").isNotNull(), F.col("turn"))).alias("user_id"),
        F.count("*").alias("events"),
        # Counting distinct values would sort each visitor's rows by product as well.
        F.size(F.collect_set("product_id")).alias("products_seen"),
        *step_counts(),
    )
    seconds = F.floor((F.col("last_at") - F.col("first_at")) / _MICROSECONDS).cast("bigint")
    return (
        grouped.withColumn("session_id", _identity())
        .withColumn("duration_seconds", seconds)
        .withColumn("bounced", F.col("events") == 1)
        .withColumn("converted", F.col("purchases") > 0)
    )


def _of_first(column: str, name: str | None = None) -> Column:
    return F.min_by(column, "turn").alias(name or column)


def _identity() -> Column:
    """The same for the same start: re-runs give sessions the names they had."""
    start = F.concat_ws("|", "anonymous_id", F.col("first_at").cast("string"))
    return F.substring(F.sha2(start, 256), 1, _ID_LENGTH)
