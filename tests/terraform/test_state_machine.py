"""The processor's definition, read as data: every way through it leads somewhere, and no failure is lost on the way."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEFINITION = ROOT / "modules" / "state_machine" / "processor.asl.json"
RUNBOOKS = ROOT / "docs" / "runbooks"
State = dict[str, Any]


def read_definition() -> dict[str, Any]:
    """The template, with 1 for each of its variables."""
    return dict(json.loads(re.sub(r"\$\{\w+\}", "1", DEFINITION.read_text())))


MACHINE = read_definition()
STATES: dict[str, State] = MACHINE["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
UPDATES = {name: task for name, task in TASKS.items() if task["Resource"].endswith("dynamodb:updateItem")}
LOST_CLAIM = "DynamoDB.ConditionalCheckFailedException"


FUNCTION_CALLS = {name: task for name, task in TASKS.items() if task["Resource"].endswith("lambda:invoke")}
ALERTS = {name: state for name, state in STATES.items() if state.get("ResultPath") == "$.alert"}
ENDS = ("Succeed", "Fail")


def targets(state: State) -> Iterator[str]:
    """Every state that may follow: the next, a choice's, its default, a catcher's."""
    yield from (state[name] for name in ("Next", "Default") if name in state)
    yield from (branch["Next"] for name in ("Choices", "Catch") for branch in state.get(name, []))


def reachable(start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(targets(STATES[name]))
    return found


def retries(name: str, error: str) -> int:
    """How often an error is retried: by the first retrier that names it, or all."""
    retriers = (retrier for retrier in TASKS[name]["Retry"] if {error, "States.ALL"} & set(retrier["ErrorEquals"]))
    return int(next(retriers)["MaxAttempts"])


def after_error(name: str, error: str) -> str:
    """The state that an error leads to: the first catcher that names it, or all."""
    return str(next(c["Next"] for c in TASKS[name]["Catch"] if {error, "States.ALL"} & set(c["ErrorEquals"])))


def test_the_states_are_those_of_the_design() -> None:
    assert set(STATES) == {
        "UpdateStatusProcessing",
        "StartGlueJob",
        "UpdateStatusCompleted",
        "BatchUpdateCompleted",
        "PipelineSucceeded",
        "AlreadyProcessed",
        "DescribeFailure",
        "DescribeRefusal",
        "DescribeUntoldFiles",
        "UpdateStatusFailed",
        "UpdateStatusRefused",
        "BatchUpdateFailed",
        "SendFailureAlert",
        "PipelineFailed",
    }


@pytest.mark.parametrize("name", STATES)
def test_every_target_exists(name: str) -> None:
    assert set(targets(STATES[name])) <= set(STATES)


@pytest.mark.parametrize("name", STATES)
def test_a_state_leads_on_or_ends(name: str) -> None:
    ends = STATES[name]["Type"] in ENDS or STATES[name].get("End", False)
    assert ends != bool({"Next", "Default"} & set(STATES[name]))


def test_every_state_is_reached() -> None:
    assert reachable(MACHINE["StartAt"]) == set(STATES)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_retry_and_catch(name: str) -> None:
    assert {"Retry", "Catch"} <= set(TASKS[name])


def test_the_way_without_an_error_is_the_conversion() -> None:
    way = ["UpdateStatusProcessing"]
    while "Next" in STATES[way[-1]]:
        way.append(STATES[way[-1]]["Next"])
    assert way == [
        "UpdateStatusProcessing",
        "StartGlueJob",
        "UpdateStatusCompleted",
        "BatchUpdateCompleted",
        "PipelineSucceeded",
    ]


@pytest.mark.parametrize("name", TASKS)
def test_a_task_retries_with_jitter_and_a_longest_wait(name: str) -> None:
    retries = [retrier for retrier in TASKS[name]["Retry"] if retrier["MaxAttempts"]]
    assert retries
    assert all(retrier["JitterStrategy"] == "FULL" and "MaxDelaySeconds" in retrier for retrier in retries)


@pytest.mark.parametrize("error", ["Runtime.ExitError", "Lambda.TooManyRequestsException", "States.Timeout"])
@pytest.mark.parametrize("name", FUNCTION_CALLS)
def test_a_function_that_was_killed_throttled_or_slow_is_called_again(name: str, error: str) -> None:
    assert retries(name, error) > 0


@pytest.mark.parametrize("name", TASKS)
def test_a_task_catches_every_error_and_keeps_its_input(name: str) -> None:
    catchers = TASKS[name]["Catch"]
    assert catchers[-1]["ErrorEquals"] == ["States.ALL"]
    assert all(catcher["ResultPath"].startswith("$.") for catcher in catchers)


@pytest.mark.parametrize("name", TASKS)
def test_a_result_never_replaces_the_input(name: str) -> None:
    assert TASKS[name]["ResultPath"] != "$"


@pytest.mark.parametrize("name", UPDATES)
def test_a_lost_claim_is_not_retried_and_is_not_a_failure(name: str) -> None:
    assert retries(name, LOST_CLAIM) == 0
    assert after_error(name, LOST_CLAIM) == "AlreadyProcessed"


@pytest.mark.parametrize("name", UPDATES)
def test_an_update_uses_every_placeholder_that_it_defines_and_no_other(name: str) -> None:
    parameters = UPDATES[name]["Parameters"]
    expressions = parameters["UpdateExpression"] + " " + parameters["ConditionExpression"]
    assert set(re.findall(r":\w+", expressions)) == set(parameters["ExpressionAttributeValues"])
    assert set(re.findall(r"#\w+", expressions)) == set(parameters["ExpressionAttributeNames"])


@pytest.mark.parametrize("name", ["UpdateStatusProcessing", "StartGlueJob", "UpdateStatusCompleted"])
def test_an_error_before_the_rows_are_known_to_be_visible_fails_the_manifest(name: str) -> None:
    assert after_error(name, "States.Timeout") == "DescribeFailure"
    assert STATES["DescribeFailure"]["Next"] == "UpdateStatusFailed"


def test_the_claim_of_a_manifest_forgets_the_error_of_its_last_attempt() -> None:
    assert "error_message" in UPDATES["UpdateStatusProcessing"]["Parameters"]["UpdateExpression"].split("REMOVE")[1]


def test_an_error_once_the_manifest_is_completed_leaves_it_completed() -> None:
    assert "UpdateStatusFailed" not in reachable("BatchUpdateCompleted")


@pytest.mark.parametrize(
    "name", ["BatchUpdateCompleted", "UpdateStatusFailed", "UpdateStatusRefused", "BatchUpdateFailed"]
)
def test_no_error_on_the_way_to_the_alert_loses_it(name: str) -> None:
    assert "SendFailureAlert" in {after_error(name, "States.TaskFailed"), STATES[after_error(name, "any")].get("Next")}


def alert_is_described_before(name: str) -> bool:
    """Whether every way to a state leads through one that describes the alert."""
    before = [one for one in STATES if name in targets(STATES[one])]
    return bool(before) and all(one in ALERTS or alert_is_described_before(one) for one in before)


def test_an_alert_is_described_before_it_is_sent() -> None:
    assert alert_is_described_before("SendFailureAlert")


@pytest.mark.parametrize("name", ALERTS)
def test_the_text_of_an_alert_says_what_which_and_what_to_do(name: str) -> None:
    message = TASKS["SendFailureAlert"]["Parameters"]["Message.$"]
    template, *values = message.removeprefix("States.Format(").removesuffix(")").split(", ")
    text = ALERTS[name]["Parameters"]["template"]
    assert (template, text.count("{}")) == ("$.alert.template", len(values))
    first = text.splitlines()[0]
    assert re.fullmatch(r"[A-Z].+\. Severity: ticket\. Runbook: 1/[a-z-]+\.md", first)
    assert (RUNBOOKS / first.rpartition("/")[2]).is_file()
    assert "First: ./ndjson-parquet --env 1 " in text


def test_the_reason_of_an_alert_is_the_raw_error_until_it_is_told_in_a_sentence() -> None:
    assert all(alert["Parameters"]["why"] == {"text.$": "States.JsonToString($.error)"} for alert in ALERTS.values())
    told = TASKS["BatchUpdateFailed"]
    assert (told["ResultPath"], told["ResultSelector"]) == ("$.alert.why", {"text.$": "$.Payload.error_message"})


@pytest.mark.parametrize("name", ["UpdateStatusFailed", "UpdateStatusRefused", "BatchUpdateFailed", "SendFailureAlert"])
def test_an_error_on_the_way_to_the_end_does_not_hide_the_first_one(name: str) -> None:
    assert all(catcher["ResultPath"] != "$.error" for catcher in TASKS[name]["Catch"])


def test_the_failure_path_needs_no_field_that_step_functions_may_leave_out() -> None:
    assert "$.error.Cause" not in DEFINITION.read_text()


@pytest.mark.parametrize(
    ("error", "way"),
    [
        ("Glue.ConcurrentRunsExceededException", "Refus"),
        ("Glue.ResourceNumberLimitExceededException", "Refus"),
        ("Glue.ThrottlingException", "Refus"),
        ("Glue.OperationTimeoutException", "Fail"),
        ("Glue.InternalServiceException", "Fail"),
        ("Glue.AWSGlueException", "Fail"),
        ("States.TaskFailed", "Fail"),
        ("States.Timeout", "Fail"),
    ],
)
def test_only_a_start_that_was_refused_for_certain_is_no_attempt(error: str, way: str) -> None:
    described = after_error("StartGlueJob", error)
    assert described.startswith(f"Describe{way}")
    assert STATES[described]["Next"].startswith(f"UpdateStatus{way}")


def test_a_refusal_is_a_failure_whose_attempt_is_noted() -> None:
    """Noted in a set: the same attempt is noted once, also when the update is repeated after a lost answer."""
    failed, refused = (TASKS[f"UpdateStatus{way}"] for way in ("Failed", "Refused"))
    expressions = [task["Parameters"]["UpdateExpression"] for task in (failed, refused)]
    assert expressions[1] == f"{expressions[0]} ADD refused_attempts :attempt"
    assert list(refused["Parameters"]["ExpressionAttributeValues"][":attempt"]) == ["NS.$"]
    assert [failed[name] for name in ("Retry", "Catch", "Next")] == [
        refused[name] for name in ("Retry", "Catch", "Next")
    ]


def test_the_conversion_is_waited_for_and_has_an_end() -> None:
    assert TASKS["StartGlueJob"]["Resource"].endswith("glue:startJobRun.sync")
    assert "TimeoutSeconds" in TASKS["StartGlueJob"]
    refused = TASKS["StartGlueJob"]["Retry"][0]["ErrorEquals"]
    assert {"Glue.ConcurrentRunsExceededException", "Glue.AWSGlueException"} <= set(refused)
    assert not {"States.ALL", "States.TaskFailed"} & set(refused)
