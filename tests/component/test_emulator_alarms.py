"""Alarms of the embedded AWS go from fault to ALARM and back by themselves, and tell their topic."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from local.embedded_aws import EmbeddedAws
from tests.component.emulator_events import Queue
from tests.component.emulator_tools import QUICK, until


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """Each period of an alarm lasts half a second."""
    made = EmbeddedAws(
        tmp_path_factory.mktemp("alarms"), settings={**QUICK, "NDJSON_PARQUET_ALARM_PERIOD_SECONDS": "0.5"}
    )
    made.start(port=0)
    yield made
    made.stop()


class Alarm:
    """An alarm with a topic, and a queue that hears of its changes. `settings` are PutMetricAlarm's."""

    def __init__(self, aws: EmbeddedAws, **settings: Any) -> None:
        self.name = f"alarm-{uuid.uuid4().hex[:12]}"
        self.cloudwatch, self.heard = aws.client("cloudwatch"), Queue(aws)
        topics = aws.client("sns")
        self.topic = topics.create_topic(Name=self.name)["TopicArn"]
        topics.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.heard.arn)
        defaults = {
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": [self.topic],
            "OKActions": [self.topic],
        }
        self.cloudwatch.put_metric_alarm(AlarmName=self.name, **{**defaults, **settings})

    def described(self) -> dict[str, Any]:
        answer = self.cloudwatch.describe_alarms(AlarmNames=[self.name])
        found: dict[str, Any] = answer["MetricAlarms"][0]
        return found

    def becomes(self, state: str) -> dict[str, Any]:
        return until(self.described, lambda found: found["StateValue"] == state, f"the state {state}")

    def told(self, count: int) -> list[str]:
        """The new states that the topic was told, oldest first, when there are so many."""
        states: list[str] = []

        def read() -> list[str]:
            states.extend(json.loads(message["body"]["Message"])["NewStateValue"] for message in self.heard.messages())
            return states

        return until(read, lambda found: len(found) >= count, f"{count} messages of {self.name}")

    def history(self) -> list[str]:
        """What happened, oldest first."""
        items = self.cloudwatch.describe_alarm_history(AlarmName=self.name, ScanBy="TimestampAscending")
        return [item["HistorySummary"] for item in items["AlarmHistoryItems"]]


def of_metric(namespace: str, name: str, stat: str, **dimensions: str) -> dict[str, Any]:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": named, "Statistic": stat, "Period": 300}


def put(aws: EmbeddedAws, namespace: str, name: str, value: float, **dimensions: str) -> None:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    datum = {"MetricName": name, "Value": value, "Dimensions": named}
    aws.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])


def test_a_message_in_a_queue_raises_its_alarm_and_no_other_and_its_end_ends_it(aws: EmbeddedAws) -> None:
    watched, other = Queue(aws), Queue(aws)
    depth = ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum")
    alarm = Alarm(aws, **of_metric(*depth, QueueName=watched.name), TreatMissingData="notBreaching")
    quiet = Alarm(aws, **of_metric(*depth, QueueName=other.name), TreatMissingData="notBreaching")
    alarm.becomes("OK")
    watched.sqs.send_message(QueueUrl=watched.url, MessageBody="1")
    reason = alarm.becomes("ALARM")["StateReason"]
    assert reason.startswith("Threshold Crossed: 1 out of the last 1 datapoints [1.0 (")
    assert reason.endswith("was greater than the threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition).")
    watched.sqs.purge_queue(QueueUrl=watched.url)
    alarm.becomes("OK")
    assert alarm.told(3) == ["OK", "ALARM", "OK"]
    assert alarm.history()[-2:] == ["Alarm updated from OK to ALARM", "Alarm updated from ALARM to OK"]
    assert quiet.told(1) == ["OK"]


def test_missing_data_may_be_a_breach(aws: EmbeddedAws) -> None:
    settings = {**of_metric("Own", "Sweeps", "Sum"), "Threshold": 1, "ComparisonOperator": "LessThanThreshold"}
    alarm = Alarm(aws, **settings, TreatMissingData="breaching")
    reason = alarm.becomes("ALARM")["StateReason"]
    assert reason == (
        "Threshold Crossed: no datapoints were received for 1 period "
        "and 1 missing datapoint was treated as [Breaching]."
    )
    put(aws, "Own", "Sweeps", 1)
    alarm.becomes("OK")
    alarm.becomes("ALARM")


def test_missing_data_is_unknown_where_the_alarm_says_nothing(aws: EmbeddedAws) -> None:
    alarm = Alarm(aws, **of_metric("Own", "Rare", "Sum"))
    assert alarm.described()["StateValue"] == "INSUFFICIENT_DATA"
    put(aws, "Own", "Rare", 1)
    alarm.becomes("ALARM")
    assert alarm.becomes("INSUFFICIENT_DATA")["StateReason"] == "Insufficient Data: 1 datapoint was unknown."


def test_a_percentile_is_a_statistic(aws: EmbeddedAws) -> None:
    settings = {**of_metric("Own", "Slow", ""), "Threshold": 5, "TreatMissingData": "ignore"}
    del settings["Statistic"]
    alarm = Alarm(aws, **settings, ExtendedStatistic="p90")
    for value in range(1, 11):
        put(aws, "Own", "Slow", value)
    alarm.becomes("ALARM")


def test_an_alarm_without_actions_changes_and_says_nothing(aws: EmbeddedAws) -> None:
    alarm = Alarm(aws, **of_metric("Own", "Silent", "Sum"), TreatMissingData="breaching", ActionsEnabled=False)
    alarm.becomes("ALARM")
    assert alarm.heard.is_empty()


def test_a_state_that_was_set_gives_way_to_the_real_one(aws: EmbeddedAws) -> None:
    alarm = Alarm(aws, **of_metric("Own", "Set", "Sum"), TreatMissingData="notBreaching")
    alarm.becomes("OK")
    alarm.cloudwatch.set_alarm_state(AlarmName=alarm.name, StateValue="ALARM", StateReason="a drill")
    assert alarm.told(3) == ["OK", "ALARM", "OK"]
