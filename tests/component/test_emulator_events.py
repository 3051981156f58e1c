"""EventBridge targets of the embedded AWS are retried, and what cannot be delivered ends in the dead-letter queue."""

import json
import uuid
from typing import Any

import pytest

from local.access import REGION
from local.embedded_aws import ACCOUNT_ID, EmbeddedAws
from local.faults import release, throttle
from tests.component.emulator_events import Function, Queue, Rule
from tests.component.emulator_tools import ENDED, ROLE, Machine, until

PASS = {"Type": "Pass"}
HERE = f"{REGION}:{ACCOUNT_ID}"


def machine(aws: EmbeddedAws, *, throttled: bool = False) -> Machine:
    made = Machine(aws, PASS)
    if throttled:
        throttle(aws, made.arn)
    return made


def inputs(of: Machine) -> dict[str, Any]:
    """Input by name, of the executions that ended."""
    listed = of.states.list_executions(stateMachineArn=of.arn)["executions"]
    described = [of.states.describe_execution(executionArn=one["executionArn"]) for one in listed]
    return {one["name"]: json.loads(one["input"]) for one in described if one["status"] in ENDED}


def test_an_event_starts_an_execution_with_its_detail_and_a_name_of_its_own(emulator: EmbeddedAws) -> None:
    started = machine(emulator)
    rule = Rule(emulator, started.arn, {"InputPath": "$.detail", "RoleArn": ROLE})
    rule.send(id="same", attempt=1)
    rule.send(id="same", attempt=1)
    found = until(lambda: inputs(started), lambda inputs: len(inputs) == 2, "two executions")
    assert list(found.values()) == [{"id": "same", "attempt": 1}] * 2
    assert all(uuid.UUID(name) for name in found)
    assert rule.dead.is_empty()


@pytest.mark.parametrize(
    "arn",
    [
        pytest.param(f"arn:aws:states:{HERE}:stateMachine:none", id="state-machine"),
        pytest.param(f"arn:aws:lambda:{HERE}:function:none", id="function"),
        pytest.param(f"arn:aws:sqs:{HERE}:none", id="queue"),
        pytest.param(f"arn:aws:sns:{HERE}:none", id="topic"),
    ],
)
def test_an_event_for_what_does_not_exist_is_dead_at_once(emulator: EmbeddedAws, arn: str) -> None:
    rule = Rule(emulator, arn, {"InputPath": "$.detail"})
    event_id = rule.send(batch_id="b")
    message = rule.dead.first()
    said = message["said"]
    assert said.pop("ERROR_MESSAGE")
    assert said == {
        "RULE_ARN": rule.rule_arn,
        "TARGET_ARN": arn,
        "ERROR_CODE": "NO_RESOURCE",
        "RETRY_ATTEMPTS": "0",
    }
    body = message["body"]
    assert (body["id"], body["detail-type"], body["source"]) == (event_id, "ManifestReady", "test")
    assert (body["account"], body["region"], body["version"]) == (ACCOUNT_ID, "us-east-1", "0")
    assert body["detail"] == {"batch_id": "b"}
    assert {"time", "resources"} <= set(body)


@pytest.mark.parametrize(
    ("policy", "condition"),
    [
        pytest.param({"MaximumRetryAttempts": 2}, "MaximumRetryAttempts", id="attempts"),
        # One second here.
        pytest.param({"MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", id="age"),
    ],
)
def test_a_throttled_target_is_retried_within_the_policy(
    emulator: EmbeddedAws, policy: dict[str, int], condition: str
) -> None:
    throttled = machine(emulator, throttled=True)
    rule = Rule(emulator, throttled.arn, {"RetryPolicy": policy})
    rule.send()
    said = rule.dead.first()["said"]
    assert (said["ERROR_CODE"], said["EXHAUSTED_RETRY_CONDITION"]) == ("THROTTLING", condition)
    assert int(said["RETRY_ATTEMPTS"]) == policy.get("MaximumRetryAttempts", int(said["RETRY_ATTEMPTS"]))
    assert int(said["RETRY_ATTEMPTS"]) > 0
    assert inputs(throttled) == {}


def test_a_target_that_recovers_gets_the_event(emulator: EmbeddedAws) -> None:
    throttled = machine(emulator, throttled=True)
    rule = Rule(emulator, throttled.arn, {"InputPath": "$.detail"})
    rule.send(batch_id="b")
    release(emulator, throttled.arn)
    found = until(lambda: inputs(throttled), bool, "the execution")
    assert list(found.values()) == [{"batch_id": "b"}]
    assert rule.dead.is_empty()


def test_a_function_that_fails_is_retried_by_lambda_twice(emulator: EmbeddedAws) -> None:
    lost = Queue(emulator)
    function = Function(
        emulator, "def work(event, before): raise ValueError", {"DeadLetterConfig": {"TargetArn": lost.arn}}
    )
    rule = Rule(emulator, function.arn, {"InputPath": "$.detail"})
    rule.send(batch_id="b")
    lost.first()
    assert function.events() == [{"batch_id": "b"}] * 3
    assert rule.dead.is_empty()
