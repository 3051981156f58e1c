"""Messages that AWS services send on failure, into queues of the same account."""

import contextvars
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import sqs


def send(queue_arn: str, body: str, attributes: Mapping[str, str] | None = None) -> str | None:
    """Send one message with text attributes; the reason when it could not be sent."""
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return f"{queue_arn} is no queue that exists: the embedded AWS knows no other destination"
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
    message = {"QueueUrl": queue["url"], "MessageBody": body, "MessageAttributes": typed}
    try:
        contextvars.copy_context().run(_send_by_tls, message)
    except sqs._Err as refusal:
        return str(refusal)
    return None


def _send_by_tls(message: dict[str, Any]) -> None:
    """As services speak. A thread that serves no request counts as plain HTTP, which a queue's policy may refuse."""
    iam_evaluator.pin_request_origin("", True)
    sqs._act_send_message(message, message["QueueUrl"])
