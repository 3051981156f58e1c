"""The picture of a dashboard, read again: its SVG keeps letters as letters and lines as paths."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from local.dashboard.picture import draw
from local.dashboard.reading import Readings, Series
from local.dashboard.widgets import Graph, Place, Window, widgets_of

SVG = "{http://www.w3.org/2000/svg}"
END = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
WINDOW = Window(END - timedelta(minutes=30), END)
FIRST_COLOUR, SECOND_COLOUR = "#1f77b4", "#e07b00"
NO_DATA = "no data in this run"
FILES = ["NdjsonParquet", "FilesReceived", "service", "ndjson-parquet-local"]
ROWS = ["NdjsonParquet", "RowsWritten", "service", "ndjson-parquet-local", {"yAxis": "right"}]
ALARM = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:ndjson-parquet-"


def graph(title: str, *metrics: list[Any], y: int, **properties: Any) -> dict[str, Any]:
    given = {"title": title, "metrics": list(metrics), "period": 60, "stat": "Sum", **properties}
    return {"type": "metric", "x": 0, "y": y, "width": 12, "height": 6, "properties": given}


BODY = {
    "widgets": [
        {"type": "text", "x": 0, "y": 0, "width": 24, "height": 3, "properties": {"markdown": "### 1 Landing\nFiles"}},
        {
            "type": "alarm",
            "x": 12,
            "y": 3,
            "width": 12,
            "height": 6,
            "properties": {"title": "Alarms", "alarms": [ALARM + "freshness-local", ALARM + "spend-local"]},
        },
        graph("Files", FILES, ROWS, y=3),
        graph("Unaccounted", FILES, y=9, view="singleValue"),
        graph("A day's files", FILES, y=15, period=3600),
    ]
}
ALARMS = {"ndjson-parquet-freshness-local": "ALARM", "ndjson-parquet-spend-local": "OK"}
SERIES: Series = [(END - timedelta(minutes=20 - number), float(number)) for number in range(5)]


def place(y: int) -> Place:
    return Place(0, y, 12, 6)


def drawn(folder: Path, graphs: Mapping[Place, Mapping[str, Series]]) -> ElementTree.Element:
    path = folder / "dashboard.svg"
    draw("a dashboard", widgets_of(BODY), Readings(graphs, ALARMS), WINDOW, path)
    return ElementTree.fromstring(path.read_text())  # noqa: S314 - written by the line before


def texts(picture: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()).strip() for text in picture.iter(f"{SVG}text")]


def lines(picture: ElementTree.Element, colour: str) -> list[int]:
    """How many points each line of a colour has."""
    paths = (path for path in picture.iter(f"{SVG}path") if f"stroke: {colour}" in path.get("style", ""))
    # A mark on a point is a path too, one that curves.
    return [len(re.findall("[ML]", path.get("d", ""))) for path in paths if "C" not in path.get("d", "")]


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> ElementTree.Element:
    """The first graph has one line with values and one without, the number has some, the graph of hours has one."""
    graphs: dict[Place, dict[str, Series]] = {
        place(3): {"line0": SERIES, "line1": []},
        place(9): {"line0": [*SERIES, (END, 1500.0)]},
        place(15): {"line0": SERIES[:1]},
    }
    return drawn(tmp_path_factory.mktemp("picture"), graphs)


def test_every_widget_is_drawn(picture: ElementTree.Element) -> None:
    said = texts(picture)
    assert {"1 Landing", "Files", "Unaccounted", "A day's files"} <= set(said)
    assert "a dashboard     2026-11-21 16:00 to 16:30 UTC" in said
    assert {"Alarms: 1 ALARM, 0 INSUFFICIENT_DATA, 1 OK", "freshness-local", "spend-local"} <= set(said)


def test_a_series_has_its_line_with_all_its_points(picture: ElementTree.Element) -> None:
    assert len(SERIES) in lines(picture, FIRST_COLOUR)
    assert "FilesReceived" in texts(picture)


def test_a_line_without_values_says_so_and_is_not_drawn(picture: ElementTree.Element) -> None:
    assert "RowsWritten (right): no data" in texts(picture)
    assert lines(picture, SECOND_COLOUR) == []


def test_a_number_is_the_last_one(picture: ElementTree.Element) -> None:
    assert "1.5k" in texts(picture)
    assert NO_DATA not in texts(picture)


def test_an_hour_is_as_long_as_it_is(picture: ElementTree.Element) -> None:
    assert 2 in lines(picture, FIRST_COLOUR)


def test_each_graph_without_any_value_says_so(tmp_path: Path) -> None:
    picture = drawn(tmp_path, {place(y): {} for y in (3, 9, 15)})
    graphs = [widget for widget in widgets_of(BODY) if isinstance(widget.content, Graph)]
    assert texts(picture).count(NO_DATA) == len(graphs) == 3
    assert lines(picture, FIRST_COLOUR) == []


def test_the_same_readings_make_the_same_picture(tmp_path: Path) -> None:
    graphs = {place(y): {"line0": SERIES} for y in (3, 9, 15)}
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        drawn(folder, graphs)
    assert (first / "dashboard.svg").read_bytes() == (second / "dashboard.svg").read_bytes()
