"""Every path of the processor's definition, executed: its own text, a real table, Glue runs that succeed or fail."""

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from local.embedded_aws import EmbeddedAws
from ndjson_parquet.batching import SealedBatch
from ndjson_parquet.items import manifest_item, to_item
from ndjson_parquet.manifests import execution_input
from ndjson_parquet.run_ends import GlueRun, failed_run, glue_run
from tests.component.control_plane import RULES, ControlPlane
from tests.component.emulator_events import Function, Queue
from tests.component.emulator_tools import ENDED, ROLE, Job, until
from tests.unit.test_manifests import RECORD

DEFINITION = Path(__file__).parents[2] / "modules" / "state_machine" / "processor.asl.json"
SUCCEEDING = "print('converted')"
FAILING = "raise ValueError('12 % of the lines are broken')"
SLOW = "import time; time.sleep(3)"
TOLD = "RejectLimitError: 12 of 100 lines were rejected"
ANSWERING = f"def work(event, before): return {{'error_message': {TOLD!r}}}"
DEAD = "def work(event, before): raise RuntimeError('no table')"


class Processor:
    """The processor around a Glue job, a status updater and a manifest of its own."""

    def __init__(self, aws: EmbeddedAws, plane: ControlPlane, *, script: str, updater: str, attempts: int = 20) -> None:
        self.plane = plane
        self.job = Job(aws, script)
        self.updater = Function(aws, updater)
        self.alerts = Queue(aws)
        sns = aws.client("sns")
        self.topic = sns.create_topic(Name=f"alerts-{plane.id}")["TopicArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.alerts.arn)
        self.states = aws.client("stepfunctions")
        values = {
            "partition": "aws",
            "environment": "test",
            "tracking_table": plane.table,
            "glue_job": self.job.name,
            "glue_state_timeout_seconds": 60,
            "glue_retry_interval_seconds": 2,
            "glue_retry_max_delay_seconds": 4,
            "glue_retry_max_attempts": attempts,
            "status_updater_arn": self.updater.arn,
            "status_updater_state_timeout_seconds": 30,
            "alerts_topic_arn": self.topic,
            "runbook_base_url": "docs/runbooks",
        }
        text = re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]]), DEFINITION.read_text())
        self.arn = self.states.create_state_machine(name=f"path-{plane.id}", definition=text, roleArn=ROLE)[
            "stateMachineArn"
        ]

    def start(self) -> str:
        return str(
            self.states.start_execution(
                stateMachineArn=self.arn,
                name=uuid.uuid4().hex,
                input=json.dumps(execution_input(RECORD, self.plane.now)),
            )["executionArn"]
        )

    def path(self, execution: str) -> list[str]:
        """The states that an execution went through, when it has ended."""
        until(
            lambda: self.states.describe_execution(executionArn=execution)["status"],
            ENDED.__contains__,
            "the end of the execution",
        )
        events = self.states.get_execution_history(executionArn=execution)["events"]
        return [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]

    def manifest(self) -> dict[str, Any]:
        return self.plane.items("MANIFEST#")[f"MANIFEST#{RECORD.batch_id}"]


@pytest.fixture
def tracked(plane: ControlPlane) -> ControlPlane:
    """A table with one pending manifest."""
    sealed = SealedBatch("2026-11-20", 0, RECORD.batch_id, 2, 30, plane.now)
    plane.dynamodb.put_item(TableName=plane.table, Item=to_item(manifest_item(sealed, RECORD.manifest_path, plane.now)))
    return plane


def test_success(emulator: EmbeddedAws, tracked: ControlPlane) -> None:
    processor = Processor(emulator, tracked, script=SUCCEEDING, updater=ANSWERING)
    execution = processor.start()
    assert processor.path(execution) == [
        "UpdateStatusProcessing",
        "StartGlueJob",
        "UpdateStatusCompleted",
        "BatchUpdateCompleted",
        "PipelineSucceeded",
    ]
    manifest = processor.manifest()
    [run] = processor.job.runs()
    assert (manifest["status"], manifest["execution_arn"], manifest["glue_job_run_id"]) == (
        "completed",
        execution,
        run["Id"],
    )
    [told] = processor.updater.events()
    assert (told["outcome"], told["batch_id"], told["glue_job_run_id"]) == ("completed", RECORD.batch_id, run["Id"])
    assert run["Arguments"]["--attempt"] == "3"
    assert told["attempt"] == 3
    told_run = glue_run(told["glue_job_run"])
    assert told_run == GlueRun(run["Id"], run["ExecutionTime"], 60 * run["MaxCapacity"])


def test_a_second_execution_of_work_that_is_done(emulator: EmbeddedAws, tracked: ControlPlane) -> None:
    processor = Processor(emulator, tracked, script=SUCCEEDING, updater=ANSWERING)
    processor.path(processor.start())
    assert processor.path(processor.start()) == ["UpdateStatusProcessing", "AlreadyProcessed"]
    assert len(processor.job.runs()) == 1


def test_a_second_execution_of_work_that_goes_on(emulator: EmbeddedAws, tracked: ControlPlane) -> None:
    processor = Processor(emulator, tracked, script=SLOW, updater=ANSWERING)
    first = processor.start()
    until(processor.job.runs, bool, "the start of the run")
    assert processor.path(processor.start()) == ["UpdateStatusProcessing", "AlreadyProcessed"]
    assert processor.path(first)[-1] == "PipelineSucceeded"


def test_a_glue_failure(emulator: EmbeddedAws, tracked: ControlPlane) -> None:
    processor = Processor(emulator, tracked, script=FAILING, updater=ANSWERING)
    execution = processor.start()
    assert processor.path(execution) == [
        "UpdateStatusProcessing",
        "StartGlueJob",
        "DescribeFailure",
        "UpdateStatusFailed",
        "BatchUpdateFailed",
        "SendFailureAlert",
        "PipelineFailed",
    ]
    assert processor.states.describe_execution(executionArn=execution)["status"] == "FAILED"
    assert processor.manifest()["status"] == "failed"
    assert "12 % of the lines are broken" in processor.manifest()["error_message"]
    [told] = processor.updater.events()
    assert (told["outcome"], "12 % of the lines" in told["error"]["Cause"]) == ("failed", True)
    [run] = processor.job.runs()
    told_run = failed_run(told["error"])
    assert told_run == GlueRun(run["Id"], run["ExecutionTime"], 60 * run["MaxCapacity"])
    mail = processor.alerts.first()["body"]
    assert mail["Subject"] == "ndjson-parquet test: manifest failed"
    assert mail["Message"].splitlines() == [
        "The conversion of a manifest failed. Severity: ticket. Runbook: docs/runbooks/manifest-failed.md",
        "",
        f"Why: {TOLD}",
        "",
        f"Manifest: {RECORD.batch_id} of {RECORD.date_prefix}. Files: {RECORD.file_count}. Attempt: {RECORD.attempts}.",
        "It is tried again by itself; when it is not any more, the alarm manifests-exhausted rings.",
        "First: ./ndjson-parquet --env test failures",
        "",
        f"List of its files: {RECORD.manifest_path}",
        f"Execution: {execution}",
    ]


def test_busy_and_then_free(emulator: EmbeddedAws, tracked: ControlPlane) -> None:
    processor = Processor(emulator, tracked, script=SLOW, updater=ANSWERING, attempts=200)
    processor.job.start()
    execution = processor.start()
    assert processor.path(execution)[-1] == "PipelineSucceeded"
    errors = task_errors(processor, execution)
    assert set(errors) == {"Glue.ConcurrentRunsExceededException"}


def test_busy_until_the_attempts_are_used_up(emulator: EmbeddedAws, tracked: ControlPlane) -> None:
    processor = Processor(emulator, tracked, script="import time; time.sleep(30)", updater=ANSWERING, attempts=2)
    processor.job.start()
    execution = processor.start()
    assert processor.path(execution)[2:] == [
        "DescribeRefusal",
        "UpdateStatusRefused",
        "BatchUpdateFailed",
        "SendFailureAlert",
        "PipelineFailed",
    ]
    assert task_errors(processor, execution) == ["Glue.ConcurrentRunsExceededException"] * 3
    manifest = processor.manifest()
    assert (manifest["status"], manifest["refused_attempts"]) == ("failed", {RECORD.attempts})
    assert "ConcurrentRunsExceeded" in manifest["error_message"]
    assert processor.alerts.first()["body"]["Message"].startswith("Glue refused again and again to start")


def test_a_start_that_glue_refused_is_not_one_of_the_attempts_that_a_manifest_has(
    emulator: EmbeddedAws, tracked: ControlPlane
) -> None:
    tracked.set_manifest(RECORD.batch_id, attempts=RULES.max_attempts)
    processor = Processor(emulator, tracked, script="import time; time.sleep(30)", updater=ANSWERING, attempts=0)
    processor.job.start()
    processor.path(processor.start())
    tracked.use_real_time()
    tracked.now += 2 * RULES.retry_backoff
    report = tracked.state_manager().sweep()
    assert (report.actions.manifests_retried, report.backlog.manifests_exhausted) == (1, 0)
    assert processor.manifest()["attempts"] == RULES.max_attempts + 1


def test_a_dead_status_updater_leaves_a_success_completed(emulator: EmbeddedAws, tracked: ControlPlane) -> None:
    processor = Processor(emulator, tracked, script=SUCCEEDING, updater=DEAD)
    assert processor.path(processor.start())[-4:] == [
        "BatchUpdateCompleted",
        "DescribeUntoldFiles",
        "SendFailureAlert",
        "PipelineFailed",
    ]
    assert processor.manifest()["status"] == "completed"
    said = processor.alerts.first()["body"]["Message"]
    assert said.startswith("A manifest is converted, but status_updater could not tell its files.")
    assert "no table" in said


def test_a_dead_status_updater_does_not_swallow_the_alert_of_a_failure(
    emulator: EmbeddedAws, tracked: ControlPlane
) -> None:
    processor = Processor(emulator, tracked, script=FAILING, updater=DEAD)
    assert processor.path(processor.start())[-3:] == ["BatchUpdateFailed", "SendFailureAlert", "PipelineFailed"]
    assert processor.manifest()["status"] == "failed"
    assert "12 % of the lines are broken" in processor.alerts.first()["body"]["Message"]


def test_an_absent_topic_does_not_make_a_failure_a_success(emulator: EmbeddedAws, tracked: ControlPlane) -> None:
    processor = Processor(emulator, tracked, script=FAILING, updater=ANSWERING)
    emulator.client("sns").delete_topic(TopicArn=processor.topic)
    assert processor.path(processor.start())[-2:] == ["SendFailureAlert", "PipelineFailed"]


def test_an_unreachable_table_still_raises_the_alert(emulator: EmbeddedAws, tracked: ControlPlane) -> None:
    processor = Processor(emulator, tracked, script=SUCCEEDING, updater=ANSWERING)
    tracked.dynamodb.delete_table(TableName=tracked.table)
    assert processor.path(processor.start()) == [
        "UpdateStatusProcessing",
        "DescribeFailure",
        "UpdateStatusFailed",
        "BatchUpdateFailed",
        "SendFailureAlert",
        "PipelineFailed",
    ]


def task_errors(processor: Processor, execution: str) -> list[str]:
    events = processor.states.get_execution_history(executionArn=execution)["events"]
    return [event["taskFailedEventDetails"]["error"] for event in events if "taskFailedEventDetails" in event]
