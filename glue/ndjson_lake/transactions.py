"""The derived columns of a transaction. Amounts are exact; where a share or a rate is applied, rounded half up."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ndjson_parquet_lake.reference import USD_RATES
from ndjson_parquet_lake.tables import MONEY


def enriched(rows: DataFrame) -> DataFrame:
    """Accepted transactions with all columns of the processed table."""
    gross = (F.col("quantity").cast("decimal(10,0)") * F.col("unit_price")).cast(MONEY)
    discount = F.round(F.col("gross_amount") * F.col("discount"), 2).cast(MONEY)
    net = (F.col("gross_amount") - F.col("discount_amount")).cast(MONEY)
    return (
        rows.withColumn("transaction_date", F.to_date("transaction_timestamp"))
        .withColumn("transaction_hour", F.hour("transaction_timestamp"))
        .withColumn("gross_amount", gross)
        .withColumn("discount_amount", discount)
        .withColumn("net_amount", net)
        .withColumn("net_usd", F.round(F.col("net_amount") * _rate(F.col("currency")), 2).cast(MONEY))
    )


def _rate(currency: Column) -> Column:
    pairs = [F.lit(value) for pair in USD_RATES.items() for value in pair]
    return F.create_map(*pairs)[currency]
