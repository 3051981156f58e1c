"""Event source mappings of DynamoDB Streams retry, split and discard their batches as on AWS."""

import json
import time
from typing import Any

from local.embedded_aws import EmbeddedAws
from tests.component.emulator_events import Function, Queue, Table, batches
from tests.component.emulator_tools import until

# A record whose key says so makes the invocation fail, or is reported as failed.
WORK = """
def work(event, before):
    keys = {record["dynamodb"]["Keys"]["k"]["S"]: record for record in event["Records"]}
    if any(key.startswith("raise") for key in keys):
        raise ValueError("a record that cannot be processed")
    failed = [record for key, record in keys.items() if key.startswith("report")]
    return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in failed]}
"""
SLOW = """
def work(event, before):
    while "<Key>go</Key>" not in s3("GET", ""):
        time.sleep(0.1)
"""
PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def to(queue: Queue) -> dict[str, Any]:
    return {"DestinationConfig": {"OnFailure": {"Destination": queue.arn}}}


def test_a_partial_failure_goes_on_at_the_lowest_failed_record(emulator: EmbeddedAws) -> None:
    table, function, lost = Table(emulator), Function(emulator, WORK), Queue(emulator)
    table.put("a", "report-b", "c", "report-d")
    table.map_to(function, MaximumRetryAttempts=2, **PARTIAL, **to(lost))
    message = lost.first()["body"]
    table.put("e")
    rest = ["report-b", "c", "report-d"]
    assert batches(function.after(4)) == [["a", *rest], rest, rest, ["e"]]
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["DDBStreamBatchInfo"]["batchSize"] == 3
    assert message["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}


def test_partial_failures_that_nobody_asked_for_are_not_looked_at(emulator: EmbeddedAws) -> None:
    table, function = Table(emulator), Function(emulator, WORK)
    table.put("report-a")
    table.map_to(function)
    function.after(1)
    table.put("b")
    assert batches(function.after(2)) == [["report-a"], ["b"]]


def test_bisecting_leaves_the_one_record_that_cannot_be_processed(emulator: EmbeddedAws) -> None:
    table, function, lost = Table(emulator), Function(emulator, WORK), Queue(emulator)
    table.put("a", "b", "raise-c", "d")
    table.map_to(function, BisectBatchOnFunctionError=True, MaximumRetryAttempts=1, **to(lost))
    poison = ["raise-c"]
    sent = batches(function.after(6))
    assert sent == [["a", "b", *poison, "d"], ["a", "b"], [*poison, "d"], poison, poison, ["d"]]
    message = lost.first()["body"]
    number = function.events()[3]["Records"][0]["dynamodb"]["SequenceNumber"]
    assert set(message) == {"requestContext", "responseContext", "version", "timestamp", "DDBStreamBatchInfo"}
    assert message["requestContext"]["functionArn"] == function.arn
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["responseContext"]["functionError"] == "Unhandled"
    info = message["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]) == (number, number, 1)
    assert info["streamArn"] == table.stream
    assert {"shardId", "approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord"} <= set(info)


def test_a_record_that_became_too_old_is_discarded(emulator: EmbeddedAws) -> None:
    table, function, lost = Table(emulator), Function(emulator, WORK), Queue(emulator)
    table.put("raise-a")
    # Two seconds here.
    table.map_to(function, MaximumRecordAgeInSeconds=120, **to(lost))
    message = lost.first()["body"]
    assert message["requestContext"]["condition"] == "RecordAgeExceeded"
    table.put("b")
    # A slow machine may find the first record too old before the function has seen it.
    until(lambda: batches(function.events())[-1:], lambda last: last == [["b"]], "the next record")


def test_a_throttled_function_costs_no_retries(emulator: EmbeddedAws) -> None:
    table, function, lost = Table(emulator), Function(emulator, WORK), Queue(emulator)
    function.functions.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    table.put("raise-a")
    table.map_to(function, MaximumRetryAttempts=0, MaximumRecordAgeInSeconds=120, **to(lost))
    message = lost.first()["body"]
    assert message["requestContext"]["condition"] == "RecordAgeExceeded"
    assert function.events() == []


def test_the_window_gathers_records(emulator: EmbeddedAws) -> None:
    table, function = Table(emulator), Function(emulator, WORK)
    table.map_to(function, BatchSize=10, MaximumBatchingWindowInSeconds=2)
    for key in "abc":
        table.put(key)
    assert batches(function.after(1)) == [["a", "b", "c"]]


def test_a_full_batch_does_not_wait_for_the_window(emulator: EmbeddedAws) -> None:
    table, function = Table(emulator), Function(emulator, WORK)
    table.put("a", "b", "c")
    table.map_to(function, BatchSize=2, MaximumBatchingWindowInSeconds=300)
    assert batches(function.after(1)) == [["a", "b"]]


def test_records_that_the_filter_leaves_out_are_passed_over(emulator: EmbeddedAws) -> None:
    table, function = Table(emulator), Function(emulator, WORK)
    pattern = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"k": {"S": [{"prefix": "MANIFEST#"}]}}}}
    table.put("MANIFEST#1", "other")
    table.put("MANIFEST#1", value=1)
    table.put("MANIFEST#2")
    table.map_to(function, FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    assert batches(function.after(1)) == [["MANIFEST#1", "MANIFEST#2"]]
    table.put("another")
    table.put("MANIFEST#3")
    assert batches(function.after(2))[1:] == [["MANIFEST#3"]]


def test_a_slow_function_keeps_no_other_mapping_waiting(emulator: EmbeddedAws) -> None:
    table, slow, other = Table(emulator), Function(emulator, SLOW), Function(emulator, WORK)
    table.map_to(slow)
    table.put("a")
    slow.after(1)
    table.map_to(other)
    assert batches(other.after(1)) == [["a"]]
    slow.s3.put_object(Bucket=slow.name, Key="go", Body=b"null")
    table.put("b")
    assert batches(other.after(2)) == [["a"], ["b"]]
    until(lambda: len(slow.events()), lambda count: count == 3, "the slow function's second batch")


def test_a_mapping_that_is_off_rests_and_goes_on_where_it_stood(emulator: EmbeddedAws) -> None:
    table, function, repaired = (
        Table(emulator),
        Function(emulator, WORK),
        Function(emulator, WORK.replace('"raise"', '"none"')),
    )
    table.put("a", "raise-b", "c")
    mapping = table.map_to(function, BatchSize=1)
    function.after(3)
    function.functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    tried = len(function.events())
    # Time for several more attempts; one may have been on its way.
    time.sleep(1.5)
    assert len(function.events()) <= tried + 1
    function.functions.update_event_source_mapping(UUID=mapping, FunctionName=repaired.name, Enabled=True)
    assert batches(repaired.after(2)) == [["raise-b"], ["c"]]
