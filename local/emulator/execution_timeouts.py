"""Executions that run longer than their state machine allows end as TIMED_OUT; MiniStack lets them go on."""

import contextvars
import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

Document = dict[str, Any]


def install() -> None:
    """Put this around MiniStack's executions."""
    stepfunctions._run_execution = _within_its_time(stepfunctions._run_execution)


def end(execution: Document) -> None:
    """Its tasks see that it has ended, as when it is stopped."""
    if execution["status"] != "RUNNING":
        return
    execution.update(status="TIMED_OUT", stopDate=stepfunctions.now_iso(), error="States.Timeout")
    stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    stepfunctions._emit_execution_status_event(execution)


def _within_its_time(original: Callable[[str], None]) -> Callable[[str], None]:
    def wrapped(arn: str) -> None:
        execution = stepfunctions._executions.get(arn)
        seconds = _limit(execution) if execution else None
        if not seconds:
            original(arn)
            return
        timer = threading.Timer(seconds, contextvars.copy_context().run, (end, execution))
        timer.daemon = True
        timer.start()
        try:
            original(arn)
        finally:
            timer.cancel()

    return wrapped


def _limit(execution: Document) -> float | None:
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
    limit = json.loads(machine.get("definition", "{}")).get("TimeoutSeconds")
    return float(limit) if limit else None
