"""Widgets of a dashboard's body as CloudWatch reads them: their place in the grid, and what their lines ask for.

Known is what this project's dashboard uses: text, alarms, and metrics as lines or as a single value.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

COLUMNS = 24
DEFAULT_PERIOD_SECONDS = 300
# Up to here a period is only the grain of a line; from an hour on the title says it, as in "USD a day".
LONGEST_GRAIN_SECONDS = 300

# Between two times of an axis, in minutes, and how many times it has room for.
_STEPS, _MOST_TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440), 6

_LINK = re.compile(r"\[(.+?)\]\(.+?\)")

Axis = Literal["left", "right"]


class UnknownWidgetError(ValueError):
    """The dashboard holds something that cannot be drawn here; the message says what."""


@dataclass(frozen=True)
class Place:
    """A rectangle of the grid, in its units, from the upper left corner."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Line:
    """A metric or an expression; `query` asks GetMetricData for it. `is_visible`: drawn, not only calculated with."""

    id: str
    label: str
    query: Mapping[str, Any]
    axis: Axis = "left"
    is_visible: bool = True


@dataclass(frozen=True)
class Bound:
    """A horizontal line that values should not cross. `fill`: on which side of it they are bad, if that is said."""

    label: str
    value: float
    axis: Axis = "left"
    fill: Literal["above", "below"] | None = None


@dataclass(frozen=True)
class Graph:
    """A metric widget. `limits`: lowest and highest value of an axis, None where the data decides."""

    title: str
    is_number: bool
    period_seconds: int
    lines: tuple[Line, ...]
    bounds: tuple[Bound, ...]
    limits: Mapping[str, tuple[float | None, float | None]]

    @property
    def queries(self) -> list[Mapping[str, Any]]:
        """MetricDataQueries of all lines."""
        return [line.query for line in self.lines]

    @property
    def drawn(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_visible)


@dataclass(frozen=True)
class Text:
    """A text widget."""

    markdown: str


@dataclass(frozen=True)
class Paragraph:
    """A line of a text widget. `level`: of a heading, 0 for none."""

    level: int
    text: str
    has_links: bool


@dataclass(frozen=True)
class Alarms:
    """An alarm widget, and the alarms by their names."""

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Widget:
    """What is shown, and where."""

    place: Place
    content: Graph | Text | Alarms


@dataclass(frozen=True)
class Window:
    """The time that is shown, UTC."""

    start: datetime
    end: datetime


def widgets_of(body: Mapping[str, Any], grain_seconds: int | None = None) -> list[Widget]:
    """All widgets. `grain_seconds`: the period of lines whose own is at most five minutes, as the console offers.

    Raises:
        UnknownWidgetError: a widget is of a kind that is not known here, or lies outside the grid.
    """
    return [_widget(widget, grain_seconds) for widget in body["widgets"]]


def rows(widgets: Sequence[Widget]) -> int:
    """The height of the grid."""
    return max(widget.place.y + widget.place.height for widget in widgets)


def _widget(widget: Mapping[str, Any], grain_seconds: int | None) -> Widget:
    place = Place(widget["x"], widget["y"], widget["width"], widget["height"])
    if not 0 <= place.x < place.x + place.width <= COLUMNS:
        raise UnknownWidgetError(f"a widget at {place} lies outside the {COLUMNS} columns of a dashboard")
    properties = widget["properties"]
    match widget["type"]:
        case "text":
            return Widget(place, Text(properties["markdown"]))
        case "alarm":
            names = tuple(arn.partition(":alarm:")[2] for arn in properties["alarms"])
            return Widget(place, Alarms(properties.get("title", "Alarms"), names))
        case "metric":
            return Widget(place, _graph(properties, grain_seconds))
    raise UnknownWidgetError(f"a widget is of type {widget['type']!r}; known are alarm, metric and text")


def _graph(properties: Mapping[str, Any], grain_seconds: int | None) -> Graph:
    view = properties.get("view", "timeSeries")
    if view not in ("timeSeries", "singleValue"):
        raise UnknownWidgetError(f"{properties['title']!r} has the view {view!r}; known are timeSeries and singleValue")
    period = int(properties.get("period", DEFAULT_PERIOD_SECONDS))
    if grain_seconds and period <= LONGEST_GRAIN_SECONDS:
        period = grain_seconds
    bounds = properties.get("annotations", {}).get("horizontal", [])
    return Graph(
        title=properties["title"],
        is_number=view == "singleValue",
        period_seconds=period,
        lines=tuple(_lines(properties["metrics"], properties.get("stat", "Average"), period)),
        bounds=tuple(
            Bound(bound.get("label", ""), bound["value"], bound.get("yAxis", "left"), bound.get("fill"))
            for bound in bounds
        ),
        limits={name: (axis.get("min"), axis.get("max")) for name, axis in properties.get("yAxis", {}).items()},
    )


def _lines(metrics: Sequence[Sequence[Any]], stat: str, period: int) -> Iterator[Line]:
    split = [([word for word in entry if isinstance(word, str)], _options(entry)) for entry in metrics]
    for number, (words, options) in enumerate(split):
        name = options.get("id", f"line{number}")
        asked = _expression(options, period) if not words else _metric(words, options.get("stat", stat), period)
        yield Line(
            id=name,
            label=options.get("label") or (words[1] if words else name),
            query={"Id": name, **asked},
            axis=options.get("yAxis", "left"),
            is_visible=options.get("visible", True),
        )


def _options(entry: Sequence[Any]) -> Mapping[str, Any]:
    return entry[-1] if entry and isinstance(entry[-1], dict) else {}


def _expression(options: Mapping[str, Any], period: int) -> Mapping[str, Any]:
    return {"Expression": options["expression"], "Period": period}


def _metric(words: Sequence[str], stat: str, period: int) -> Mapping[str, Any]:
    namespace, name, *rest = words
    if any(word in (".", "...") for word in words):
        raise UnknownWidgetError(f"a metric is written as {list(words)}; known are whole names only, without dots")
    dimensions = [{"Name": key, "Value": value} for key, value in zip(rest[::2], rest[1::2], strict=True)]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}
    return {"MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def paragraphs(markdown: str) -> list[Paragraph]:
    """The lines of a text widget that are not empty, without their marks."""
    return [_paragraph(line) for line in map(str.strip, markdown.splitlines()) if line]


def _paragraph(line: str) -> Paragraph:
    level = len(line) - len(line.lstrip("#"))
    text, links = _LINK.subn(r"\1", line.lstrip("# "))
    return Paragraph(level, re.sub(r"`|\*\*", "", text), has_links=links > 0)


def short_number(value: float) -> str:
    """As an axis shows it: 0.25, 30, 1.5k, 22M."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{letter}"
    return f"{value:.3g}"


def ticks(window: Window) -> list[datetime]:
    """Round times of the window, at most six of them up to six days."""
    first, last = window.start.timestamp() / 60, window.end.timestamp() / 60
    step = next((step for step in _STEPS if (last - first) / step < _MOST_TICKS), _STEPS[-1])
    numbers = range(math.ceil(first / step), math.floor(last / step) + 1)
    return [datetime.fromtimestamp(number * step * 60, UTC) for number in numbers]
