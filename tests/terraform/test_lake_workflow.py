"""The definition of a day, read as data: every way through it leads somewhere, and no failure is lost on the way."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DEFINITION = Path(__file__).resolve().parents[2] / "modules" / "lake_workflow" / "daily.asl.json"
State = dict[str, Any]
RETRIED = json.dumps([{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}])
FAILED = {"RecordFailure", "NotifyFailure"}
ALERTS = {"SendQualityAlert", "NotifySuccess", "NotifyFailure"}


def read_definition() -> dict[str, Any]:
    """The template, with 1 for each of its variables and a retry for those that are one."""
    text = re.sub(r"\$\{\w+_retry\}", RETRIED, DEFINITION.read_text())
    return dict(json.loads(re.sub(r"\$\{\w+\}", "1", text)))


def machines(machine: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The machine, and those within its states."""
    yield machine
    for state in machine["States"].values():
        for inner in (*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])):
            yield from machines(inner)


MACHINE = read_definition()
STATES: dict[str, State] = MACHINE["States"]
ALL = [(machine, name) for machine in machines(MACHINE) for name in machine["States"]]
NAMES = [name for _, name in ALL]
WORK = {name: state for name, state in STATES.items() if state["Type"] in ("Task", "Map", "Parallel")}


def targets(state: State) -> Iterator[str]:
    yield from (state[name] for name in ("Next", "Default") if name in state)
    yield from (branch["Next"] for name in ("Choices", "Catch") for branch in state.get(name, []))


def reachable(machine: dict[str, Any], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(targets(machine["States"][name]))
    return found


@pytest.mark.parametrize(("machine", "name"), ALL, ids=NAMES)
def test_every_target_exists_and_a_state_leads_on_or_ends(machine: dict[str, Any], name: str) -> None:
    state = machine["States"][name]
    assert set(targets(state)) <= set(machine["States"])
    ends = state["Type"] in ("Succeed", "Fail") or state.get("End", False)
    assert ends != bool({"Next", "Default"} & set(state))


@pytest.mark.parametrize("machine", list(machines(MACHINE)), ids=lambda machine: str(machine["StartAt"]))
def test_every_state_is_reached(machine: dict[str, Any]) -> None:
    assert reachable(machine, machine["StartAt"]) == set(machine["States"])


def test_the_way_without_an_error_is_the_day() -> None:
    way = ["Receive"]
    while STATES[way[-1]]["Type"] != "Succeed":
        state = STATES[way[-1]]
        way.append(state["Next"] if "Next" in state else state["Default"])
        if way[-1] == "SendQualityAlert":
            way[-1] = STATES["IsQualityGood"]["Choices"][0]["Next"]
    assert way == [
        "Receive",
        "UnderstandRequest",
        "TakeDate",
        "CheckCatalog",
        "ValidateDatasets",
        "ListAccepted",
        "CrawlRaw",
        "ProcessDatasets",
        "DidEveryJobSucceed",
        "CheckQuality",
        "IsQualityGood",
        "MasterDataMerge",
        "CheckCurated",
        "RecordSuccess",
        "NotifySuccess",
        "DayReady",
    ]


@pytest.mark.parametrize(("machine", "name"), ALL, ids=NAMES)
def test_every_task_is_retried(machine: dict[str, Any], name: str) -> None:
    state = machine["States"][name]
    if state["Type"] == "Task":
        assert any(retrier["MaxAttempts"] for retrier in state["Retry"])


@pytest.mark.parametrize("name", WORK)
def test_every_error_is_caught_and_never_replaces_the_input(name: str) -> None:
    state = WORK[name]
    assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    assert all(catcher["ResultPath"].startswith("$.") for catcher in state["Catch"])
    assert state["ResultPath"] != "$"


@pytest.mark.parametrize("name", sorted(WORK.keys() - ALERTS))
def test_every_error_leads_to_an_alert_and_to_a_failed_execution(name: str) -> None:
    after = WORK[name]["Catch"][-1]["Next"]
    assert "RunFailed" in reachable(MACHINE, after)
    assert after in FAILED or name in {"RecordFailure", "RecordQualityFailure"}


def test_the_branches_catch_their_own_errors_so_that_none_is_cut_off() -> None:
    for branch in STATES["ProcessDatasets"]["Branches"]:
        [task] = [state for state in branch["States"].values() if state["Type"] == "Task"]
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
        assert task["Resource"].endswith("glue:startJobRun.sync")
        assert "TimeoutSeconds" in task


def test_nothing_is_merged_before_quality_has_passed() -> None:
    ways = {name for name, state in STATES.items() if "MasterDataMerge" in targets(state)}
    assert ways == {"IsQualityGood"}
    [choice] = STATES["IsQualityGood"]["Choices"]
    assert (choice["Variable"], choice["BooleanEquals"]) == ("$.quality.passed", True)
    assert "MasterDataMerge" not in reachable(MACHINE, "SendQualityAlert")


def test_no_error_on_the_way_to_the_end_hides_the_first_one() -> None:
    for name in {"RecordFailure", "RecordQualityFailure", *ALERTS}:
        assert all(catcher["ResultPath"] != "$.error" for catcher in WORK[name]["Catch"])


@pytest.mark.parametrize("name", ["TakeDate", "FreeDate", "RecordSuccess", "RecordFailure", "RecordQualityFailure"])
def test_an_update_uses_every_placeholder_that_it_defines_and_no_other(name: str) -> None:
    parameters = STATES[name]["Parameters"]
    expressions = parameters["UpdateExpression"] + " " + parameters["ConditionExpression"]
    assert set(re.findall(r":\w+", expressions)) == set(parameters["ExpressionAttributeValues"])
    assert set(re.findall(r"#\w+", expressions)) == set(parameters["ExpressionAttributeNames"])


def test_a_date_is_given_back_on_every_way_that_took_it() -> None:
    after = reachable(MACHINE, "CheckCatalog")
    ends = {name for name in after if STATES[name]["Type"] in ("Succeed", "Fail")}
    assert ends == {"DayReady", "RunFailed"}
    for name in WORK.keys() & (after - {"RecordFailure", "RecordSuccess", "RecordQualityFailure"} - ALERTS):
        assert WORK[name]["Catch"][-1]["Next"] == "RecordFailure"
