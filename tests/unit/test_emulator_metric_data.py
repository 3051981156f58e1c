"""What the metrics' store keeps, and the statistics of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.metric_data import (
    FORGOTTEN_AFTER,
    Datum,
    MetricStore,
    Point,
    UnknownStatisticError,
    grid,
    metric,
    statistic,
)

OWN = metric("N", "m", {"a": "1"})
VALUES = st.lists(st.integers(0, 10**6), min_size=1, max_size=300)


def point(values: list[int]) -> Point:
    made = Point()
    for value in values:
        made.add(value)
    return made


def test_dimensions_are_the_metric() -> None:
    store = MetricStore()
    store.add([Datum(OWN, 1, 10), Datum(metric("N", "m", {"a": "2"}), 2, 10), Datum(metric("N", "m"), 4, 10)])
    assert store.window(OWN, 0, 20).total == 1
    assert store.window(metric("N", "m"), 0, 20).total == 4
    assert len(store.metrics()) == 3


def test_a_window_begins_with_its_start_and_ends_before_its_end() -> None:
    store = MetricStore()
    store.add([Datum(OWN, 1, at) for at in (9, 10, 19, 20)])
    assert store.window(OWN, 10, 20).count == 2


def test_a_unit_may_be_asked_for() -> None:
    store = MetricStore()
    store.add([Datum(OWN, 1, 10, "Count"), Datum(OWN, 5, 10, "Bytes")])
    assert store.window(OWN, 0, 20, "Bytes").total == 5
    assert store.window(OWN, 0, 20).total == 6


@given(VALUES)
def test_statistics(values: list[int]) -> None:
    told = {name: statistic(point(values), name) for name in ("SampleCount", "Sum", "Minimum", "Maximum")}
    assert told == {"SampleCount": len(values), "Sum": sum(values), "Minimum": min(values), "Maximum": max(values)}


@given(VALUES, st.integers(0, 100))
def test_a_percentile_lies_between_its_neighbours_within_one_percent(values: list[int], percent: int) -> None:
    ordered, rank = sorted(values), percent / 100 * (len(values) - 1)
    told = statistic(point(values), f"p{percent}")
    assert told is not None
    assert ordered[math.floor(rank)] * 0.99 <= told <= ordered[math.ceil(rank)] * 1.01


def test_no_percentile_of_a_statistic_set_or_of_negative_values() -> None:
    assert statistic(Point(2, 3, 1, 2, values=None), "p50") is None
    assert statistic(point([-1, 1]), "p50") is None
    assert statistic(Point(), "Sum") is None


@pytest.mark.parametrize("name", ["", "p", "p101", "tm99", "sum"])
def test_an_unknown_statistic_is_refused(name: str) -> None:
    with pytest.raises(UnknownStatisticError, match="not known"):
        statistic(point([1]), name)


@given(st.lists(st.tuples(st.integers(0, FORGOTTEN_AFTER - 300), st.integers(0, 9)), min_size=1, max_size=100))
def test_merging_old_points_changes_no_sum(seen: list[tuple[int, int]]) -> None:
    store, now = MetricStore(), 10.0**9
    store.add([Datum(OWN, value, now - age) for age, value in seen])
    store.compact(now)
    store.compact(now)
    assert store.window(OWN, 0, now + 1).total == sum(value for _, value in seen)


def test_what_is_very_old_is_forgotten() -> None:
    store = MetricStore()
    store.add([Datum(OWN, 1, 0)])
    store.compact(FORGOTTEN_AFTER + 1)
    assert store.metrics() == []


def test_a_grid_is_aligned_to_the_clock() -> None:
    assert list(grid(70, 185, 60)) == [(60, 120), (120, 180), (180, 240)]
