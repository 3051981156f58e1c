"""Metric data as CloudWatch keeps it: points of a fixed resolution, coarser as they grow old, and their statistics."""

import math
import threading
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

# From this age in seconds on, points are merged into points of a minute, then of five minutes, and at last forgotten.
MINUTES_AFTER, FIVE_MINUTES_AFTER = 25 * 60, 3 * 3600
FORGOTTEN_AFTER = 3 * 86_400
# Beyond so many different values a point keeps three digits of each: its percentiles are inexact, by 0.5 % at most.
EXACT_VALUES = 100

SIMPLE = ("SampleCount", "Sum", "Average", "Minimum", "Maximum")


class UnknownStatisticError(ValueError):
    """The statistic is none that is known here."""


class Metric(NamedTuple):
    """Which metric: each set of dimensions is a metric of its own. Dimensions are sorted by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


class Datum(NamedTuple):
    """One value that was seen so many `times`. `at` in epoch seconds."""

    metric: Metric
    value: float
    at: float
    unit: str = "None"
    times: float = 1


@dataclass(slots=True)
class Point:
    """What was seen within one step of time: `values` by how often, None when only a statistic set is known."""

    count: float = 0
    total: float = 0
    low: float = math.inf
    high: float = -math.inf
    values: dict[float, float] | None = field(default_factory=dict)

    def add(self, value: float, times: float = 1) -> None:
        self._summarize(times, value * times, value, value)
        if self.values is not None:
            self.values[value] = self.values.get(value, 0) + times
            self._round()

    def merge(self, other: "Point") -> None:
        self._summarize(other.count, other.total, other.low, other.high)
        if self.values is None or other.values is None:
            self.values = None
            return
        for value, times in other.values.items():
            self.values[value] = self.values.get(value, 0) + times
        self._round()

    def _summarize(self, count: float, total: float, low: float, high: float) -> None:
        self.count += count
        self.total += total
        self.low = min(self.low, low)
        self.high = max(self.high, high)

    def _round(self) -> None:
        if self.values is None or len(self.values) <= EXACT_VALUES:
            return
        rounded: dict[float, float] = {}
        for value, times in self.values.items():
            digits = float(f"{value:.2e}")
            rounded[digits] = rounded.get(digits, 0) + times
        self.values = rounded


def metric(namespace: str, name: str, dimensions: Mapping[str, str] | None = None) -> Metric:
    return Metric(namespace, name, tuple(sorted((dimensions or {}).items())))


def merged(points: Iterable[Point], *, values: bool = True) -> Point:
    """All of them in one, perhaps without the values: percentiles alone need them, and they take most of the time."""
    whole = Point() if values else Point(values=None)
    for point in points:
        whole.merge(point)
    return whole


def is_percentile(name: str) -> bool:
    return _percentile_of(name) is not None


def check_statistic(name: str) -> None:
    """Raise UnknownStatisticError unless it is simple, or a percentile such as p99 or p99.9."""
    if name not in SIMPLE and _percentile_of(name) is None:
        raise UnknownStatisticError(
            f"statistic {name!r} is not known to the embedded AWS: use {', '.join(SIMPLE)} or a percentile such as p99"
        )


def statistic(point: Point, name: str) -> float | None:
    """The value of a statistic; None without samples, and for percentiles of statistic sets or negative values."""
    check_statistic(name)
    if not point.count:
        return None
    rank = _percentile_of(name)
    if rank is not None:
        return _percentile(point, rank)
    return {
        "SampleCount": point.count,
        "Sum": point.total,
        "Average": point.total / point.count,
        "Minimum": point.low,
        "Maximum": point.high,
    }[name]


class _Series:
    """The points of one metric, by the beginning of their step and their unit, in the order of time."""

    def __init__(self) -> None:
        self.points: dict[tuple[float, str], Point] = {}
        self._order: list[tuple[float, str]] = []

    def merge(self, at: float, unit: str, point: Point) -> None:
        self._at(at, unit).merge(point)

    def between(self, start: float, end: float, unit: str | None) -> Iterator[Point]:
        first, last = bisect_left(self._order, (start, "")), bisect_left(self._order, (end, ""))
        return (self.points[key] for key in self._order[first:last] if unit in (None, key[1]))

    def add(self, at: float, unit: str, value: float, times: float) -> None:
        self._at(at, unit).add(value, times)

    def compact(self, now: float, minutes_after: float) -> None:
        """Touches what has to change alone: this is done again and again."""
        order = self._order
        forgotten = bisect_left(order, (now - FORGOTTEN_AFTER, ""))
        minutes, fives = (bisect_left(order, (now - age, "")) for age in (minutes_after, FIVE_MINUTES_AFTER))
        coarse = [(key, _step(key[0], 300 if index < fives else 60)) for index, key in enumerate(order[:minutes])]
        moved = [(key, at) for key, at in coarse[forgotten:] if at != key[0]]
        if not moved and not forgotten:
            return
        for key in order[:forgotten]:
            del self.points[key]
        taken = [(at, key[1], self.points.pop(key)) for key, at in moved]
        self._order = sorted(self.points)
        for at, unit, point in taken:
            self.merge(at, unit, point)

    def _at(self, at: float, unit: str) -> Point:
        key = (at, unit)
        if key not in self.points:
            self.points[key] = Point()
            insort(self._order, key)
        return self.points[key]


class MetricStore:
    """The metrics of one account and region. Threads may use it at once. Times are epoch seconds."""

    def __init__(self, resolution: float = 1, minutes_after: float = MINUTES_AFTER) -> None:
        """`resolution`: the step within which values are merged, until the age of `minutes_after`. Both in seconds."""
        self._resolution, self._minutes_after = resolution, minutes_after
        self._series: dict[Metric, _Series] = {}
        self._lock = threading.Lock()

    def add(self, data: Iterable[Datum]) -> None:
        with self._lock:
            for metric, value, at, unit, times in data:
                self._of(metric).add(_step(at, self._resolution), unit, value, times)

    def add_point(self, metric: Metric, at: float, unit: str, point: Point) -> None:
        """Several values at once, or a statistic set."""
        with self._lock:
            self._of(metric).merge(_step(at, self._resolution), unit, point)

    def metrics(self) -> list[Metric]:
        with self._lock:
            return sorted(self._series)

    def units(self, metric: Metric) -> list[str]:
        """The units it was sent with."""
        with self._lock:
            return list(dict.fromkeys(unit for _, unit in self._series.get(metric, _Series()).points))

    def window(
        self, metric: Metric, start: float, end: float, unit: str | None = None, *, values: bool = True
    ) -> Point:
        """All that was seen from `start` until before `end`, of one unit, or of any; perhaps without the values."""
        with self._lock:
            return merged(self._series.get(metric, _Series()).between(start, end, unit), values=values)

    def compact(self, now: float) -> None:
        """Merge old points, and forget the oldest."""
        for metric in self.metrics():
            with self._lock:
                self._series[metric].compact(now, self._minutes_after)
                if not self._series[metric].points:
                    del self._series[metric]

    def clear(self) -> None:
        with self._lock:
            self._series.clear()

    def _of(self, metric: Metric) -> _Series:
        if metric not in self._series:
            self._series[metric] = _Series()
        return self._series[metric]


def grid(start: float, end: float, period: float) -> Iterator[tuple[float, float]]:
    """The periods that begin in [start, end), aligned to the clock, oldest first."""
    first = math.floor(start / period)
    for number in range(first, math.ceil(end / period)):
        yield number * period, (number + 1) * period


def _step(at: float, seconds: float) -> float:
    return math.floor(at / seconds) * seconds


def _percentile_of(name: str) -> float | None:
    number = name[1:]
    if name[:1] != "p" or not number.replace(".", "", 1).isdigit() or float(number) > 100:
        return None
    return float(number)


def _percentile(point: Point, percent: float) -> float | None:
    """Between the two nearest ranks, in proportion."""
    if point.values is None or point.low < 0:
        return None
    ordered = sorted(point.values.items())
    rank = percent / 100 * max(point.count - 1, 0)
    below = _at_rank(ordered, math.floor(rank))
    return below + (rank - math.floor(rank)) * (_at_rank(ordered, math.ceil(rank)) - below)


def _at_rank(ordered: Sequence[tuple[float, float]], rank: int) -> float:
    seen: float = 0
    for value, count in ordered:
        seen += count
        if rank < seen:
            return value
    return ordered[-1][0]
