"""Each planted defect is found by its rule, or refused by the validator, and by nothing else.

In every run on one day that has all of them, each in rows of its own, so that a rule's bad rows tell the defect; in the
deep runs on the month of the demo, each on its own day.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from pyspark.sql import SparkSession

from lake_quality.evaluation import Result, evaluate
from lake_validator.checking import check, refused_unread
from lake_validator.decisions import Day, RawFile, Record
from local.lake.defects import FILE_DEFECTS, ROW_DEFECTS, Line
from local.lake.folder_bucket import FolderBucket
from local.lake.generate import Month, Planted, arriving, day_files, files_of, planted_in
from local.lake.world import World
from ndjson_parquet_lake.datasets import DATASETS, Dataset
from ndjson_parquet_lake.rules import Fresh, RowCount
from tests.deep import DEEP
from tests.lake_support import UNCLOSED, run_job, small_spark
from tests.lake_views import create_tables, facts_by_duckdb

pytestmark = pytest.mark.filterwarnings(f"ignore:{UNCLOSED}:ResourceWarning")

MONTH = Month(date(2026, 10, 1), 30, World(scale=1.0))
PLANTED = list(planted_in(MONTH))
CLEAN, CROWDED = date(2026, 10, 4), date(2026, 10, 5)


@dataclass(frozen=True, slots=True)
class Found:
    """What a day's validator left out, by key, and what its rules say, by name."""

    refused: Mapping[str, str]
    results: Mapping[str, Result]

    @property
    def failed(self) -> set[str]:
        return {name for name, result in self.results.items() if result.outcome == "failed"}


class Lake:
    """A lake in a folder: its validator, jobs and rules without a workflow."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self._spark, self._folder = spark, folder
        self._bucket = FolderBucket(folder / "bucket")
        self._refused: dict[str, dict[str, str]] = {}

    def run(self, day: date, files: Mapping[str, bytes]) -> None:
        decided = validate(files, day)
        accepted = {record.key for record in decided.accepted}
        self._refused[f"{day}"] = {r.key: f"{r.reason}" for r in decided.records if r.key not in accepted}
        for key in accepted:
            self._bucket.write(key, files[key])
        for job in ("transaction_etl", "product_enrichment", "clickstream_aggregation"):
            run_job(self._spark, self._bucket, self._folder / "mirror", job, f"{day}")

    def repeat(self, day: date, other: date) -> None:
        """Give the other day the tables of this one."""
        for partition in (self._bucket.folder / "processed").glob(f"*/date={day}"):
            shutil.copytree(partition, partition.with_name(f"date={other}"), dirs_exist_ok=True)

    def found(self) -> dict[str, Found]:
        """By day, of those that were run."""
        with duckdb.connect() as connection:
            create_tables(connection, self._bucket.folder)
            return {day: Found(left_out, results(connection, day)) for day, left_out in self._refused.items()}


def validate(files: Mapping[str, bytes], day: date) -> Day:
    """All datasets' decisions as one day: their keys differ."""
    listed = [RawFile(key, "v1", len(content)) for key, content in files.items()]
    decided = Day(listed, [])
    for found in decided.waiting:
        dataset = DATASETS[found.key.split("/")[1]]
        verdict = refused_unread(dataset, found.key, found.size_bytes)
        verdict = verdict or check(dataset, found.key, [files[found.key]])
        status, reason, detail = decided.judged(verdict, found.key)
        size, told = found.size_bytes, (verdict.md5, verdict.rows, reason, detail)
        decided.add(Record(dataset.name, f"{day}", found.key, "v1", size, status, "now", *told))
    return decided


def results(connection: duckdb.DuckDBPyConnection, day: str) -> dict[str, Result]:
    facts = facts_by_duckdb(connection, day)
    judged = (result for name, of_day in facts.items() for result in evaluate(DATASETS[name], of_day, day))
    return {result.rule: result for result in judged}


class CrowdedDay:
    """A day with all defects. `spoiled`: bad rows by rule, for the rules that count rows."""

    def __init__(self, day: date) -> None:
        self._month, self._day = Month(day, 1, MONTH.world, defects=()), day
        self.spoiled: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.files: dict[str, bytes] = {}
        for dataset in DATASETS.values():
            self._add(dataset)

    def _add(self, dataset: Dataset) -> None:
        rows = arriving(self._month, dataset, self._day)
        # An ordinary order lacks its country now and then.
        whole = [row for row in rows if isinstance(row, dict) and row.get("shipping_country", "none is due")]
        own = dict(files_of(dataset, self._spoil(dataset, list[Line](whole)), 1))
        first = next(iter(own.values()))
        extra = {defect.file: defect.content(first) for defect in FILE_DEFECTS.values() if defect.dataset is dataset}
        prefix = dataset.raw_prefix(f"{self._day}")
        self.files |= {prefix + name: content for name, content in {**own, **extra}.items()}
        self.refused |= {prefix + name for name in extra}

    def _spoil(self, dataset: Dataset, rows: list[Line]) -> list[Line]:
        """A row that one defect has spoiled is kept from the others."""
        spoiled: list[Line] = []
        for defect in ROW_DEFECTS.values():
            if defect.dataset is not dataset:
                continue
            changed = defect.change(rows, MONTH.world.dice(defect.name, self._day), self._day)
            if isinstance(defect.rule, RowCount | Fresh):
                rows = changed
                continue
            bad = [new for old, new in zip(rows, changed, strict=False) if new is not old] + changed[len(rows) :]
            self.spoiled[defect.rule_name] += len(bad)
            repeated = {id(row) for row in bad} & {id(row) for row in rows}
            spoiled += [*bad, *(row for row in rows if id(row) in repeated)]
            rows = [new for old, new in zip(rows, changed, strict=False) if new is old and id(old) not in repeated]
        return rows + spoiled


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    with small_spark() as session:
        yield session


@pytest.fixture(scope="module")
def crowded() -> CrowdedDay:
    return CrowdedDay(CROWDED)


@pytest.fixture(scope="module")
def found(spark: SparkSession, crowded: CrowdedDay, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """A day without a defect, and after it the crowded one. Their row counts have three days to be compared with."""
    lake = Lake(spark, tmp_path_factory.mktemp("lake"))
    lake.run(CLEAN, day_files(Month(CLEAN, 1, MONTH.world, defects=()), CLEAN))
    for days in (1, 2):
        lake.repeat(CLEAN, CLEAN - timedelta(days))
    lake.run(CROWDED, crowded.files)
    return lake.found()


@pytest.mark.parametrize("name", ROW_DEFECTS)
def test_a_rule_finds_the_rows_that_its_defect_has_spoiled(
    found: dict[str, Found], crowded: CrowdedDay, name: str
) -> None:
    rule = ROW_DEFECTS[name].rule_name
    result = found[f"{CROWDED}"].results[rule]
    assert result.outcome == "failed"
    # None: a rule that judges the day as a whole.
    assert result.bad_rows == crowded.spoiled.get(rule)


@pytest.mark.parametrize("name", FILE_DEFECTS)
def test_the_validator_leaves_out_the_file(found: dict[str, Found], name: str) -> None:
    defect = FILE_DEFECTS[name]
    assert defect.dataset.raw_prefix(f"{CROWDED}") + defect.file in found[f"{CROWDED}"].refused


def test_nothing_else_is_found(found: dict[str, Found], crowded: CrowdedDay) -> None:
    assert found[f"{CROWDED}"].failed == {defect.rule_name for defect in ROW_DEFECTS.values()}
    assert set(found[f"{CROWDED}"].refused) == crowded.refused
    spoiled = {name: r.bad_rows for name, r in found[f"{CROWDED}"].results.items() if r.bad_rows}
    assert spoiled == dict(crowded.spoiled)
    assert (found[f"{CLEAN}"].failed, found[f"{CLEAN}"].refused) == (set(), {})


@pytest.fixture(scope="module")
def month(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    lake = Lake(spark, tmp_path_factory.mktemp("month"))
    for day in MONTH.dates:
        lake.run(day, day_files(MONTH, day))
    return lake.found()


@pytest.mark.skipif(not DEEP, reason="every run has the crowded day")
@pytest.mark.parametrize("day", [f"{day}" for day in MONTH.dates])
def test_a_day_of_the_month_has_what_was_planted_on_it(month: dict[str, Found], day: str) -> None:
    planted: Sequence[Planted] = [one for one in PLANTED if one.date == day]
    assert month[day].failed == {one.rule for one in planted if one.rule}
    assert set(month[day].refused) == {one.file for one in planted if one.file}
