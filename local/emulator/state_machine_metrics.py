"""AWS/States metrics of each state machine, as its executions start and end."""

import time
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from local.emulator import metrics

Document = dict[str, Any]

NAMESPACE = "AWS/States"
BY_STATUS = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


def install() -> None:
    """Put this around what tells of a change of an execution's status."""
    stepfunctions._emit_execution_status_event = _counting(stepfunctions._emit_execution_status_event)


def _counting(original: Callable[[Document], None]) -> Callable[[Document], None]:
    def wrapped(execution: Document) -> None:
        original(execution)
        status, own = execution["status"], {"StateMachineArn": execution["stateMachineArn"]}
        metrics.count(NAMESPACE, BY_STATUS[status], own)
        if status != "RUNNING":
            started = stepfunctions._iso_to_epoch_ms(execution["startDate"])
            metrics.record(NAMESPACE, "ExecutionTime", time.time() * 1000 - started, "Milliseconds", own)

    return wrapped
