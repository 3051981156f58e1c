"""The derived columns of a review."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def enriched(rows: DataFrame) -> DataFrame:
    """Accepted reviews with all columns of the processed table."""
    return rows.withColumn("review_date", F.to_date("review_timestamp")).withColumn("body_length", F.length("body"))
