"""The metrics of the embedded AWS: where services and programs put them, and where requests and alarms find them.

MiniStack keeps each value it is sent, for two weeks, and looks at all of them in each request. Here they are merged and
coarsened as they grow old. They are kept in memory, so a stop loses them.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services import cloudwatch, cloudwatch_logs

from local.emulator import alarm_time, embedded_metrics
from local.emulator.metric_data import Datum, MetricStore, metric

Scope = tuple[str, str]

_stores: dict[Scope, MetricStore] = {}
_lock = threading.Lock()


def install() -> None:
    """Put this in the place of MiniStack's own store, and read embedded metrics in all that is logged."""
    cloudwatch.record_metric = record
    cloudwatch._evict_old_metrics = lambda: None
    reset = cloudwatch.reset
    append = cloudwatch_logs._append_log_events

    def without_metrics() -> None:
        for store in _stores.values():
            store.clear()
        reset()

    def and_their_metrics(stream: dict[str, Any], events: list[dict[str, Any]]) -> None:
        append(stream, events)
        for event in events:
            # Without asking for the store: most lines say nothing of metrics.
            if embedded_metrics.MARK in event["message"]:
                store().add(embedded_metrics.metrics_in(event["message"], event["timestamp"] / 1000))

    cloudwatch.reset = without_metrics
    cloudwatch_logs._append_log_events = and_their_metrics


def store() -> MetricStore:
    """The metrics of this thread's account and region."""
    return store_of((responses.get_account_id(), responses.get_region()))


def store_of(scope: Scope) -> MetricStore:
    with _lock:
        return _stores.setdefault(scope, MetricStore(min(1, alarm_time.STEP_SECONDS), alarm_time.STEPS_KEPT_SECONDS))


def record(
    namespace: str, name: str, value: float, unit: str = "None", dimensions: Mapping[str, str] | None = None
) -> None:
    """One value, now. The signature is that of MiniStack's function, which its services call."""
    store().add([Datum(metric(namespace, name, dimensions), float(value), time.time(), unit)])


def count(namespace: str, name: str, dimensions: Mapping[str, str], value: float = 1) -> None:
    record(namespace, name, value, "Count", dimensions)


def compact(now: float) -> None:
    """Merge what is old, at this epoch second."""
    for one in list(_stores.values()):
        one.compact(now)
