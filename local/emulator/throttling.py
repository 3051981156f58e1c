"""State machines that refuse to start executions while they have the tag for it; nothing else here is throttled."""

from typing import Any

from ministack.core import responses
from ministack.services import stepfunctions

from local.emulator.switches import THROTTLE


def install() -> None:
    """Put this around MiniStack's StartExecution."""
    original = stepfunctions._start_execution

    def wrapped(request: dict[str, Any]) -> Any:
        tags = stepfunctions._tags.get(request.get("stateMachineArn"), [])
        if any(tag["key"] == THROTTLE for tag in tags):
            return responses.error_response_json("ThrottlingException", "Rate exceeded", 400)
        return original(request)

    stepfunctions._start_execution = wrapped
