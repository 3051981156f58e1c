"""status_updater on a real table: every file of the manifest learns how its run ended."""

from typing import Any

import pytest

from ndjson_parquet.errors import ManifestError, UnknownBatchError
from ndjson_parquet.finishing import RunEnd
from tests.component.control_plane import ControlPlane
from tests.factories import commit_record

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
