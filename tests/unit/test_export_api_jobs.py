"""Export jobs: names, items, times, and when one cannot be going any more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from export_api.jobs import (
    Job,
    Source,
    Status,
    Wanted,
    execution_input,
    file_name_problem,
    is_overdue,
    job_item,
    job_of,
    job_time,
    new_job,
    result_name,
    seconds_so_far,
    upload_key,
)
from ndjson_parquet.items import from_item, to_item

NOW = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
LIMIT = timedelta(hours=6)
NDJSON = Wanted("ndjson", "none")


def job(**changes: object) -> Job:
    made = new_job(
        "id-1",
        "ana",
        "orders.parquet",
        source=Source(key=upload_key("id-1", "orders.parquet")),
        wanted=NDJSON,
        now=NOW,
        ttl=timedelta(days=30),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_new_job_waits_for_its_file_and_expires_after_its_days() -> None:
    made = job()
    assert (made.status, made.progress, made.input_s3_key) == (Status.PENDING, 0, "uploads/id-1/orders.parquet")
    assert made.created_at == made.updated_at == "2026-11-21T12:00:00.123Z"
    assert made.ttl == int((NOW + timedelta(days=30)).timestamp())


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted("ndjson", "none"), "orders.v2.ndjson"),
        (Wanted("json", "none"), "orders.v2.json"),
        (Wanted("ndjson", "gzip"), "orders.v2.ndjson.gz"),
        (Wanted("json", "gzip"), "orders.v2.json.gz"),
    ],
)
def test_a_result_is_named_after_its_parquet(wanted: Wanted, expected: str) -> None:
    assert wanted.name_for("orders.v2.parquet") == expected
    assert wanted.name_for("ORDERS.V2.PARQUET").lower() == expected


def test_the_item_is_the_job_and_back() -> None:
    running = job(status=Status.RUNNING, rows=7, output_bytes=70, progress=40)
    item = to_item(job_item(running))
    assert job_of(from_item(item)) == running
    assert "errorMessage" not in item
    ended = from_item(item | {"processingTime": {"N": "1.5"}})
    assert job_of(ended) == replace(running, processing_time=1.5)


def test_attributes_that_others_add_are_no_matter() -> None:
    item = to_item(job_item(job()) | {"failureCause": "x"})
    assert job_of(from_item(item)) == job()


def test_an_item_that_is_no_job_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        job_of({"jobId": "id-1"})


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("orders.parquet", None),
        ("ÖRDERS 2026.PARQUET", None),
        ("a.parquet.parquet", None),
        ("orders.csv", "end in .parquet"),
        (".parquet", "end in .parquet"),
        ("a/b.parquet", "no slashes"),
        ("..\\b.parquet", "no slashes"),
        ("a\nb.parquet", "control characters"),
        ("a\x7fb.parquet", "control characters"),
        ("ö" * 130 + ".parquet", "255 bytes"),
        ("\ud800.parquet", "not Unicode"),
    ],
)
def test_file_names(name: str, problem: str | None) -> None:
    found = file_name_problem(name)
    assert found is None if problem is None else problem in str(found)


def test_the_state_machine_is_told_where_to_read_and_write() -> None:
    assert execution_input(job(), "export") == {
        "jobId": "id-1",
        "inputUri": "s3://export/uploads/id-1/orders.parquet",
        "outputUri": "s3://export/results/id-1/orders.ndjson",
        "format": "ndjson",
        "compression": "none",
    }
    of_pipeline = job(input_s3_key=None, input_s3_uri="s3://output/pipeline/output/a.parquet")
    assert execution_input(of_pipeline, "export")["inputUri"] == "s3://output/pipeline/output/a.parquet"
    assert result_name(job()) == "orders.ndjson"


@pytest.mark.parametrize("status", [Status.PENDING, Status.COMPLETED, Status.FAILED])
def test_only_a_running_job_can_be_overdue(status: Status) -> None:
    old = job_time(NOW - LIMIT * 2)
    assert not is_overdue(job(status=status, started_at=old), NOW, LIMIT)


@pytest.mark.parametrize(("age", "expected"), [(LIMIT, False), (LIMIT + timedelta(seconds=1), True)])
def test_a_job_is_overdue_when_no_execution_lasts_so_long(age: timedelta, expected: bool) -> None:
    began = NOW.replace(microsecond=0) - age
    running = job(status=Status.RUNNING, started_at=job_time(began), updated_at=job_time(NOW))
    assert is_overdue(running, NOW.replace(microsecond=0), LIMIT) == expected
    assert is_overdue(
        replace(running, started_at=None, updated_at=job_time(began)), NOW.replace(microsecond=0), LIMIT
    ) == (expected)


def test_processing_time_counts_while_it_runs_and_stands_when_it_has_ended() -> None:
    began = job_time(NOW - timedelta(seconds=90))
    assert seconds_so_far(job(), NOW) is None
    assert seconds_so_far(job(status=Status.RUNNING, started_at=began), NOW) == pytest.approx(90, abs=0.01)
    assert seconds_so_far(job(status=Status.FAILED, started_at=began, processing_time=12.5), NOW) == 12.5
    assert seconds_so_far(job(status=Status.FAILED, started_at=began), NOW) is None
