"""What arrives: each dataset's columns, key, size limit and rules, declared once for validator, jobs and quality."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from ndjson_parquet_lake import reference
from ndjson_parquet_lake.column_types import DeclarationError, check_type, is_number
from ndjson_parquet_lake.rules import (
    Allowed,
    Complete,
    Fresh,
    InRange,
    Readable,
    References,
    RowCount,
    Rule,
    Timely,
    Unique,
    Valid,
)

Format = Literal["csv", "json"]
Pii = Literal["mask", "token"]

MEGABYTE: Final = 1_000_000
# A reference to this name is one to reference.CATEGORIES, which is no dataset.
CATEGORIES: Final = "categories"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `minimum` and `maximum` are inclusive and for numbers; `references` names another dataset.

    `pii` says what becomes of a person's data on the way to processed: `mask` keeps too little to find the person,
    `token` replaces the value by a keyed hash, so that equal values still join.
    """

    name: str
    type: str = "string"
    nullable: bool = False
    pii: Pii | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    allowed: tuple[str, ...] = ()
    references: str | None = None

    def __post_init__(self) -> None:
        check_type(self.type)
        if (self.minimum is not None or self.maximum is not None) and not is_number(self.type):
            raise DeclarationError(f"column {self.name} is a {self.type}: minimum and maximum are for numbers")
        if self.type != "string" and (self.pii or self.allowed):
            raise DeclarationError(f"column {self.name} is a {self.type}: pii and allowed are for strings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One kind of file below `raw/{name}/date=YYYY-MM-DD/`, and the processed table of its typed rows.

    `business_time` is the column whose UTC date is the row's business date; None for snapshots, which belong to the day
    they arrive. A row may arrive up to `late_days` days after its business date. `partition` is the column by which raw
    and processed are parted: the arrival date. `max_bytes` limits one file.
    """

    name: str
    format: Format
    columns: tuple[Column, ...]
    key: str
    business_time: str | None
    late_days: int
    table: str
    partition: str = "date"
    max_bytes: int = 1000 * MEGABYTE
    rules: tuple[Rule, ...] = field(default=())

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(names) != len(set(names)):
            raise DeclarationError(f"dataset {self.name} declares a column twice: {', '.join(names)}")
        wanted = {self.key, self.business_time or self.key}
        wanted |= {rule.column for rule in self.rules if isinstance(rule, Complete | References | Fresh)}
        if unknown := wanted - set(names):
            raise DeclarationError(f"dataset {self.name} has no column {', '.join(sorted(unknown))}: declare it")

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings that the jobs read: the producers' own, and Parquet that the NDJSON pipeline has made."""
        own = (".csv",) if self.format == "csv" else (".json", ".jsonl", ".ndjson")
        return (*own, ".parquet")

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if not column.nullable)

    def column(self, name: str) -> Column:
        """Raises KeyError."""
        return {column.name: column for column in self.columns}[name]

    def raw_prefix(self, date: str) -> str:
        return f"raw/{self.name}/{self.partition}={date}/"


def rules_of(dataset: Dataset) -> tuple[Rule, ...]:
    """All rules of the dataset: those that its columns imply, unless it declares its own of the kind, and its own."""
    own = {(type(rule), getattr(rule, "column", None)) for rule in dataset.rules}
    implied = (rule for rule in _implied(dataset) if (type(rule), getattr(rule, "column", None)) not in own)
    return (*implied, *dataset.rules)


def _implied(dataset: Dataset) -> Iterator[Rule]:
    yield Readable()
    for column in dataset.columns:
        if not column.nullable:
            yield Complete(column.name)
        if column.type != "string":
            yield Valid(column.name)
        if column.minimum is not None or column.maximum is not None:
            yield InRange(column.name)
        if column.allowed:
            yield Allowed(column.name)
        if column.references:
            yield References(column.name, column.references)
    if dataset.business_time:
        yield Timely()
        yield Fresh(column=dataset.business_time)
    yield Unique()
    yield RowCount()


_MONEY: Final = "decimal(12,2)"

TRANSACTIONS: Final = Dataset(
    name="transactions",
    format="csv",
    key="transaction_id",
    business_time="transaction_timestamp",
    late_days=2,
    table="transactions",
    columns=(
        Column(name="transaction_id"),
        Column(name="customer_id"),
        Column(name="product_id", references="products"),
        Column(name="quantity", type="int", minimum=Decimal(1), maximum=Decimal(1000)),
        Column(name="unit_price", type=_MONEY, minimum=Decimal("0.01"), maximum=Decimal(100_000)),
        # A share of the gross amount.
        Column(name="discount", type="decimal(5,4)", minimum=Decimal(0), maximum=Decimal("0.9")),
        Column(name="currency", allowed=tuple(reference.USD_RATES)),
        Column(name="payment_method", allowed=("card", "paypal", "bank_transfer", "gift_card")),
        Column(name="customer_email", nullable=True, pii="token"),
        Column(name="shipping_country", nullable=True),
        Column(name="transaction_timestamp", type="timestamp"),
        Column(name="status", allowed=("completed", "pending", "cancelled", "refunded")),
    ),
    rules=(Complete("shipping_country", at_most=0.05),),
)

PRODUCTS: Final = Dataset(
    name="products",
    format="json",
    key="product_id",
    business_time=None,
    late_days=0,
    table="products",
    columns=(
        Column(name="product_id"),
        Column(name="name"),
        Column(name="category_id", references=CATEGORIES),
        Column(name="category"),
        Column(name="brand", nullable=True),
        Column(name="price", type=_MONEY, minimum=Decimal("0.01"), maximum=Decimal(100_000)),
        Column(name="cost", type=_MONEY, minimum=Decimal(0), maximum=Decimal(100_000)),
        Column(name="stock_quantity", type="int", minimum=Decimal(0), maximum=Decimal(1_000_000)),
        Column(name="reorder_level", type="int", minimum=Decimal(0), maximum=Decimal(1_000_000)),
        Column(name="supplier_id"),
        Column(name="updated_at", type="timestamp"),
    ),
    rules=(RowCount(at_least=0.9, at_most=1.1),),
)

CLICKSTREAM: Final = Dataset(
    name="clickstream",
    format="json",
    key="event_id",
    business_time="event_timestamp",
    late_days=1,
    table="clickstream_events",
    columns=(
        Column(name="event_id"),
        # Of a visitor who has signed in.
        Column(name="user_id", nullable=True),
        Column(name="anonymous_id"),
        Column(name="event_type", allowed=("view", "search", "add_to_cart", "checkout", "purchase")),
        Column(name="product_id", nullable=True, references="products"),
        Column(name="page_url"),
        Column(name="referrer", nullable=True),
        Column(name="device", allowed=("desktop", "mobile", "tablet")),
        Column(name="ip_address", nullable=True, pii="mask"),
        Column(name="event_timestamp", type="timestamp"),
    ),
)

REVIEWS: Final = Dataset(
    name="reviews",
    format="json",
    key="review_id",
    business_time="review_timestamp",
    late_days=2,
    table="reviews",
    columns=(
        Column(name="review_id"),
        Column(name="product_id", references="products"),
        Column(name="customer_id"),
        Column(name="rating", type="int", minimum=Decimal(1), maximum=Decimal(5)),
        Column(name="title", nullable=True),
        Column(name="body", nullable=True),
        Column(name="reviewer_name", nullable=True, pii="mask"),
        Column(name="verified", type="boolean"),
        Column(name="review_timestamp", type="timestamp"),
    ),
    rules=(RowCount(at_least=0.3, at_most=3.0),),
)

DATASETS: Final = {dataset.name: dataset for dataset in (TRANSACTIONS, PRODUCTS, CLICKSTREAM, REVIEWS)}
