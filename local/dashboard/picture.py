"""Draws a dashboard in its own grid, as the console does, into one file."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from local.dashboard.reading import Readings, Series
from local.dashboard.widgets import (
    COLUMNS,
    LONGEST_GRAIN_SECONDS,
    Alarms,
    Bound,
    Graph,
    Line,
    Place,
    Text,
    Widget,
    Window,
    paragraphs,
    rows,
    short_number,
    ticks,
)

_UNIT_WIDTH, _UNIT_HEIGHT, _HEADER = 0.62, 0.46, 0.5
_COLOURS = ("#1f77b4", "#e07b00", "#2ca02c", "#c23bb0", "#7f5fc4", "#8c6d31")
_NO_DATA, _DIM, _FRAME, _LINK, _BAD = "#9aa3ad", "#5a6570", "#d5dbe1", "#0a58ca", "#d13212"
_STATES = {"ALARM": _BAD, "INSUFFICIENT_DATA": "#9aa3ad", "OK": "#1d8102"}
_ALARM_COLUMNS = 6
_SETTINGS: Any = {
    "svg.hashsalt": "dashboard",
    # Letters as letters, not as outlines: half the size, and they can be searched.
    "svg.fonttype": "none",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 7,
    "axes.linewidth": 0.6,
    "axes.edgecolor": "#5a6570",
}
_POINTS = {0: 8.5, 1: 15.0, 2: 13.0, 3: 11.0}
# Sans-serif letters are about half as wide as high; an inch has 72 points.
_LETTER = 0.53 / 72


def draw(title: str, widgets: Sequence[Widget], readings: Readings, window: Window, picture: Path) -> None:
    """Draw everything. The file's ending says the format; the same readings make the same SVG."""
    height = rows(widgets) * _UNIT_HEIGHT + _HEADER
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(COLUMNS * _UNIT_WIDTH, height), facecolor="white")
        shown = f"{title}     {window.start:%Y-%m-%d %H:%M} to {window.end:%H:%M} UTC"
        figure.text(0.008, 1 - 0.5 * _HEADER / height, shown, fontsize=11, fontweight="bold", va="center")
        for widget in widgets:
            _Box(figure, widget.place, height).draw(widget.content, readings, window)
        figure.savefig(picture, dpi=110, metadata={"Date": None} if picture.suffix == ".svg" else None)


class _Box:
    """The frame of one widget; lengths inside it are inches from its upper left corner."""

    def __init__(self, figure: Figure, place: Place, height: float) -> None:
        self._figure = figure
        self._place = place
        self._total = (COLUMNS * _UNIT_WIDTH, height)
        self._left, self._top = place.x * _UNIT_WIDTH, _HEADER + place.y * _UNIT_HEIGHT
        self._width, self._height = place.width * _UNIT_WIDTH, place.height * _UNIT_HEIGHT

    def draw(self, content: Graph | Text | Alarms, readings: Readings, window: Window) -> None:
        if not isinstance(content, Text):
            frame = self._axes(0.04, 0.04, self._width - 0.08, self._height - 0.08)
            frame.set(xticks=[], yticks=[])
            frame.spines[:].set_color(_FRAME)
        match content:
            case Text():
                self._text(content)
            case Alarms():
                self._alarms(content, readings.alarms)
            case Graph(is_number=True):
                self._numbers(content, readings.graphs[self._place])
            case Graph():
                self._lines(content, readings.graphs[self._place], window)

    def _text(self, text: Text) -> None:
        y = 0.14
        for paragraph in paragraphs(text.markdown):
            points = _POINTS[paragraph.level]
            style = {"weight": "bold"} if paragraph.level else {"color": _LINK} if paragraph.has_links else {}
            for line in self._wrapped(paragraph.text, points, bold=bool(paragraph.level)):
                y += self._write(0.1, y, line, points, **style)
            y += 0.03

    def _alarms(self, alarms: Alarms, states: Mapping[str, str]) -> None:
        counts = [f"{sum(state == one for state in states.values())} {one}" for one in _STATES]
        y = 0.22 + self._write(0.12, 0.1, f"{alarms.title}: {', '.join(counts)}", 8.5, weight="bold")
        ordered = sorted(states, key=lambda name: (list(_STATES).index(states[name]), name))
        lines = math.ceil(len(ordered) / _ALARM_COLUMNS)
        step, width = (self._height - y - 0.1) / max(lines, 1), (self._width - 0.2) / _ALARM_COLUMNS
        for number, name in enumerate(ordered):
            x, line = 0.12 + number // lines * width, y + number % lines * step
            self._write(x, line, "■", 8, color=_STATES[states[name]])
            style = {"color": _BAD, "weight": "bold"} if states[name] == "ALARM" else {}
            self._write(x + 0.16, line, name.removeprefix("ndjson-parquet-"), 7.5, **style)

    def _numbers(self, graph: Graph, values: Mapping[str, Series]) -> None:
        y = self._title(graph.title) + 0.25
        for line in graph.drawn:
            series = values.get(line.id, ())
            if series:
                y += self._write(0.2, y, short_number(series[-1][1]), 26, weight="bold")
            else:
                y += self._write(0.2, y, "no data in this run", 9, color=_NO_DATA)
            y += self._write(0.2, y, line.label, 7.5, color=_DIM) + 0.12

    def _lines(self, graph: Graph, values: Mapping[str, Series], window: Window) -> None:
        top = self._title(graph.title) + 0.08
        legend = self._legend(graph, values)
        bottom = 0.34 + legend
        right = 0.48 if any(line.axis == "right" for line in graph.drawn) else 0.2
        axes = {"left": self._axes(0.48, top, self._width - 0.48 - right, self._height - top - bottom)}
        if right > 0.2:
            axes["right"] = axes["left"].twinx()
        _style(axes["left"], window)
        if not any(values.get(line.id) for line in graph.drawn):
            for axis in axes.values():
                axis.set_yticks([])
            axes["left"].text(
                0.5, 0.5, "no data in this run", transform=axes["left"].transAxes, ha="center", color=_NO_DATA, size=9
            )
            return
        for line, colour in zip(graph.drawn, _COLOURS, strict=False):
            _draw_line(axes[line.axis], values.get(line.id, ()), graph.period_seconds, colour, window)
        for name, axis in axes.items():
            shown = [value for line in graph.drawn if line.axis == name for _, value in values.get(line.id, ())]
            _scale(axis, shown, [bound.value for bound in graph.bounds if bound.axis == name], graph.limits.get(name))
        for bound in graph.bounds:
            _draw_bound(axes[bound.axis], bound)

    def _title(self, title: str) -> float:
        y = 0.1
        for line in self._wrapped(title, 8.5, bold=True):
            y += self._write(0.12, y, line, 8.5, weight="bold")
        return y

    def _legend(self, graph: Graph, values: Mapping[str, Series]) -> float:
        """Write it at the bottom, in two columns where the names are short enough; its height."""
        entries = [(_legend_text(line, values), colour) for line, colour in zip(graph.drawn, _COLOURS, strict=False)]
        room = (self._width - 0.3) / 2 / (_LETTER * 7) - 3
        columns = 2 if all(len(text) <= room for text, _ in entries) and len(entries) > 1 else 1
        lines = math.ceil(len(entries) / columns)
        for number, (text, colour) in enumerate(entries):
            x = 0.14 + number % columns * (self._width - 0.2) / columns
            y = self._height - 0.09 - (lines - number // columns) * 0.135
            self._write(x, y, "━", 7, color=colour)
            self._write(x + 0.13, y, text, 7, color=_NO_DATA if text.endswith("no data") else "black")
        return lines * 0.135 + 0.06

    def _wrapped(self, text: str, points: float, *, bold: bool = False) -> list[str]:
        letters = (self._width - 0.2) / (points * _LETTER * (1.15 if bold else 1))
        return textwrap.wrap(text, int(letters), break_long_words=False)

    def _write(self, x: float, y: float, text: str, points: float, **style: Any) -> float:
        """One line of text; its height."""
        total_width, total_height = self._total
        at = ((self._left + x) / total_width, 1 - (self._top + y) / total_height)
        self._figure.text(*at, text, fontsize=points, va="top", parse_math=False, **style)
        return points * 1.35 / 72

    def _axes(self, x: float, y: float, width: float, height: float) -> Any:
        total_width, total_height = self._total
        bottom = 1 - (self._top + y + height) / total_height
        return self._figure.add_axes(
            ((self._left + x) / total_width, bottom, width / total_width, height / total_height)
        )


def _legend_text(line: Line, values: Mapping[str, Series]) -> str:
    side = " (right)" if line.axis == "right" else ""
    return f"{line.label}{side}" + ("" if values.get(line.id) else ": no data")


def _style(axis: Any, window: Window) -> None:
    axis.set_xlim(window.start, window.end)
    times = ticks(window)
    axis.set_xticks(times, [f"{at:%H:%M}" for at in times])
    axis.tick_params(labelsize=6.5, length=2, width=0.5)
    axis.grid(visible=True, color=_FRAME, linewidth=0.4)
    axis.spines[["top", "right"]].set_visible(False)


def _draw_line(axis: Any, series: Series, period: int, colour: str, window: Window) -> None:
    """A point for each period; hours and days are as long as they are."""
    if period > LONGEST_GRAIN_SECONDS:
        for at, value in series:
            axis.hlines(value, max(at, window.start), _end(at, period, window), color=colour, linewidth=1.6)
    else:
        axis.plot(
            [at for at, _ in series],
            [value for _, value in series],
            color=colour,
            linewidth=1.1,
            marker=".",
            markersize=3,
        )


def _end(at: datetime, period: int, window: Window) -> datetime:
    return min(at + timedelta(seconds=period), window.end)


def _scale(
    axis: Any, shown: Sequence[float], bounds: Sequence[float], limits: tuple[float | None, float | None] | None
) -> None:
    """From zero, with room above all values and bounds, unless the widget says otherwise."""
    highest = max([*shown, *bounds], default=0)
    lowest, top = limits or (None, None)
    axis.set_ylim(lowest or 0, (highest or 1) * 1.12 if top is None else top * 1.04)
    axis.yaxis.set_major_locator(MaxNLocator(4, integer=all(value == int(value) for value in shown)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value)))
    axis.tick_params(labelsize=6.5, length=2, width=0.5)
    axis.spines["top"].set_visible(False)
    if not shown:
        axis.set_yticks([])


def _draw_bound(axis: Any, bound: Bound) -> None:
    low, high = axis.get_ylim()
    axis.axhline(bound.value, color=_BAD, linewidth=0.9, linestyle="--")
    if bound.fill:
        axis.axhspan(*((bound.value, high) if bound.fill == "above" else (low, bound.value)), color=_BAD, alpha=0.06)
    axis.set_ylim(low, high)
    said = f"{bound.label} {short_number(bound.value)}".strip()
    axis.annotate(
        said,
        (1, bound.value),
        xycoords=("axes fraction", "data"),
        xytext=(-2, -2),
        textcoords="offset points",
        ha="right",
        va="top",
        size=6.5,
        color=_BAD,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.5},
    )
