"""The dashboard as it is planned: widgets beside each other, metrics that there are, runbooks that are linked."""

import html
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.dashboard.picture import draw
from local.dashboard.reading import Readings
from local.dashboard.widgets import Graph, Window, widgets_of
from tests.terraform.known_metrics import problem
from tests.terraform.offline import ACCOUNT, Planned
from tests.terraform.test_alarms import DOCUMENTED

WIDTH = 24
Widget = Mapping[str, Any]


def widgets(plan: Planned) -> list[Widget]:
    [dashboard] = [resource for resource in plan if resource["type"] == "aws_cloudwatch_dashboard"]
    assert dashboard["dashboard_name"] == "ndjson-parquet-pipeline-test"
    return list(json.loads(dashboard["dashboard_body"])["widgets"])


def of_kind(plan: Planned, kind: str) -> list[Mapping[str, Any]]:
    return [widget["properties"] for widget in widgets(plan) if widget["type"] == kind]


def drawn(graph: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Namespace, name and dimensions of each metric of a graph."""
    for line in graph["metrics"]:
        words = [word for word in line if isinstance(word, str)]
        if words:
            namespace, name, *rest = words
            yield namespace, name, dict(zip(rest[::2], rest[1::2], strict=True))


def options(line: list[Any]) -> Mapping[str, Any]:
    return line[-1] if isinstance(line[-1], dict) else {}


def cells(widget: Widget) -> set[tuple[int, int]]:
    return set(
        itertools.product(
            range(widget["x"], widget["x"] + widget["width"]), range(widget["y"], widget["y"] + widget["height"])
        )
    )


@pytest.mark.parametrize("name", ["everything", "no_alarms"])
def test_widgets_fill_the_grid_without_covering_each_other(plans: dict[str, Planned], name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(plans[name]):
        assert not cells(widget) & taken, widget
        taken |= cells(widget)
    rows = 1 + max(y for _, y in taken)
    assert taken == set(itertools.product(range(WIDTH), range(rows)))


def test_every_metric_that_is_drawn_exists(plans: dict[str, Planned]) -> None:
    found = [metric for graph in of_kind(plans["everything"], "metric") for metric in drawn(graph)]
    assert len(found) > 60
    assert [wrong for metric in found if (wrong := problem(*metric))] == []


def test_every_graph_says_where_and_how_it_is_drawn(plans: dict[str, Planned]) -> None:
    for graph in of_kind(plans["everything"], "metric"):
        assert graph["title"] and graph["metrics"]
        assert graph["region"] == "us-east-1" and graph["period"] % 60 == 0
        assert graph["view"] in {"timeSeries", "singleValue"} and graph["stat"] in {"Sum", "Maximum"}


def test_an_expression_uses_each_metric_that_is_not_drawn_itself(plans: dict[str, Planned]) -> None:
    for graph in of_kind(plans["everything"], "metric"):
        lines = [options(line) for line in graph["metrics"]]
        hidden = {line["id"] for line in lines if line.get("visible") is False}
        expressions = [line["expression"] for line in lines if "expression" in line]
        assert hidden == {name for text in expressions for name in re.findall(r"\b[a-z][a-z_]*\b", text)}


def test_what_is_promised_comes_first_and_then_every_alarm(plans: dict[str, Planned]) -> None:
    first = [widget["properties"].get("title") for widget in widgets(plans["everything"])[:6]]
    assert first == [
        None,
        "Converted on time, % of an hour's files",
        "Files unaccounted for",
        "Oldest that waits, minutes",
        "Dead letters",
        "Alarms",
    ]
    [shown] = of_kind(plans["everything"], "alarm")
    prefix = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:ndjson-parquet-"
    assert {arn.removeprefix(prefix).removesuffix("-test") for arn in shown["alarms"]} == DOCUMENTED.keys()
    assert of_kind(plans["no_alarms"], "alarm") == []


def test_the_pipeline_is_laid_out_as_a_file_passes_it(plans: dict[str, Planned]) -> None:
    texts = [(w["y"], w["x"], w["properties"]["markdown"]) for w in widgets(plans["everything"]) if w["type"] == "text"]
    titles = [re.findall(r"^### (.+)$", text, re.M) for _, _, text in sorted(texts)]
    assert [title for [title] in filter(None, titles)] == [
        "1 Landing",
        "2 Queue",
        "3 manifest_builder",
        "4 Manifests",
        "5 Processor",
        "6 Glue",
        "7 Parquet",
        "8 Set aside",
        "Sweep",
        "Reconciler",
        "Tracking table",
        "Functions",
    ]


def test_every_runbook_of_an_alarm_is_linked_and_no_other(plans: dict[str, Planned]) -> None:
    text = "\n".join(properties["markdown"] for properties in of_kind(plans["everything"], "text"))
    assert set(re.findall(r"\]\(docs/runbooks/(.+?)\.md\)", text)) == {said.runbook for said in DOCUMENTED.values()}


def test_all_of_it_can_be_drawn(plans: dict[str, Planned], tmp_path: Path) -> None:
    """`make dashboard` draws it, and the picture in the docs is from there."""
    found = widgets_of({"widgets": widgets(plans["everything"])})
    graphs = {one.place: one.content for one in found if isinstance(one.content, Graph)}
    now = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    values = {place: {line.id: [(now, 1.0)] for line in graph.drawn} for place, graph in graphs.items()}
    path = tmp_path / "dashboard.svg"
    draw("dashboard", found, Readings(values, {}), Window(now - timedelta(hours=1), now), path)
    said = html.unescape(path.read_text())
    assert "no data" not in said
    labels = {line.label for graph in graphs.values() if not graph.is_number for line in graph.drawn}
    assert [label for label in labels if f">{label}" not in said] == []


def test_without_the_flag_there_is_none(plans: dict[str, Planned]) -> None:
    assert "aws_cloudwatch_dashboard" not in {resource["type"] for resource in plans["nothing"]}
