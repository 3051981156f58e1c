"""The lake's contract: what a declaration may say, which rules it implies, and which days belong together."""

from decimal import Decimal
from itertools import chain

import pytest

from ndjson_parquet_lake import column_types, days
from ndjson_parquet_lake.column_types import DeclarationError
from ndjson_parquet_lake.datasets import CATEGORIES, DATASETS, REVIEWS, TRANSACTIONS, Column, Dataset, rules_of
from ndjson_parquet_lake.rules import REASONS, Complete, InRange, RowCount, Unique, name_of
from ndjson_parquet_lake.tables import REJECTS, TABLES, Table, TableColumn


@pytest.mark.parametrize("name", ["text", "decimal", "decimal(39,2)", "decimal(4,5)", "decimal(0,0)", "DECIMAL(4,2)"])
def test_a_type_that_not_all_engines_spell_like_this_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match="is none of"):
        Column(name="amount", type=name)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("int", "-2147483648", "2147483647"), ("decimal(5,2)", "-999.99", "999.99"), ("decimal(3,0)", "-999", "999")],
)
def test_a_number_type_has_bounds(name: str, least: str, most: str) -> None:
    assert column_types.bounds(name) == (Decimal(least), Decimal(most))


def test_other_types_have_none() -> None:
    assert column_types.bounds("string") is None
    assert not column_types.is_number("timestamp")


def test_ranges_are_for_numbers_and_masks_for_text() -> None:
    with pytest.raises(DeclarationError, match="minimum and maximum are for numbers"):
        Column(name="name", minimum=Decimal(1))
    with pytest.raises(DeclarationError, match="pii and allowed are for strings"):
        Column(name="age", type="int", pii="mask")


def test_a_dataset_that_contradicts_itself_is_refused() -> None:
    columns = (Column(name="id"), Column(name="at", type="timestamp"))
    with pytest.raises(DeclarationError, match="has no column key"):
        Dataset(name="x", format="csv", columns=columns, key="key", business_time="at", late_days=0, table="x")
    with pytest.raises(DeclarationError, match="declares a column twice"):
        Dataset(name="x", format="csv", columns=columns * 2, key="id", business_time="at", late_days=0, table="x")


def test_a_table_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(DeclarationError, match="has no key column id"):
        Table(zone="curated", name="x", parted_by="business", key=("id",), columns=())
    with pytest.raises(DeclarationError, match="called like a partition"):
        columns = (TableColumn("date", "date"),)
        Table(zone="curated", name="x", parted_by="business", key=("date",), columns=columns)


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=list(DATASETS))
def test_the_declarations_fit_together(dataset: Dataset) -> None:
    table = next(table for table in TABLES if table.name == dataset.table)
    types = {column.name: column.type for column in table.columns}
    assert {column.name: column.type for column in dataset.columns}.items() <= types.items()
    references = {column.references for column in dataset.columns if column.references}
    assert references <= {*DATASETS, CATEGORIES}


def test_rules_follow_from_columns_and_the_dataset_s_own_come_before_them() -> None:
    rules = rules_of(REVIEWS)
    assert InRange("rating") in rules
    assert Complete("rating") in rules
    assert Unique() in rules
    assert not any(isinstance(rule, Complete) and rule.column == "title" for rule in rules)
    assert [rule for rule in rules if isinstance(rule, RowCount)] == [RowCount(at_least=0.3, at_most=3.0)]


def test_rules_have_names_of_their_own() -> None:
    names = [name_of(dataset.name, rule) for dataset in DATASETS.values() for rule in rules_of(dataset)]
    assert len(names) == len(set(names))
    assert "transactions.quantity.in_range" in names


def test_partitions_have_prefixes() -> None:
    assert REJECTS.prefix("2026-11-01", "reviews") == "rejects/dataset=reviews/date=2026-11-01/"
    locations = [table.location for table in TABLES]
    assert len(locations) == len(set(locations))
    with pytest.raises(DeclarationError, match="a dataset is given exactly"):
        REJECTS.prefix("2026-11-01")


def test_what_a_day_replaces_is_what_its_rows_can_belong_to() -> None:
    assert days.business_days_of("2026-03-01", 2) == ("2026-02-27", "2026-02-28", "2026-03-01")
    assert days.arrivals_of(("2026-02-27", "2026-02-28"), 1) == ("2026-02-27", "2026-02-28", "2026-03-01")
    assert days.snapshots_for("2026-03-03")[:2] == ("2026-03-03", "2026-03-02")
    assert days.days_between("2026-03-02", "2026-03-01") == ()


def test_every_row_of_a_business_day_arrives_on_a_day_whose_run_replaces_it() -> None:
    arrivals = days.arrivals_of(("2026-02-28",), TRANSACTIONS.late_days)
    replaced = chain.from_iterable(days.business_days_of(arrival, TRANSACTIONS.late_days) for arrival in arrivals)
    assert list(replaced).count("2026-02-28") == len(arrivals) == TRANSACTIONS.late_days + 1


def test_reasons_are_told_once() -> None:
    assert len(REASONS) == len(set(REASONS)) == 8
