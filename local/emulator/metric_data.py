"""Metric data as CloudWatch keeps it: points of a fixed resolution, coarser as they grow old, and their statistics."""

import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

# From this age in seconds on, points are merged into points of so many seconds, and at last forgotten.
MINUTES_AFTER, FIVE_MINUTES_AFTER = 15 * 60, 3 * 3600
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


class MetricStore:
    """The metrics of one account and region. Threads may use it at once. Times are epoch seconds."""

    def __init__(self, resolution: float = 1) -> None:
        """`resolution`: the step, in seconds, within which new values are merged."""
        self._resolution = resolution
        self._series: dict[Metric, dict[tuple[float, str], Point]] = {}
        self._lock = threading.Lock()

    def add(self, data: Iterable[Datum]) -> None:
        for datum in data:
            point = Point()
            point.add(datum.value, datum.times)
            self.add_point(datum.metric, datum.at, datum.unit, point)

    def add_point(self, metric: Metric, at: float, unit: str, point: Point) -> None:
        """Several values at once, or a statistic set."""
        key = (_step(at, self._resolution), unit)
        with self._lock:
            self._series.setdefault(metric, {}).setdefault(key, Point()).merge(point)

    def metrics(self) -> list[Metric]:
        with self._lock:
            return sorted(self._series)

    def units(self, metric: Metric) -> list[str]:
        """The units it was sent with, the latest last."""
        with self._lock:
            return list(dict.fromkeys(unit for _, unit in self._series.get(metric, {})))

    def window(self, metric: Metric, start: float, end: float, unit: str | None = None) -> Point:
        """All that was seen from `start` until before `end`, of one unit, or of any."""
        return self.windows(metric, [(start, end)], unit)[0]

    def windows(self, metric: Metric, spans: Sequence[tuple[float, float]], unit: str | None = None) -> list[Point]:
        """As `window`, for several spans of time."""
        with self._lock:
            points = [
                (at, point)
                for (at, its_unit), point in self._series.get(metric, {}).items()
                if unit in (None, its_unit)
            ]
            return [merged(point for at, point in points if start <= at < end) for start, end in spans]

    def compact(self, now: float) -> None:
        """Merge old points, and forget the oldest."""
        with self._lock:
            for metric in list(self._series):
                kept = _compacted(self._series[metric], now)
                if kept:
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


def _compacted(series: dict[tuple[float, str], Point], now: float) -> dict[tuple[float, str], Point]:
    kept: dict[tuple[float, str], Point] = {}
    for (at, unit), point in series.items():
        age = now - at
        if age < MINUTES_AFTER:
            kept[at, unit] = point
        elif age < FORGOTTEN_AFTER:
            step = 60 if age < FIVE_MINUTES_AFTER else 300
            kept.setdefault((_step(at, step), unit), Point()).merge(point)
    return kept


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
