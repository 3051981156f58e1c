"""The dashboard's widgets as they are read: what is asked of CloudWatch for each, and where each is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.dashboard.widgets import (
    Alarms,
    Bound,
    Graph,
    Paragraph,
    Place,
    Text,
    UnknownWidgetError,
    Widget,
    Window,
    paragraphs,
    rows,
    short_number,
    ticks,
    widgets_of,
)

FILES = ["NdjsonParquet", "FilesReceived", "service", "ndjson-parquet-local"]


def widget(kind: str, properties: dict[str, Any], x: int = 0, y: int = 0, width: int = 6) -> dict[str, Any]:
    return {"type": kind, "x": x, "y": y, "width": width, "height": 5, "properties": properties}


def graph(grain_seconds: int | None = None, **properties: Any) -> Graph:
    given = {"title": "Files", "metrics": [FILES], "period": 300, "stat": "Sum", **properties}
    [found] = widgets_of({"widgets": [widget("metric", given)]}, grain_seconds)
    assert isinstance(found.content, Graph)
    return found.content


def stat(query: Any) -> tuple[int, str]:
    return query["MetricStat"]["Period"], query["MetricStat"]["Stat"]


def test_a_metric_is_asked_for_with_its_dimensions_period_and_statistic() -> None:
    [line] = graph().lines
    assert line.query == {
        "Id": "line0",
        "MetricStat": {
            "Metric": {
                "Namespace": "NdjsonParquet",
                "MetricName": "FilesReceived",
                "Dimensions": [{"Name": "service", "Value": "ndjson-parquet-local"}],
            },
            "Period": 300,
            "Stat": "Sum",
        },
    }
    assert (line.label, line.axis, line.is_visible) == ("FilesReceived", "left", True)


def test_a_line_has_its_own_statistic_axis_and_name() -> None:
    first, second = graph(metrics=[FILES, [*FILES, {"stat": "Maximum", "yAxis": "right", "label": "most"}]]).lines
    assert [stat(first.query), stat(second.query)] == [(300, "Sum"), (300, "Maximum")]
    assert (second.label, second.axis) == ("most", "right")


def test_an_expression_is_asked_for_with_the_metrics_that_it_uses_and_drawn_alone() -> None:
    found = graph(
        period=3600,
        metrics=[
            [{"expression": "oldest / 60", "label": "minutes", "id": "minutes"}],
            [*FILES, {"id": "oldest", "visible": False}],
        ],
    )
    assert found.queries[0] == {"Id": "minutes", "Expression": "oldest / 60", "Period": 3600}
    assert found.queries[1]["Id"] == "oldest"
    assert [line.label for line in found.drawn] == ["minutes"]


@pytest.mark.parametrize(("own", "drawn"), [(300, 60), (60, 60), (3600, 3600), (86_400, 86_400)])
def test_a_finer_grain_leaves_hours_and_days_as_their_titles_say(own: int, drawn: int) -> None:
    found = graph(grain_seconds=60, period=own)
    assert (found.period_seconds, stat(found.queries[0])) == (drawn, (drawn, "Sum"))


def test_bounds_and_limits_of_the_axes_are_kept() -> None:
    found = graph(
        annotations={"horizontal": [{"label": "bound", "value": 30, "yAxis": "right"}, {"value": 99, "fill": "below"}]},
        yAxis={"left": {"min": 0, "max": 100}},
    )
    assert found.bounds == (Bound("bound", 30, "right"), Bound("", 99, "left", "below"))
    assert found.limits == {"left": (0, 100)}


def test_widgets_keep_their_places_in_the_grid() -> None:
    arns = [f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{name}" for name in ("one", "two")]
    found = widgets_of(
        {
            "widgets": [
                widget("text", {"markdown": "# Files"}, width=24),
                widget("alarm", {"title": "Alarms", "alarms": arns}, x=6, y=5, width=18),
            ]
        }
    )
    assert found == [
        Widget(Place(0, 0, 24, 5), Text("# Files")),
        Widget(Place(6, 5, 18, 5), Alarms("Alarms", ("one", "two"))),
    ]
    assert rows(found) == 10


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        pytest.param(widget("log", {}), "'log'; known are alarm, metric and text", id="kind"),
        pytest.param(widget("text", {"markdown": ""}, x=20), "lies outside the 24 columns", id="place"),
        pytest.param(
            widget("metric", {"title": "Files", "view": "pie", "metrics": []}), "'Files' has the view 'pie'", id="view"
        ),
        pytest.param(widget("metric", {"title": "Files", "metrics": [FILES, ["...", "b"]]}), "without dots", id="dots"),
    ],
)
def test_what_cannot_be_drawn_is_named(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(UnknownWidgetError, match=said):
        widgets_of({"widgets": [wrong]})


def test_a_text_loses_its_marks_and_no_words() -> None:
    assert paragraphs("### 2 Queue\nWaits in `file-events`, **always**.\n\n[wait](a/wait.md) · [dlq](dlq.md)\n") == [
        Paragraph(3, "2 Queue", has_links=False),
        Paragraph(0, "Waits in file-events, always.", has_links=False),
        Paragraph(0, "wait · dlq", has_links=True),
    ]


@pytest.mark.parametrize(
    ("value", "told"), [(0, "0"), (0.0147, "0.0147"), (30, "30"), (1500, "1.5k"), (22e6, "22M"), (5e9, "5G")]
)
def test_numbers_are_short(value: float, told: str) -> None:
    assert short_number(value) == told


def test_an_axis_has_round_times() -> None:
    start = datetime(2026, 11, 21, 16, 3, 20, tzinfo=UTC)
    told = ticks(Window(start, start + timedelta(minutes=25)))
    assert [f"{at:%H:%M:%S}" for at in told] == ["16:05:00", "16:10:00", "16:15:00", "16:20:00", "16:25:00"]


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    minutes=st.integers(1, 6 * 1440 - 1),
)
def test_an_axis_has_a_few_times_all_of_them_within_it(start: datetime, minutes: int) -> None:
    window = Window(start, start + timedelta(minutes=minutes))
    told = ticks(window)
    assert 1 <= len(told) <= 6
    assert all(window.start <= at <= window.end for at in told)
