"""Metrics of the embedded AWS: what functions and Glue runs print, what its services count, and how they are asked."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.access import REGION
from local.embedded_aws import ACCOUNT_ID, EmbeddedAws
from local.faults import fail_table, release, release_table, throttle_states, throttle_table
from tests.component.emulator_events import Function, Queue, Rule, Table
from tests.component.emulator_tools import QUICK, Job, Machine, until

EMITTING = """
def work(event, before):
    print(json.dumps({
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [{
            "Namespace": event["namespace"],
            "Dimensions": [["service"], ["service", "reason"]],
            "Metrics": [{"Name": "LinesRejected", "Unit": "Count"}, {"Name": "Seconds", "Unit": "Seconds"}],
        }]},
        "service": "s", "reason": "too long", "LinesRejected": [3, 4], "Seconds": 1.5, "message": "for people",
    }))
    if event.get("raise"):
        raise ValueError(event["raise"])
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """Gauges are sampled every tenth of a second."""
    made = EmbeddedAws(
        tmp_path_factory.mktemp("metrics"), settings={**QUICK, "NDJSON_PARQUET_ALARM_PERIOD_SECONDS": "0.5"}
    )
    made.start(port=0)
    yield made
    made.stop()


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that are made from now on do not try again."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def values(aws: EmbeddedAws, namespace: str, name: str, stat: str = "Sum", **dimensions: str) -> list[float]:
    """Of the last hour, one for each minute that has any."""
    now = datetime.now(UTC)
    stat_of = {"Metric": metric(namespace, name, dimensions), "Period": 60, "Stat": stat}
    found: dict[str, Any] = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": stat_of}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
    )["MetricDataResults"][0]
    return list(found["Values"])


def metric(namespace: str, name: str, dimensions: dict[str, str]) -> dict[str, Any]:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": named}


def total(aws: EmbeddedAws, namespace: str, name: str, **dimensions: str) -> float:
    return sum(values(aws, namespace, name, **dimensions))


def test_what_a_function_prints_as_embedded_metrics_becomes_metrics(aws: EmbeddedAws) -> None:
    function = Function(aws, EMITTING)
    function.invoke({"namespace": "Printed"})
    function.invoke({"namespace": "Printed", "raise": "too late"})
    assert total(aws, "Printed", "LinesRejected", service="s") == 14
    assert total(aws, "Printed", "LinesRejected", service="s", reason="too long") == 14
    assert values(aws, "Printed", "LinesRejected", service="other") == []
    assert max(values(aws, "Printed", "Seconds", "Average", service="s")) == 1.5
    listed = aws.client("cloudwatch").list_metrics(Namespace="Printed", MetricName="Seconds")["Metrics"]
    assert [sorted(one["Name"] for one in found["Dimensions"]) for found in listed] == [
        ["reason", "service"],
        ["service"],
    ]


def test_what_a_glue_run_prints_as_embedded_metrics_becomes_metrics(aws: EmbeddedAws) -> None:
    definition = {"Namespace": "Run", "Dimensions": [[]], "Metrics": [{"Name": "Rows"}]}
    line = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [definition]}, "Rows": 5}
    assert Job(aws, f"print({json.dumps(line)!r})").run()["JobRunState"] == "SUCCEEDED"
    assert total(aws, "Run", "Rows") == 5


def test_invocations_are_counted_whoever_invokes(aws: EmbeddedAws) -> None:
    function = Function(aws, 'def work(event, before):\n    if event == "fail": raise ValueError')
    queue = Queue(aws)
    function.functions.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn)
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="{}")
    sent, received, deleted = (f"NumberOfMessages{what}" for what in ("Sent", "Received", "Deleted"))
    until(lambda: total(aws, "AWS/SQS", deleted, QueueName=queue.name), bool, "the end of the first invocation")
    function.invoke("fail")
    own = {"FunctionName": function.name}
    until(lambda: total(aws, "AWS/Lambda", "Invocations", **own), lambda found: found == 2, "two invocations")
    assert total(aws, "AWS/Lambda", "Errors", **own) == 1
    assert min(values(aws, "AWS/Lambda", "Duration", "Minimum", **own)) > 0
    assert max(values(aws, "AWS/Lambda", "ConcurrentExecutions", "Maximum", **own)) == 1
    assert [total(aws, "AWS/SQS", name, QueueName=queue.name) for name in (sent, received, deleted)] == [1, 1, 1]


def test_a_throttled_invocation_is_none(aws: EmbeddedAws, once: None) -> None:
    function = Function(aws, "def work(event, before): pass")
    function.functions.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    with pytest.raises(function.functions.exceptions.TooManyRequestsException):
        function.invoke()
    assert total(aws, "AWS/Lambda", "Throttles", FunctionName=function.name) == 1
    assert total(aws, "AWS/Lambda", "Invocations", FunctionName=function.name) == 0


def test_a_queue_says_how_much_waits_and_for_how_long(aws: EmbeddedAws) -> None:
    queue = Queue(aws)
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="1")
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="2")
    queue.sqs.receive_message(QueueUrl=queue.url)

    def highest(name: str) -> float:
        return max(values(aws, "AWS/SQS", name, "Maximum", QueueName=queue.name), default=0)

    until(lambda: highest("ApproximateNumberOfMessagesNotVisible"), lambda found: found > 0, "a message in flight")
    assert highest("ApproximateNumberOfMessagesVisible") >= 1
    until(lambda: highest("ApproximateAgeOfOldestMessage"), lambda age: age > 1, "an age of more than a second")


@pytest.mark.parametrize(
    ("task", "metric"),
    [
        pytest.param({"Type": "Pass"}, "ExecutionsSucceeded", id="succeeds"),
        pytest.param({"Type": "Fail", "Error": "E"}, "ExecutionsFailed", id="fails"),
    ],
)
def test_executions_are_counted_by_their_end(aws: EmbeddedAws, task: dict[str, Any], metric: str) -> None:
    machine = Machine(aws, task)
    machine.run()
    own = {"StateMachineArn": machine.arn}
    until(lambda: total(aws, "AWS/States", metric, **own), lambda found: found == 1, metric)
    assert total(aws, "AWS/States", "ExecutionsStarted", **own) == 1
    assert min(values(aws, "AWS/States", "ExecutionTime", "Minimum", **own)) > 0


def test_a_stopped_execution_is_aborted(aws: EmbeddedAws) -> None:
    machine = Machine(aws, {"Type": "Wait", "Seconds": 600})
    machine.states.stop_execution(executionArn=machine.start())
    assert total(aws, "AWS/States", "ExecutionsAborted", StateMachineArn=machine.arn) == 1


def test_statistics_of_what_was_put(aws: EmbeddedAws) -> None:
    cloudwatch = aws.client("cloudwatch")
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=2)
    cloudwatch.put_metric_data(
        Namespace="Put",
        MetricData=[
            {"MetricName": "a", "Timestamp": minute, "Values": [1, 2, 3], "Counts": [1, 1, 2], "Unit": "Count"},
            {"MetricName": "a", "Timestamp": minute + timedelta(seconds=60), "Value": 10, "Unit": "Count"},
        ],
    )
    asked = {"Namespace": "Put", "MetricName": "a", "StartTime": minute, "EndTime": minute + timedelta(minutes=2)}
    found = cloudwatch.get_metric_statistics(
        **asked, Period=60, Statistics=["Sum", "SampleCount", "Average"], ExtendedStatistics=["p50"]
    )
    first, second = sorted(found["Datapoints"], key=lambda point: point["Timestamp"])
    assert (first["Timestamp"], first["Unit"]) == (minute, "Count")
    assert (first["Sum"], first["SampleCount"], first["Average"]) == (9, 4, 2.25)
    assert first["ExtendedStatistics"] == {"p50": 2.5}
    assert second["Sum"] == 10


def test_metric_math_in_a_request(aws: EmbeddedAws) -> None:
    cloudwatch = aws.client("cloudwatch")
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=3)
    good = [{"MetricName": "good", "Timestamp": minute, "Value": 3}]
    bad = [{"MetricName": "bad", "Timestamp": minute + timedelta(minutes=index), "Value": 1} for index in range(2)]
    cloudwatch.put_metric_data(Namespace="Math", MetricData=[*good, *bad])
    queries = [
        {
            "Id": name,
            "MetricStat": {"Metric": {"Namespace": "Math", "MetricName": name}, "Period": 60, "Stat": "Sum"},
            "ReturnData": False,
        }
        for name in ("good", "bad")
    ]
    share = {"Id": "share", "Expression": "100 * FILL(good, 0) / (FILL(good, 0) + FILL(bad, 0))", "Label": "on time"}
    (result,) = cloudwatch.get_metric_data(
        MetricDataQueries=[share, *queries], StartTime=minute, EndTime=minute + timedelta(minutes=3)
    )["MetricDataResults"]
    assert (result["Id"], result["Label"]) == ("share", "on time")
    # The newest first, as on AWS; the third minute would divide by zero.
    assert result["Values"] == [0, 75]
    assert result["Timestamps"] == [minute + timedelta(minutes=1), minute]


def test_an_execution_that_takes_too_long_times_out(aws: EmbeddedAws) -> None:
    machine = Machine(aws, {"Type": "Wait", "Seconds": 600}, timeout_seconds=1)
    assert machine.run()["status"] == "TIMED_OUT"
    own = {"StateMachineArn": machine.arn}
    assert total(aws, "AWS/States", "ExecutionsTimedOut", **own) == 1
    assert total(aws, "AWS/States", "ExecutionsFailed", **own) == 0


def test_a_throttled_execution_goes_on_and_is_counted(aws: EmbeddedAws) -> None:
    machine = Machine(aws, {"Type": "Pass"})
    throttle_states(aws, machine.arn)
    assert machine.run()["status"] == "SUCCEEDED"
    own = {"StateMachineArn": machine.arn}
    assert total(aws, "AWS/States", "ExecutionThrottled", **own) == 1
    release(aws, machine.arn)
    machine.run()
    assert total(aws, "AWS/States", "ExecutionThrottled", **own) == 1


@pytest.mark.parametrize(
    ("switch_on", "error", "counted"),
    [
        pytest.param(
            throttle_table,
            "ProvisionedThroughputExceededException",
            {"ThrottledRequests": "GetItem", "ReadThrottleEvents": None},
            id="throttled",
        ),
        pytest.param(fail_table, "InternalServerError", {"SystemErrors": "GetItem"}, id="failing"),
    ],
)
def test_a_table_that_refuses_is_counted(
    aws: EmbeddedAws,
    once: None,
    switch_on: Callable[[EmbeddedAws, str], None],
    error: str,
    counted: dict[str, str | None],
) -> None:
    table = Table(aws)
    table.put("a")
    switch_on(aws, table.name)
    with pytest.raises(table.dynamodb.exceptions.ClientError) as raised:
        table.dynamodb.get_item(TableName=table.name, Key={"k": {"S": "a"}})
    assert raised.value.response["Error"]["Code"] == error
    for name, operation in counted.items():
        own = {"TableName": table.name, **({"Operation": operation} if operation else {})}
        assert total(aws, "AWS/DynamoDB", name, **own) == 1
    release_table(aws, table.name)
    table.put("b")


ITEM = {"k": {"S": "a"}}


@pytest.mark.parametrize(
    ("operation", "request_for", "counted"),
    [
        pytest.param(
            "batch_write_item",
            lambda name: {"RequestItems": {name: [{"PutRequest": {"Item": ITEM}}]}},
            {"name": "WriteThrottleEvents"},
            id="batch",
        ),
        pytest.param(
            "transact_write_items",
            lambda name: {"TransactItems": [{"Put": {"TableName": name, "Item": ITEM}}]},
            {"name": "WriteThrottleEvents"},
            id="transaction",
        ),
        pytest.param(
            "query",
            lambda name: {
                "TableName": f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{name}",
                "IndexName": "index",
                "KeyConditionExpression": "k = :k",
                "ExpressionAttributeValues": {":k": {"S": "a"}},
            },
            {"name": "ReadThrottleEvents", "GlobalSecondaryIndexName": "index"},
            id="index",
        ),
    ],
)
def test_each_request_for_a_throttled_table_is_refused(
    aws: EmbeddedAws, once: None, operation: str, request_for: Callable[[str], Any], counted: dict[str, str]
) -> None:
    table, other = Table(aws), Table(aws)
    throttle_table(aws, table.name)
    with pytest.raises(table.dynamodb.exceptions.ProvisionedThroughputExceededException):
        getattr(table.dynamodb, operation)(**request_for(table.name))
    assert total(aws, "AWS/DynamoDB", TableName=table.name, **counted) == 1
    other.put("a")


def test_a_state_machine_sees_a_table_that_refuses(aws: EmbeddedAws) -> None:
    table = Table(aws)
    throttle_table(aws, table.name)
    task = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem"}
    machine = Machine(aws, {**task, "Parameters": {"TableName": table.name, "Item": {"k": {"S": "a"}}}})
    assert machine.run()["error"] == "DynamoDB.ProvisionedThroughputExceededException"
    own = {"TableName": table.name, "Operation": "PutItem"}
    assert total(aws, "AWS/DynamoDB", "ThrottledRequests", **own) == 1


def test_an_event_that_is_not_delivered_is_counted(aws: EmbeddedAws) -> None:
    rule = Rule(aws, f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:none")
    rule.send()
    rule.dead.first()
    own = {"EventBusName": rule.name, "RuleName": "ready"}
    assert total(aws, "AWS/Events", "FailedInvocations", **own) == 1
    assert total(aws, "AWS/Events", "InvocationsSentToDlq", **own) == 1
