"""AWS/SQS metrics: how many messages wait, for how long, and how many come and go."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ministack.services import s3, sns, sqs

from local.emulator import alarm_clock, metrics
from local.emulator.metric_data import Datum, metric

Document = dict[str, Any]

NAMESPACE = "AWS/SQS"
# A message that was received more often goes to the end of the queue, and its age no longer counts.
RECEIVED_OFTEN = 3


class Depth(NamedTuple):
    """What a queue holds. The age in seconds is that of the oldest message, 0 when there is none."""

    visible: int
    in_flight: int
    delayed: int
    age: float


def install() -> None:
    """Put counters around what brings and takes messages, and sample each queue at each step."""
    sqs._act_send_message = _counting_sent(sqs._act_send_message)
    sqs._HANDLERS["SendMessage"] = sqs._act_send_message
    sns._deliver_to_sqs = _counting_deliveries(sns._deliver_to_sqs)
    s3._deliver_event_to_sqs = _counting_deliveries(s3._deliver_event_to_sqs)
    sqs._collect_msgs = _counting_received(sqs._collect_msgs)
    sqs._HANDLERS["DeleteMessage"] = _counting_deleted(sqs._HANDLERS["DeleteMessage"])
    sqs._HANDLERS["DeleteMessageBatch"] = _counting_deleted(sqs._HANDLERS["DeleteMessageBatch"])
    sqs._delete_messages_for_esm = _counting_handles(sqs._delete_messages_for_esm)
    alarm_clock.at_each_step(sample)


def depth(messages: list[Document], now: float) -> Depth:
    """Of the messages that a queue holds, at this epoch second."""
    waiting = [message for message in messages if message.get("visible_at", now) > now]
    delayed = sum(1 for message in waiting if not message.get("receive_count"))
    counted = [message for message in messages if message.get("receive_count", 0) <= RECEIVED_OFTEN]
    oldest = min((message.get("sent_at", now) for message in counted or messages), default=now)
    return Depth(len(messages) - len(waiting), len(waiting) - delayed, delayed, max(now - oldest, 0.0))


def sent(arn: str) -> None:
    """A service has put one message into this queue."""
    if sqs._queue_by_arn(arn):
        _count("NumberOfMessagesSent", arn.rsplit(":", 1)[-1])


def sample(at: float) -> None:
    for (account, region, _), queue in sqs._queues.all_items():
        found = depth(list(queue["messages"]), time.time())
        own = {"QueueName": queue["name"]}
        gauges = (
            ("ApproximateNumberOfMessagesVisible", found.visible, "Count"),
            ("ApproximateNumberOfMessagesNotVisible", found.in_flight, "Count"),
            ("ApproximateNumberOfMessagesDelayed", found.delayed, "Count"),
            ("ApproximateAgeOfOldestMessage", found.age, "Seconds"),
        )
        metrics.store_of((account, region)).add(
            Datum(metric(NAMESPACE, name, own), value, at, unit) for name, value, unit in gauges
        )


def _counting_sent(original: Callable[..., Document]) -> Callable[..., Document]:
    def wrapped(data: Document, url: str) -> Document:
        answer = original(data, url)
        _count("NumberOfMessagesSent", data.get("QueueUrl", url).rsplit("/", 1)[-1])
        return answer

    return wrapped


def _counting_deliveries(original: Callable[..., None]) -> Callable[..., None]:
    def wrapped(arn: str, *rest: Any, **more: Any) -> None:
        original(arn, *rest, **more)
        sent(arn)

    return wrapped


def _counting_received(original: Callable[..., list[Document]]) -> Callable[..., list[Document]]:
    def wrapped(queue: Document, most: int, timeout: int) -> list[Document]:
        messages = original(queue, most, timeout)
        if messages:
            _count("NumberOfMessagesReceived", queue["name"], len(messages))
        return messages

    return wrapped


def _counting_deleted(original: Callable[..., Document]) -> Callable[..., Document]:
    def wrapped(data: Document, url: str) -> Document:
        answer = original(data, url)
        # Of one message there is no list.
        number = len(answer.get("Successful", [url]))
        _count("NumberOfMessagesDeleted", data.get("QueueUrl", url).rsplit("/", 1)[-1], number)
        return answer

    return wrapped


def _counting_handles(original: Callable[..., None]) -> Callable[..., None]:
    def wrapped(url: str, handles: set[str]) -> None:
        original(url, handles)
        if handles:
            _count("NumberOfMessagesDeleted", url.rsplit("/", 1)[-1], len(handles))

    return wrapped


def _count(name: str, queue: str, number: int = 1) -> None:
    metrics.count(NAMESPACE, name, {"QueueName": queue}, number)
