"""manifest_builder on real tables and buckets: tracked once, sealed when full, published; failing only what failed."""

from datetime import datetime, timedelta

import pytest

from manifest_builder.service import Delivery
from ndjson_parquet.batching import flush
from ndjson_parquet.dispatch import ExecutionStarter
from ndjson_parquet.errors import MalformedEventError, MembersIncompleteError, QuarantineError
from ndjson_parquet.shards import ShardChoice
from ndjson_parquet.tracking import BatchMovedError
from tests.component.control_plane import ControlPlane


def names(count: int) -> list[str]:
    return [f"f{number:03}.ndjson" for number in range(count)]


def test_full_batches_are_published_and_the_rest_stays_open(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(max_files=10), names(25))

    manifests = plane.manifest_items()
    assert [item["file_count"] for item in manifests] == [10, 10]
    statuses = plane.statuses()
    assert [statuses[name] for name in names(25)] == ["manifested#0"] * 20 + ["pending#0"] * 5
    listed = [file["uri"].split("/")[-1] for content in plane.manifest_objects().values() for file in content["files"]]
    assert sorted(listed) == names(20)
    executions = plane.executions()
    assert set(executions) == {f"{item['batch_id']}-1" for item in manifests}
    for item in manifests:
        sent = executions[f"{item['batch_id']}-1"]
        assert (sent["manifest_path"], sent["file_count"]) == (item["manifest_path"], 10)
    open_batch = plane.items("BATCH#")["BATCH#0"]
    assert (open_batch["status"], open_batch["file_count"]) == ("open#0", 5)
    assert [len(item["files"]) for item in plane.items("MEMBERS#").values()] == [5]


def test_the_same_events_again_change_nothing(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(), names(15))
    before = plane.items()
    delivery = plane.deliver(plane.builder(), names(15))
    assert plane.items() == before
    assert len(plane.executions()) == 1
    assert (delivery.failures, delivery.counts["FilesDuplicate"]) == ({}, 5)


def test_known_files_do_not_keep_new_ones_out(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(), names(3))
    delivery = plane.deliver(plane.builder(), names(6))
    assert (delivery.counts["FilesTracked"], delivery.counts["FilesDuplicate"]) == (3, 3)
    assert plane.items("BATCH#")["BATCH#0"]["file_count"] == 6


def test_one_file_announced_twice_in_a_delivery_is_one_file(plane: ControlPlane) -> None:
    body = plane.body("a.ndjson")
    delivery = plane.builder().receive({"first": body, "second": body})
    assert (delivery.failures, plane.items("BATCH#")["BATCH#0"]["file_count"]) == ({}, 1)


def test_other_bytes_under_the_same_key_are_another_file(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(), ["a.ndjson"], etag="1")
    plane.deliver(plane.builder(), ["a.ndjson"], etag="2")
    assert set(plane.items("a.ndjson")) == {"a.ndjson@1", "a.ndjson@2"}


def test_a_malformed_message_takes_nobody_with_it(plane: ControlPlane) -> None:
    delivery = plane.builder().receive(
        {"good": plane.body("a.ndjson"), "bad": "{}", "test": '{"Event": "s3:TestEvent"}'}
    )
    assert set(delivery.failures) == {"bad"}
    assert isinstance(delivery.failures["bad"], MalformedEventError)
    assert plane.statuses() == {"a.ndjson": "pending#0"}


def test_a_refused_file_is_copied_with_the_reason(plane: ControlPlane) -> None:
    key = "landing/ndjson/2026-11-20/été 1.csv"
    etag = plane.s3.put_object(Bucket=plane.input, Key=key, Body=b"a,b")["ETag"].strip('"')
    delivery = plane.deliver(plane.builder(), ["été 1.csv"], etag=etag, size=3)
    copy = plane.s3.get_object(Bucket=plane.quarantined, Key=f"files/wrong_extension/2026-11-20/{key}")
    assert copy["Body"].read() == b"a,b"
    assert (copy["Metadata"]["reason"], copy["Metadata"]["source-etag"]) == ("wrong_extension", etag)
    [item] = plane.items("été").values()
    assert (item["status"], item["error_message"]) == (
        "quarantined#0",
        "wrong_extension: allowed extensions are .ndjson",
    )
    assert (item["ttl"] > plane.now.timestamp(), delivery.counts["FilesQuarantined"]) == (True, 1)


def test_a_refused_file_that_is_gone_is_tracked_as_such(plane: ControlPlane) -> None:
    delivery = plane.deliver(plane.builder(), ["gone.csv"])
    [item] = plane.items("gone").values()
    assert "gone before it could be copied" in item["error_message"]
    assert delivery.failures == {}


def test_a_failed_quarantine_write_fails_only_its_message(plane: ControlPlane) -> None:
    plane.s3.put_object(Bucket=plane.input, Key="landing/ndjson/2026-11-20/a.csv", Body=b"x")
    plane.s3.delete_bucket(Bucket=plane.quarantined)
    delivery = plane.builder().receive({"bad": plane.body("a.csv"), "good": plane.body("b.ndjson")})
    assert isinstance(delivery.failures["bad"], QuarantineError)
    assert plane.statuses() == {"b.ndjson": "pending#0"}


def test_an_absent_table_fails_every_message_and_loses_none(plane: ControlPlane) -> None:
    plane.dynamodb.delete_table(TableName=plane.table)
    delivery = plane.builder().receive({"one": plane.body("a.ndjson"), "two": plane.body("b.ndjson")})
    assert set(delivery.failures) == {"one", "two"}


def test_a_writer_that_read_an_old_batch_writes_nothing(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(), names(3))
    stale = plane.tracking.open_batch("2026-11-20", 0)
    plane.deliver(plane.builder(), ["later.ndjson"])
    before = plane.items()
    with pytest.raises(BatchMovedError):
        plane.tracking.commit(flush(stale), plane.now)
    assert plane.items() == before


def test_a_manifest_that_could_not_be_started_is_published_by_the_sweep(plane: ControlPlane) -> None:
    absent = ExecutionStarter(plane.stepfunctions, plane.state_machine_arn + "-absent")
    delivery = plane.deliver(plane.builder(starter=absent), names(10))
    assert (delivery.failures, delivery.counts["PublishFailures"]) == ({}, 1)
    assert (plane.manifest_items()[0]["status"], plane.executions()) == ("pending", {})

    assert plane.state_manager().sweep().actions.manifests_published == 0
    plane.now += timedelta(seconds=60)
    actions = plane.state_manager().sweep().actions

    assert (actions.manifests_published, actions.failures) == (1, 0)
    assert len(plane.executions()) == 1


def test_publishing_again_changes_nothing(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(), names(10))
    before, objects = plane.items(), plane.manifest_objects()
    plane.now += timedelta(hours=1)
    [item] = plane.manifest_items()
    plane.publisher().publish(plane.tracking.manifest("2026-11-20", item["batch_id"]))
    assert (plane.items(), plane.manifest_objects(), len(plane.executions())) == (before, objects, 1)


def test_a_batch_whose_files_cannot_be_told_is_not_published(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(), names(5))
    [members] = plane.items("MEMBERS#")
    plane.tracking.forget_members("2026-11-20", [members])
    counts = plane.operations().ask("flush")["counts"]
    assert (counts, plane.executions()) == ({"flushed": 1, "files": 5, "publish_failures": 1}, {})
    [manifest] = plane.manifest_items()
    with pytest.raises(MembersIncompleteError, match="counts 5 files, 0 are listed"):
        plane.publisher().publish(plane.tracking.manifest("2026-11-20", manifest["batch_id"]))


def test_the_sweep_flushes_what_waited_long_enough_and_no_sooner(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(), names(3))
    plane.now += timedelta(minutes=14)
    assert plane.state_manager().sweep().actions.batches_flushed == 0
    plane.now += timedelta(minutes=1)
    assert plane.state_manager().sweep().actions.batches_flushed == 1
    assert set(plane.statuses().values()) == {"manifested#0"}
    assert "status" not in plane.items("BATCH#")["BATCH#0"]
    assert plane.state_manager().sweep().actions.batches_flushed == 0
    plane.deliver(plane.builder(), ["late.ndjson"])
    assert plane.items("BATCH#")["BATCH#0"]["file_count"] == 1


def test_overwrites_can_be_refused_whatever_comes_first(plane: ControlPlane) -> None:
    builder = plane.builder(refuses_overwrites=True)
    plane.deliver(builder, ["a.ndjson"], etag="1")
    plane.deliver(builder, ["a.ndjson", "a.ndjson.ndjson"], etag="2")
    plane.deliver(builder, ["a.ndjson"], etag="1")
    statuses = {key: item["status"] for key, item in plane.items("a.").items()}
    assert statuses == {"a.ndjson@1": "pending#0", "a.ndjson@2": "quarantined#0", "a.ndjson.ndjson@2": "pending#0"}


class _Defect(ShardChoice):
    def current(self, now: datetime) -> int:
        raise RuntimeError("a defect")


def test_an_error_that_nobody_expected_leaves_the_counts_with_the_caller(plane: ControlPlane) -> None:
    delivery = Delivery()
    bodies = {"1": plane.body("a.csv"), "2": plane.body("b.ndjson")}
    with pytest.raises(RuntimeError, match="a defect"):
        plane.builder(shards=_Defect(1)).receive(bodies, delivery)
    assert delivery.counts == {"FilesReceived": 2, "FilesQuarantined": 1}
    assert delivery.quarantined == {"wrong_extension": 1}
