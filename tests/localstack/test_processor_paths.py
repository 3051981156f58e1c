"""Every path of the processor's definition as Terraform deployed it, with mocked calls: `processor_mocks.json`.

The executions are of copies that differ in this, and tests/terraform checks it in the definition itself:
- a second between attempts, instead of up to a minute;
- LocalStack gives every mocked error of DynamoDB one name, so where a claim is lost, that name stands for it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.localstack.conftest import Deployed
from tests.localstack.queues import published, subscribe, take, until

pytestmark = pytest.mark.covers("the processor, every transition: retries, catches, claims, the alert")
SHORT_WAITS, LOSES_CLAIM = "processor-with-short-waits", "processor-that-loses-its-claim"
TABLE_ERROR = "DynamoDB.AmazonDynamoDBException"
CLAIM_LOST = "DynamoDB.ConditionalCheckFailedException"
INPUT = {
    "id": "b-1",
    "manifest_path": "s3://manifests/b.json",
    "date_prefix": "2026-11-20",
    "file_key": "MANIFEST#b",
    "batch_id": "b",
    "file_count": 2,
    "total_bytes": 30,
    "attempt": 1,
    "timestamp": "2026-11-20T16:10:00.000000Z",
}
CONVERTS = ("UpdateStatusProcessing", "StartGlueJob", "UpdateStatusCompleted", "BatchUpdateCompleted")
ALERTS_THEN_FAILS = ("SendFailureAlert", "PipelineFailed")
TELLS = ("DescribeFailure", "UpdateStatusFailed", "BatchUpdateFailed", *ALERTS_THEN_FAILS)
REFUSED = ("DescribeRefusal", "UpdateStatusRefused", "BatchUpdateFailed", *ALERTS_THEN_FAILS)
TOLD = "RejectLimitError: 12 of 100 lines were rejected"
CONVERSION_FAILED = "Glue.JobRunFailed"
FUNCTION_DEAD = "Lambda.TooManyRequestsException"
BUSY = "Glue.ConcurrentRunsExceededException"


@dataclass(frozen=True)
class Case:
    """One mocked course: the states it goes through, the errors of its tasks, and the error it ends with."""

    name: str
    path: tuple[str, ...]
    errors: tuple[str, ...] = ()
    ends_with: str | None = None
    machine: str = SHORT_WAITS


CASES = (
    Case("Success", (*CONVERTS, "PipelineSucceeded")),
    Case("ThrottledTable", (*CONVERTS, "PipelineSucceeded"), (TABLE_ERROR,) * 2),
    Case("BusyThenFree", (*CONVERTS, "PipelineSucceeded"), (BUSY,) * 2),
    Case("ConversionFailed", (*CONVERTS[:2], *TELLS), (CONVERSION_FAILED,), CONVERSION_FAILED),
    Case("Busy", (*CONVERTS[:2], *REFUSED), (BUSY,) * 4, BUSY),
    Case("BusyAndTableUnreachable", (*CONVERTS[:2], *REFUSED), (BUSY,) * 4 + (TABLE_ERROR,) * 7, BUSY),
    Case("TableUnreachable", (*CONVERTS[:1], *TELLS), (TABLE_ERROR,) * 14, TABLE_ERROR),
    Case("TableUnreachableAtTheEnd", (*CONVERTS[:3], *TELLS), (TABLE_ERROR,) * 7, TABLE_ERROR),
    Case(
        "FilesNotUpdated",
        (*CONVERTS, "DescribeUntoldFiles", *ALERTS_THEN_FAILS),
        (FUNCTION_DEAD,) * 5,
        FUNCTION_DEAD,
    ),
    Case(
        "FilesOfAFailureNotUpdated",
        (*CONVERTS[:2], *TELLS),
        (CONVERSION_FAILED, *(FUNCTION_DEAD,) * 5),
        CONVERSION_FAILED,
    ),
    Case("AlertLost", (*CONVERTS[:2], *TELLS), (CONVERSION_FAILED, *("SNS.NotFoundException",) * 7), CONVERSION_FAILED),
    Case("ClaimedByAnother", (*CONVERTS[:1], "AlreadyProcessed"), (TABLE_ERROR,), machine=LOSES_CLAIM),
    Case("TakenOverWhileConverting", (*CONVERTS[:3], "AlreadyProcessed"), (TABLE_ERROR,), machine=LOSES_CLAIM),
    Case(
        "TakenOverBeforeTheRefusal",
        (*CONVERTS[:2], "DescribeRefusal", "UpdateStatusRefused", "AlreadyProcessed"),
        (*(BUSY,) * 4, TABLE_ERROR),
        machine=LOSES_CLAIM,
    ),
    Case(
        "TakenOverBeforeTheFailure",
        (*CONVERTS[:2], "DescribeFailure", "UpdateStatusFailed", "AlreadyProcessed"),
        (CONVERSION_FAILED, TABLE_ERROR),
        machine=LOSES_CLAIM,
    ),
)
ALERTS = {case.name for case in CASES if case.ends_with and case.name != "AlertLost"}
UNTOLD = {"FilesNotUpdated", "FilesOfAFailureNotUpdated"}
FAILED, RUNBOOKS = "manifest-failed", {"FilesNotUpdated": "function-errors"}


@dataclass(frozen=True)
class Execution:
    """An execution that has ended."""

    arn: str
    status: str
    error: str | None
    cause: str | None
    history: list[dict[str, Any]]

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(e["stateEnteredEventDetails"]["name"] for e in self.history if "stateEnteredEventDetails" in e)

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(e["taskFailedEventDetails"]["error"] for e in self.history if "taskFailedEventDetails" in e)

    @property
    def transitions(self) -> set[tuple[str, str, str]]:
        """From which state, as what, to which state."""
        found: set[tuple[str, str, str]] = set()
        state, kind = "", "Next"
        for event in self.history:
            if "stateEnteredEventDetails" in event:
                entered = event["stateEnteredEventDetails"]["name"]
                found.add((state, kind, entered))
                state, kind = entered, "Next"
            elif event["type"] in {"TaskFailed", "TaskSucceeded"}:
                kind = "Catch" if event["type"] == "TaskFailed" else "Next"
        return {transition for transition in found if transition[0]}


@pytest.fixture(scope="module")
def definition(deployed: Deployed) -> dict[str, Any]:
    states = deployed.aws.client("stepfunctions")
    return dict(json.loads(states.describe_state_machine(stateMachineArn=deployed.state_machine_arn)["definition"]))


@pytest.fixture(scope="module")
def alerts(deployed: Deployed) -> str:
    return subscribe(deployed.aws, deployed.alerts_topic_arn, "alerts-of-the-processor")


@pytest.fixture(scope="module")
def executions(deployed: Deployed, definition: dict[str, Any], alerts: str) -> dict[str, Execution]:
    """All cases, at the same time."""
    states = deployed.aws.client("stepfunctions")
    role = states.describe_state_machine(stateMachineArn=deployed.state_machine_arn)["roleArn"]
    short = json.dumps(with_short_waits(definition))
    copies = {SHORT_WAITS: short, LOSES_CLAIM: short.replace(CLAIM_LOST, TABLE_ERROR)}
    machines = {
        name: states.create_state_machine(name=name, definition=copy, roleArn=role)["stateMachineArn"]
        for name, copy in copies.items()
    }
    started = {
        case.name: states.start_execution(
            stateMachineArn=f"{machines[case.machine]}#{case.name}", input=json.dumps(INPUT)
        )["executionArn"]
        for case in CASES
    }
    return {name: ended(states, arn) for name, arn in started.items()}


def with_short_waits(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with a second at most before every attempt, and nothing else changed."""
    short = json.loads(json.dumps(definition))
    for state in short["States"].values():
        for retrier in state.get("Retry", ()):
            retrier |= {"IntervalSeconds": 1, "BackoffRate": 1}
    return dict(short)


def ended(states: Any, arn: str) -> Execution:
    until(lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING", f"the end of {arn}")
    found = states.describe_execution(executionArn=arn)
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
    history = [event for page in pages for event in page["events"]]
    return Execution(arn, found["status"], found.get("error"), found.get("cause"), history)


def defined_transitions(definition: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, state in definition["States"].items():
        if "Next" in state:
            yield name, "Next", state["Next"]
        for catcher in state.get("Catch", ()):
            yield name, "Catch", catcher["Next"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_path(case: Case, executions: dict[str, Execution]) -> None:
    execution = executions[case.name]
    assert execution.path == case.path
    assert execution.errors == case.errors
    assert (execution.status, execution.error) == ("FAILED" if case.ends_with else "SUCCEEDED", case.ends_with)


def test_the_cases_take_every_transition_of_the_definition(
    executions: dict[str, Execution], definition: dict[str, Any]
) -> None:
    taken = {transition for execution in executions.values() for transition in execution.transitions}
    assert taken == set(defined_transitions(definition))


def test_each_failure_is_told_in_words_with_the_manifest_and_its_first_error(
    deployed: Deployed, executions: dict[str, Execution], alerts: str
) -> None:
    told: dict[str, str] = {}

    def all_told() -> bool:
        # The topic is the alarms' too, and one may change its state now.
        texts = published(take(deployed.aws, alerts), "ndjson-parquet localstack: manifest failed")
        told.update({text.rpartition("Execution: ")[2]: text for text in texts})
        return len(told) >= len(ALERTS)

    until(all_told, f"{len(ALERTS)} alerts")
    assert set(told) == {executions[name].arn for name in ALERTS}
    for name in ALERTS:
        lines, execution = told[executions[name].arn].splitlines(), executions[name]
        assert lines[0].endswith(f"Severity: ticket. Runbook: docs/runbooks/{RUNBOOKS.get(name, FAILED)}.md")
        assert f"Manifest: b of 2026-11-20. Files: 2. Attempt: {INPUT['attempt']}." in lines
        assert f"List of its files: {INPUT['manifest_path']}" in lines
        assert lines[2] == f"Why: {execution.cause if name in UNTOLD else TOLD}"


def test_the_run_of_the_conversion_is_kept_and_the_input_stays(executions: dict[str, Execution]) -> None:
    [event] = [e for e in executions["Success"].history if e["type"] == "ExecutionSucceeded"]
    output = json.loads(event["executionSucceededEventDetails"]["output"])
    run = {"Id": "jr_1", "JobRunState": "SUCCEEDED"}
    assert output == {**INPUT, "glue": {"job_run_id": "jr_1", "job_run": run}}
