"""The rules of the benchmarks of latency, throughput and cold starts: what is told from what was seen."""

import json
from pathlib import Path

import pytest

from benchmarks.cold_start.budget import MAX_ZIP_BYTES, ColdStart, Start
from benchmarks.latency.steps import STEPS, Seen, UnseenError, medians, seconds_by_step, until_queryable
from benchmarks.request_log import Request, read, total
from benchmarks.throughput.result import Measurement, Usage

REQUESTS = [
    Request(0.5, 0.1, True, "DynamoDB.GetItem", "/", 200),
    Request(0.7, 0.1, True, "DynamoDB.TransactWriteItems", "/", 200),
    Request(1.0, 0.1, True, "DynamoDB.TransactWriteItems", "/", 200),
    Request(1.5, 0.1, True, "AWSStepFunctions.StartExecution", "/", 200),
    Request(1.9, 0.0, False, "S3.GET", "/scripts/convert_manifest.py", 200),
    Request(6.0, 0.1, False, "S3.GET", "/manifest/commits/2026-11-20/b.json", 404),
    Request(6.5, 0.1, False, "S3.GET", "/input/landing/ndjson/2026-11-20/a.ndjson", 200),
    Request(8.0, 0.1, False, "S3.POST uploadId", "/output/pipeline/output/b-00000.parquet", 200),
    Request(8.5, 0.5, False, "S3.PUT", "/manifest/commits/2026-11-20/b.json", 200),
]
SEEN = Seen(
    put_began=0.0,
    put_ended=0.2,
    requests=REQUESTS,
    run_started=1.8,
    run_ended=9.5,
    completed=10.5,
    manifest_bucket="manifest",
    landing_prefix="landing/ndjson",
)


def test_each_step_lasts_until_the_next_one_begins() -> None:
    steps = seconds_by_step(SEEN)
    assert {name: round(seconds, 3) for name, seconds in steps.items()} == dict(
        zip(STEPS, (0.2, 0.3, 0.3, 0.3, 0.5, 0.2, 4.2, 0.5, 1.5, 1.0, 0.5, 1.0), strict=True)
    )
    assert until_queryable(steps) == pytest.approx(9.0)
    assert sum(steps.values()) == pytest.approx(SEEN.completed)


@pytest.mark.parametrize("gone", [0, 3, 6, 7, 8])
def test_a_step_without_a_trace_is_named(gone: int) -> None:
    seen = Seen(**{**SEEN.__dict__, "requests": [one for one in REQUESTS if one is not REQUESTS[gone]]})
    with pytest.raises(UnseenError, match="log of requests"):
        seconds_by_step(seen)


def test_the_median_is_of_each_step() -> None:
    rounds = [dict.fromkeys(STEPS, float(number)) for number in (1, 5, 2)]
    assert medians(rounds) == dict.fromkeys(STEPS, 2.0)


def test_the_log_is_added_up_by_operation_and_sender(tmp_path: Path) -> None:
    log = tmp_path / "requests.ndjson"
    log.write_text("".join(json.dumps(one.__dict__) + "\n" for one in REQUESTS))
    totals = total(read(log), since=0.6, until=6.0)
    assert totals.all == {
        "DynamoDB.TransactWriteItems": 2,
        "AWSStepFunctions.StartExecution": 1,
        "S3.GET": 2,
    }
    assert totals.from_functions == {"DynamoDB.TransactWriteItems": 2, "AWSStepFunctions.StartExecution": 1}
    assert totals.seconds["DynamoDB.TransactWriteItems"] == pytest.approx(0.2)


def measurement(completed: float, calls: int) -> Measurement:
    usage = Usage(2, 50.0, 1.9, {"embedded AWS": 0.95, "functions": 0.6})
    return Measurement(9000, 200.0, 45.0, 48.0, completed, 45, {"DynamoDB.TransactWriteItems": calls}, {}, {}, usage)


def test_throughput_counts_until_the_last_file_is_completed_and_calls_of_executions_too() -> None:
    found = measurement(60.0, 1_000)
    assert found.files_per_second == pytest.approx(150)
    assert found.calls_per_file == pytest.approx((1_000 + 4 * 45) / 9_000)
    assert found.files_per_transaction == pytest.approx(9)
    assert all(found.met.values())
    assert found.limit.startswith("embedded AWS: 0.95 cores")


@pytest.mark.parametrize(("completed", "calls"), [(61.0, 1_000), (60.0, 3_400)])
def test_a_missed_target_is_told(completed: float, calls: int) -> None:
    assert list(measurement(completed, calls).met.values()).count(False) == 1


@pytest.mark.parametrize(
    ("cpu", "size", "within"), [(399, 100, True), (401, 100, False), (1, MAX_ZIP_BYTES + 1, False)]
)
def test_a_cold_start_is_judged_by_its_fastest_import_and_its_zip(cpu: float, size: int, within: bool) -> None:
    assert ColdStart("f", size, [Start(cpu + 100, 900), Start(cpu, 800)]).within_budget is within
