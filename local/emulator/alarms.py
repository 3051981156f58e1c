"""Alarms that are described as they were put.

MiniStack answers Terraform's DescribeAlarms, which is in XML, without most of an alarm; so its second plan is not
empty. An alarm that could never be evaluated is refused.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import cloudwatch

from local.emulator import metric_math
from local.emulator.cloudwatch_forms import Answer, Operation, nested, through_json
from local.emulator.metric_data import UnknownStatisticError, check_statistic

FORGOTTEN = frozenset({"Metrics", "ThresholdMetricId", "InsufficientDataActions", "EvaluateLowSampleCountPercentile"})
INVENTED = frozenset({"Statistic", "Period", "Threshold"})


def install() -> None:
    """Put these around MiniStack's PutMetricAlarm, DescribeAlarms and DescribeAlarmHistory."""
    cloudwatch._put_metric_alarm = _keeping_all(cloudwatch._put_metric_alarm)
    cloudwatch._describe_alarms = through_json("DescribeAlarms", cloudwatch._describe_alarms)
    cloudwatch._describe_alarm_history = through_json("DescribeAlarmHistory", cloudwatch._describe_alarm_history)


def check(asked: Mapping[str, Any]) -> None:
    """Raise MetricMathError or UnknownStatisticError for an alarm that could not be evaluated.

    An anomaly band is kept, and never evaluated.
    """
    if asked.get("ThresholdMetricId"):
        return
    queries = asked.get("Metrics") or []
    for name in [query["MetricStat"]["Stat"] for query in queries if "MetricStat" in query]:
        check_statistic(name)
    if not queries:
        check_statistic(asked.get("ExtendedStatistic") or asked["Statistic"])
    series = {query["Id"]: (0.0,) for query in queries}
    for expression in [query["Expression"] for query in queries if "Expression" in query]:
        metric_math.calculate(expression, series, list(series.values()), 1)


def _keeping_all(original: Operation) -> Operation:
    def wrapped(form: dict[str, Any], document: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Answer:
        asked = document if is_cbor or is_json else nested(form)
        try:
            check(asked)
        except (KeyError, metric_math.MetricMathError, UnknownStatisticError) as error:
            refused: Answer = cloudwatch._error(
                "ValidationError", f"PutMetricAlarm: {error}", 400, use_json=is_json, use_cbor=is_cbor
            )
            return refused
        answer = original(form, document, is_cbor, is_json)
        if answer[0] == 200:
            alarm = cloudwatch._alarms[asked["AlarmName"]]
            alarm.update({name: asked[name] for name in FORGOTTEN & asked.keys()})
            for name in INVENTED - asked.keys():
                alarm.pop(name, None)
        return answer

    return wrapped
