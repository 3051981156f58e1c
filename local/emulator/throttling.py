"""State machines that refuse to start executions, or slow them down, while they have the tag for it."""

import time
from typing import Any

from ministack.core import responses
from ministack.services import stepfunctions

from local.emulator import metrics
from local.emulator.switches import THROTTLE, THROTTLE_STATES

NAMESPACE = "AWS/States"
# How long a state waits that is throttled; AWS names no time.
SECONDS = 0.2


def install() -> None:
    """Put this around MiniStack's StartExecution, and around the entry into each state."""
    start, add_event = stepfunctions._start_execution, stepfunctions._add_event

    def start_unless_throttled(request: dict[str, Any]) -> Any:
        if _has_tag(request.get("stateMachineArn", ""), THROTTLE):
            metrics.count(NAMESPACE, "ThrottledEvents", {"APIName": "StartExecution"})
            return responses.error_response_json("ThrottlingException", "Rate exceeded", 400)
        return start(request)

    def enter_slowly(execution: dict[str, Any], event_type: str, details: Any = None) -> Any:
        machine = execution.get("stateMachineArn", "")
        if event_type.endswith("StateEntered") and _has_tag(machine, THROTTLE_STATES):
            metrics.count(NAMESPACE, "ExecutionThrottled", {"StateMachineArn": machine})
            time.sleep(SECONDS)
        return add_event(execution, event_type, details)

    stepfunctions._start_execution = start_unless_throttled
    stepfunctions._add_event = enter_slowly


def _has_tag(machine: str, name: str) -> bool:
    return any(tag["key"] == name for tag in stepfunctions._tags.get(machine, []))
