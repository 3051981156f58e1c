"""Alarms that are described as they were put.

MiniStack answers Terraform's DescribeAlarms, which is in XML, without most of an alarm; so its second plan is not
empty. What it answers in JSON has more, and is put into XML here.
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch

from local.emulator.cloudwatch_forms import nested, xml

Answer = tuple[int, dict[str, str], bytes]
Operation = Callable[..., Answer]

FORGOTTEN = frozenset({"Metrics", "ThresholdMetricId", "InsufficientDataActions", "EvaluateLowSampleCountPercentile"})
INVENTED = frozenset({"Statistic", "Period", "Threshold"})


def install() -> None:
    """Put these around MiniStack's PutMetricAlarm and DescribeAlarms."""
    cloudwatch._put_metric_alarm = _keeping_all(cloudwatch._put_metric_alarm)
    cloudwatch._describe_alarms = _telling_all(cloudwatch._describe_alarms)


def _keeping_all(original: Operation) -> Operation:
    def wrapped(form: dict[str, Any], document: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Answer:
        answer = original(form, document, is_cbor, is_json)
        if answer[0] == 200:
            asked = document if is_cbor or is_json else nested(form)
            alarm = cloudwatch._alarms[asked["AlarmName"]]
            alarm.update({name: asked[name] for name in FORGOTTEN & asked.keys()})
            for name in INVENTED - asked.keys():
                alarm.pop(name, None)
        return answer

    return wrapped


def _telling_all(original: Operation) -> Operation:
    def wrapped(form: dict[str, Any], document: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Answer:
        if is_cbor or is_json:
            return original(form, document, is_cbor, is_json)
        answer = original({}, nested(form), False, True)
        if answer[0] != 200:
            return original(form, document, is_cbor, is_json)
        result = f"<DescribeAlarmsResult>{xml(json.loads(answer[2]))}</DescribeAlarmsResult>"
        told: Answer = cloudwatch._xml(200, "DescribeAlarmsResponse", result)
        return told

    return wrapped
