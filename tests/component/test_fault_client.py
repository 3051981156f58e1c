"""The fault-injecting client does what its names say; the tests of crashes are worth no more than this."""

import pytest
from botocore.exceptions import BotoCoreError

from tests.component.control_plane import ControlPlane
from tests.faults import Calls, Fault, FaultyClient, Killed, changes_something

KEY = {"date_prefix": {"S": "2026-11-20"}, "file_key": {"S": "a"}}


def put(plane: ControlPlane, calls: Calls) -> None:
    FaultyClient(plane.dynamodb, calls).put_item(TableName=plane.table, Item=KEY)


@pytest.mark.parametrize(
    ("fault", "error", "is_done"),
    [
        (Fault.REFUSED, BotoCoreError, False),
        (Fault.ANSWER_LOST, BotoCoreError, True),
        (Fault.KILLED_BEFORE, Killed, False),
        (Fault.KILLED_AFTER, Killed, True),
    ],
)
def test_each_fault_leaves_what_it_says(
    plane: ControlPlane, fault: Fault, error: type[BaseException], is_done: bool
) -> None:
    with pytest.raises(error):
        put(plane, Calls({1: fault}))
    assert bool(plane.items("a")) == is_done


def test_the_dead_make_no_more_calls(plane: ControlPlane) -> None:
    calls = Calls({"dynamodb.put_item": Fault.KILLED_BEFORE})
    for _ in range(2):
        with pytest.raises(Killed):
            put(plane, calls)
    assert (calls.made, plane.items("a")) == (["dynamodb.put_item"], {})


def test_something_else_may_happen_before_a_call(plane: ControlPlane) -> None:
    seen: list[int] = []
    calls = Calls({2: lambda: seen.append(len(plane.items()))})
    put(plane, calls)
    put(plane, calls)
    assert (seen, calls.happened) == ([1], 1)


def test_every_page_is_a_call(plane: ControlPlane) -> None:
    for name in "abc":
        plane.dynamodb.put_item(TableName=plane.table, Item={**KEY, "file_key": {"S": name}})
    calls = Calls({3: Fault.REFUSED})
    pages = FaultyClient(plane.dynamodb, calls).get_paginator("scan").paginate(TableName=plane.table, Limit=1)
    with pytest.raises(BotoCoreError):
        list(pages)
    assert calls.made == ["dynamodb.scan"] * 3


@pytest.mark.parametrize(("number", "is_there"), [(1, False), (2, True)])
def test_the_calls_of_a_managed_copy_are_counted(plane: ControlPlane, number: int, is_there: bool) -> None:
    plane.s3.put_object(Bucket=plane.input, Key="a", Body=b"x")
    calls = Calls({number: Fault.KILLED_AFTER})
    with pytest.raises(Killed):
        FaultyClient(plane.s3, calls).copy({"Bucket": plane.input, "Key": "a"}, plane.quarantined, "b")
    assert calls.made == ["s3.head_object", "s3.copy_object"][:number]
    assert bool(plane.s3.list_objects_v2(Bucket=plane.quarantined)["KeyCount"]) == is_there


def test_errors_are_those_of_the_client(plane: ControlPlane) -> None:
    client = FaultyClient(plane.stepfunctions, Calls())
    with pytest.raises(client.exceptions.ExecutionDoesNotExist):
        client.describe_execution(executionArn=plane.state_machine_arn.replace("stateMachine", "execution") + ":no")


def test_reading_is_told_from_writing() -> None:
    calls = ["dynamodb.get_item", "s3.head_object", "stepfunctions.list_executions", "dynamodb.query"]
    assert not any(map(changes_something, calls))
    assert all(map(changes_something, ["dynamodb.put_item", "s3.copy_object", "dynamodb.batch_execute_statement"]))
