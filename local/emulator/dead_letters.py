"""Messages that AWS services send on failure, into queues of the same account."""

from collections.abc import Mapping

from ministack.services import sqs


def send(queue_arn: str, body: str, attributes: Mapping[str, str] | None = None) -> str | None:
    """Send one message with text attributes; the reason when it could not be sent."""
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return f"{queue_arn} is no queue that exists: the embedded AWS knows no other destination"
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
    sqs._act_send_message({"QueueUrl": queue["url"], "MessageBody": body, "MessageAttributes": typed}, queue["url"])
    return None
