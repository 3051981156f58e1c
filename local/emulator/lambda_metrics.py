"""AWS/Lambda metrics of all invocations, whoever invokes; MiniStack has those of direct ones alone.

A throttled invocation is no invocation, as on AWS.
"""

import time
from collections.abc import Callable
from typing import Any

from ministack.services import lambda_svc

from local.emulator import alarm_clock, metrics
from local.emulator.metric_data import Datum, metric

Document = dict[str, Any]

NAMESPACE = "AWS/Lambda"
CONCURRENCY = "ConcurrentExecutions"


def install() -> None:
    """Put this around MiniStack's invocations, and in the place of its metrics."""
    lambda_svc._emit_lambda_metrics = lambda *_, **__: None
    lambda_svc._execute_function_dispatch = _counting(lambda_svc._execute_function_dispatch)
    lambda_svc._acquire_execution_slot = _counting_throttles(lambda_svc._acquire_execution_slot)
    alarm_clock.at_each_step(sample)


def sample(at: float) -> None:
    """How many invocations go on, of each function that has any."""
    for key, running in lambda_svc.executions_in_flight()[1].items():
        account, region, function = key.split(":", 2)
        _concurrency(metrics.store_of((account, region)), function, running, at)


def _counting(original: Callable[..., Document]) -> Callable[..., Document]:
    def wrapped(function: Document, config: Document, event: Any, request_id: str, started: float) -> Document:
        name = config["FunctionName"]
        running = lambda_svc.executions_in_flight()[1].get(lambda_svc._inflight_key(config), 1)
        _concurrency(metrics.store(), name, running, started)
        result = original(function, config, event, request_id, started)
        milliseconds = (time.time() - started) * 1000
        dimensions = {"FunctionName": name}
        metrics.count(NAMESPACE, "Invocations", dimensions)
        metrics.count(NAMESPACE, "Errors", dimensions, 1 if result.get("error") else 0)
        metrics.count(NAMESPACE, "Throttles", dimensions, 0)
        metrics.record(NAMESPACE, "Duration", milliseconds, "Milliseconds", dimensions)
        return result

    return wrapped


def _counting_throttles(original: Callable[..., tuple[Any, Any]]) -> Callable[..., tuple[Any, Any]]:
    def wrapped(function: Document, config: Document) -> tuple[Any, Any]:
        slot, limit = original(function, config)
        if slot is None:
            metrics.count(NAMESPACE, "Throttles", {"FunctionName": config["FunctionName"]})
        return slot, limit

    return wrapped


def _concurrency(store: Any, function: str, running: int, at: float) -> None:
    store.add([Datum(metric(NAMESPACE, CONCURRENCY, {"FunctionName": function}), running, at, "Count")])
