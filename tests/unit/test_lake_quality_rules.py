"""Each rule on numbers: what holds, what does not, and what nobody can say."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lake_quality.evaluation import Result, evaluate, passes
from lake_quality.facts import DayFacts
from lake_quality.report import RESULTS_COLUMNS, page, table_rows
from ndjson_parquet_lake.datasets import CLICKSTREAM, DATASETS, PRODUCTS, REVIEWS, TRANSACTIONS, Dataset, rules_of
from ndjson_parquet_lake.rules import REASONS, name_of

DATE = "2026-11-20"
GOOD = DayFacts(
    accepted=990,
    newest=datetime(2026, 11, 20, 23, tzinfo=UTC),
    history={f"2026-11-{day}": 1000 for day in range(13, 20)},
)


def judged(dataset: Dataset, facts: DayFacts, *accepted: str) -> dict[str, Result]:
    return {result.rule: result for result in evaluate(dataset, facts, DATE, accepted)}


def failing(dataset: Dataset, facts: DayFacts) -> list[str]:
    return [rule for rule, result in judged(dataset, facts).items() if result.outcome == "failed"]


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.name)
def test_a_good_day_passes_every_rule(dataset: Dataset) -> None:
    results = evaluate(dataset, GOOD, DATE)
    assert {result.outcome for result in results} == {"passed"}
    assert [result.rule for result in results] == [name_of(dataset.name, rule) for rule in rules_of(dataset)]


@pytest.mark.parametrize(
    ("dataset", "change", "rule"),
    [
        (TRANSACTIONS, {"rejected": {("malformed", None): 11}}, "transactions.readable"),
        (TRANSACTIONS, {"rejected": {("missing", "customer_id"): 11}}, "transactions.customer_id.complete"),
        (TRANSACTIONS, {"rejected": {("type", "unit_price"): 11}}, "transactions.unit_price.valid"),
        (TRANSACTIONS, {"rejected": {("range", "quantity"): 11}}, "transactions.quantity.in_range"),
        (TRANSACTIONS, {"rejected": {("not_allowed", "currency"): 11}}, "transactions.currency.allowed"),
        (TRANSACTIONS, {"rejected": {("late", "transaction_timestamp"): 11}}, "transactions.timely"),
        (TRANSACTIONS, {"rejected": {("future", "transaction_timestamp"): 11}}, "transactions.timely"),
        (TRANSACTIONS, {"rejected": {("duplicate", None): 11}}, "transactions.unique"),
        (TRANSACTIONS, {"nulls": {"shipping_country": 51}}, "transactions.shipping_country.complete"),
        (TRANSACTIONS, {"unmatched": {"product_id": 11}}, "transactions.product_id.references"),
        (CLICKSTREAM, {"newest": datetime(2026, 11, 20, 17, 59, tzinfo=UTC)}, "clickstream.event_timestamp.fresh"),
        (CLICKSTREAM, {"newest": None}, "clickstream.event_timestamp.fresh"),
        (TRANSACTIONS, {"accepted": 499}, "transactions.row_count"),
        (TRANSACTIONS, {"accepted": 2001}, "transactions.row_count"),
        (PRODUCTS, {"accepted": 899}, "products.row_count"),
    ],
)
def test_what_is_too_much_fails_one_rule_and_no_other(dataset: Dataset, change: dict[str, Any], rule: str) -> None:
    assert failing(dataset, replace(GOOD, **change)) == [rule]


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_the_jobs_is_counted_by_some_rule(reason: str) -> None:
    column = {"missing": "review_id", "type": "rating", "range": "rating"}.get(reason)
    dataset = TRANSACTIONS if reason == "not_allowed" else REVIEWS
    column = "status" if reason == "not_allowed" else column
    assert len(failing(dataset, replace(GOOD, rejected={(reason, column): 500}))) == 1


def test_what_is_just_allowed_passes() -> None:
    facts = replace(GOOD, accepted=99, rejected={("duplicate", None): 1}, history={})
    assert facts.arrived == 100
    assert failing(TRANSACTIONS, facts) == []


def test_missing_values_are_counted_wherever_they_are() -> None:
    facts = replace(GOOD, rejected={("missing", "customer_id"): 6}, nulls={"customer_id": 5})
    result = judged(TRANSACTIONS, facts)["transactions.customer_id.complete"]
    assert (result.bad_rows, result.total_rows, result.share, result.limit) == (11, 996, 0.011044, 0.01)
    assert result.outcome == "failed"


def test_without_days_to_compare_with_the_row_count_has_nothing_to_say() -> None:
    facts = replace(
        GOOD, accepted=1, history={"2026-11-18": 1000, "2026-11-19": 1000, "2026-11-12": 9, "2026-11-21": 9}
    )
    result = judged(TRANSACTIONS, facts)["transactions.row_count"]
    assert result.outcome == "unknown"
    assert "only 2 of 3" in result.detail


def test_a_day_without_rows_fails_for_what_is_missing_and_for_nothing_else() -> None:
    empty = DayFacts(accepted=0, history=GOOD.history)
    assert failing(TRANSACTIONS, empty) == ["transactions.transaction_timestamp.fresh", "transactions.row_count"]
    assert judged(TRANSACTIONS, empty)["transactions.unique"].outcome == "unknown"


def test_a_failure_that_a_person_accepts_stops_nothing() -> None:
    facts = replace(GOOD, rejected={("duplicate", None): 11})
    assert not passes(evaluate(TRANSACTIONS, facts, DATE))
    accepted = judged(TRANSACTIONS, facts, "transactions.unique")
    assert accepted["transactions.unique"].outcome == "accepted"
    assert passes(accepted.values())


def test_a_warning_stops_nothing() -> None:
    rule = replace(TRANSACTIONS.rules[0], severity="warning")
    facts = replace(GOOD, nulls={"shipping_country": 500})
    results = evaluate(replace(TRANSACTIONS, rules=(rule,)), facts, DATE)
    assert [result.rule for result in results if result.outcome == "warned"] == [
        "transactions.shipping_country.complete"
    ]
    assert passes(results)


def test_the_page_begins_with_the_verdict_and_tells_of_each_rule() -> None:
    facts = {"transactions": replace(GOOD, rejected={("duplicate", None): 11})}
    text = page(evaluate(TRANSACTIONS, facts["transactions"], DATE), facts, DATE, "run-1")
    assert text.startswith(f"# Quality of {DATE}: must not be merged")
    assert "| transactions | 1001 | 990 | 11 |" in text
    assert "| `transactions.unique` | failed | 11 of 1001 rows | 1.10 % | 1.00 % |" in text
    assert all(f"`{name_of('transactions', rule)}`" in text for rule in rules_of(TRANSACTIONS))


def test_the_table_has_the_columns_that_the_catalog_declares() -> None:
    rows = [json.loads(line) for line in table_rows(evaluate(REVIEWS, GOOD, DATE), "run-1", "now").splitlines()]
    assert len(rows) == len(rules_of(REVIEWS))
    assert set(rows[0]) == {name for name, _, _ in RESULTS_COLUMNS}
