"""How CloudWatch decides the state of a metric alarm from its newest datapoints. Nothing here reads or writes.

The rules are those of AWS's guide, "Configuring how CloudWatch alarms treat missing data". Where it is silent, the
alarm keeps its state.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
MISSING, IGNORE, BREACHING, NOT_BREACHING = "missing", "ignore", "breaching", "notBreaching"
# An alarm looks at more datapoints than it evaluates. AWS names no number; its examples have 5 for 3.
FURTHER_DATAPOINTS = 2
# "Alarms that evaluate metrics in the AWS/DynamoDB namespace always ignore missing data", says PutMetricAlarm.
ALWAYS_IGNORING = "AWS/DynamoDB"

# Whether a value breaches, and how AWS words it in the reason.
COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (lambda value, threshold: value > threshold, "greater than"),
    "GreaterThanOrEqualToThreshold": (lambda value, threshold: value >= threshold, "greater than or equal to"),
    "LessThanThreshold": (lambda value, threshold: value < threshold, "less than"),
    "LessThanOrEqualToThreshold": (lambda value, threshold: value <= threshold, "less than or equal to"),
}


class Datapoint(NamedTuple):
    """The value of one period, None when it is missing. `at` is the period's beginning, in words."""

    value: float | None
    at: str = ""


@dataclass(frozen=True)
class Rules:
    """M of N: `to_alarm` of `periods` datapoints have to breach."""

    threshold: float
    comparison: str
    periods: int
    to_alarm: int
    missing: str = MISSING

    @property
    def datapoints(self) -> int:
        """How many datapoints the alarm looks at."""
        return self.periods + FURTHER_DATAPOINTS

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison][0](value, self.threshold)


class Verdict(NamedTuple):
    state: str
    reason: str


def rules_of(alarm: Mapping[str, Any]) -> Rules | None:
    """From an alarm as it was put; None for those that compare with an anomaly band, which are not evaluated."""
    if alarm.get("ComparisonOperator") not in COMPARISONS or alarm.get("ThresholdMetricId"):
        return None
    periods = int(alarm["EvaluationPeriods"])
    return Rules(
        threshold=float(alarm["Threshold"]),
        comparison=alarm["ComparisonOperator"],
        periods=periods,
        to_alarm=int(alarm.get("DatapointsToAlarm") or periods),
        missing=IGNORE if alarm.get("Namespace") == ALWAYS_IGNORING else alarm.get("TreatMissingData") or MISSING,
    )


def decide(rules: Rules, datapoints: Sequence[Datapoint]) -> Verdict | None:
    """The state that the newest datapoints (the newest last) call for; None when the alarm keeps its state."""
    newest = [point for point in reversed(datapoints) if point.value is not None][: rules.periods]
    absent = rules.periods - len(newest)
    breaching = [point for point in newest if rules.breaches(_value(point))]
    filled = absent if rules.missing == BREACHING else 0
    if len(breaching) + filled >= rules.to_alarm:
        return Verdict(ALARM, _reason(rules, newest, absent, ALARM))
    if not newest and rules.missing in (MISSING, IGNORE):
        return _unknown(rules) if rules.missing == MISSING else None
    if absent and len(breaching) == len(newest) and rules.missing in (MISSING, IGNORE):
        # Nothing but breaches, and fewer than it takes: more may come, unless the oldest has waited long enough.
        return _long_breaching(rules, datapoints, newest, absent)
    return Verdict(OK, _reason(rules, newest, absent, OK))


def _long_breaching(
    rules: Rules, datapoints: Sequence[Datapoint], newest: Sequence[Datapoint], absent: int
) -> Verdict | None:
    oldest = next(index for index, point in enumerate(datapoints) if point.value is not None)
    if rules.missing == MISSING and len(datapoints) - oldest >= rules.to_alarm:
        return Verdict(ALARM, _reason(rules, newest, absent, ALARM))
    return None


def _unknown(rules: Rules) -> Verdict:
    points = "1 datapoint was" if rules.periods == 1 else f"{rules.periods} datapoints were"
    return Verdict(INSUFFICIENT, f"Insufficient Data: {points} unknown.")


def _reason(rules: Rules, newest: Sequence[Datapoint], absent: int, state: str) -> str:
    """In AWS's words."""
    treated = {BREACHING: "Breaching", NOT_BREACHING: "NonBreaching"}.get(rules.missing)
    filled = f"{absent} missing datapoint{'s were' if absent > 1 else ' was'} treated as [{treated}]"
    if not newest:
        periods = f"{absent} period{'s' if absent > 1 else ''}"
        return f"Threshold Crossed: no datapoints were received for {periods} and {filled}."
    agree = [point for point in newest if rules.breaches(_value(point)) == (state == ALARM)] or list(newest)
    listed = ", ".join(f"{float(_value(point))} ({point.at})" for point in agree)
    were, negated = "was" if len(agree) == 1 else "were", "" if state == ALARM else "not "
    crossed = f"{were} {negated}{COMPARISONS[rules.comparison][1]} the threshold"
    least = rules.to_alarm if state == ALARM else rules.periods - rules.to_alarm + 1
    change = "OK -> ALARM" if state == ALARM else "ALARM -> OK"
    return (
        f"Threshold Crossed: {len(agree)} out of the last {len(newest)} datapoints [{listed}] {crossed} "
        f"({rules.threshold}) (minimum {least} datapoint{'s' if least > 1 else ''} for {change} transition)"
        + (f" and {filled}." if absent and treated else ".")
    )


def _value(point: Datapoint) -> float:
    if point.value is None:
        raise ValueError(f"the datapoint at {point.at} is missing")
    return point.value
