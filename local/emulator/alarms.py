"""Alarms that are described as they were put.

MiniStack answers Terraform's DescribeAlarms, which is in XML, without most of an alarm; so its second plan is not
empty. What it answers in JSON has more, and is put into XML here.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import cloudwatch

Answer = tuple[int, dict[str, str], bytes]
Operation = Callable[..., Answer]

FORGOTTEN = frozenset({"Metrics", "ThresholdMetricId", "InsufficientDataActions", "EvaluateLowSampleCountPercentile"})
INVENTED = frozenset({"Statistic", "Period", "Threshold"})


def install() -> None:
    """Put these around MiniStack's PutMetricAlarm and DescribeAlarms."""
    cloudwatch._put_metric_alarm = _keeping_all(cloudwatch._put_metric_alarm)
    cloudwatch._describe_alarms = _telling_all(cloudwatch._describe_alarms)


def nested(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What a form with names such as `Metrics.member.1.Id` says, as it would be in JSON; every value is a text."""
    tree: dict[str, Any] = {}
    for name in parameters:
        *parents, last = name.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = cloudwatch._p(parameters, name)
    return {name: _with_lists(node) for name, node in tree.items()}


def xml(value: Any) -> str:
    """The same value in XML; what is absent there is null or empty here."""
    if isinstance(value, dict):
        told = {name: _moment(name, inner) for name, inner in value.items() if inner not in (None, "")}
        return "".join(f"<{name}>{xml(inner)}</{name}>" for name, inner in told.items())
    if isinstance(value, list):
        return "".join(f"<member>{xml(inner)}</member>" for inner in value)
    return str(value).lower() if isinstance(value, bool) else escape(str(value))


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if "member" in node:
        return [_with_lists(node["member"][number]) for number in sorted(node["member"], key=int)]
    return {name: _with_lists(inner) for name, inner in node.items()}


def _moment(name: str, value: Any) -> Any:
    return cloudwatch._ts_iso(value) if name.endswith("Timestamp") else value


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
