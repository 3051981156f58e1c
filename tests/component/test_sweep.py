"""Each duty of the sweep on real tables, buckets and executions."""

import json
from datetime import timedelta
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from ndjson_parquet.dispatch import ExecutionStarter
from ndjson_parquet.store import ManifestStore
from state_manager.reports import SweepReports
from state_manager.service import METRICS, Actions
from tests.component.control_plane import ControlPlane
from tests.factories import commit_record

NAMES = ["a.ndjson", "b.ndjson", "c.ndjson"]


@pytest.fixture
def batch_id(plane: ControlPlane) -> str:
    """A published manifest of three files, its execution ended."""
    plane.deliver(plane.builder(max_files=3), NAMES)
    plane.wait_for_executions()
    [item] = plane.manifest_items()
    return str(item["batch_id"])


def execution_arn(plane: ControlPlane, batch_id: str, attempt: int = 1) -> str:
    return f"{plane.state_machine_arn.replace('stateMachine', 'execution')}:{batch_id}-{attempt}"


def write_commit(plane: ControlPlane, batch_id: str) -> None:
    record = commit_record(plane.now, lines_rejected=1)
    plane.put_json(f"commits/2026-11-20/{batch_id}.json", record)


def test_a_failed_manifest_gets_another_attempt_when_its_wait_is_over(plane: ControlPlane, batch_id: str) -> None:
    plane.set_manifest(batch_id, status="failed", execution_arn=execution_arn(plane, batch_id))
    assert plane.state_manager().sweep().actions.manifests_retried == 0
    plane.now += timedelta(minutes=5)
    actions = plane.state_manager().sweep().actions
    assert (actions.manifests_retried, actions.failures) == (1, 0)
    [manifest] = plane.manifest_items()
    assert (manifest["status"], manifest["attempts"], "execution_arn" in manifest) == ("pending", 2, False)
    assert plane.executions()[f"{batch_id}-2"]["attempt"] == 2


def test_a_manifest_that_failed_too_often_is_left_to_a_person(plane: ControlPlane, batch_id: str) -> None:
    plane.set_manifest(batch_id, status="failed", attempts=3)
    plane.now += timedelta(days=2)
    report = plane.state_manager().sweep()
    assert (report.actions.manifests_retried, report.backlog.manifests_exhausted) == (0, 1)
    assert report.backlog.manifests_at_risk == 1


def test_a_manifest_whose_execution_ended_is_freed_and_tried_again(plane: ControlPlane, batch_id: str) -> None:
    plane.set_manifest(batch_id, status="processing", execution_arn=execution_arn(plane, batch_id))
    plane.now += timedelta(minutes=2)
    assert plane.state_manager().sweep().actions.manifests_freed == 1
    [manifest] = plane.manifest_items()
    assert (manifest["status"], "the execution ended as SUCCEEDED" in manifest["error_message"]) == ("failed", True)
    assert set(plane.statuses().values()) == {"failed#0"}
    plane.now += timedelta(minutes=5)
    plane.state_manager().sweep()
    assert f"{batch_id}-2" in plane.executions()


def test_a_last_attempt_that_was_stopped_after_its_commit_is_completed(plane: ControlPlane, batch_id: str) -> None:
    plane.set_manifest(batch_id, status="processing", attempts=3, execution_arn=execution_arn(plane, batch_id))
    write_commit(plane, batch_id)
    plane.now += timedelta(minutes=2)
    report = plane.state_manager().sweep()
    [manifest] = plane.manifest_items()
    assert (manifest["status"], manifest["rows_out"], "error_message" in manifest) == ("completed", 41, False)
    assert set(plane.statuses().values()) == {"completed#0"}
    assert (report.actions.manifests_freed, report.backlog.manifests_exhausted) == (1, 0)


def test_a_manifest_whose_execution_still_runs_is_left_alone(plane: ControlPlane) -> None:
    waiting = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    plane.stepfunctions.update_state_machine(stateMachineArn=plane.state_machine_arn, definition=json.dumps(waiting))
    plane.deliver(plane.builder(max_files=3), NAMES)
    [item] = plane.manifest_items()
    arn = execution_arn(plane, item["batch_id"])
    plane.set_manifest(item["batch_id"], status="processing", execution_arn=arn)
    plane.now += timedelta(hours=1)
    assert plane.state_manager().sweep().actions.manifests_freed == 0
    plane.stepfunctions.stop_execution(executionArn=arn, error="Operator", cause="by hand")
    assert plane.state_manager().sweep().actions.manifests_freed == 1
    assert plane.manifest_items()[0]["error_message"].endswith("ABORTED: Operator: by hand")


def test_a_name_taken_by_an_execution_that_never_claimed_its_manifest(plane: ControlPlane, batch_id: str) -> None:
    """The execution ended, the manifest is still pending: asking for the same name again would change nothing."""
    plane.now += timedelta(minutes=2)
    actions = plane.state_manager().sweep().actions
    assert (actions.manifests_retried, actions.failures) == (1, 0)
    assert set(plane.executions()) == {f"{batch_id}-1", f"{batch_id}-2"}


def test_files_of_a_completed_manifest_are_finished(plane: ControlPlane) -> None:
    """The rows were visible and the status updater could not be reached: the execution failed after that."""
    failing = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "Lambda.Unknown", "Cause": "gone"}}}
    plane.stepfunctions.update_state_machine(stateMachineArn=plane.state_machine_arn, definition=json.dumps(failing))
    plane.deliver(plane.builder(max_files=3), NAMES)
    [item] = plane.manifest_items()
    plane.set_manifest(item["batch_id"], status="completed")
    write_commit(plane, item["batch_id"])
    plane.wait_for_executions()
    plane.use_real_time()
    assert plane.state_manager().sweep().actions.manifests_finished == 1
    assert set(plane.statuses().values()) == {"completed#0"}
    assert plane.state_manager().sweep().actions.manifests_finished == 0


def test_a_past_date_is_flushed_at_once_when_it_holds_enough(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(), NAMES)
    plane.now += timedelta(days=1) - timedelta(minutes=1)
    assert plane.state_manager(max_wait=timedelta(days=9), min_files=4).sweep().actions.batches_flushed == 0
    assert plane.state_manager(max_wait=timedelta(days=9), min_files=3).sweep().actions.batches_flushed == 1


@pytest.mark.parametrize("bound", [{"limit": 1}, {"file_limit": 1}], ids=["manifests", "files"])
def test_each_duty_is_bounded_and_the_next_sweep_goes_on(plane: ControlPlane, bound: dict[str, Any]) -> None:
    absent = ExecutionStarter(plane.stepfunctions, plane.state_machine_arn + "-absent")
    plane.deliver(plane.builder(max_files=1, starter=absent), NAMES[:2])
    plane.now += timedelta(minutes=2)
    assert plane.state_manager(**bound).sweep().actions.manifests_published == 1
    assert len(plane.executions()) == 1


def test_one_broken_manifest_does_not_hold_up_the_others(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(max_files=9), NAMES)
    plane.operations().ask("flush")
    plane.deliver(plane.builder(max_files=2), ["x.ndjson", "y.ndjson"])
    broken, sound = plane.manifest_items()[:2]
    for item in (broken, sound):
        plane.set_manifest(item["batch_id"], status="failed")
    plane.s3.delete_object(Bucket=plane.manifests, Key=broken["manifest_path"].split("/", 3)[3])
    plane.now += timedelta(minutes=5)
    actions = plane.state_manager().sweep().actions
    assert (actions.manifests_retried, actions.failures, actions.manifests_published) == (2, 1, 1)


def test_the_backlog_is_measured(plane: ControlPlane) -> None:
    plane.deliver(plane.builder(max_files=2), NAMES)
    plane.sqs.send_message(QueueUrl=plane.dead_letter_queue_url, MessageBody="{}")
    plane.now += timedelta(seconds=30)
    backlog = plane.state_manager().backlog(Actions())
    assert (backlog.open_batches, backlog.open_files, backlog.manifests_pending, backlog.dead_letters) == (1, 1, 1, 1)
    assert backlog.oldest_pending_seconds == 30
    assert backlog.oldest_manifest_seconds == 30


def test_the_age_of_what_waits_is_that_of_its_first_file(plane: ControlPlane) -> None:
    for name in NAMES[:2]:
        plane.deliver(plane.builder(max_files=2), [name])
        plane.now += timedelta(minutes=4)
    backlog = plane.state_manager().backlog(Actions())
    assert (backlog.oldest_pending_seconds, backlog.oldest_manifest_seconds) == (480, 240)


def test_what_the_sweep_ends_is_counted_as_status_updater_would(plane: ControlPlane, batch_id: str) -> None:
    write_commit(plane, batch_id)
    plane.set_manifest(batch_id, status="processing", execution_arn=execution_arn(plane, batch_id))
    plane.use_real_time()
    plane.now += timedelta(minutes=5)
    for _ in range(2):
        plane.state_manager().sweep()
    assert [(item["metric_key"], item["outcome"]) for item in plane.run_items()] == [
        (f"RUN#{batch_id}#{batch_id}-1", "completed")
    ]
    assert (plane.meter.sums["ManifestsCompleted"], plane.meter.sums["RowsWritten"]) == (1, 41)
    assert "ManifestCostUsd" not in plane.meter.sums


def test_a_sweep_that_did_something_leaves_a_report(plane: ControlPlane) -> None:
    reports = SweepReports(ManifestStore(plane.s3, plane.manifests), Logger(service="test"))
    plane.deliver(plane.builder(), NAMES)
    for request in ("idle", "busy"):
        reports.write(plane.state_manager().sweep(), request, plane.now, plane.now)
        plane.now += timedelta(minutes=15)
    listed = plane.s3.list_objects_v2(Bucket=plane.manifests, Prefix="logs/")["Contents"]
    assert [entry["Key"] for entry in listed] == ["logs/lambda/2026-11-20/state_manager-busy.json"]
    report = json.loads(plane.s3.get_object(Bucket=plane.manifests, Key=listed[0]["Key"])["Body"].read())
    head = {"version": 1, "kind": "sweep", "correlation_id": "busy", "outcome": "done", "error": None}
    assert head.items() <= report.items()
    assert (report["batches_flushed"], report["manifests_started"], report["open_batches"]) == (1, 1, 0)
    assert report.keys() - head - {"started_at", "ended_at"} == METRICS.keys()


def test_a_report_that_cannot_be_written_fails_no_sweep(plane: ControlPlane) -> None:
    reports = SweepReports(ManifestStore(plane.s3, "absent"), Logger(service="test"))
    plane.deliver(plane.builder(), NAMES)
    plane.now += timedelta(minutes=15)
    reports.write(plane.state_manager().sweep(), "1", plane.now, plane.now)


def test_an_item_without_its_fields_is_named_and_holds_up_nobody(plane: ControlPlane, batch_id: str) -> None:
    plane.set_manifest(batch_id, status="failed", attempts=None)
    plane.deliver(plane.builder(), ["later.ndjson"])
    plane.now += timedelta(minutes=15)
    actions = plane.state_manager().sweep().actions
    assert (actions.batches_flushed, actions.manifests_published) == (1, 1)
    assert actions.failures == 2


def test_executions_that_run_long_do_not_hide_one_that_ended(plane: ControlPlane) -> None:
    waiting = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    plane.stepfunctions.update_state_machine(stateMachineArn=plane.state_machine_arn, definition=json.dumps(waiting))
    plane.deliver(plane.builder(max_files=1), NAMES)
    batches = [item["batch_id"] for item in plane.manifest_items()]
    for batch_id in batches:
        plane.set_manifest(batch_id, status="processing", execution_arn=execution_arn(plane, batch_id))
    plane.stepfunctions.stop_execution(executionArn=execution_arn(plane, batches[-1]))
    plane.now += timedelta(hours=1)
    assert plane.state_manager(limit=1).sweep().actions.manifests_freed == 1
    assert {item["batch_id"]: item["status"] for item in plane.manifest_items()}[batches[-1]] == "failed"
