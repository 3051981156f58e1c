"""How AWS reports a failed invocation: the class of the exception, or the end of a process that was killed."""

import re
from typing import Any

TRACEBACK = "Traceback (most recent call last):"
# What MiniStack says when the process of a function went away, while it started or while it worked.
DIED = ("Worker process died", "Worker returned no response", "Worker process exited immediately", "[Errno 32] Broken")
# The module, the class, and the message unless it is empty.
_RAISED = re.compile(r"(?:[\w.<>]+\.)?(\w+)(?:: |$)")


def reported(body: dict[str, Any], log: str, request_id: str) -> dict[str, Any]:
    """The error that AWS answers, for the one that MiniStack does.

    `log` is the output of the invocation, and then the traceback, or the message when the handler raised nothing.
    """
    message = str(body.get("errorMessage", ""))
    if not log or log.splitlines()[-1] == message:
        return _killed(request_id) if message.startswith(DIED) else body
    traceback = log.rpartition(TRACEBACK)[2].splitlines()
    said = [line for line in traceback if line and not line[0].isspace()]
    raised = _RAISED.match(said[0]) if said else None
    return {
        "errorMessage": message,
        "errorType": raised[1] if raised else "Exception",
        "requestId": request_id,
        "stackTrace": [line for line in traceback if line.startswith(" ")],
    }


def _killed(request_id: str) -> dict[str, str]:
    message = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
    return {"errorType": "Runtime.ExitError", "errorMessage": message}
