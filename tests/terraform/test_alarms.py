"""The alarms as they are planned: those of docs/alarms.md, with runbooks, at thresholds that follow the settings."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.terraform.known_metrics import NAMESPACE, problem
from tests.terraform.offline import ELSEWHERE, OTHER_SETTINGS, ROOT, Planned

RUNBOOKS = ROOT / "docs" / "runbooks"
# ARN and id are not known before the thing exists, and a map that holds one is planned as an empty one.
NOT_KNOWN_YET = {"AWS/States": {"StateMachineArn": ""}, "AWS/ApiGateway": {"ApiId": ""}}
DAY, WEEK = 24 * 3600, 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Documented:
    """A row of the table in docs/alarms.md."""

    severity: str
    setting: str | None
    runbook: str


def documented() -> dict[str, Documented]:
    rows = re.findall(
        r"^\| `([a-z0-9-]+)` \| (page|ticket) \| .+? \| (.*?) \| \[.*?\]\(runbooks/(.+?)\.md\) \|$", TEXT, re.M
    )
    return {key: Documented(severity, setting.strip("`") or None, runbook) for key, severity, setting, runbook in rows}


TEXT = (ROOT / "docs" / "alarms.md").read_text()
DOCUMENTED = documented()


def alarms(plan: Planned) -> dict[str, Mapping[str, Any]]:
    """Metric alarms and the composite one, by their keys."""
    found = [resource for resource in plan if "alarm_name" in resource]
    return {key_of(alarm["alarm_name"]): alarm for alarm in found}


def key_of(name: str) -> str:
    return name.removeprefix("ndjson-parquet-").removesuffix("-test")


def metrics_of(alarm: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What it watches: one metric, or those of its expression."""
    if alarm.get("metric_name"):
        yield alarm
    yield from (metric for query in alarm.get("metric_query") or [] for metric in query["metric"])


def periods_of(alarm: Mapping[str, Any]) -> set[int]:
    return {metric["period"] for metric in metrics_of(alarm)}


@pytest.mark.parametrize("key", DOCUMENTED)
def test_an_alarm_is_as_documented(plans: dict[str, Planned], key: str) -> None:
    alarm, said = alarms(plans["everything"])[key], DOCUMENTED[key]
    assert alarm["alarm_description"].endswith(f". Severity: {said.severity}. Runbook: docs/runbooks/{said.runbook}.md")
    assert alarm["tags"] == {"severity": said.severity}


def test_every_alarm_is_documented(plans: dict[str, Planned]) -> None:
    assert alarms(plans["everything"]).keys() == DOCUMENTED.keys()


def test_the_composite_alarm_is_made_of_the_pages(plans: dict[str, Planned]) -> None:
    found = alarms(plans["everything"])
    rule = found["pipeline-unhealthy"]["alarm_rule"]
    named = [key_of(name) for name in re.findall(r'ALARM\("(.+?)"\)', rule)]
    assert sorted([*named, "pipeline-unhealthy"]) == sorted(
        key for key, said in DOCUMENTED.items() if said.severity == "page"
    )
    assert rule == " OR ".join(f'ALARM("{found[key]["alarm_name"]}")' for key in named)
    assert len(named) <= 100 and len(rule) <= 10240


def behaviour(alarm: Mapping[str, Any]) -> tuple[Any, ...]:
    return alarm.get("threshold"), alarm.get("evaluation_periods")


@pytest.mark.parametrize("key", DOCUMENTED)
def test_a_threshold_follows_the_setting_that_is_documented(plans: dict[str, Planned], key: str) -> None:
    before, after = (behaviour(alarms(plans[name])[key]) for name in ("everything", "other"))
    assert (before != after) == (DOCUMENTED[key].setting in OTHER_SETTINGS), (before, after)


def test_every_setting_of_the_table_is_tried() -> None:
    assert {said.setting for said in DOCUMENTED.values() if said.setting} == OTHER_SETTINGS.keys()


@pytest.mark.parametrize("key", [key for key in DOCUMENTED if key != "pipeline-unhealthy"])
def test_an_alarm_looks_no_further_back_than_cloudwatch_does(plans: dict[str, Planned], key: str) -> None:
    alarm = alarms(plans["everything"])[key]
    [period] = periods_of(alarm)
    assert period % 60 == 0
    assert period * alarm["evaluation_periods"] <= (DAY if period < 3600 else WEEK)
    assert 1 <= alarm["datapoints_to_alarm"] <= alarm["evaluation_periods"]


@pytest.mark.parametrize("key", DOCUMENTED)
def test_an_alarm_watches_metrics_that_there_are(plans: dict[str, Planned], key: str) -> None:
    watched = list(metrics_of(alarms(plans["everything"])[key]))
    named = [(m["namespace"], m["metric_name"], m["dimensions"] or NOT_KNOWN_YET[m["namespace"]]) for m in watched]
    assert [wrong for metric in named if (wrong := problem(*metric))] == []
    assert {m["dimensions"]["service"] for m in watched if m["namespace"] == NAMESPACE} <= {"ndjson-parquet-test"}
    assert len(watched) <= 10, "CloudWatch takes ten metrics in an expression"


@pytest.mark.parametrize("key", DOCUMENTED)
def test_an_expression_uses_each_of_its_metrics(plans: dict[str, Planned], key: str) -> None:
    queries = alarms(plans["everything"])[key].get("metric_query") or []
    expressions = [query["expression"] for query in queries if query.get("expression")]
    names = {name for text in expressions for name in re.findall(r"\b[a-z][a-z_]*\b", text)}
    assert names == {query["id"] for query in queries if query["metric"]}


def test_without_flags_there_is_no_alarm_on_what_there_is_not(plans: dict[str, Planned]) -> None:
    absent = DOCUMENTED.keys() - alarms(plans["nothing"]).keys()
    assert absent == {
        "stream-manifest-creator-errors",
        "stream-manifest-creator-throttles",
        "stream-manifest-creator-slow",
        "stream-dead-letters",
        "events-dead-letters",
        "sweep-not-running",
        "reconciler-not-running",
        "export-api-errors",
        "export-api-throttles",
        "export-api-slow",
        "export-api-5xx",
        "export-jobs-failed",
        "export-jobs-not-started",
    }
    rule = alarms(plans["nothing"])["pipeline-unhealthy"]["alarm_rule"]
    assert "sweep-not-running" not in rule


def test_a_budget_is_made_for_the_address_and_counts_this_deployment_alone(plans: dict[str, Planned]) -> None:
    def budgets(plan: Planned) -> list[Mapping[str, Any]]:
        return [resource for resource in plan if resource["type"] == "aws_budgets_budget"]

    [budget] = budgets(plans["other"])
    assert (budget["limit_amount"], budget["limit_unit"], budget["time_unit"]) == ("7", "USD", "DAILY")
    assert budget["cost_filter"] == [{"name": "TagKeyValue", "values": ["user:service$ndjson-parquet-test"]}]
    assert budget["notification"][0]["subscriber_email_addresses"] == ["data@example.com"]
    assert budgets(plans["nothing"]) == []


@pytest.mark.parametrize("runbook", sorted({said.runbook for said in DOCUMENTED.values()}))
def test_a_runbook_exists(runbook: str) -> None:
    assert (RUNBOOKS / f"{runbook}.md").is_file(), f"docs/runbooks/{runbook}.md is not written"


def test_a_runbook_can_be_read_elsewhere(plans: dict[str, Planned]) -> None:
    found = alarms(plans["elsewhere"]).values()
    assert all(f" Runbook: {ELSEWHERE}/" in alarm["alarm_description"] for alarm in found)
    [dashboard] = [resource for resource in plans["elsewhere"] if resource["type"] == "aws_cloudwatch_dashboard"]
    links = re.findall(r"\]\((.+?)\)", json.dumps(dashboard["dashboard_body"]))
    assert links and all(link.startswith(ELSEWHERE) for link in links)
