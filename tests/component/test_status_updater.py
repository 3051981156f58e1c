"""status_updater on a real table: every file of the manifest learns how its run ended."""

import json
from datetime import timedelta
from typing import Any

import pytest

from ndjson_parquet.errors import ManifestError, UnknownBatchError
from ndjson_parquet.finishing import RunEnd
from ndjson_parquet.manifests import record_time
from tests.component.control_plane import ControlPlane
from tests.factories import commit_record

JOB_RUN = {"Id": "jr_7", "ExecutionTime": 90, "MaxCapacity": 10.0, "ErrorMessage": "no disk"}
COST = 90 * 10 * 0.44 / 3600
NAMES = ["a.ndjson", "b.ndjson", "c.ndjson"]


@pytest.fixture
def batch_id(plane: ControlPlane) -> str:
    """A published manifest of three files."""
    plane.deliver(plane.builder(max_files=3), NAMES)
    [item] = plane.manifest_items()
    return str(item["batch_id"])


def commit(plane: ControlPlane, batch_id: str, missing: list[str]) -> None:
    files = {file["uri"].split("/")[-1]: file for file in plane.manifest_objects()[batch_id]["files"]}
    gone = [{"uri": files[n]["uri"], "etag": files[n]["etag"], "reason": "the object is gone"} for n in missing]
    rejects = {"lines_rejected": 1, "rejected_by_reason": {"not_json": 1}}
    plane.put_json(f"commits/2026-11-20/{batch_id}.json", commit_record(plane.now, missing=gone, **rejects))


def told(plane: ControlPlane, batch_id: str, outcome: str, **changes: Any) -> dict[str, Any]:
    """What the state machine sends to status_updater, carried out."""
    event = {
        "outcome": outcome,
        "batch_id": batch_id,
        "date_prefix": "2026-11-20",
        "attempt": 1,
        "execution_arn": f"arn:execution:{batch_id}-1",
        "glue_job_run": JOB_RUN,
        "error": {"Error": "States.TaskFailed", "Cause": json.dumps(JOB_RUN)},
    }
    return plane.finisher().finish(RunEnd.from_event(event | changes))


def taken_up(plane: ControlPlane, batch_id: str, status: str, attempt: int = 1) -> None:
    """As the state machine leaves the manifest of an attempt."""
    plane.set_manifest(batch_id, status=status, attempts=attempt, execution_arn=f"arn:execution:{batch_id}-{attempt}")


def runs(plane: ControlPlane) -> list[tuple[str, str]]:
    """Execution and outcome of every item in the metrics table."""
    return [(item["metric_key"].split("#")[2][-2:], item["outcome"]) for item in plane.run_items()]


def finished(plane: ControlPlane, outcome: Any, batch_id: str, error: str | None = None) -> dict[str, Any]:
    if plane.manifest_items() and plane.manifest_items()[0]["status"] != "completed":
        plane.set_manifest(batch_id, status=outcome)
    return plane.finisher().finish(RunEnd(outcome, batch_id, "2026-11-20", error))


def test_completed_files_expire_and_the_counts_are_kept(plane: ControlPlane, batch_id: str) -> None:
    commit(plane, batch_id, missing=[])
    assert finished(plane, "completed", batch_id)["files_updated"] == 3
    assert set(plane.statuses().values()) == {"completed#0"}
    file = plane.items("a.ndjson")["a.ndjson@9e107d9d372bb6826bd81d3542a419d6"]
    assert (file["glue_job_run_id"], file["ttl"] > plane.now.timestamp()) == ("jr_7", True)
    [manifest] = plane.manifest_items()
    assert (manifest["rows_out"], manifest["lines_rejected"], manifest["files_missing"]) == (41, 1, 0)


def test_a_missing_file_is_failed_with_the_reason_and_never_expires(plane: ControlPlane, batch_id: str) -> None:
    commit(plane, batch_id, missing=["b.ndjson"])
    answer = finished(plane, "completed", batch_id)
    assert (answer["files_updated"], answer["files_missing"]) == (2, 1)
    assert plane.statuses() == {"a.ndjson": "completed#0", "b.ndjson": "failed#0", "c.ndjson": "completed#0"}
    [item] = plane.items("b.ndjson").values()
    assert (item["error_message"], "ttl" in item) == ("the object is gone", False)


def test_failed_files_hold_the_error_and_a_later_success_clears_it(plane: ControlPlane, batch_id: str) -> None:
    finished(plane, "failed", batch_id, "States.TaskFailed: no disk")
    assert set(plane.statuses().values()) == {"failed#0"}
    assert {item["error_message"] for item in plane.items("a.").values()} == {"States.TaskFailed: no disk"}
    assert plane.manifest_items()[0]["error_message"] == "States.TaskFailed: no disk"

    commit(plane, batch_id, missing=[])
    finished(plane, "completed", batch_id)

    assert set(plane.statuses().values()) == {"completed#0"}
    assert not any("error_message" in item for item in plane.items().values())


def test_telling_the_end_again_changes_nothing(plane: ControlPlane, batch_id: str) -> None:
    commit(plane, batch_id, missing=[])
    finished(plane, "completed", batch_id)
    before = plane.items()
    assert finished(plane, "completed", batch_id)["files_updated"] == 0
    assert plane.items() == before


def test_a_late_failure_does_not_undo_a_success(plane: ControlPlane, batch_id: str) -> None:
    commit(plane, batch_id, missing=[])
    finished(plane, "completed", batch_id)
    assert finished(plane, "failed", batch_id, "late")["files_updated"] == 0
    assert set(plane.statuses().values()) == {"completed#0"}


def test_a_failure_after_the_commit_completes_manifest_and_files(plane: ControlPlane, batch_id: str) -> None:
    commit(plane, batch_id, missing=["b.ndjson"])
    assert finished(plane, "failed", batch_id, "stopped by hand")["outcome"] == "completed"
    assert plane.statuses() == {"a.ndjson": "completed#0", "b.ndjson": "failed#0", "c.ndjson": "completed#0"}
    [manifest] = plane.manifest_items()
    assert (manifest["status"], manifest["rows_out"], manifest["glue_job_run_id"]) == ("completed", 41, "jr_7")
    assert ("error_message" in manifest, manifest["ttl"] > plane.now.timestamp()) == (False, True)


def test_a_failure_after_the_commit_is_told_again_when_the_first_time_was_cut_short(
    plane: ControlPlane, batch_id: str
) -> None:
    commit(plane, batch_id, missing=[])
    plane.set_manifest(batch_id, status="completed")
    assert plane.finisher().finish(RunEnd("failed", batch_id, "2026-11-20", "again"))["files_updated"] == 3
    assert set(plane.statuses().values()) == {"completed#0"}


def test_a_failure_after_the_commit_leaves_a_later_attempt_alone(plane: ControlPlane, batch_id: str) -> None:
    """That one finds the commit record, and completes manifest and files itself."""
    commit(plane, batch_id, missing=[])
    plane.set_manifest(batch_id, status="processing", attempts=2)
    before = plane.items()
    plane.finisher().finish(RunEnd("failed", batch_id, "2026-11-20", "late"))
    assert plane.items() == before


def test_an_unknown_batch_is_named(plane: ControlPlane) -> None:
    with pytest.raises(UnknownBatchError, match="no manifest 'nobody' of '2026-11-20'"):
        finished(plane, "completed", "nobody")


def test_a_success_without_a_commit_record_is_an_error(plane: ControlPlane, batch_id: str) -> None:
    with pytest.raises(ManifestError, match=rf"commits/2026-11-20/{batch_id}\.json does not exist"):
        finished(plane, "completed", batch_id)
    assert set(plane.statuses().values()) == {"manifested#0"}


def test_the_first_file_of_a_batch_is_remembered_when_it_is_sealed(plane: ControlPlane) -> None:
    opened = record_time(plane.now)
    plane.deliver(plane.builder(max_files=2), NAMES[:1])
    plane.now += timedelta(minutes=4)
    plane.deliver(plane.builder(max_files=2), NAMES[1:2])
    [manifest] = plane.manifest_items()
    assert (manifest["opened_at"], manifest["created_at"]) == (opened, record_time(plane.now))


def test_a_completed_manifest_is_recorded_and_counted_once(plane: ControlPlane, batch_id: str) -> None:
    plane.now += timedelta(minutes=10)
    commit(plane, batch_id, missing=["b.ndjson"])
    taken_up(plane, batch_id, "completed")
    for _ in range(2):
        told(plane, batch_id, "completed")
    assert runs(plane) == [("-1", "completed")]
    [item] = plane.run_items()
    assert (item["rows_out"], item["files"], item["files_missing"], item["is_on_time"]) == (41, 3, 1, True)
    assert (item["freshness_seconds"], item["glue_seconds"], item["job_run_id"]) == (600, 90, "jr_7")
    assert plane.meter.sums == {
        "ManifestsCompleted": 1,
        "RowsWritten": 41,
        "LinesRejected": 1,
        "LinesRejected not_json": 1,
        "RejectPercent": pytest.approx(100 / 42),
        "FilesMissing": 1,
        "FilesOnTime": 2,
        "FilesLate": 0,
        "BytesConverted": 4096,
        "BytesWritten": 512,
        "FreshnessSeconds": 600,
        "ConversionSeconds": 90,
        "ManifestCostUsd": pytest.approx(COST),
    }


def test_each_attempt_costs_and_only_the_last_one_has_rows(plane: ControlPlane, batch_id: str) -> None:
    taken_up(plane, batch_id, "failed")
    for _ in range(2):
        told(plane, batch_id, "failed")
    commit(plane, batch_id, missing=[])
    taken_up(plane, batch_id, "completed", attempt=2)
    told(plane, batch_id, "completed", attempt=2, execution_arn=f"arn:execution:{batch_id}-2")
    assert runs(plane) == [("-1", "failed"), ("-2", "completed")]
    sums = plane.meter.sums
    assert (sums["ManifestsFailed"], sums["ManifestsCompleted"], sums["RowsWritten"]) == (1, 1, 41)
    assert sums["ConversionSeconds"] == 180
    assert sums["ManifestCostUsd"] == pytest.approx(2 * COST)
    assert plane.run_items()[0]["error"] == "States.TaskFailed: no disk"


def test_a_run_that_failed_after_its_commit_has_completed_the_manifest(plane: ControlPlane, batch_id: str) -> None:
    commit(plane, batch_id, missing=[])
    taken_up(plane, batch_id, "failed")
    for _ in range(2):
        told(plane, batch_id, "failed")
    assert runs(plane) == [("-1", "completed")]
    sums = plane.meter.sums
    assert (sums["ManifestsCompleted"], sums["RowsWritten"], sums["ManifestsFailed"]) == (1, 41, 0)
    assert sums["ManifestCostUsd"] == pytest.approx(COST)


def test_a_failure_told_late_has_cost_something_and_leaves_the_rows_to_the_execution_that_has_them(
    plane: ControlPlane, batch_id: str
) -> None:
    commit(plane, batch_id, missing=[])
    taken_up(plane, batch_id, "processing", attempt=2)
    told(plane, batch_id, "failed")
    taken_up(plane, batch_id, "completed", attempt=2)
    told(plane, batch_id, "completed", attempt=2, execution_arn=f"arn:execution:{batch_id}-2")
    told(plane, batch_id, "failed")
    assert runs(plane) == [("-1", "failed"), ("-2", "completed")]
    sums = plane.meter.sums
    assert (sums["ManifestsFailed"], sums["ManifestsCompleted"], sums["RowsWritten"]) == (1, 1, 41)


def test_what_its_own_execution_could_not_mark_is_left_to_the_sweep(plane: ControlPlane, batch_id: str) -> None:
    """The manifest stands at processing: the sweep frees it, finds the commit record and counts its rows."""
    commit(plane, batch_id, missing=[])
    taken_up(plane, batch_id, "processing")
    told(plane, batch_id, "failed")
    assert runs(plane) == []
    taken_up(plane, batch_id, "failed")
    plane.finisher().finish(RunEnd("failed", batch_id, "2026-11-20", "the execution ended"))
    assert (runs(plane), plane.meter.sums["RowsWritten"]) == ([("-1", "completed")], 41)


def test_two_executions_of_one_attempt_are_two(plane: ControlPlane, batch_id: str) -> None:
    """An event that comes twice starts two, of different names: the first failed, the second converts."""
    plane.set_manifest(batch_id, status="failed", execution_arn="arn:execution:first")
    told(plane, batch_id, "failed", execution_arn="arn:execution:first")
    commit(plane, batch_id, missing=[])
    plane.set_manifest(batch_id, status="completed", execution_arn="arn:execution:second")
    told(plane, batch_id, "completed", execution_arn="arn:execution:second")
    found = [(item["metric_key"].split("#")[2], item["outcome"], item["attempt"]) for item in plane.run_items()]
    assert found == [("first", "failed", 1), ("second", "completed", 1)]


def test_a_metrics_table_that_is_gone_fails_no_conversion(plane: ControlPlane, batch_id: str) -> None:
    commit(plane, batch_id, missing=[])
    taken_up(plane, batch_id, "completed")
    plane.dynamodb.delete_table(TableName=plane.metrics_table)
    assert told(plane, batch_id, "completed")["files_updated"] == 3
    assert plane.meter.sums["RowsWritten"] == 41
