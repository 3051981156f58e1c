"""A message that is received and never deleted becomes a dead letter, raises the alarm, and can be sent again."""

import uuid

import pytest

from tests.localstack.conftest import Deployed
from tests.localstack.queues import subscribe, take, until

pytestmark = pytest.mark.covers("dead-letter queue: redrive, alarm to SNS, move task back to the queue")
MAX_RECEIVES = 3
DEPLOYED_ALARM = "ndjson-parquet-file-events-dead-letters-localstack"
SHORT_ALARM = "dead-letters-with-a-short-period"


def receive(deployed: Deployed, body: str) -> bool:
    """Whether the message is there; it is not deleted and stays visible."""
    answer = deployed.aws.client("sqs").receive_message(
        QueueUrl=deployed.file_events_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0, WaitTimeSeconds=1
    )
    return body in [message["Body"] for message in answer.get("Messages", [])]


@pytest.fixture(scope="module")
def alerts(deployed: Deployed) -> str:
    return subscribe(deployed.aws, deployed.alerts_topic_arn, "alerts-of-dead-letters")


@pytest.fixture(scope="module")
def alarm(deployed: Deployed, alerts: str) -> str:
    """A copy of the queue's alarm, so that nobody waits for its period of five minutes; the name of the copy."""
    cloudwatch = deployed.aws.client("cloudwatch")
    [found] = cloudwatch.describe_alarms(AlarmNames=[DEPLOYED_ALARM])["MetricAlarms"]
    wanted = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    copied = {name: value for name, value in found.items() if name in wanted}
    cloudwatch.put_metric_alarm(**copied | {"AlarmName": SHORT_ALARM, "Period": 10})
    return SHORT_ALARM


@pytest.fixture(scope="module")
def poison(deployed: Deployed, test_event: str) -> str:
    """The body of a message that was received until it was a dead letter."""
    body = f"poison {uuid.uuid4().hex}"
    deployed.aws.client("sqs").send_message(QueueUrl=deployed.file_events_queue_url, MessageBody=body)
    for _ in range(MAX_RECEIVES):
        until(lambda: receive(deployed, body), "the delivery of the message")
    assert not receive(deployed, body), "it is delivered more often than max_receive_count allows"
    return body


def test_a_dead_letter_raises_the_alarm_and_is_told(deployed: Deployed, poison: str, alarm: str, alerts: str) -> None:
    told: list[str] = []

    def is_told() -> bool:
        told.extend(message["Body"] for message in take(deployed.aws, alerts))
        return any(alarm in body and "ALARM" in body for body in told)

    until(is_told, "the alert")


def test_dead_letters_can_be_moved_back(deployed: Deployed, poison: str) -> None:
    sqs = deployed.aws.client("sqs")
    urls = (deployed.dead_letter_queue_url, deployed.file_events_queue_url)
    dead, events = (
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"] for url in urls
    )
    sqs.start_message_move_task(SourceArn=dead, DestinationArn=events)
    messages = until(lambda: take(deployed.aws, deployed.file_events_queue_url), "the message that comes back")
    assert [message["Body"] for message in messages] == [poison]
