"""The curated tables: each is a function of the rows of the processed tables, by business date (column `date`)."""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ndjson_lake.clickstream import ratio
from ndjson_lake.partitions import grouped_by
from ndjson_parquet_lake.days import VALUE_DAYS, shift
from ndjson_parquet_lake.reference import UNCLASSIFIED
from ndjson_parquet_lake.tables import MONEY

_ORDERS = "orders"
# What the tables below need to know of an order.
OF_ORDERS = (
    "product_id",
    "customer_id",
    "currency",
    "status",
    "quantity",
    "gross_amount",
    "discount_amount",
    "net_amount",
    "net_usd",
)


def newest(rows: DataFrame, key: str, business_date: str, days: Sequence[str]) -> DataFrame:
    """The rows of arrival partitions whose business date is one of the days, which becomes `date`.

    A key that arrived on several days for one business date counts once there, with its last arrival: a later file
    corrects an earlier one.
    """
    last_first = grouped_by(business_date, key).orderBy(F.col("date").desc())
    return (
        rows.where(F.col(business_date).isin([F.lit(day).cast("date") for day in days]))
        .withColumn("turn", F.row_number().over(last_first))
        .where(F.col("turn") == 1)
        .withColumn("date", F.col(business_date))
        .drop("turn")
    )


def daily_sales(transactions: DataFrame, products: DataFrame) -> DataFrame:
    """`products` has the snapshot of each date, see `snapshots`."""
    known = products.select("date", "product_id", "category_id", "department")
    sold = transactions.join(known, ["date", "product_id"], "left")
    for name in ("category_id", "department"):
        sold = sold.withColumn(name, F.coalesce(name, F.lit(UNCLASSIFIED)))
    return sold.groupBy("date", "currency", "category_id", "department").agg(
        _count("completed").alias(_ORDERS),
        F.count_distinct(F.when(_is("completed"), F.col("customer_id"))).alias("customers"),
        *(_total(name).alias(name) for name in ("gross_amount", "discount_amount", "net_amount", "net_usd")),
        _units(),
        _count("refunded").alias("refunded_orders"),
        _total("net_usd", "refunded").alias("refunded_usd"),
        _count("cancelled").alias("cancelled_orders"),
        _count("pending").alias("pending_orders"),
    )


def customer_days(transactions: DataFrame) -> DataFrame:
    """What each customer did on each date."""
    return transactions.groupBy("date", "customer_id").agg(
        _count("completed").alias(_ORDERS),
        _units(),
        _total("net_usd").alias("net_usd"),
        _count("refunded").alias("refunded_orders"),
        _total("net_usd", "refunded").alias("refunded_usd"),
    )


def customer_value(days_of_customers: DataFrame, snapshots: Sequence[str]) -> DataFrame:
    """One row per snapshot (`date`) and customer with an order in the days that the snapshot looks back."""
    return reduce(DataFrame.unionByName, (_value_at(days_of_customers, day) for day in snapshots))


def _value_at(days_of_customers: DataFrame, day: str) -> DataFrame:
    snapshot = F.lit(day).cast("date")
    first = F.lit(shift(day, 1 - VALUE_DAYS)).cast("date")
    ordered = F.when(F.col(_ORDERS) > 0, F.col("date"))
    sums = [F.sum(name).alias(name) for name in (_ORDERS, "units", "refunded_orders")]
    money = [F.sum(name).cast(MONEY).alias(name) for name in ("net_usd", "refunded_usd")]
    totals = (
        days_of_customers.where(F.col("date").between(first, snapshot))
        .groupBy("customer_id")
        .agg(
            F.min(ordered).alias("first_order_date"),
            F.max(ordered).alias("last_order_date"),
            F.count(ordered).alias("order_days"),
            *sums,
            *money,
        )
        .where(F.col(_ORDERS) > 0)
    )
    average = F.round(F.col("net_usd") / F.col(_ORDERS).cast("decimal(19,0)"), 2).cast(MONEY)
    return (
        totals.withColumn("date", snapshot)
        .withColumn("recency_days", F.datediff("date", "last_order_date"))
        .withColumn("average_order_usd", average)
        .withColumn("segment", _segment())
    )


def _segment() -> Column:
    """The first that applies."""
    age = F.datediff("date", "first_order_date")
    return (
        F.when(F.col("recency_days") > 90, "lapsed")
        .when((F.col("order_days") >= 5) & (F.col("recency_days") <= 14), "champion")
        .when(F.col("order_days") >= 3, "loyal")
        .when(age <= 14, "new")
        .otherwise("occasional")
    )


def product_performance(products: DataFrame, seen: DataFrame, transactions: DataFrame, reviews: DataFrame) -> DataFrame:
    """One row per date and product that was seen, sold or reviewed. `seen` has its views and carts."""
    keys = ["date", "product_id"]
    sold = transactions.groupBy(*keys).agg(
        _count("completed").alias(_ORDERS),
        _units(),
        _total("net_usd").alias("net_usd"),
        _count("refunded").alias("refunded_orders"),
    )
    rated = reviews.groupBy(*keys).agg(F.count("*").alias("reviews"), F.sum("rating").alias("stars"))
    joined = seen.join(sold, keys, "full").join(rated, keys, "full")
    counts = ("views", "carts", _ORDERS, "units", "refunded_orders", "reviews")
    return (
        joined.fillna(0, [*counts, "stars"])
        .withColumn("net_usd", F.coalesce("net_usd", F.lit(0).cast(MONEY)))
        .join(products, keys, "left")
        .withColumn("average_rating", ratio(F.col("stars"), F.col("reviews"), "decimal(3,2)"))
        .withColumn("view_to_order_rate", ratio(F.col(_ORDERS), F.col("views"), "decimal(12,6)"))
    )


def conversion_funnel(sessions: DataFrame) -> DataFrame:
    """How far the sessions of each date and device came."""
    steps = {"view": "views", "cart": "carts", "checkout": "checkouts", "purchase": "purchases"}
    reached = [
        F.count(F.when(F.col(column) > 0, True)).alias(f"sessions_with_{name}") for name, column in steps.items()
    ]
    whole = F.col("sessions")
    rates = {"cart_rate": "sessions_with_cart", "checkout_rate": "sessions_with_checkout"}
    rates |= {"conversion_rate": "sessions_with_purchase", "bounce_rate": "bounced_sessions"}
    return (
        sessions.groupBy("date", "device")
        .agg(
            F.count("*").alias("sessions"),
            *reached,
            F.count(F.when(F.col("bounced"), True)).alias("bounced_sessions"),
            F.sum("duration_seconds").alias("seconds"),
        )
        .withColumns({name: ratio(F.col(part), whole) for name, part in rates.items()})
        .withColumn("average_duration_seconds", ratio(F.col("seconds"), whole, "decimal(12,2)"))
    )


def review_summary(reviews: DataFrame, products: DataFrame) -> DataFrame:
    """The reviews of each date and product."""
    stars = [F.count(F.when(F.col("rating") == star, True)).alias(f"rating_{star}") for star in range(1, 6)]
    return (
        reviews.groupBy("date", "product_id")
        .agg(
            F.count("*").alias("reviews"),
            F.count(F.when(F.col("verified"), True)).alias("verified_reviews"),
            *stars,
            F.sum("rating").alias("all_stars"),
            F.sum("body_length").alias("characters"),
            F.count("body_length").alias("bodies"),
        )
        .join(products.select("date", "product_id", "name", "category_id"), ["date", "product_id"], "left")
        .withColumn("average_rating", ratio(F.col("all_stars"), F.col("reviews"), "decimal(3,2)"))
        .withColumn("positive_share", ratio(F.col("rating_4") + F.col("rating_5"), F.col("reviews")))
        .withColumn("average_body_length", ratio(F.col("characters"), F.col("bodies"), "decimal(12,2)"))
    )


def _is(status: str) -> Column:
    return F.col("status") == status


def _count(status: str) -> Column:
    return F.count(F.when(_is(status), True))


def _total(column: str, status: str = "completed") -> Column:
    return F.coalesce(F.sum(F.when(_is(status), F.col(column))), F.lit(0)).cast(MONEY)


def _units() -> Column:
    return F.coalesce(F.sum(F.when(_is("completed"), F.col("quantity"))), F.lit(0)).alias("units")
