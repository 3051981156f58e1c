"""Each action of an operator on real tables, buckets and queues: what it does, and what it refuses."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.finishing import RunEnd
from tests.component.control_plane import ControlPlane
from tests.factories import PREFIX

NAMES = ["a.ndjson", "b.ndjson", "c.ndjson"]
DAY = f"{PREFIX}2026-11-20/"


@pytest.fixture
def batch_id(plane: ControlPlane) -> str:
    """A published manifest of three files, its execution ended."""
    plane.deliver(plane.builder(max_files=3), NAMES)
    plane.wait_for_executions()
    [item] = plane.manifest_items()
    return str(item["batch_id"])


def land(plane: ControlPlane, *names: str, body: bytes = b"{}\n") -> None:
    for name in names:
        plane.s3.put_object(Bucket=plane.input, Key=DAY + name, Body=body)


def receive(plane: ControlPlane, **of_builder: Any) -> dict[str, int]:
    """manifest_builder takes what is in the queue; its counts."""
    delivery = plane.builder(**of_builder).receive({str(n): body for n, body in enumerate(plane.announced())})
    assert not delivery.failures
    return {str(name): count for name, count in delivery.counts.items()}


def complete(plane: ControlPlane, batch_id: str) -> None:
    """The execution of a batch has succeeded."""
    plane.set_manifest(batch_id, status="completed")
    plane.put_json(
        f"commits/2026-11-20/{batch_id}.json",
        {"job_run_id": "jr_7", "rows_out": 41, "lines_rejected": 1, "missing": []},
    )
    plane.finisher().finish(RunEnd("completed", batch_id, "2026-11-20", None))


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {item["subject"]: item["outcome"] for item in answer["items"]}


def test_flush_seals_what_was_open_when_it_was_asked_for(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(), NAMES)
    asked_at = plane.now.isoformat()
    dry = plane.operations().ask("flush", dry_run=True)
    assert (dry["counts"], plane.manifest_items()) == ({"flushed": 1, "files": 3}, [])
    answer = plane.operations().ask("flush", at=asked_at)
    assert (answer["done"], outcomes(answer)) == (True, {"2026-11-20 shard 0": "flushed"})
    plane.now += timedelta(minutes=1)
    plane.deliver(plane.builder(), ["later.ndjson"])
    assert plane.operations().ask("flush", at=asked_at)["items"] == []
    assert plane.statuses()["later.ndjson"] == "pending#0"


def test_retry_gives_an_exhausted_manifest_another_attempt_and_only_one(plane: ControlPlane, batch_id: str) -> None:
    plane.set_manifest(batch_id, status="failed", attempts=3)
    named = {"manifests": [{"date_prefix": "2026-11-20", "batch_id": batch_id}], "at": plane.now.isoformat()}
    assert outcomes(plane.operations().ask("retry", **named, dry_run=True)) == {batch_id: "retried"}
    assert plane.manifest_items()[0]["status"] == "failed"
    assert outcomes(plane.operations().ask("retry", **named)) == {batch_id: "retried"}
    assert plane.executions()[f"{batch_id}-4"]["attempt"] == 4
    assert outcomes(plane.operations().ask("retry", **named)) == {batch_id: "not_failed"}
    plane.now += timedelta(minutes=9)
    plane.set_manifest(batch_id, status="failed", updated_at="2026-11-20T16:15:00.000000Z")
    assert outcomes(plane.operations().ask("retry", **named)) == {batch_id: "failed_since"}
    assert plane.operations().all("retry", all_failed=True) == {"retried": 1}


def test_a_manifest_that_is_not_there_is_named(plane: ControlPlane) -> None:
    answer = plane.operations().ask("retry", manifests=[{"date_prefix": "2026-11-20", "batch_id": "nobody"}])
    assert outcomes(answer) == {"nobody": "not_found"}


def test_replay_announces_what_tracking_does_not_know(plane: ControlPlane) -> None:
    plane.use_real_time()
    land(plane, *NAMES)
    assert plane.operations().ask("replay", prefix=DAY, dry_run=True)["counts"] == {
        "found": 3,
        "objects": 3,
        "bytes": 9,
        "announced": 3,
        "released": 0,
    }
    assert plane.announced() == []
    plane.operations().ask("replay", keys=[f"{DAY}a.ndjson", f"s3://{plane.input}/{DAY}b.ndjson"])
    assert receive(plane)["FilesTracked"] == 2
    answer = plane.operations().ask("replay", prefix=DAY)
    assert outcomes(answer) == {
        f"{DAY}a.ndjson": "tracked",
        f"{DAY}b.ndjson": "tracked",
        f"{DAY}c.ndjson": "announced",
    }
    assert receive(plane) == {"FilesReceived": 1, "FilesTracked": 1, "ManifestsSealed": 0}


def test_replay_again_converts_what_has_ended_once_more_and_once(plane: ControlPlane) -> None:
    plane.use_real_time()
    land(plane, "a.ndjson")
    plane.operations().ask("replay", prefix=DAY)
    assert receive(plane, max_files=1)["FilesTracked"] == 1
    again: dict[str, Any] = {"prefix": DAY, "again": True}
    assert outcomes(plane.operations().ask("replay", **again)) == {f"{DAY}a.ndjson": "unfinished"}
    [first] = plane.manifest_items()
    complete(plane, first["batch_id"])
    plane.now += timedelta(minutes=1)
    again["at"] = plane.now.isoformat()
    assert plane.operations().ask("replay", **again)["counts"]["released"] == 1
    assert plane.operations().ask("replay", **again)["counts"]["announced"] == 1
    assert plane.statuses() == {"a.ndjson": "released#0"}
    plane.now += timedelta(minutes=1)
    assert receive(plane, max_files=1)["FilesTracked"] == 1
    [second] = [item for item in plane.manifest_items() if item["batch_id"] != first["batch_id"]]
    complete(plane, second["batch_id"])
    assert outcomes(plane.operations().ask("replay", **again)) == {f"{DAY}a.ndjson": "ended_since"}
    assert plane.announced() == []


def test_redrive_sends_dead_letters_back(plane: ControlPlane) -> None:
    plane.use_real_time()
    for name in NAMES:
        plane.sqs.send_message(QueueUrl=plane.dead_letter_queue_url, MessageBody=plane.body(name))
    plane.now += timedelta(seconds=5)
    dry = plane.operations().ask("redrive", dry_run=True)
    assert (dry["counts"], len(dry["items"]), plane.announced()) == ({"redriven": 3, "left": 3}, 3, [])
    one = dry["items"][0]["subject"]
    answer = plane.operations().ask("redrive", message_ids=[one, "unknown"])
    assert outcomes(answer) == {one: "redriven", "unknown": "not_found"}
    assert plane.operations().all("redrive")["redriven"] == 2
    assert len(plane.announced()) == 3
    assert plane.operations().all("redrive")["redriven"] == 0


def test_discard_keeps_a_dead_letter(plane: ControlPlane) -> None:
    plane.use_real_time()
    sent = plane.sqs.send_message(QueueUrl=plane.dead_letter_queue_url, MessageBody="not json")["MessageId"]
    answer = plane.operations().ask("discard", message_ids=[sent])
    assert outcomes(answer) == {sent: "discarded"}
    [entry] = plane.s3.list_objects_v2(Bucket=plane.quarantined)["Contents"]
    assert entry["Key"] == f"dead-letters/{datetime.now(UTC):%Y-%m-%d}/{sent}.json"
    kept = json.loads(plane.s3.get_object(Bucket=plane.quarantined, Key=entry["Key"])["Body"].read())
    assert (kept["body"], kept["by"], kept["queue"]) == ("not json", "tester", "file-events")
    assert outcomes(plane.operations().ask("discard", message_ids=[sent])) == {sent: "not_found"}


def test_a_key_of_somewhere_else_is_refused(plane: ControlPlane) -> None:
    with pytest.raises(MalformedEventError, match="is not below 'landing/ndjson/'"):
        plane.operations().ask("replay", keys=["other/a.ndjson"])
    with pytest.raises(MalformedEventError, match="files land in"):
        plane.operations().ask("replay", prefix="s3://somewhere/landing/ndjson/")


def test_who_did_what_is_recorded_unless_nothing_was_done(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(), NAMES)
    plane.operations().ask("flush", dry_run=True)
    assert "Contents" not in plane.s3.list_objects_v2(Bucket=plane.manifests, Prefix="logs/")
    plane.operations().ask("flush")
    [entry] = plane.s3.list_objects_v2(Bucket=plane.manifests, Prefix="logs/")["Contents"]
    assert entry["Key"] == "logs/operations/2026-11-20/161000-flush-request-1.json"
    record = json.loads(plane.s3.get_object(Bucket=plane.manifests, Key=entry["Key"])["Body"].read())
    assert (record["by"], record["counts"], record["request"]["action"]) == (
        "tester",
        {"files": 3, "flushed": 1},
        "flush",
    )
