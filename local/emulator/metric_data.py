"""Metric data as CloudWatch keeps it: points of a fixed resolution, coarser as they grow old, and their statistics."""

import math
import threading
from bisect import bisect_left, insort
from collections import Counter
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


@dataclass
class Point:
    """What was seen within one step of time. `values` is empty when only a statistic set is known."""

    count: float = 0
    total: float = 0
    low: float = math.inf
    high: float = -math.inf
    values: Counter[float] = field(default_factory=Counter)
    has_values: bool = True

    def add(self, value: float, count: float = 1) -> None:
        self.merge(Point(count, value * count, value, value, Counter({value: count})))

    def merge(self, other: "Point") -> None:
        self.count += other.count
        self.total += other.total
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.has_values = self.has_values and other.has_values
        self.values.update(other.values)
        if len(self.values) > EXACT_VALUES:
            rounded: Counter[float] = Counter()
            for value, count in self.values.items():
                rounded[float(f"{value:.2e}")] += count
            self.values = rounded


def metric(namespace: str, name: str, dimensions: Mapping[str, str] | None = None) -> Metric:
    return Metric(namespace, name, tuple(sorted((dimensions or {}).items())))


def merged(points: Iterable[Point]) -> Point:
    whole = Point()
    for point in points:
        whole.merge(point)
    return whole


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
        key = (at, unit)
        if key not in self.points:
            self.points[key] = Point()
            insort(self._order, key)
        self.points[key].merge(point)

    def between(self, start: float, end: float, unit: str | None) -> Iterator[Point]:
        first, last = bisect_left(self._order, (start, "")), bisect_left(self._order, (end, ""))
        return (self.points[key] for key in self._order[first:last] if unit in (None, key[1]))

    def compacted(self, now: float, minutes_after: float) -> "_Series":
        kept = _Series()
        for (at, unit), point in self.points.items():
            age = now - at
            if age < minutes_after:
                kept.merge(at, unit, point)
            elif age < FORGOTTEN_AFTER:
                kept.merge(_step(at, 60 if age < FIVE_MINUTES_AFTER else 300), unit, point)
        return kept


class MetricStore:
    """The metrics of one account and region. Threads may use it at once. Times are epoch seconds."""

    def __init__(self, resolution: float = 1, minutes_after: float = MINUTES_AFTER) -> None:
        """`resolution`: the step within which values are merged, until the age of `minutes_after`. Both in seconds."""
        self._resolution, self._minutes_after = resolution, minutes_after
        self._series: dict[Metric, _Series] = {}
        self._lock = threading.Lock()

    def add(self, data: Iterable[Datum]) -> None:
        for datum in data:
            point = Point()
            point.add(datum.value, datum.times)
            self.add_point(datum.metric, datum.at, datum.unit, point)

    def add_point(self, metric: Metric, at: float, unit: str, point: Point) -> None:
        """Several values at once, or a statistic set."""
        with self._lock:
            self._series.setdefault(metric, _Series()).merge(_step(at, self._resolution), unit, point)

    def metrics(self) -> list[Metric]:
        with self._lock:
            return sorted(self._series)

    def units(self, metric: Metric) -> list[str]:
        """The units it was sent with."""
        with self._lock:
            return list(dict.fromkeys(unit for _, unit in self._series.get(metric, _Series()).points))

    def window(self, metric: Metric, start: float, end: float, unit: str | None = None) -> Point:
        """All that was seen from `start` until before `end`, of one unit, or of any."""
        with self._lock:
            return merged(self._series.get(metric, _Series()).between(start, end, unit))

    def compact(self, now: float) -> None:
        """Merge old points, and forget the oldest."""
        for metric in self.metrics():
            with self._lock:
                kept = self._series[metric].compacted(now, self._minutes_after)
                if kept.points:
                    self._series[metric] = kept
                else:
                    del self._series[metric]

    def clear(self) -> None:
        with self._lock:
            self._series.clear()


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
    if not point.has_values or point.low < 0:
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
