"""The defects that can be planted: each on one day of the month, each the fault of one rule and of no other.

A defect of rows changes a share of one dataset's day far above what its rule allows. A defect of a file adds a file
that the validator has to keep away from the jobs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from ndjson_parquet_lake.datasets import CLICKSTREAM, PRODUCTS, REVIEWS, TRANSACTIONS, Dataset
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
    name_of,
)

Record = dict[str, Any]
# The rows of one arrival date: records, or text that is no record.
Line = Record | str
Change = Callable[[list[Line], Random, date], list[Line]]


@dataclass(frozen=True, slots=True)
class RowDefect:
    """`change` spoils the dataset's rows of the day with this number, from 1."""

    name: str
    day: int
    dataset: Dataset
    rule: Rule
    change: Change

    @property
    def rule_name(self) -> str:
        return name_of(self.dataset.name, self.rule)


@dataclass(frozen=True, slots=True)
class FileDefect:
    """A file too many on the day with this number; `content` makes it of the first file of the dataset's day.

    `reason` says in words why it is no file of the dataset.
    """

    name: str
    day: int
    dataset: Dataset
    file: str
    reason: str
    content: Callable[[bytes], bytes]


def _setting(share: float, column: str, *values: Any) -> Change:
    """Give this share of the rows one of the values in the column."""

    def change(rows: list[Line], random: Random, _: date) -> list[Line]:
        return [
            {**row, column: random.choice(values)} if isinstance(row, dict) and random.random() < share else row
            for row in rows
        ]

    return change


def _dropping(share: float) -> Change:
    return lambda rows, random, _: [row for row in rows if random.random() >= share]


def _repeating(share: float) -> Change:
    return lambda rows, random, _: [*rows, *(row for row in rows if random.random() < share)]


def _listing(share: float, column: str, value: Any) -> Change:
    """New products with this value. Nobody has bought them yet: orders of a rejected product refer to none."""

    def change(rows: list[Line], random: Random, _: date) -> list[Line]:
        some = [row for row in rows if isinstance(row, dict) and random.random() < share]
        return [*rows, *({**row, "product_id": f"{row['product_id']}-N", column: value} for row in some)]

    return change


def _breaking(share: float) -> Change:
    def change(rows: list[Line], random: Random, _: date) -> list[Line]:
        return ['{"event_id":"E-broken","event_' if random.random() < share else row for row in rows]

    return change


def _shifting(share: float, column: str, days: int) -> Change:
    def change(rows: list[Line], random: Random, day: date) -> list[Line]:
        other = f"{day + timedelta(days)}T12:00:00Z"
        return _setting(share, column, other)(rows, random, day)

    return change


def _ending(column: str, hour: int) -> Change:
    """Move whatever happened later on the day to the hours before, as if the day's last files had been forgotten."""

    def change(rows: list[Line], random: Random, day: date) -> list[Line]:
        # Times with an offset may be spelled with the date of tomorrow.
        today = f"{day}"
        return [
            {**row, column: f"{today}T{random.randrange(hour):02d}:{random.randrange(60):02d}:30Z"}
            if isinstance(row, dict) and str(row[column]) >= today
            else row
            for row in rows
        ]

    return change


_ROW_DEFECTS: Sequence[RowDefect] = (
    RowDefect("few_orders", 6, TRANSACTIONS, RowCount(), _dropping(0.75)),
    RowDefect("orders_twice", 8, TRANSACTIONS, Unique(), _repeating(0.08)),
    RowDefect("no_customer", 10, TRANSACTIONS, Complete("customer_id"), _setting(0.06, "customer_id", None, "")),
    RowDefect("odd_quantities", 12, TRANSACTIONS, InRange("quantity"), _setting(0.06, "quantity", "0", "-3", "5000")),
    RowDefect("broken_lines", 13, CLICKSTREAM, Readable(), _breaking(0.04)),
    RowDefect(
        "unknown_products",
        15,
        TRANSACTIONS,
        References("product_id", "products"),
        _setting(0.06, "product_id", "P-99998", "P-99999"),
    ),
    RowDefect("unknown_events", 16, CLICKSTREAM, Allowed("event_type"), _setting(0.04, "event_type", "hover")),
    RowDefect(
        "prices_as_words", 18, TRANSACTIONS, Valid("unit_price"), _setting(0.06, "unit_price", "N/A", "9,99", "1.999")
    ),
    RowDefect(
        "clicks_of_the_morning", 20, CLICKSTREAM, Fresh(column="event_timestamp"), _ending("event_timestamp", 14)
    ),
    RowDefect("no_country", 22, TRANSACTIONS, Complete("shipping_country"), _setting(0.2, "shipping_country", None)),
    RowDefect("orders_of_tomorrow", 23, TRANSACTIONS, Timely(), _shifting(0.06, "transaction_timestamp", 3)),
    RowDefect(
        "unknown_categories",
        25,
        PRODUCTS,
        References("category_id", "categories"),
        _setting(0.15, "category_id", "C-UNKNOWN"),
    ),
    RowDefect("six_stars", 26, REVIEWS, InRange("rating"), _setting(0.2, "rating", 0, 6)),
    RowDefect("orders_of_last_week", 27, TRANSACTIONS, Timely(), _shifting(0.06, "transaction_timestamp", -6)),
    RowDefect("no_price", 28, PRODUCTS, Complete("price"), _listing(0.05, "price", None)),
    RowDefect("verified_maybe", 29, REVIEWS, Valid("verified"), _setting(0.2, "verified", "maybe")),
)

_FILE_DEFECTS: Sequence[FileDefect] = (
    FileDefect(
        "no_currency",
        4,
        TRANSACTIONS,
        "orders-old-shop.csv",
        "a required column is missing",
        lambda _: b"transaction_id,customer_id\nT-1,CU-1\n",
    ),
    FileDefect(
        "same_bytes", 9, CLICKSTREAM, "clickstream-again.jsonl", "the bytes of another file", lambda first: first
    ),
    FileDefect("empty_file", 11, REVIEWS, "reviews-empty.jsonl", "no bytes", lambda _: b""),
    FileDefect(
        "json_as_csv",
        14,
        TRANSACTIONS,
        "orders-export.csv",
        "JSON under a name of CSV",
        lambda _: b'{"transaction_id": "T-1"}\n',
    ),
    FileDefect("no_text", 17, PRODUCTS, "catalog-copy.jsonl", "no text", lambda _: bytes(range(256)) * 4),
)

ROW_DEFECTS = {defect.name: defect for defect in _ROW_DEFECTS}
FILE_DEFECTS = {defect.name: defect for defect in _FILE_DEFECTS}
NAMES = (*ROW_DEFECTS, *FILE_DEFECTS)


def noise(dataset: Dataset, rows: list[Line], random: Random) -> list[Line]:
    """A few bad rows of the kind that every day has, for each rule far fewer than it allows."""
    spoiled = {"transactions": _spoiled_orders, "clickstream": _spoiled_clicks}.get(dataset.name)
    return rows + spoiled(rows, random) if spoiled and len(rows) >= _ROWS_FOR_NOISE else rows


# One row of so many is a quarter of what a rule allows.
_ROWS_FOR_NOISE = 350


def _spoiled_orders(rows: list[Line], random: Random) -> list[Line]:
    order = random.choice([row for row in rows if isinstance(row, dict)])
    changes: tuple[Record, ...] = (
        {"customer_id": None},
        {"unit_price": "free"},
        {"quantity": "1001"},
        {"currency": "XTS"},
        {"discount": "0.95"},
        {"transaction_timestamp": "2026-02-30T10:00:00Z"},
    )
    some = random.sample(changes, 3)
    wrong: list[Line] = [
        {**order, "transaction_id": f"{order['transaction_id']}-{number}", **change}
        for number, change in enumerate(some)
    ]
    return [*wrong, order, "T-cut,CU-000001,P-0000"]


def _spoiled_clicks(rows: list[Line], random: Random) -> list[Line]:
    click = random.choice([row for row in rows if isinstance(row, dict)])
    return [
        {**click, "event_id": f"{click['event_id']}-x", "device": "toaster"},
        {**click, "event_id": f"{click['event_id']}-y", "event_timestamp": "yesterday"},
        click,
        '{"event_id":"E-1"}{"event_id":"E-2"}',
        "[]",
    ]
