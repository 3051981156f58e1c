"""Metric math, over rows of periods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.metric_math import MetricMathError, Series, calculate, names_in

A: Series = (1.0, None, 3.0, 0.0)
B: Series = (3.0, 2.0, None, 0.0)


def result(expression: str) -> Series:
    return calculate(expression, {"a": A, "b": B}, [A, B], 4)


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("a", A),
        ("2", (2, 2, 2, 2)),
        ("a + b", (4, None, None, 0)),
        ("100 * a / (a + b)", (25, None, None, None)),
        ("-a", (-1, None, -3, 0)),
        ("b ^ 2", (9, 4, None, 0)),
        ("FILL(a, 7)", (1, 7, 3, 0)),
        ("FILL(a, REPEAT)", (1, 1, 3, 0)),
        ("FILL(a, b)", (1, 2, 3, 0)),
        ("SUM([a, b])", (4, 2, 3, 0)),
        ("SUM(METRICS())", (4, 2, 3, 0)),
        ("SUM(FILL(METRICS(), 1))", (4, 3, 4, 0)),
        ("MAX([a, b])", (3, 2, 3, 0)),
        ("MIN([a, b])", (1, 2, 3, 0)),
        ("AVG([a, b])", (2, 2, 3, 0)),
        ("SUM(a)", (4, 4, 4, 4)),
        ("MAX(a)", (3, 3, 3, 3)),
        ("a > 2", (0, None, 1, 0)),
        ("a > 0 AND b > 0", (1, None, None, 0)),
        ("a > 0 && b > 0", (1, None, None, 0)),
        ("a > 2 OR b > 2", (1, None, None, 0)),
        ("IF(a > 0, 1, 0)", (1, None, 1, 0)),
        ("IF(FILL(a, 0) > 0, a)", (1, None, 3, None)),
        ("IF(FILL(a, 0) + FILL(b, 0) > 0, FILL(a, 0), 9)", (1, 0, 3, 9)),
    ],
)
def test_expressions(expression: str, values: Series) -> None:
    assert result(expression) == values


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("c + 1", "'c', which is no id"),
        ("a +", "no expression of metric math"),
        ("ANOMALY_DETECTION_BAND(a)", "ANOMALY_DETECTION_BAND with 1 arguments"),
        ("METRICS()", "several series"),
        ("a.b", "cannot calculate"),
        ("1 / 0", "divides by zero"),
    ],
)
def test_what_is_not_known_is_refused_by_name(expression: str, said: str) -> None:
    with pytest.raises(MetricMathError, match=said):
        result(expression)


def test_the_names_of_an_expression() -> None:
    assert names_in("100 * FILL(m1, REPEAT) / (m1 + m2) AND SUM(METRICS()) > 0") == {"m1", "m2"}


@given(st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(-1e6, 1e6))
def test_fill_leaves_nothing_missing_and_what_is_there_as_it_is(values: list[float | None], filler: float) -> None:
    filled = calculate("FILL(m, n)", {"m": tuple(values), "n": (filler,) * len(values)}, [], len(values))
    assert filled == tuple(filler if value is None else value for value in values)
