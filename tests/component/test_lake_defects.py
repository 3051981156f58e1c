"""Each planted defect is found by its rule, or refused by the validator, and by nothing else.

A month with all defects behind the deep mark; in every run the days of a few.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import pytest
from pyspark.sql import SparkSession

from lake_quality.evaluation import evaluate
from lake_validator.checking import check, refused_unread
from lake_validator.decisions import Day, RawFile, Record
from local.lake.folder_bucket import FolderBucket
from local.lake.generate import Month, Planted, day_files, planted_in
from local.lake.world import World
from ndjson_parquet_lake.datasets import DATASETS
from tests.deep import DEEP
from tests.lake_support import UNCLOSED, run_job, small_spark
from tests.lake_views import create_tables, facts_by_duckdb

pytestmark = pytest.mark.filterwarnings(f"ignore:{UNCLOSED}:ResourceWarning")

MONTH = Month(date(2026, 10, 1), 30, World(scale=1.0))
# Orders that came twice, JSON under a name of CSV, categories that nobody declared.
NUMBERS = range(1, 31) if DEEP else (8, 14, 25)
DAYS = [MONTH.dates[number - 1] for number in NUMBERS]
PLANTED = [one for one in planted_in(MONTH) if one.date in {day.isoformat() for day in DAYS}]


@dataclass(frozen=True, slots=True)
class Found:
    """What a day's validator left out, by key, and its rules that failed, by name."""

    refused: dict[str, str]
    failed: set[str]


def validate(files: dict[str, bytes], day: date) -> Day:
    """All datasets' decisions as one day: their keys differ."""
    listed = [RawFile(key, "v1", len(content)) for key, content in files.items()]
    decided = Day(listed, [])
    for found in decided.waiting:
        dataset = DATASETS[found.key.split("/")[1]]
        verdict = refused_unread(dataset, found.key, found.size_bytes)
        verdict = verdict or check(dataset, found.key, [files[found.key]])
        status, reason, detail = decided.judged(verdict, found.key)
        decided.add(
            Record(
                dataset.name,
                day.isoformat(),
                found.key,
                "v1",
                found.size_bytes,
                status,
                "now",
                verdict.md5,
                verdict.rows,
                reason,
                detail,
            )
        )
    return decided


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    with small_spark() as session:
        yield session


@pytest.fixture(scope="module")
def found(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    folder = tmp_path_factory.mktemp("lake")
    bucket = FolderBucket(folder)
    refused: dict[str, dict[str, str]] = {}
    for day in DAYS:
        files = dict(day_files(MONTH, day))
        decided = validate(files, day)
        accepted = {record.key for record in decided.accepted}
        records = {record.key: str(record.reason) for record in decided.records if record.key not in accepted}
        refused[day.isoformat()] = records
        for key in accepted:
            bucket.write(key, files[key])
        for job in ("transaction_etl", "product_enrichment", "clickstream_aggregation"):
            run_job(spark, bucket, folder.parent / "mirror", job, day.isoformat())
    with duckdb.connect() as connection:
        create_tables(connection, folder)
        return {date_: Found(left_out, failing(connection, date_)) for date_, left_out in refused.items()}


def failing(connection: duckdb.DuckDBPyConnection, day: str) -> set[str]:
    facts = facts_by_duckdb(connection, day)
    results = [result for name, of_day in facts.items() for result in evaluate(DATASETS[name], of_day, day)]
    return {result.rule for result in results if result.outcome == "failed"}


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.defect)
def test_a_defect_is_found_where_it_was_planted(found: dict[str, Found], planted: Planted) -> None:
    if planted.rule:
        assert planted.rule in found[planted.date].failed
    else:
        assert planted.file in found[planted.date].refused


@pytest.mark.parametrize("day", [day.isoformat() for day in DAYS])
def test_nothing_is_found_that_was_not_planted(found: dict[str, Found], day: str) -> None:
    planted = [one for one in PLANTED if one.date == day]
    assert found[day].failed == {one.rule for one in planted if one.rule}
    assert set(found[day].refused) == {one.file for one in planted if one.file}


def test_the_slice_has_defects_of_rows_and_of_files() -> None:
    assert any(one.rule for one in PLANTED) and any(one.file for one in PLANTED)
