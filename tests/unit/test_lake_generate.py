"""The generated month is the same each time, and each planted defect is above the limit of its rule and of no other."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from local.lake.defects import FILE_DEFECTS, ROW_DEFECTS
from local.lake.generate import Month, Planted, day_files, planted_in, write_month
from local.lake.world import World
from ndjson_parquet_lake.datasets import DATASETS
from ndjson_parquet_lake.rules import DEFAULT_SHARE
from tests.lake_oracle import Oracle

KEY = b"a key of the tests"
# What the jobs reject a row for, by the kind of the rule that counts it.
REASONS = {
    "readable": ("malformed",),
    "complete": ("missing",),
    "valid": ("type",),
    "in_range": ("range",),
    "allowed": ("not_allowed",),
    "timely": ("future", "late"),
    "unique": ("duplicate",),
}


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Planted]]]:
    folder = tmp_path_factory.mktemp("month")
    yield folder, write_month(folder, Month(defects=tuple(ROW_DEFECTS)))


def test_the_same_options_give_the_same_bytes() -> None:
    month, day = Month(world=World(scale=0.1)), date(2026, 10, 5)
    assert day_files(month, day) == day_files(Month(world=World(scale=0.1), days=20), day)
    assert day_files(month, day) != day_files(Month(world=World(seed=2, scale=0.1)), day)


def test_all_defects_are_planted_and_told() -> None:
    planted = list(planted_in(Month()))
    assert {one.defect for one in planted} == {*ROW_DEFECTS, *FILE_DEFECTS}
    days = [(one.dataset, one.date) for one in planted]
    assert len(days) == len(set(days)), "two defects on one day could hide each other"
    assert {one.defect for one in planted_in(Month(days=5))} == {"no_currency"}


def test_a_file_defect_is_a_file_more() -> None:
    month = Month(world=World(scale=0.1), defects=("no_currency",))
    day = date(2026, 10, 4)
    more = day_files(month, day).keys() - day_files(Month(world=World(scale=0.1), defects=()), day).keys()
    assert more == {one.file for one in planted_in(month)}


def test_each_defect_of_rows_exceeds_its_own_reason_and_no_other(month: tuple[Path, list[Planted]]) -> None:
    folder, planted = month
    oracle = Oracle(folder, KEY)
    exceeded = {
        (day, dataset, reason)
        for (day, dataset, reason), count in oracle.rejects().items()
        if count > DEFAULT_SHARE * oracle.lines(dataset, day)
    }
    expected = {
        (one.date, one.dataset, reason)
        for one in planted
        for reason in REASONS.get((one.rule or "").rpartition(".")[2], ())
    }
    # Of `timely` and of nulls in columns that may be null only one reason, or none, shows as a reject.
    assert exceeded <= expected
    found = {(day, dataset) for day, dataset, _ in exceeded}
    kept = {"row_count", "references", "fresh"}
    for one in planted:
        kind = (one.rule or "").rpartition(".")[2]
        assert ((one.date, one.dataset) in found) == (kind not in kept and one.defect != "no_country"), one


@pytest.mark.parametrize("dataset", DATASETS)
def test_ordinary_days_have_files_of_each_dataset(dataset: str) -> None:
    files = day_files(Month(world=World(scale=0.1), defects=()), date(2026, 10, 5))
    assert any(key.startswith(f"raw/{dataset}/date=2026-10-05/") for key in files)
