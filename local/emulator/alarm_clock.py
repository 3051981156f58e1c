"""The clock of the metrics: at each step gauges are sampled, alarms evaluated, and what is old is merged.

MiniStack evaluates an alarm when a metric or an alarm is put, and looks at no dimensions and at no missing data.
"""

import contextvars
import json
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ministack.core import responses
from ministack.services import cloudwatch

from local.emulator import alarm_rules, alarm_time, metrics
from local.emulator.alarm_rules import Datapoint, Rules, Verdict
from local.emulator.metric_data import UnknownStatisticError
from local.emulator.metric_math import MetricMathError, Series
from local.emulator.metric_queries import Queries, stat_values

Document = dict[str, Any]
Gauge = Callable[[float], None]

SECONDS_BETWEEN_COMPACTIONS = 60
MOST_HISTORY = 10_000

log = logging.getLogger("alarms")

_gauges: list[Gauge] = []


def install() -> None:
    """Take the evaluation of alarms from MiniStack, and start the clock."""
    cloudwatch._evaluate_alarm = lambda _: None
    cloudwatch._evaluate_all_alarms = lambda: None
    threading.Thread(target=_tick_for_ever, name="alarm-clock", daemon=True).start()


def at_each_step(gauge: Gauge) -> None:
    """Call this at each step with the beginning of the step that is over, in epoch seconds: the time of its samples."""
    _gauges.append(gauge)


def evaluate(alarm: Document, now: float) -> None:
    """One metric alarm of this thread's account and region. UnknownStatisticError, MetricMathError."""
    rules = alarm_rules.rules_of(alarm)
    # An alarm on an expression has neither for a moment, while it is put.
    if rules is None or not (alarm.get("MetricName") or alarm.get("Metrics")):
        return
    datapoints = _datapoints(alarm, rules, now)
    verdict = alarm_rules.decide(rules, datapoints)
    if verdict and verdict.state != alarm["StateValue"]:
        _change(alarm, rules, verdict, datapoints)


def _tick_for_ever() -> None:
    compacted = time.monotonic()
    while True:
        time.sleep(alarm_time.STEP_SECONDS - time.time() % alarm_time.STEP_SECONDS)
        now = time.time()
        for gauge in _gauges:
            _safely("a gauge", gauge, alarm_time.last_step(now) - alarm_time.STEP_SECONDS)
        _safely("the alarms", _evaluate_all, now)
        if time.monotonic() - compacted > SECONDS_BETWEEN_COMPACTIONS:
            _safely("what is old", _compact, now)
            compacted = time.monotonic()


def _safely(what: str, work: Callable[[float], None], now: float) -> None:
    try:
        contextvars.copy_context().run(work, now)
    except Exception:
        # The clock has to go on: this is the only place that hears of it.
        log.exception("%s failed", what)


def _compact(now: float) -> None:
    metrics.compact(now)
    for history in cloudwatch._alarm_history.all_values():
        del history[:-MOST_HISTORY]


def _evaluate_all(now: float) -> None:
    for (account, region, _), alarm in cloudwatch._alarms.all_items():
        responses.set_request_account_id(account)
        responses.set_request_region(region)
        try:
            evaluate(alarm, now)
        except (KeyError, UnknownStatisticError, MetricMathError) as error:
            log.warning("alarm %s is not evaluated: %s", alarm["AlarmName"], error)


def _datapoints(alarm: Document, rules: Rules, now: float) -> list[Datapoint]:
    spans = alarm_time.windows(_period(alarm), rules.datapoints, now)
    values = _values(alarm, spans)
    return [
        Datapoint(value, f"{_at(begin):%d/%m/%y %H:%M:%S}") for (begin, _), value in zip(spans, values, strict=True)
    ]


def _values(alarm: Document, spans: Any) -> Series:
    if alarm.get("Metrics"):
        (returned,) = [
            query["Id"] for query in alarm["Metrics"] if query.get("ReturnData", True) not in (False, "false")
        ]
        return Queries(metrics.store(), alarm["Metrics"], spans).values(returned)
    stat = alarm.get("ExtendedStatistic") or alarm["Statistic"]
    return stat_values(metrics.store(), {"Metric": alarm, "Stat": stat, "Unit": alarm.get("Unit")}, spans)


def _period(alarm: Document) -> float:
    """In seconds; an alarm on an expression has the longest of its metrics."""
    queries = [query["MetricStat"] for query in alarm.get("Metrics") or [] if "MetricStat" in query]
    return float(alarm["Period"]) if not queries else max(float(query["Period"]) for query in queries)


def _change(alarm: Document, rules: Rules, verdict: Verdict, datapoints: list[Datapoint]) -> None:
    old, now = alarm["StateValue"], int(time.time())
    data = {
        "version": "1.0",
        "queryDate": f"{_at(now):%Y-%m-%dT%H:%M:%S.000+0000}",
        "statistic": alarm.get("ExtendedStatistic") or alarm.get("Statistic"),
        "period": int(_period(alarm)),
        "recentDatapoints": [point.value for point in datapoints if point.value is not None],
        "threshold": rules.threshold,
    }
    alarm.update(
        StateValue=verdict.state,
        StateReason=verdict.reason,
        StateReasonData=json.dumps(data),
        StateUpdatedTimestamp=now,
        StateTransitionedTimestamp=now,
    )
    log.info("alarm %s: %s -> %s: %s", alarm["AlarmName"], old, verdict.state, verdict.reason)
    cloudwatch._record_history(alarm["AlarmName"], old, verdict.state, verdict.reason, reason_data=data)
    cloudwatch._dispatch_alarm_actions(alarm, old, verdict.state, verdict.reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
