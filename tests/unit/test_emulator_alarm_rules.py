"""The state of an alarm from its datapoints, as AWS's guide gives it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.alarm_rules import COMPARISONS, Datapoint, Rules, decide, rules_of

MODES = ("missing", "ignore", "breaching", "notBreaching")


def state(points: str, to_alarm: int, missing: str, periods: int = 3) -> str:
    """Of datapoints as the guide draws them, the newest last: O does not breach, X does, - is missing."""
    rules = Rules(threshold=0, comparison="GreaterThanThreshold", periods=periods, to_alarm=to_alarm, missing=missing)
    values = {"O": 0.0, "X": 1.0, "-": None}
    verdict = decide(rules, [Datapoint(values[point]) for point in points])
    return verdict.state if verdict else "kept"


# The two tables of "Configuring how CloudWatch alarms treat missing data": an evaluation range of five for three.
@pytest.mark.parametrize(
    ("points", "to_alarm", "states"),
    [
        pytest.param("O-X-X", 3, ["OK"] * 4, id="3-of-3-O-X-X"),
        pytest.param("O----", 3, ["OK"] * 4, id="3-of-3-O----"),
        pytest.param("-----", 3, ["INSUFFICIENT_DATA", "kept", "ALARM", "OK"], id="3-of-3------"),
        pytest.param("OXX-X", 3, ["ALARM"] * 4, id="3-of-3-OXX-X"),
        pytest.param("--X--", 3, ["ALARM", "kept", "ALARM", "OK"], id="3-of-3---X--"),
        pytest.param("O-X-X", 2, ["ALARM"] * 4, id="2-of-3-O-X-X"),
        pytest.param("OOXOX", 2, ["ALARM"] * 4, id="2-of-3-OOXOX"),
        pytest.param("O-X--", 2, ["OK", "OK", "ALARM", "OK"], id="2-of-3-O-X--"),
        pytest.param("----O", 2, ["OK", "OK", "ALARM", "OK"], id="2-of-3-----O"),
        pytest.param("---X-", 2, ["ALARM", "kept", "ALARM", "OK"], id="2-of-3----X-"),
    ],
)
def test_the_tables_of_the_guide(points: str, to_alarm: int, states: list[str]) -> None:
    assert [state(points, to_alarm, mode) for mode in MODES] == states


@pytest.mark.parametrize("points", ["----X", "---X-"])
def test_a_young_breach_alone_is_no_alarm_yet(points: str) -> None:
    assert state(points, 3, "missing") == "kept"


@given(st.text("OX-", min_size=3, max_size=7), st.integers(1, 3), st.sampled_from(MODES))
def test_what_was_seen_decides_when_there_is_enough(points: str, to_alarm: int, missing: str) -> None:
    seen = points.replace("-", "")[-3:]
    if len(seen) == 3:
        assert state(points, to_alarm, missing) == ("ALARM" if seen.count("X") >= to_alarm else "OK")


@given(st.text("OX-", min_size=3, max_size=7), st.integers(1, 3))
def test_the_modes_agree_but_for_what_is_missing(points: str, to_alarm: int) -> None:
    """Breaching is the strictest and notBreaching the mildest; each is decided, whatever is missing."""
    strict, mild = state(points, to_alarm, "breaching"), state(points, to_alarm, "notBreaching")
    assert {strict, mild} <= {"OK", "ALARM"}
    assert (strict, mild) != ("OK", "ALARM")
    if mild == "ALARM":
        assert state(points, to_alarm, "missing") == state(points, to_alarm, "ignore") == "ALARM"


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", [2]),
        ("GreaterThanOrEqualToThreshold", [1, 2]),
        ("LessThanThreshold", [0]),
        ("LessThanOrEqualToThreshold", [0, 1]),
    ],
)
def test_comparisons(comparison: str, breaching: list[float]) -> None:
    assert set(COMPARISONS) >= {comparison}
    rules = Rules(threshold=1, comparison=comparison, periods=1, to_alarm=1)
    assert [value for value in (0, 1, 2) if rules.breaches(value)] == breaching


def test_the_reason_says_what_breached() -> None:
    rules = Rules(threshold=5, comparison="GreaterThanThreshold", periods=3, to_alarm=2)
    points = [Datapoint(9, "21/11/26 10:00:00"), Datapoint(1, "21/11/26 10:05:00"), Datapoint(8, "21/11/26 10:10:00")]
    verdict = decide(rules, points)
    assert verdict is not None
    assert verdict.reason == (
        "Threshold Crossed: 2 out of the last 3 datapoints [8.0 (21/11/26 10:10:00), 9.0 (21/11/26 10:00:00)] "
        "were greater than the threshold (5) (minimum 2 datapoints for OK -> ALARM transition)."
    )


def test_an_alarm_on_dynamodb_ignores_missing_data() -> None:
    put = {
        "Namespace": "AWS/DynamoDB",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 0.0,
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
    }
    rules = rules_of(put)
    assert rules is not None
    assert (rules.missing, rules.to_alarm) == ("ignore", 1)
    other = rules_of({**put, "Namespace": "AWS/SQS"})
    assert other is not None
    assert other.missing == "notBreaching"
