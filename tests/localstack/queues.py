"""Reading queues in tests: with a deadline, and every message once."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

from local.access import Access

SECONDS = 60

Value = TypeVar("Value")


def until(read: Callable[[], Value], what: str) -> Value:
    """The first value that is true. AssertionError after a minute."""
    deadline = time.monotonic() + SECONDS
    while not (value := read()):
        assert time.monotonic() < deadline, f"{what} did not happen within {SECONDS} s"
        time.sleep(0.2)
    return value


def take(aws: Access, url: str) -> list[dict[str, Any]]:
    """Up to ten messages, removed from the queue."""
    sqs = aws.client("sqs")
    answer = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageSystemAttributeNames=["All"]
    )
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages


def subscribe(aws: Access, topic: str, name: str) -> str:
    """The URL of a new queue that hears of what is published to the topic."""
    sqs = aws.client("sqs")
    url = str(sqs.create_queue(QueueName=name)["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return url


def published(messages: list[dict[str, Any]], subject: str) -> list[str]:
    """What was published under a subject, of messages that came through a topic."""
    told = [json.loads(message["Body"]) for message in messages]
    return [one["Message"] for one in told if one.get("Subject") == subject]
