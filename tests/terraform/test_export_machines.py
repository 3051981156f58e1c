"""The export's state machines, read as data: every way leads to an end, and every end is told to the job's item."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from export_api.jobs import Status
from ndjson_export.jobs import FILE
from ndjson_parquet.metrics import UNITS, ExportMetric

MODULE = Path(__file__).resolve().parents[2] / "modules" / "export"
LOST_CLAIM = "DynamoDB.ConditionalCheckFailedException"
State = dict[str, Any]


def machine(name: str) -> dict[str, Any]:
    """A definition, with 1 for each variable of its template."""
    return dict(json.loads(re.sub(r"\$\{\w+\}", "1", (MODULE / f"{name}.asl.json").read_text())))


MACHINES = {name: machine(name) for name in ("export", "settle")}
STATES: dict[str, State] = {
    f"{name}.{state}": body for name, found in MACHINES.items() for state, body in found["States"].items()
}
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
UPDATES = {name: task for name, task in TASKS.items() if task["Resource"].endswith("dynamodb:updateItem")}

COUNTS = {name: task for name, task in TASKS.items() if task["Resource"].endswith("cloudwatch:putMetricData")}


def targets(name: str) -> Iterator[str]:
    state, of = STATES[name], name.partition(".")[0]
    for next_state in (state.get("Next"), state.get("Default")):
        if next_state:
            yield f"{of}.{next_state}"
    yield from (f"{of}.{branch['Next']}" for kind in ("Choices", "Catch") for branch in state.get(kind, []))


def reachable(start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(targets(name))
    return found


def after_error(name: str, error: str) -> str:
    catchers = TASKS[name]["Catch"]
    return str(next(c["Next"] for c in catchers if {error, "States.ALL"} & set(c["ErrorEquals"])))


def test_every_state_is_reached_and_every_target_exists() -> None:
    starts = (f"{name}.{found['StartAt']}" for name, found in MACHINES.items())
    assert set().union(*map(reachable, starts)) == set(STATES)


@pytest.mark.parametrize("name", STATES)
def test_a_state_leads_on_or_ends(name: str) -> None:
    assert (STATES[name]["Type"] in ("Succeed", "Fail")) != bool(list(targets(name)))


@pytest.mark.parametrize("name", MACHINES)
def test_no_execution_goes_on_for_ever(name: str) -> None:
    assert MACHINES[name]["TimeoutSeconds"]
    assert all("TimeoutSeconds" in task for task in TASKS.values() if task["Resource"].endswith(".sync"))


@pytest.mark.parametrize("name", [name for name in TASKS if name.startswith("export.") and name not in COUNTS])
def test_an_error_of_every_task_is_told_to_the_job(name: str) -> None:
    after = f"export.{after_error(name, 'States.TaskFailed')}"
    assert "export.MarkFailed" in {after} | reachable(after) or name == "export.MarkFailed"


def test_an_execution_whose_last_word_is_lost_counts_as_failed_and_is_settled() -> None:
    assert STATES[f"export.{after_error('export.MarkFailed', 'States.TaskFailed')}"]["Type"] == "Fail"
    rule = (MODULE / "conversion.tf").read_text()
    assert '["FAILED", "TIMED_OUT", "ABORTED"]' in rule


@pytest.mark.parametrize("name", UPDATES)
def test_a_job_that_has_ended_is_left_as_it_is(name: str) -> None:
    condition = UPDATES[name]["Arguments"]["ConditionExpression"]
    values = UPDATES[name]["Arguments"]["ExpressionAttributeValues"]
    allowed = {values[text]["S"] for text in re.findall(r":(?!mine|theirs)\w+", condition)}
    assert allowed <= {Status.PENDING, Status.RUNNING}
    retry = TASKS[name]["Retry"][0]
    assert (retry["ErrorEquals"], retry["MaxAttempts"]) == ([LOST_CLAIM], 0)
    assert STATES[f"{name.partition('.')[0]}.{after_error(name, LOST_CLAIM)}"]["Type"] == "Succeed"


@pytest.mark.parametrize("name", UPDATES)
def test_an_update_uses_every_placeholder_that_it_defines_and_no_other(name: str) -> None:
    arguments = UPDATES[name]["Arguments"]
    expressions = arguments["UpdateExpression"] + " " + arguments["ConditionExpression"]
    assert set(re.findall(r":\w+", expressions)) == set(arguments["ExpressionAttributeValues"])
    assert set(re.findall(r"#\w+", expressions)) == set(arguments["ExpressionAttributeNames"])


@pytest.mark.parametrize("name", UPDATES)
def test_only_states_that_the_api_knows_are_written(name: str) -> None:
    written = UPDATES[name]["Arguments"]["ExpressionAttributeValues"].values()
    assert {value["S"] for value in written if value.get("S", "").isupper()} <= set(Status)


@pytest.mark.parametrize("name", ["export.MarkFailed", "settle.MarkFailed"])
def test_what_the_run_said_is_not_overwritten(name: str) -> None:
    assert "if_not_exists(errorMessage, :message)" in UPDATES[name]["Arguments"]["UpdateExpression"]


@pytest.mark.parametrize("name", TASKS)
def test_a_task_retries_with_jitter_and_a_longest_wait(name: str) -> None:
    retries = [retrier for retrier in TASKS[name]["Retry"] if retrier["MaxAttempts"]]
    assert retries
    assert all(retrier["JitterStrategy"] == "FULL" and "MaxDelaySeconds" in retrier for retrier in retries)


def test_a_failed_run_is_repeated_by_no_retrier_but_by_choice() -> None:
    refused = {error for retrier in TASKS["export.Convert"]["Retry"] for error in retrier["ErrorEquals"]}
    assert not {"States.ALL", "States.TaskFailed"} & refused
    assert "Glue.ConcurrentRunsExceededException" in refused
    assert "$attempt < 1" in STATES["export.IsWorthAnotherAttempt"]["Choices"][0]["Condition"]


def test_a_job_is_counted_when_it_has_ended_and_nothing_waits_for_that() -> None:
    ended = {targets for name in UPDATES if name != "export.MarkRunning" for targets in [f"{STATES[name]['Next']}"]}
    assert ended == {"CountCompleted", "CountFailed"}
    for name, task in COUNTS.items():
        assert [catcher["ErrorEquals"] for catcher in task["Catch"]] == [["States.ALL"]]
        assert {STATES[after]["Type"] for after in targets(name)} <= {"Succeed", "Fail"}


def test_the_metrics_are_those_that_are_declared() -> None:
    put = [datum for task in COUNTS.values() for datum in task["Arguments"]["MetricData"]]
    names = {name: datum["Unit"] for datum in put for name in re.findall(r"ExportJob\w+", datum["MetricName"])}
    assert names == {name: UNITS[name].value for name in get_args(ExportMetric)}
    assert all(datum["Dimensions"] == [{"Name": "service", "Value": "1"}] for datum in put)


def test_a_bad_file_is_known_by_the_word_that_the_run_writes() -> None:
    [name] = [
        d["MetricName"] for d in COUNTS["export.CountFailed"]["Arguments"]["MetricData"] if "Refused" in d["MetricName"]
    ]
    assert f"$failureKind = '{FILE}' ? 'ExportJobsRefused'" in name
