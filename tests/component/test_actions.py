"""Each action of an operator on real tables, buckets and queues: what it does, and what it refuses."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.finishing import RunEnd
from ndjson_parquet.landing_bucket import VersionedObjects
from ndjson_parquet.quarantined import RELEASED_ETAG
from state_manager.reconciler import metrics_of
from tests.component.control_plane import ControlPlane
from tests.factories import PREFIX, commit_record

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
    return {str(name): count for name, count in delivery.counts.items() if count}


def complete(plane: ControlPlane, batch_id: str) -> None:
    """The execution of a batch has succeeded."""
    plane.set_manifest(batch_id, status="completed")
    plane.put_json(f"commits/2026-11-20/{batch_id}.json", commit_record(plane.now))
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
    plane.now += timedelta(minutes=1)
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
    assert receive(plane) == {"FilesReceived": 1, "FilesTracked": 1}


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
    assert (dry["counts"], len(dry["items"]), plane.announced()) == ({"redriven": 3, "left": 0}, 3, [])
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


def test_a_released_file_goes_through(plane: ControlPlane) -> None:
    plane.use_real_time()
    land(plane, "a.csv")
    plane.operations().ask("replay", prefix=DAY)
    assert receive(plane)["FilesQuarantined"] == 1
    copy = f"s3://{plane.quarantined}/files/wrong_extension/2026-11-20/{DAY}a.csv"
    assert outcomes(plane.operations().ask("release", keys=[copy], dry_run=True)) == {copy: "released"}
    assert plane.statuses() == {"a.csv": "quarantined#0"}
    for key in (copy, f"{DAY}a.csv"):
        assert outcomes(plane.operations().ask("release", keys=[key])) == {key: "released"}
    assert receive(plane) == {"FilesReceived": 2, "FilesReleased": 1, "FilesDuplicate": 1, "FilesTracked": 1}
    assert plane.statuses() == {"a.csv": "pending#0"}
    assert outcomes(plane.operations().ask("release", keys=[copy])) == {copy: "not_quarantined"}
    [item] = plane.items("a.csv").values()
    assert "ttl" not in item


@pytest.mark.parametrize("event_comes_first", [False, True])
def test_a_released_file_that_is_gone_is_put_back(plane: ControlPlane, event_comes_first: bool) -> None:
    """Its own event may be there before it is released, and after: either way it is taken once."""
    plane.use_real_time()
    land(plane, "a.csv", body=b"x" * 100)
    plane.operations().ask("replay", prefix=DAY)
    assert receive(plane)["FilesQuarantined"] == 1
    remove(plane, f"{DAY}a.csv")
    key = f"files/wrong_extension/2026-11-20/{DAY}a.csv"
    assert "will be put back" in plane.operations().ask("release", keys=[key], dry_run=True)["items"][0]["detail"]
    if event_comes_first:
        [copy] = plane.s3.list_object_versions(Bucket=plane.quarantined)["Versions"]
        VersionedObjects(plane.s3, plane.input).put_back(
            next(VersionedObjects(plane.s3, plane.quarantined).of_key(copy["Key"])),
            plane.quarantined,
            f"{DAY}a.csv",
            {RELEASED_ETAG: copy["ETag"].strip('"')},
        )
        event = plane.body("a.csv", etag=copy["ETag"].strip('"'), size=100)
        assert plane.builder().receive({"1": event}).counts["FilesDuplicate"] == 1
    assert outcomes(plane.operations().ask("release", keys=[key])) == {key: "released"}
    assert receive(plane)["FilesTracked"] == 1
    assert len(plane.s3.list_object_versions(Bucket=plane.input)["Versions"]) == 1
    assert outcomes(plane.operations().ask("release", keys=[key])) == {key: "not_quarantined"}


def test_a_file_that_is_not_there_cannot_be_released(plane: ControlPlane) -> None:
    plane.use_real_time()
    key = f"{DAY}nobody.csv"
    assert outcomes(plane.operations().ask("release", keys=[key])) == {key: "not_found"}
    with pytest.raises(MalformedEventError, match="names no file that can be in quarantine"):
        plane.operations().ask("release", keys=["a.csv"])


def test_reconcile_announces_what_tracking_never_saw(plane: ControlPlane) -> None:
    plane.use_real_time()
    land(plane, *NAMES)
    plane.s3.put_object(Bucket=plane.input, Key=f"{PREFIX}2026-11-19/x.ndjson", Body=b"{}")
    plane.s3.put_object(Bucket=plane.input, Key=f"{PREFIX}eu/nodate.ndjson", Body=b"{}")
    plane.operations().ask("replay", keys=[f"{DAY}a.ndjson"])
    receive(plane)
    land(plane, "a.ndjson", body=b"other")
    plane.s3.delete_object(Bucket=plane.input, Key=f"{DAY}b.ndjson")
    young = plane.operations().all("reconcile", dates=["2026-11-20"])
    assert young == {"checked": 5, "too_young": 4, "tracked": 1}
    plane.now += timedelta(minutes=16)
    assert plane.operations().all("reconcile", dates=["2026-11-20"], dry_run=True)["unaccounted"] == 4
    assert plane.announced() == []
    assert plane.operations().all("reconcile", dates=["2026-11-20"])["enqueued"] == 4
    assert receive(plane)["FilesTracked"] == 4
    done = plane.operations().all("reconcile", dates=["2026-11-20"])
    assert done == {"checked": 5, "tracked": 5}


def test_a_scheduled_run_is_carried_on_by_the_sweep(plane: ControlPlane) -> None:
    plane.use_real_time()
    land(plane, *(f"{number:04}.ndjson" for number in range(1003)))
    plane.now += timedelta(hours=1)
    first = plane.operations(seconds=0).ask("reconcile", by="schedule", dates=["2026-11-20"])
    assert (first["done"], first["counts"]["enqueued"]) == (False, 1000)
    assert plane.operations(seconds=0).go_on() is not None
    assert len(plane.announced()) == 1003
    assert plane.operations().go_on() is None
    assert plane.items("RECONCILER") == {}


def test_what_is_unaccounted_for_is_told_once_of_a_whole_run(plane: ControlPlane) -> None:
    """The last piece finds nothing: told of each piece, it would end the alarm that the first one began."""
    plane.use_real_time()
    land(plane, *(f"{number:04}.ndjson" for number in range(1001)))
    plane.operations().ask("replay", keys=[f"{DAY}1000.ndjson"])
    receive(plane)
    plane.now += timedelta(hours=1)
    operator, wanted = plane.operations(seconds=0), {"dates": ["2026-11-20"]}
    first = operator.answer("reconcile", **wanted)
    by_hand = [first, operator.answer("reconcile", **wanted, cursor=first.as_dict()["cursor"])]
    scheduled = [operator.answer("reconcile", **wanted, by="schedule"), operator.go_on()]
    for told in (by_hand, scheduled):
        assert [metrics_of(one).get("FilesUnaccounted") for one in told] == [None, 1000]
        assert [metrics_of(one).get("ReconcilerRunsDone") for one in told] == [None, 1]
    assert not operator.answer("reconcile", **wanted, by="schedule").done
    everything = plane.s3.list_object_versions(Bucket=plane.input)["Versions"][:1000]
    named = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in everything]
    plane.s3.delete_objects(Bucket=plane.input, Delete={"Objects": named})
    plane.now += timedelta(days=1)
    taken_over = operator.answer("reconcile", **wanted, by="schedule")
    assert (taken_over.counts["unaccounted"], metrics_of(taken_over)["FilesUnaccounted"]) == (0, 1000)


def remove(plane: ControlPlane, key: str) -> None:
    """The bucket's lifecycle has removed every version."""
    for version in plane.s3.list_object_versions(Bucket=plane.input, Prefix=key)["Versions"]:
        plane.s3.delete_object(Bucket=plane.input, Key=key, VersionId=version["VersionId"])
