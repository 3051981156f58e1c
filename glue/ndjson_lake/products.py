"""The day's product snapshot, joined with its categories, and what its stock is worth."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ndjson_parquet_lake.days import shift
from ndjson_parquet_lake.reference import CATEGORIES, UNCLASSIFIED
from ndjson_parquet_lake.tables import MONEY, RATE

_SECONDS_PER_DAY = 86_400


def enriched(spark: SparkSession, rows: DataFrame, day: str) -> DataFrame:
    """Accepted products with all columns of the processed table."""
    margin = F.col("price") - F.col("cost")
    end_of_day = F.lit(shift(day, 1)).cast("timestamp")
    age = F.unix_seconds(end_of_day) - F.unix_seconds("updated_at")
    stock_status = (
        F.when(F.col("stock_quantity") == 0, "out_of_stock")
        .when(F.col("stock_quantity") <= F.col("reorder_level"), "reorder")
        .otherwise("in_stock")
    )
    return (
        rows.join(F.broadcast(categories(spark)), "category_id", "left")
        .withColumn("department", F.coalesce("department", F.lit(UNCLASSIFIED)))
        .withColumn("margin", margin.cast("decimal(13,2)"))
        .withColumn("margin_rate", F.round(F.col("margin") / F.col("price"), 6).cast(RATE))
        # Compared as amounts: a rounded rate could lie on the other side of the target.
        .withColumn("below_target_margin", F.col("margin") < F.col("price") * F.col("target_margin"))
        .withColumn("inventory_value", (F.col("stock_quantity").cast("decimal(10,0)") * F.col("cost")).cast(MONEY))
        .withColumn("stock_status", stock_status)
        .withColumn("days_since_update", F.floor(age / _SECONDS_PER_DAY).cast("int"))
    )


def categories(spark: SparkSession) -> DataFrame:
    """The declared categories: category_id, department, target_margin."""
    rows = [
        F.struct(
            F.lit(category.category_id).alias("category_id"),
            F.lit(category.department).alias("department"),
            F.lit(category.target_margin).cast("decimal(5,4)").alias("target_margin"),
        )
        for category in CATEGORIES
    ]
    # Rows of a Python list would start Python workers, which nothing else here needs.
    return spark.range(1).select(F.inline(F.array(*rows)))
