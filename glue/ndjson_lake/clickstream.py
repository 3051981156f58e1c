"""Events of a business date, and what happens in each hour of it and to each product."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ndjson_parquet_lake.tables import RATE

# The columns of counts, and the type of the events that each of them counts.
STEPS: Mapping[str, str] = {
    "views": "view",
    "searches": "search",
    "carts": "add_to_cart",
    "checkouts": "checkout",
    "purchases": "purchase",
}


def enriched(rows: DataFrame) -> DataFrame:
    """Accepted events with all columns of the processed table."""
    return rows.withColumn("event_date", F.to_date("event_timestamp"))


def step_counts(*names: str) -> list[Column]:
    """How many events of a group are of each type, or of these."""
    kinds = {name: STEPS[name] for name in names} or STEPS
    return [F.count(F.when(F.col("event_type") == kind, True)).alias(name) for name, kind in kinds.items()]


def hourly(events: DataFrame) -> DataFrame:
    """The events of business dates by `date`, hour and device."""
    hour = ("date", "hour_start", "device")
    # By visitor first: then visitors are rows, and no row has to be counted under several keys.
    visitors = (
        events.withColumn("hour_start", F.date_trunc("hour", "event_timestamp"))
        .groupBy(*hour, "anonymous_id")
        .agg(F.count("*").alias("events"), *step_counts())
    )
    return (
        visitors.groupBy(*hour)
        .agg(
            F.sum("events").alias("events"),
            F.count("*").alias("visitors"),
            *(F.sum(name).alias(name) for name in STEPS),
            F.count(F.when(F.col("purchases") > 0, True)).alias("purchasers"),
        )
        .withColumn("conversion_rate", ratio(F.col("purchasers"), F.col("visitors")))
    )


def products(events: DataFrame) -> DataFrame:
    """How often each product was seen and put into a cart, by `date`; of products with neither there is no row."""
    seen = F.col("event_type").isin(STEPS["views"], STEPS["carts"])
    about = events.where(F.col("product_id").isNotNull() & seen)
    return about.groupBy("date", "product_id").agg(*step_counts("views", "carts"))


def ratio(part: Column, whole: Column, kind: str = RATE) -> Column:
    """`part` by `whole`, two counts, half up; null when there is no whole."""
    scale = int(kind.removesuffix(")").partition(",")[2])
    divided = part.cast("decimal(19,0)") / F.when(whole != 0, whole).cast("decimal(19,0)")
    return F.round(divided, scale).cast(kind)
