"""PutMetricData, GetMetricData, GetMetricStatistics and ListMetrics, in the three protocols of CloudWatch."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudwatch

from local.emulator import metrics
from local.emulator.cloudwatch_forms import Answer, nested, xml
from local.emulator.metric_data import SIMPLE, Metric, Point, UnknownStatisticError, check_statistic, grid, statistic
from local.emulator.metric_math import MetricMathError
from local.emulator.metric_queries import Queries, metric_of

Document = dict[str, Any]


def install() -> None:
    """Put these in the place of MiniStack's."""
    cloudwatch._put_metric_data = _operation("PutMetricData", put_metric_data)
    cloudwatch._get_metric_data = _operation("GetMetricData", get_metric_data)
    cloudwatch._get_metric_statistics = _operation("GetMetricStatistics", get_metric_statistics)
    cloudwatch._list_metrics = _operation("ListMetrics", list_metrics)


def put_metric_data(asked: Document) -> Document:
    for datum in asked.get("MetricData") or []:
        at = cloudwatch._parse_ts(datum.get("Timestamp")) or time.time()
        metric = metric_of({"Namespace": asked["Namespace"], **datum})
        metrics.store().add_point(metric, at, datum.get("Unit") or "None", _point(datum))
    return {}


def get_metric_data(asked: Document) -> Document:
    queries = asked.get("MetricDataQueries") or []
    start, end = _times(asked)
    newest_first = asked.get("ScanBy") != "TimestampAscending"
    results = [_result(queries, query, start, end, newest_first) for query in queries if _is_wanted(query)]
    return {"MetricDataResults": results, "Messages": []}


def get_metric_statistics(asked: Document) -> Document:
    metric, store = metric_of(asked), metrics.store()
    start, end = _times(asked)
    unit = asked.get("Unit") or None
    simple, extended = asked.get("Statistics") or [], asked.get("ExtendedStatistics") or []
    for name in [*simple, *extended]:
        check_statistic(name)
    told = unit or (store.units(metric) or ["None"])[-1]
    datapoints = []
    for begin, end_of_period in grid(start, end, int(asked.get("Period") or 60)):
        point = store.window(metric, begin, end_of_period, unit)
        if point.count:
            values = {name: value for name in simple or SIMPLE if (value := statistic(point, name)) is not None}
            ranks = {name: value for name in extended if (value := statistic(point, name)) is not None}
            datapoints.append(
                {"Timestamp": begin, "Unit": told, **values, **({"ExtendedStatistics": ranks} if ranks else {})}
            )
    return {"Label": metric.name, "Datapoints": datapoints}


def list_metrics(asked: Document) -> Document:
    return {"Metrics": [_told(metric) for metric in metrics.store().metrics() if _matches(metric, asked)]}


def _operation(name: str, answer: Callable[[Document], Document]) -> Callable[..., Answer]:
    def wrapped(form: Document, document: Document, is_cbor: bool, is_json: bool = False) -> Answer:
        try:
            result = answer(document if is_cbor or is_json else nested(form))
        except (KeyError, TypeError, ValueError) as error:
            refused: Answer = cloudwatch._error(
                "ValidationError", f"{name}: {error}", 400, use_json=is_json, use_cbor=is_cbor
            )
            return refused
        return _encoded(name, result, is_cbor, is_json)

    return wrapped


def _encoded(name: str, result: Document, is_cbor: bool, is_json: bool) -> Answer:
    told: Answer
    if is_cbor:
        told = cloudwatch._cbor_ok(_with_times(result, cloudwatch._cbor_timestamp))
    elif is_json:
        told = cloudwatch._json_ok(_with_times(result, int))
    else:
        told = cloudwatch._xml(200, f"{name}Response", f"<{name}Result>{xml(result)}</{name}Result>")
    return told


def _with_times(value: Any, encode: Callable[[float], Any], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _with_times(inner, encode, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_times(inner, encode, name) for inner in value]
    return encode(value) if name in ("Timestamp", "Timestamps") else value


def _point(datum: Mapping[str, Any]) -> Point:
    point = Point()
    if "StatisticValues" in datum:
        said = {name: float(value) for name, value in datum["StatisticValues"].items()}
        return Point(said["SampleCount"], said["Sum"], said["Minimum"], said["Maximum"], values=None)
    values = datum["Values"] if "Values" in datum else [datum["Value"]]
    for value, count in zip(values, datum.get("Counts") or [1] * len(values), strict=True):
        point.add(float(value), float(count))
    return point


def _times(asked: Mapping[str, Any]) -> tuple[float, float]:
    start, end = cloudwatch._parse_ts(asked.get("StartTime")), cloudwatch._parse_ts(asked.get("EndTime"))
    if start is None or end is None:
        raise ValueError("StartTime and EndTime are required")
    return start, end


def _is_wanted(query: Mapping[str, Any]) -> bool:
    return query.get("ReturnData", True) not in (False, "false")


def _result(queries: list[Document], query: Document, start: float, end: float, newest_first: bool) -> Document:
    label = query.get("Label") or query.get("MetricStat", {}).get("Metric", {}).get("MetricName") or query["Id"]
    told = {"Id": query["Id"], "Label": label, "Timestamps": [], "Values": [], "StatusCode": "Complete"}
    spans = list(grid(start, end, _period(queries, query)))
    try:
        values = Queries(metrics.store(), queries, spans).values(query["Id"])
    except (MetricMathError, UnknownStatisticError) as error:
        return {**told, "StatusCode": "InternalError", "Messages": [{"Code": "Unsupported", "Value": str(error)}]}
    found = [(begin, value) for (begin, _), value in zip(spans, values, strict=True) if value is not None]
    if newest_first:
        found.reverse()
    return {**told, "Timestamps": [at for at, _ in found], "Values": [value for _, value in found]}


def _period(queries: list[Document], query: Document) -> int:
    """In seconds: the query's own, or for an expression the longest of all metrics, as it has to be one for them."""
    if "MetricStat" in query:
        return int(query["MetricStat"]["Period"])
    periods = [int(one["MetricStat"]["Period"]) for one in queries if "MetricStat" in one]
    return int(query.get("Period") or max(periods, default=300))


def _matches(metric: Metric, asked: Mapping[str, Any]) -> bool:
    own = dict(metric.dimensions)
    wanted = asked.get("Dimensions") or []
    return (
        metric.namespace == (asked.get("Namespace") or metric.namespace)
        and metric.name == (asked.get("MetricName") or metric.name)
        and all(one["Name"] in own and own[one["Name"]] == (one.get("Value") or own[one["Name"]]) for one in wanted)
    )


def _told(metric: Metric) -> Document:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
