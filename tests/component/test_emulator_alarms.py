"""Alarms of the embedded AWS go from fault to ALARM and back by themselves, and tell their topic."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.access import REGION
from local.embedded_aws import ACCOUNT_ID, EmbeddedAws
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


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """The same, with IAM enforced and https."""
    made = EmbeddedAws(
        tmp_path_factory.mktemp("guarded"), settings={**QUICK, "NDJSON_PARQUET_ALARM_PERIOD_SECONDS": "0.5"}
    )
    made.start(port=0, auth=True, tls=True)
    yield made
    made.stop()


@dataclass
class Watched:
    """An alarm, followed by its history: a state that lasts for a moment only is seen too."""

    aws: EmbeddedAws
    name: str
    kind: str = "MetricAlarm"
    seen: int = 0

    def changes(self) -> list[dict[str, str]]:
        """Its states with their reasons, oldest first, as HistoryData has them."""
        items = self.aws.client("cloudwatch").describe_alarm_history(
            AlarmName=self.name, AlarmTypes=[self.kind], HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
        )["AlarmHistoryItems"]
        return [json.loads(item["HistoryData"])["newState"] for item in items]

    def becomes(self, state: str) -> str:
        """The reason of its next change to this state, after the one that was waited for before."""

        def later() -> list[tuple[int, dict[str, str]]]:
            return [(at, new) for at, new in enumerate(self.changes()) if at >= self.seen]

        found = until(
            later, lambda changes: any(new["stateValue"] == state for _, new in changes), f"{state} of {self.name}"
        )
        at, new = next((at, new) for at, new in found if new["stateValue"] == state)
        self.seen = at + 1
        return new["stateReason"]


class Alarm(Watched):
    """A metric alarm with a topic, and a queue that hears of its changes. `settings` are PutMetricAlarm's."""

    def __init__(self, aws: EmbeddedAws, **settings: Any) -> None:
        super().__init__(aws, f"alarm-{uuid.uuid4().hex[:12]}")
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

    def told(self, count: int) -> list[str]:
        """The new states that the topic was told, oldest first, when there are so many."""
        states: list[str] = []

        def read() -> list[str]:
            states.extend(json.loads(message["body"]["Message"])["NewStateValue"] for message in self.heard.messages())
            return states

        return until(read, lambda found: len(found) >= count, f"{count} messages of {self.name}")


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
    reason = alarm.becomes("ALARM")
    assert reason.startswith("Threshold Crossed: 1 out of the last 1 datapoints [1.0 (")
    assert reason.endswith("was greater than the threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition).")
    watched.sqs.purge_queue(QueueUrl=watched.url)
    alarm.becomes("OK")
    assert alarm.told(3) == ["OK", "ALARM", "OK"]
    assert quiet.told(1) == ["OK"]
    done = aws.client("cloudwatch").describe_alarm_history(AlarmName=quiet.name, HistoryItemType="Action")
    (action,) = done["AlarmHistoryItems"]
    assert action["HistorySummary"] == f"Successfully executed action {quiet.topic}"


def test_missing_data_may_be_a_breach(aws: EmbeddedAws) -> None:
    settings = {**of_metric("Own", "Sweeps", "Sum"), "Threshold": 1, "ComparisonOperator": "LessThanThreshold"}
    alarm = Alarm(aws, **settings, TreatMissingData="breaching")
    reason = alarm.becomes("ALARM")
    assert reason == (
        "Threshold Crossed: no datapoints were received for 1 period "
        "and 1 missing datapoint was treated as [Breaching]."
    )
    put(aws, "Own", "Sweeps", 1)
    alarm.becomes("OK")
    alarm.becomes("ALARM")


def test_missing_data_is_unknown_where_the_alarm_says_nothing(aws: EmbeddedAws) -> None:
    alarm = Alarm(aws, **of_metric("Own", "Rare", "Sum"))
    put(aws, "Own", "Rare", 1)
    alarm.becomes("ALARM")
    assert alarm.becomes("INSUFFICIENT_DATA") == "Insufficient Data: 1 datapoint was unknown."


def test_a_percentile_is_a_statistic(aws: EmbeddedAws) -> None:
    settings = {**of_metric("Own", "Slow", ""), "Threshold": 9, "TreatMissingData": "ignore"}
    del settings["Statistic"]
    alarm = Alarm(aws, **settings, ExtendedStatistic="p90")
    datum = {"MetricName": "Slow", "Values": list(range(1, 11))}
    alarm.cloudwatch.put_metric_data(Namespace="Own", MetricData=[datum])
    assert "[9.1 (" in alarm.becomes("ALARM")


def test_an_alarm_without_actions_changes_and_says_nothing(aws: EmbeddedAws) -> None:
    alarm = Alarm(aws, **of_metric("Own", "Silent", "Sum"), TreatMissingData="breaching", ActionsEnabled=False)
    alarm.becomes("ALARM")
    assert alarm.heard.is_empty()


def test_a_state_that_was_set_gives_way_to_the_real_one(aws: EmbeddedAws) -> None:
    alarm = Alarm(aws, **of_metric("Own", "Set", "Sum"), TreatMissingData="notBreaching")
    alarm.becomes("OK")
    alarm.cloudwatch.set_alarm_state(AlarmName=alarm.name, StateValue="ALARM", StateReason="a drill")
    assert alarm.told(3) == ["OK", "ALARM", "OK"]


@pytest.mark.parametrize(
    ("publisher", "outcome"),
    [("cloudwatch.amazonaws.com", "Successfully executed"), ("events.amazonaws.com", "Failed to execute")],
)
def test_the_policy_of_a_topic_decides_whether_it_is_told(guarded: EmbeddedAws, publisher: str, outcome: str) -> None:
    name = f"topic-{uuid.uuid4().hex[:12]}"
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:{name}"
    own = {"Action": "sns:Publish", "Resource": arn}
    statements = [
        {"Effect": "Allow", "Principal": {"Service": publisher}, **own},
        {"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}, **own},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    guarded.client("sns").create_topic(Name=name, Attributes={"Policy": policy})
    alarm = Alarm(guarded, **of_metric("Own", "Told", "Sum"), TreatMissingData="breaching", AlarmActions=[arn])
    alarm.becomes("ALARM")
    cloudwatch = guarded.client("cloudwatch")
    (action,) = until(
        lambda: cloudwatch.describe_alarm_history(AlarmName=alarm.name, HistoryItemType="Action")["AlarmHistoryItems"],
        bool,
        "the action",
    )
    assert action["HistorySummary"] == f"{outcome} action {arn}"


def share_of(namespace: str) -> dict[str, Any]:
    """An alarm on less than 99 % good. Its settings."""
    parts = [
        {
            "Id": name,
            "MetricStat": {"Metric": {"Namespace": namespace, "MetricName": name}, "Period": 3600, "Stat": "Sum"},
            "ReturnData": False,
        }
        for name in ("good", "bad")
    ]
    share = {"Id": "share", "Expression": "IF(bad + FILL(good, 0) > 0, 100 * FILL(good, 0) / (FILL(good, 0) + bad))"}
    return {"Metrics": [share, *parts], "Threshold": 99, "ComparisonOperator": "LessThanThreshold"}


def test_an_alarm_on_an_expression(aws: EmbeddedAws) -> None:
    alarm = Alarm(aws, **share_of("Share"), TreatMissingData="notBreaching")
    alarm.becomes("OK")
    put(aws, "Share", "good", 97)
    put(aws, "Share", "bad", 3)
    assert "less than the threshold (99.0)" in alarm.becomes("ALARM")
    alarm.becomes("OK")
    assert alarm.told(3) == ["OK", "ALARM", "OK"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({"Metrics": [{"Id": "e", "Expression": "FORECAST(m)"}]}, "FORECAST", id="unknown-function"),
        pytest.param({"Metrics": [{"Id": "e", "Expression": "absent + 1"}]}, "absent", id="unknown-id"),
        pytest.param(of_metric("Own", "m", "Median"), "Median", id="unknown-statistic"),
    ],
)
def test_an_alarm_that_could_never_be_evaluated_is_refused(
    aws: EmbeddedAws, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(aws.client("cloudwatch").exceptions.ClientError, match=said):
        Alarm(aws, **settings)


def test_a_composite_alarm_follows_its_rule(aws: EmbeddedAws) -> None:
    late, lost, known = (
        Alarm(aws, **of_metric("Composite", name, "Sum"), TreatMissingData="notBreaching")
        for name in ("late", "lost", "known")
    )
    for alarm in (late, lost, known):
        alarm.becomes("OK")
    heard = Alarm(aws, **of_metric("Composite", "none", "Sum"))
    cloudwatch, whole = aws.client("cloudwatch"), Watched(aws, f"whole-{heard.name}", "CompositeAlarm")
    cloudwatch.put_composite_alarm(
        AlarmName=whole.name,
        AlarmRule=f"(ALARM({late.name}) OR ALARM({lost.name})) AND NOT ALARM({known.name})",
        AlarmActions=[heard.topic],
        OKActions=[heard.topic],
    )
    whole.becomes("OK")
    put(aws, "Composite", "lost", 1)
    whole.becomes("ALARM")
    whole.becomes("OK")
    assert heard.told(3) == ["OK", "ALARM", "OK"]
    put(aws, "Composite", "known", 1)
    known.becomes("OK")
    assert len(whole.changes()) == whole.seen
    both = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert whole.name in [alarm["AlarmName"] for alarm in both["CompositeAlarms"]]
    assert known.name in [alarm["AlarmName"] for alarm in both["MetricAlarms"]]
