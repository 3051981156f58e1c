"""The lake's alarms, dashboards and rights as they are planned, beside what docs/lake-operations.md says of them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.lake_tables import tables_json
from tests.terraform.known_metrics import problem
from tests.terraform.offline import Planned

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(
    r"^\| `(lake-[a-z-]+)` \| (page|ticket) \| `([a-z-]+)` \| .+ \| (?:`(\w+)`)? ?\| "
    r"\[(.+?)\]\(runbooks/(.+?)\.md\) \|$",
    re.MULTILINE,
)
DOCUMENTED = {row[1]: row for row in ROW.finditer((ROOT / "docs" / "lake-operations.md").read_text())}


@pytest.fixture
def plan(plans: dict[str, Planned]) -> Planned:
    return plans["lake"]


def alarms(plan: Planned) -> dict[str, Mapping[str, Any]]:
    found = {r["alarm_name"]: r for r in plan if r["type"] == "aws_cloudwatch_metric_alarm"}
    names = {name.removeprefix("ndjson-parquet-").removesuffix("-test"): alarm for name, alarm in found.items()}
    return {name: alarm for name, alarm in names.items() if name.startswith("lake-")}


def test_the_documented_alarms_are_those_that_are_planned(plan: Planned) -> None:
    planned = {name: alarm["tags"]["severity"] for name, alarm in alarms(plan).items()}
    assert planned == {name: row[2] for name, row in DOCUMENTED.items()}


def test_an_alarm_names_its_runbook_which_names_it(plan: Planned) -> None:
    for name, alarm in alarms(plan).items():
        runbook = DOCUMENTED[name][6]
        assert alarm["alarm_description"].endswith(f"Runbook: docs/runbooks/{runbook}.md")
        text = (ROOT / "docs" / "runbooks" / f"{runbook}.md").read_text()
        assert f"`{name}`" in text.partition("## ")[0]


def test_a_threshold_follows_its_setting(plan: Planned) -> None:
    assert (alarms(plan)["lake-files-quarantined"]["threshold"], alarms(plan)["lake-cost"]["threshold"]) == (3, 7)


def test_every_metric_that_is_watched_or_drawn_exists(plan: Planned) -> None:
    watched = [(a["namespace"], a["metric_name"], a["dimensions"]) for a in alarms(plan).values()]
    pages = [json.loads(r["dashboard_body"]) for r in plan if r["type"] == "aws_cloudwatch_dashboard"]
    graphs = [w["properties"] for page in pages for w in page["widgets"] if w["type"] == "metric"]
    drawn = [
        (words[0], words[1], dict(zip(words[2::2], words[3::2], strict=True)))
        for graph in graphs
        for line in graph["metrics"]
        if len(words := [word for word in line if isinstance(word, str)]) > 2
    ]
    assert len(drawn) > 12
    assert [wrong for metric in (*watched, *drawn) if (wrong := problem(*metric))] == []


def test_the_tables_are_those_of_the_declaration() -> None:
    assert (ROOT / "modules" / "lake" / "tables.json").read_text() == tables_json(), "run make docs"


def test_a_budget_counts_the_lake_alone(plan: Planned) -> None:
    [budget] = [r for r in plan if r["type"] == "aws_budgets_budget"]
    assert budget["cost_filter"] == [{"name": "TagKeyValue", "values": ["user:service$ndjson-parquet-lake-test"]}]
    assert budget["limit_amount"] == "7"


def test_what_is_billed_by_the_lake_carries_its_tag(plan: Planned) -> None:
    kinds = {"aws_glue_job", "aws_athena_workgroup", "aws_sfn_state_machine", "aws_lambda_function", "aws_s3_bucket"}
    lake = [r for r in plan if r["type"] in kinds and r["address"].startswith("module.lake")]
    assert {r["type"] for r in lake} == kinds
    assert {(r["tags"] or {}).get("service") for r in lake} == {"ndjson-parquet-lake-test"}
