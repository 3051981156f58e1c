"""Lambda functions find what AWS gives them, and their failures are reported as on AWS."""

import json

import pytest

from local.embedded_aws import EmbeddedAws
from tests.component.emulator_events import Function, Queue
from tests.component.emulator_tools import Machine

ENVIRONMENT = """
import sys
def work(event, before):
    return {"environment": dict(os.environ), "path": sys.path, "here": os.getcwd()}
"""
RAISE = """
class BadDay(Exception):
    pass
def work(event, before):
    raise BadDay("no such day:\\n31")
"""


def test_the_environment_is_that_of_aws(emulator: EmbeddedAws) -> None:
    # GATEWAY_PORT is a setting of the server as well: the function's own value counts.
    name = "environment"
    function = Function(
        emulator,
        ENVIRONMENT,
        {"Environment": {"Variables": {"JOURNAL": name, "GATEWAY_PORT": "of the function"}}},
        name,
    )
    found = function.invoke()["answer"]
    environment = found["environment"]
    others = [name for name in environment if not name.startswith(("AWS_", "_", "LAMBDA_"))]
    assert set(others) <= {"PATH", "TMPDIR", "LANG", "LC_CTYPE", "TZ", "JOURNAL", "GATEWAY_PORT"}
    assert (environment["JOURNAL"], environment["GATEWAY_PORT"]) == (name, "of the function")
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11"
    running = emulator.running()
    assert running is not None
    assert environment["AWS_ENDPOINT_URL"] == running.endpoint
    assert not [entry for entry in found["path"] if entry.endswith(("/src", "/glue", "/local"))]


def test_an_error_is_named_after_its_class(emulator: EmbeddedAws) -> None:
    function = Function(emulator, RAISE)
    invoked = function.invoke()
    assert invoked["failed"]
    assert (invoked["answer"]["errorType"], invoked["answer"]["errorMessage"]) == ("BadDay", "no such day:\n31")
    assert any("in work" in line for line in invoked["answer"]["stackTrace"])
    catch = [{"ErrorEquals": ["BadDay"], "Next": "Caught"}]
    assert Machine(emulator, {"Resource": function.arn, "Catch": catch}).run()["status"] == "SUCCEEDED"


def test_a_throttled_function_has_its_own_error_in_a_state_machine(emulator: EmbeddedAws) -> None:
    function = Function(emulator, "def work(event, before): pass")
    function.functions.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    catch = [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "Next": "Caught"}]
    ended = Machine(emulator, {"Resource": function.arn, "Catch": catch}).run()
    assert json.loads(ended["output"])["Error"] == "Lambda.TooManyRequestsException"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"batchItemFailures": [{"itemIdentifier": ""}]}, id="no-id"),
        pytest.param({"batchItemFailures": [{"itemIdentifier": "another"}]}, id="not-sent"),
    ],
)
def test_a_broken_partial_answer_fails_all_messages(emulator: EmbeddedAws, answer: dict[str, object]) -> None:
    dead = Queue(emulator)
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1})
    queue = Queue(emulator, {"RedrivePolicy": redrive, "VisibilityTimeout": "1"})
    function = Function(emulator, f"def work(event, before): return {answer!r}")
    function.functions.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=queue.arn, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody='"kept"')
    assert dead.first()["body"] == "kept"
    assert len(function.events()) == 1
