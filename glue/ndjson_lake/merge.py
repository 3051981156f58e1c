"""The job that joins the processed tables into the curated ones."""

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ndjson_lake import curated
from ndjson_lake.job import Context, Made, Output
from ndjson_lake.partitions import Partitions
from ndjson_parquet_lake import datasets, tables
from ndjson_parquet_lake.datasets import Dataset
from ndjson_parquet_lake.days import (
    VALUE_DAYS,
    arrivals_of,
    days_between,
    mergeable_days,
    shift,
    snapshots_for,
)
from ndjson_parquet_lake.tables import Table

# Processed bytes for one object of a curated table, which holds far fewer rows than it is made of.
PROCESSED_BYTES_PER_PART = 1024 * 1024 * 1024

Days = tuple[str, ...]


def master_data_merge(context: Context) -> Made:
    """processed -> curated, for the business dates that rows of the day may belong to, but those of held days."""
    days = mergeable_days(context.arguments.date, context.arguments.held)
    if not days:
        return Made()
    partitions = context.partitions
    products = _snapshots(partitions, days)
    transactions = _newest(partitions, tables.TRANSACTIONS, datasets.TRANSACTIONS, "transaction_date", days)
    # Several tables are made of the orders: kept are the columns that these need.
    transactions = transactions.select("date", *curated.OF_ORDERS).persist()
    reviews = _newest(partitions, tables.REVIEWS, datasets.REVIEWS, "review_date", days)
    sessions = partitions.read(tables.CLICKSTREAM_SESSIONS, days)
    seen = partitions.read(tables.CLICKSTREAM_PRODUCTS, days)
    of_customers = curated.customer_days(transactions)
    before = days_between(shift(days[0], 1 - VALUE_DAYS), shift(days[0], -1))
    history = partitions.read(tables.CUSTOMER_DAYS, before).unionByName(of_customers)
    performance = curated.product_performance(products, seen, transactions, reviews)
    context.expect(partitions.bytes_read)
    parts = max(1, -(-partitions.bytes_read // PROCESSED_BYTES_PER_PART))
    made = {
        tables.DAILY_SALES: curated.daily_sales(transactions, products),
        tables.PRODUCT_PERFORMANCE: performance,
        tables.CUSTOMER_DAYS: of_customers,
        tables.CUSTOMER_VALUE: curated.customer_value(history, days),
        tables.CONVERSION_FUNNEL: curated.conversion_funnel(sessions),
        tables.REVIEW_SUMMARY: curated.review_summary(reviews, products),
    }
    outputs = [Output(table, rows, days, parts) for table, rows in made.items()]
    return Made(outputs, bytes_in=partitions.bytes_read)


def _newest(partitions: Partitions, table: Table, dataset: Dataset, business_date: str, days: Days) -> DataFrame:
    """The dataset's rows of these business dates, by `date`."""
    arrived = partitions.read(table, arrivals_of(days, dataset.late_days))
    return curated.newest(arrived, dataset.key, business_date, days)


def _snapshots(partitions: Partitions, days: Days) -> DataFrame:
    """For each of the days (`date`) the products of its snapshot, or of the last one before it."""
    found = [(day, partitions.first_of(tables.PRODUCTS, snapshots_for(day))) for day in days]
    stored = partitions.read(tables.PRODUCTS, sorted({snapshot for _, snapshot in found if snapshot}))
    standing = [
        stored.where(F.col("date") == F.lit(snapshot).cast("date")).withColumn("date", F.lit(day).cast("date"))
        for day, snapshot in found
        if snapshot
    ]
    return reduce(DataFrame.unionByName, standing) if standing else stored
