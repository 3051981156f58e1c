"""A message that is received and never deleted becomes a dead letter, raises the alarm, and can be sent again."""

import uuid
from typing import Any

import pytest

from tests.localstack.conftest import Deployed
from tests.localstack.queues import subscribe, take, until

pytestmark = pytest.mark.covers("dead-letter queue: redrive, alarm to SNS, move task back to the queue")
MAX_RECEIVES = 3


def receive(deployed: Deployed, body: str) -> bool:
    """Whether the message is there; it is not deleted and stays visible."""
    answer = deployed.aws.client("sqs").receive_message(
        QueueUrl=deployed.file_events_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0, WaitTimeSeconds=1
    )
    return body in [message["Body"] for message in answer.get("Messages", [])]


def alarm(deployed: Deployed) -> dict[str, Any]:
    found = deployed.aws.client("cloudwatch").describe_alarms(AlarmNames=[deployed.dead_letter_alarm])
    return dict(found["MetricAlarms"][0])


@pytest.fixture(scope="module")
def alerts(deployed: Deployed) -> str:
    return subscribe(deployed.aws, deployed.alerts_topic_arn, "alerts-of-dead-letters")


@pytest.fixture(scope="module")
def poison(deployed: Deployed, alerts: str, test_event: str) -> str:
    """The body of a message that was received until it was a dead letter."""
    body = f"poison {uuid.uuid4().hex}"
    deployed.aws.client("sqs").send_message(QueueUrl=deployed.file_events_queue_url, MessageBody=body)
    for _ in range(MAX_RECEIVES):
        until(lambda: receive(deployed, body), "the delivery of the message")
    assert not receive(deployed, body), "it is delivered more often than max_receive_count allows"
    return body


def test_a_dead_letter_raises_the_alarm_and_is_told(deployed: Deployed, poison: str, alerts: str) -> None:
    until(lambda: alarm(deployed)["StateValue"] == "ALARM", "the alarm of the dead-letter queue")
    [message] = until(lambda: take(deployed.aws, alerts), "the alert")
    assert deployed.dead_letter_alarm in message["Body"]


def test_dead_letters_can_be_moved_back(deployed: Deployed, poison: str) -> None:
    sqs = deployed.aws.client("sqs")
    urls = (deployed.dead_letter_queue_url, deployed.file_events_queue_url)
    dead, events = (
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"] for url in urls
    )
    sqs.start_message_move_task(SourceArn=dead, DestinationArn=events)
    messages = until(lambda: take(deployed.aws, deployed.file_events_queue_url), "the message that comes back")
    assert [message["Body"] for message in messages] == [poison]
