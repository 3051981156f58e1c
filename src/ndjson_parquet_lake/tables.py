"""The tables that the jobs write, column by column: the one declaration behind Spark, Glue's catalog and the docs.

Every table is parted by `date`, which is a column of the folder's name and not of the files (`rejects` first by
`dataset`). What that date means:

    arrival     the day under which the raw files lie; the partition is made of raw/{dataset}/date=that day alone
    business    the UTC date of what happened; made of the arrival partitions from that day to `late_days` after it
    snapshot    the day for whose end the figures hold
"""

from dataclasses import dataclass
from typing import Final, Literal

from ndjson_parquet_lake.column_types import DeclarationError, check_type

Zone = Literal["raw", "processed", "curated"]
PartedBy = Literal["arrival", "business", "snapshot"]

MONEY: Final = "decimal(18,2)"
RATE: Final = "decimal(9,6)"
COUNT: Final = "bigint"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of the table's files; `comment` goes to the catalog."""

    name: str
    type: str
    comment: str = ""


PARTITION: Final = TableColumn("date", "date")
DATASET: Final = TableColumn("dataset", "string", "transactions, products, clickstream or reviews")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table in the Glue database `{zone}_{environment}`, its files below `{location}/date=YYYY-MM-DD/`.

    `key` is unique within a partition (of rejects it is the order only); rows of a file are sorted by it. With
    `by_dataset` the files lie below `{location}/dataset={name}/date=YYYY-MM-DD/`.
    """

    zone: Zone
    name: str
    parted_by: PartedBy
    key: tuple[str, ...]
    columns: tuple[TableColumn, ...]
    folder: str | None = None
    by_dataset: bool = False

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        for column in self.columns:
            check_type(column.type)
        if len(names) != len(set(names)) or {PARTITION.name, DATASET.name} & set(names):
            raise DeclarationError(f"table {self.name}: columns twice, or one called like a partition: {names}")
        if unknown := set(self.key) - set(names):
            raise DeclarationError(f"table {self.name} has no key column {', '.join(sorted(unknown))}: declare it")

    @property
    def location(self) -> str:
        """The folder below the bucket, without slashes at its ends."""
        return self.folder or f"{self.zone}/{self.name}"

    @property
    def partition_columns(self) -> tuple[TableColumn, ...]:
        return (DATASET, PARTITION) if self.by_dataset else (PARTITION,)

    def prefix(self, date: str, dataset: str | None = None) -> str:
        """The key prefix of one partition, with a slash at its end. `dataset` is for tables parted by it."""
        if self.by_dataset != bool(dataset):
            raise DeclarationError(f"table {self.name}: a dataset is given exactly for tables that are parted by it")
        above = f"{self.location}/{DATASET.name}={dataset}" if dataset else self.location
        return f"{above}/{PARTITION.name}={date}/"


def _columns(*declared: tuple[str, str] | tuple[str, str, str]) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(*column) for column in declared)


REJECTS: Final = Table(
    # Lines as they were sent, personal data too: the rights of raw hold for it.
    zone="raw",
    name="rejects",
    folder="rejects",
    by_dataset=True,
    parted_by="arrival",
    key=("source_file", "line_hash", "reason"),
    columns=_columns(
        ("reason", "string", "malformed, missing, type, range, not_allowed, future, late or duplicate"),
        ("column_name", "string", "the first column that is wrong; null when the whole row is"),
        ("source_file", "string", "key of the raw file"),
        ("line", "string", "the row as it was sent; of a Parquet source as JSON"),
        ("line_hash", "string", "SHA-256 of the line"),
    ),
)

TRANSACTIONS: Final = Table(
    zone="processed",
    name="transactions",
    parted_by="arrival",
    key=("transaction_id",),
    columns=_columns(
        ("transaction_id", "string"),
        ("customer_id", "string"),
        ("product_id", "string"),
        ("quantity", "int"),
        ("unit_price", "decimal(12,2)"),
        ("discount", "decimal(5,4)", "share of the gross amount"),
        ("currency", "string"),
        ("payment_method", "string"),
        ("customer_email", "string", "token"),
        ("shipping_country", "string"),
        ("transaction_timestamp", "timestamp", "UTC"),
        ("status", "string"),
        ("transaction_date", "date", "business date, UTC"),
        ("transaction_hour", "int", "0 to 23, UTC"),
        ("late_days", "int", "days between business date and arrival"),
        ("gross_amount", MONEY, "quantity times unit price"),
        ("discount_amount", MONEY, "gross amount times discount, half up"),
        ("net_amount", MONEY, "gross amount less discount amount"),
        ("net_usd", MONEY, "net amount at the planning rate, half up"),
        ("source_file", "string", "key of the raw file"),
    ),
)

PRODUCTS: Final = Table(
    zone="processed",
    name="products",
    parted_by="snapshot",
    key=("product_id",),
    columns=_columns(
        ("product_id", "string"),
        ("name", "string"),
        ("category_id", "string"),
        ("category", "string"),
        ("brand", "string"),
        ("price", "decimal(12,2)"),
        ("cost", "decimal(12,2)"),
        ("stock_quantity", "int"),
        ("reorder_level", "int"),
        ("supplier_id", "string"),
        ("updated_at", "timestamp", "UTC"),
        ("department", "string", "of the category; unclassified when nobody declared it"),
        ("margin", "decimal(13,2)", "price less cost"),
        ("margin_rate", RATE, "margin by price, half up"),
        ("below_target_margin", "boolean", "null when the category has no target"),
        ("inventory_value", MONEY, "stock at cost"),
        ("stock_status", "string", "out_of_stock, reorder (at or below the reorder level) or in_stock"),
        ("days_since_update", "int", "full days from the update to the end of the day"),
        ("source_file", "string", "key of the raw file"),
    ),
)

CLICKSTREAM_EVENTS: Final = Table(
    zone="processed",
    name="clickstream_events",
    parted_by="arrival",
    key=("event_id",),
    columns=_columns(
        ("event_id", "string"),
        ("user_id", "string"),
        ("anonymous_id", "string"),
        ("event_type", "string"),
        ("product_id", "string"),
        ("page_url", "string"),
        ("referrer", "string"),
        ("device", "string"),
        ("ip_address", "string", "masked"),
        ("event_timestamp", "timestamp", "UTC"),
        ("event_date", "date", "business date, UTC"),
        ("late_days", "int", "days between business date and arrival"),
        ("source_file", "string", "key of the raw file"),
    ),
)

_STEPS: Final = (("views", COUNT), ("searches", COUNT), ("carts", COUNT), ("checkouts", COUNT), ("purchases", COUNT))

CLICKSTREAM_SESSIONS: Final = Table(
    zone="processed",
    name="clickstream_sessions",
    parted_by="business",
    key=("session_id",),
    columns=_columns(
        ("session_id", "string", "hash of anonymous id and start"),
        ("anonymous_id", "string", "whose session it is: of a browser or an app"),
        ("user_id", "string", "the newest one of the session; null when nobody signed in"),
        ("device", "string", "of the first event"),
        ("started_at", "timestamp", "UTC"),
        ("ended_at", "timestamp", "UTC"),
        ("duration_seconds", "bigint", "full seconds from the first to the last event"),
        ("events", COUNT),
        *_STEPS,
        ("products_seen", COUNT, "different products"),
        ("landing_page", "string"),
        ("exit_page", "string"),
        ("referrer", "string", "of the first event"),
        ("bounced", "boolean", "one event only"),
        ("converted", "boolean", "at least one purchase"),
    ),
)

CLICKSTREAM_HOURLY: Final = Table(
    zone="processed",
    name="clickstream_hourly",
    parted_by="business",
    key=("hour_start", "device"),
    columns=_columns(
        ("hour_start", "timestamp", "UTC"),
        ("device", "string"),
        ("events", COUNT),
        ("visitors", COUNT, "different anonymous ids within the hour"),
        *_STEPS,
        ("conversion_rate", RATE, "visitors that purchase by visitors, half up"),
    ),
)

CLICKSTREAM_PRODUCTS: Final = Table(
    zone="processed",
    name="clickstream_products",
    parted_by="business",
    key=("product_id",),
    columns=_columns(("product_id", "string"), ("views", COUNT), ("carts", COUNT)),
)

REVIEWS: Final = Table(
    zone="processed",
    name="reviews",
    parted_by="arrival",
    key=("review_id",),
    columns=_columns(
        ("review_id", "string"),
        ("product_id", "string"),
        ("customer_id", "string"),
        ("rating", "int", "1 to 5"),
        ("title", "string"),
        ("body", "string"),
        ("reviewer_name", "string", "masked"),
        ("verified", "boolean"),
        ("review_timestamp", "timestamp", "UTC"),
        ("review_date", "date", "business date, UTC"),
        ("late_days", "int", "days between business date and arrival"),
        ("body_length", "int", "characters"),
        ("source_file", "string", "key of the raw file"),
    ),
)

DAILY_SALES: Final = Table(
    zone="curated",
    name="daily_sales",
    parted_by="business",
    key=("currency", "category_id"),
    columns=_columns(
        ("currency", "string"),
        ("category_id", "string", "unclassified for products that no snapshot has"),
        ("department", "string"),
        ("orders", COUNT, "completed"),
        ("customers", COUNT, "different customers with a completed order; does not add up over rows"),
        ("units", COUNT, "of completed orders"),
        ("gross_amount", MONEY, "of completed orders, in the currency"),
        ("discount_amount", MONEY, "of completed orders, in the currency"),
        ("net_amount", MONEY, "of completed orders, in the currency"),
        ("net_usd", MONEY, "of completed orders"),
        ("refunded_orders", COUNT),
        ("refunded_usd", MONEY),
        ("cancelled_orders", COUNT),
        ("pending_orders", COUNT),
    ),
)

PRODUCT_PERFORMANCE: Final = Table(
    zone="curated",
    name="product_performance",
    parted_by="business",
    key=("product_id",),
    columns=_columns(
        ("product_id", "string"),
        ("name", "string", "null when no snapshot has the product"),
        ("category_id", "string"),
        ("department", "string"),
        ("brand", "string"),
        ("views", COUNT),
        ("carts", COUNT),
        ("orders", COUNT, "completed"),
        ("units", COUNT),
        ("net_usd", MONEY),
        ("refunded_orders", COUNT),
        ("reviews", COUNT),
        ("average_rating", "decimal(3,2)", "null without reviews, half up"),
        ("view_to_order_rate", "decimal(12,6)", "orders by views; null without views, half up"),
        ("stock_quantity", "int", "of the snapshot"),
        ("stock_status", "string"),
    ),
)

CUSTOMER_DAYS: Final = Table(
    zone="curated",
    name="customer_days",
    parted_by="business",
    key=("customer_id",),
    columns=_columns(
        ("customer_id", "string"),
        ("orders", COUNT, "completed"),
        ("units", COUNT),
        ("net_usd", MONEY),
        ("refunded_orders", COUNT),
        ("refunded_usd", MONEY),
    ),
)

CUSTOMER_VALUE: Final = Table(
    zone="curated",
    name="customer_value",
    parted_by="snapshot",
    key=("customer_id",),
    columns=_columns(
        ("customer_id", "string"),
        ("first_order_date", "date", "within the 365 days that the snapshot looks back"),
        ("last_order_date", "date"),
        ("recency_days", "int", "days from the last order to the snapshot"),
        ("order_days", COUNT, "days with a completed order"),
        ("orders", COUNT, "completed"),
        ("units", COUNT),
        ("net_usd", MONEY),
        ("average_order_usd", MONEY, "half up"),
        ("refunded_orders", COUNT),
        ("refunded_usd", MONEY),
        ("segment", "string", "champion, loyal, new, occasional or lapsed"),
    ),
)

CONVERSION_FUNNEL: Final = Table(
    zone="curated",
    name="conversion_funnel",
    parted_by="business",
    key=("device",),
    columns=_columns(
        ("device", "string"),
        ("sessions", COUNT),
        ("sessions_with_view", COUNT),
        ("sessions_with_cart", COUNT),
        ("sessions_with_checkout", COUNT),
        ("sessions_with_purchase", COUNT),
        ("bounced_sessions", COUNT),
        ("cart_rate", RATE, "sessions with cart by sessions, half up"),
        ("checkout_rate", RATE, "sessions with checkout by sessions, half up"),
        ("conversion_rate", RATE, "sessions with purchase by sessions, half up"),
        ("bounce_rate", RATE, "bounced sessions by sessions, half up"),
        ("average_duration_seconds", "decimal(12,2)", "half up"),
    ),
)

REVIEW_SUMMARY: Final = Table(
    zone="curated",
    name="review_summary",
    parted_by="business",
    key=("product_id",),
    columns=_columns(
        ("product_id", "string"),
        ("name", "string", "null when no snapshot has the product"),
        ("category_id", "string"),
        ("reviews", COUNT),
        ("verified_reviews", COUNT),
        ("average_rating", "decimal(3,2)", "half up"),
        ("rating_1", COUNT),
        ("rating_2", COUNT),
        ("rating_3", COUNT),
        ("rating_4", COUNT),
        ("rating_5", COUNT),
        ("positive_share", RATE, "4 and 5 by all, half up"),
        ("average_body_length", "decimal(12,2)", "characters, of reviews with a body, half up"),
    ),
)

TABLES: Final = (
    REJECTS,
    TRANSACTIONS,
    PRODUCTS,
    CLICKSTREAM_EVENTS,
    CLICKSTREAM_SESSIONS,
    CLICKSTREAM_HOURLY,
    CLICKSTREAM_PRODUCTS,
    REVIEWS,
    DAILY_SALES,
    PRODUCT_PERFORMANCE,
    CUSTOMER_DAYS,
    CUSTOMER_VALUE,
    CONVERSION_FUNNEL,
    REVIEW_SUMMARY,
)
