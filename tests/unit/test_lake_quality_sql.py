"""The queries of the quality function, run by DuckDB on a few rows, and the facts that come of them."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest

from lake_quality import queries
from lake_quality.athena import Athena, QueryError
from lake_quality.catalog import Found, differences, found_table
from lake_quality.facts import DayFacts
from lake_quality.finishing import (
    CuratedMismatchError,
    JobRun,
    Written,
    check_curated,
    cost_usd,
    curated_query,
    seconds_since,
    written_tables,
)
from lake_quality.runs import days_beside
from ndjson_parquet_lake.datasets import PRODUCTS, REVIEWS, TRANSACTIONS
from ndjson_parquet_lake.tables import REJECTS, TABLES, Table
from tests.lake_views import DATABASES, create_tables, facts_by_duckdb

DAY, BEFORE = date(2026, 11, 20), date(2026, 11, 19)
DATE = DAY.isoformat()


@pytest.fixture
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """The declared tables, empty."""
    with duckdb.connect() as connection:
        create_tables(connection)
        yield connection


def insert(lake: duckdb.DuckDBPyConnection, table: str, **values: Any) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" for _ in values)
    lake.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))  # noqa: S608


def facts(lake: duckdb.DuckDBPyConnection) -> dict[str, DayFacts]:
    return facts_by_duckdb(lake, DATE)


def test_an_empty_lake_has_no_rows(lake: duckdb.DuckDBPyConnection) -> None:
    for day in facts(lake).values():
        assert (day.accepted, day.arrived, day.newest, day.history) == (0, 0, None, {})
        assert not any(day.nulls.values()) and not any(day.unmatched.values())


def test_the_day_is_counted_and_the_days_before_are_history(lake: duckdb.DuckDBPyConnection) -> None:
    known = {"product_id": "P-1", "customer_id": "CU-1", "date": DAY}
    insert(lake, "processed_test.products", product_id="P-1", category_id="C-BOOKS", date=DAY)
    insert(lake, "processed_test.products", product_id="P-2", category_id="C-NONE", date=DAY)
    # Of another day: not this day's product.
    insert(lake, "processed_test.products", product_id="P-9", category_id="C-BOOKS", date=BEFORE)
    times = tuple(datetime.fromisoformat(f"2026-11-20T{time}") for time in ("09:30:00", "22:15:00.500000"))
    for number, time in enumerate(times):
        insert(
            lake, "processed_test.transactions", transaction_id=f"T-{number}", transaction_timestamp=time, **known,
            shipping_country="Germany" if number else None,
        )  # fmt: skip
    insert(lake, "processed_test.transactions", transaction_id="T-2", **{**known, "product_id": "P-9"})
    insert(lake, "processed_test.transactions", transaction_id="T-3", **{**known, "product_id": None})
    insert(lake, "processed_test.transactions", transaction_id="T-4", **{**known, "date": BEFORE})
    insert(lake, "raw_test.rejects", dataset="transactions", date=DAY, reason="range", column_name="quantity")
    insert(lake, "raw_test.rejects", dataset="transactions", date=DAY, reason="duplicate")
    insert(lake, "raw_test.rejects", dataset="transactions", date=BEFORE, reason="duplicate")
    insert(lake, "raw_test.rejects", dataset="reviews", date=DAY, reason="malformed")

    found = facts(lake)
    orders = found["transactions"]
    assert (orders.accepted, orders.arrived) == (4, 6)
    assert orders.rejected == {("range", "quantity"): 1, ("duplicate", None): 1}
    assert (orders.nulls["shipping_country"], orders.nulls["product_id"], orders.nulls["customer_id"]) == (3, 1, 0)
    assert orders.unmatched == {"product_id": 1}
    assert orders.newest == times[1].replace(tzinfo=UTC)
    assert orders.history == {"2026-11-19": 2}
    assert found["products"].unmatched == {"category_id": 1}
    assert found["products"].history == {"2026-11-19": 1}
    assert (found["reviews"].accepted, found["reviews"].arrived) == (0, 1)


def test_the_curated_tables_are_counted_over_the_days_that_were_written(lake: duckdb.DuckDBPyConnection) -> None:
    for day in (17, 18, 19):
        insert(lake, "curated_test.daily_sales", currency="EUR", date=date(2026, 11, day))
    written = {"daily_sales": Written(("2026-11-18", "2026-11-19"), 2), "review_summary": Written(("2026-11-18",), 0)}
    found = [[str(cell) for cell in row] for row in lake.execute(curated_query(DATABASES, written)).fetchall()]
    assert check_curated(written, found) == 2
    with pytest.raises(CuratedMismatchError, match="daily_sales has 2 rows, reported were 3"):
        check_curated({**written, "daily_sales": Written(("2026-11-18",), 3)}, found)


def test_what_the_merge_reports_is_read() -> None:
    report = {"tables": {"daily_sales": {"days": ["2026-11-18"], "rows": 4, "objects": 1, "bytes": 9}}}
    assert written_tables(report) == {"daily_sales": Written(["2026-11-18"], 4)}


def test_glue_bills_a_minute_at_least_and_athena_by_the_byte() -> None:
    runs = [JobRun.of({"job": "a", "run_id": "jr", "seconds": 12, "dpus": 2.0}), JobRun("b", "jr", 3600, 2.0)]
    assert cost_usd(runs, 0.44, 10**12) == pytest.approx(60 / 3600 * 2 * 0.44 + 2 * 0.44 + 5, abs=1e-6)
    assert seconds_since("2026-11-21T02:30:00Z", datetime.fromisoformat("2026-11-21T02:31:30+00:00")) == 90


def test_the_merge_looks_at_the_runs_of_two_days_on_each_side() -> None:
    assert days_beside("2026-03-01") == ("2026-02-27", "2026-02-28", "2026-03-02", "2026-03-03")


def glue_table(table: Table) -> dict[str, Any]:
    def named(columns: Any) -> list[dict[str, str]]:
        return [{"Name": column.name, "Type": column.type} for column in columns]

    storage = {"Columns": named(table.columns), "Location": f"s3://lake/{table.location}/"}
    return {"StorageDescriptor": storage, "PartitionKeys": named(table.partition_columns)}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_as_declared_has_no_differences(table: Table) -> None:
    assert differences(table, found_table(glue_table(table)), "lake") == []


def test_each_difference_of_a_table_is_told() -> None:
    assert differences(REJECTS, None, "lake") == ["raw.rejects is absent"]
    found = found_table(glue_table(REJECTS))
    columns = [("reason", "int"), *found.columns[1:]]
    said = differences(REJECTS, Found(columns, found.partitions[1:], "s3://other/rejects"), "lake")
    assert said == [
        "raw.rejects lacks column reason string",
        "raw.rejects has column reason int",
        "raw.rejects lacks partition key dataset string",
        "raw.rejects lies in s3://other/rejects, declared is s3://lake/rejects/",
    ]


class FakeAthena:
    """Each query runs for one look, and fails if it says so; answers of two pages."""

    def __init__(self) -> None:
        self.looks: dict[str, int] = {}

    def start_query_execution(self, QueryString: str, WorkGroup: str) -> dict[str, str]:  # noqa: N803
        self.looks[QueryString] = 0
        return {"QueryExecutionId": QueryString}

    def get_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803
        self.looks[QueryExecutionId] += 1
        state = (
            "RUNNING" if self.looks[QueryExecutionId] == 1 else "FAILED" if "fail" in QueryExecutionId else "SUCCEEDED"
        )
        status = {"State": state, "StateChangeReason": "no such table"}
        return {"QueryExecution": {"Status": status, "Statistics": {"DataScannedInBytes": 7}}}

    def get_paginator(self, name: str) -> "FakeAthena":
        return self

    def paginate(self, QueryExecutionId: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        yield {"ResultSet": {"Rows": [{"Data": [{"VarCharValue": "name"}]}, {"Data": [{"VarCharValue": "a"}]}]}}
        yield {"ResultSet": {"Rows": [{"Data": [{}]}]}}


def test_answers_are_read_to_their_end_and_without_the_head() -> None:
    waited = io.StringIO()
    athena = Athena(FakeAthena(), "w", sleep=lambda seconds: print(seconds, file=waited))  # type: ignore[arg-type]
    assert athena.rows({"one": "SELECT 1", "two": "SELECT 2"}) == {"one": [["a"], [None]], "two": [["a"], [None]]}
    assert athena.scanned_bytes == 14
    assert waited.getvalue()


def test_a_query_that_fails_is_told_with_its_text() -> None:
    athena = Athena(FakeAthena(), "w", sleep=lambda _: None)  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="no such table; the query was: SELECT fail"):
        athena.rows({"bad": "SELECT fail"})


def test_a_reference_is_looked_up_among_the_keys_of_the_other_dataset() -> None:
    sql = queries.references_query(DATABASES, DATE)
    assert f"processed_test.{PRODUCTS.table} b ON b.product_id = a.product_id" in sql
    assert sql.count("UNION ALL") == 3
    assert f"max({TRANSACTIONS.business_time})" in queries.day_query(TRANSACTIONS, DATABASES, DATE)
    assert queries.complete_columns(REVIEWS) == list(REVIEWS.required)
