"""A request that Terraform repeats, because its answer was lost, is carried out once; anybody else's twice."""

import uuid
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.embedded_aws import EmbeddedAws
from tests.component.emulator_events import Function

TERRAFORM = "HashiCorp/1.0 Terraform/1.11.4 terraform-provider-aws/5.100.0"


@pytest.fixture(scope="module")
def function(emulator: EmbeddedAws) -> Function:
    return Function(emulator, "def work(event, before):\n    return None\n")


def allow(function: Function, caller: str, request: str, statement: str) -> Any:
    client = function.aws.access.client("lambda", config=Config(user_agent_extra=caller))

    def name_the_request(request: Any, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = name

    name = request
    client.meta.events.register("before-send.lambda.AddPermission", name_the_request)
    return client.add_permission(
        FunctionName=function.name,
        StatementId=statement,
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )


def test_what_terraform_repeats_is_answered_as_before(function: Function) -> None:
    request, statement = (uuid.uuid4().hex for _ in range(2))
    first, second = (allow(function, TERRAFORM, request, statement)["Statement"] for _ in range(2))
    assert first == second
    with pytest.raises(ClientError, match="ResourceConflictException"):
        allow(function, TERRAFORM, uuid.uuid4().hex, statement)


def test_what_terraform_repeats_after_an_error_is_tried_again(function: Function) -> None:
    request, statement = (uuid.uuid4().hex for _ in range(2))
    allow(function, TERRAFORM, uuid.uuid4().hex, statement)
    with pytest.raises(ClientError, match="ResourceConflictException"):
        allow(function, TERRAFORM, request, statement)
    function.functions.remove_permission(FunctionName=function.name, StatementId=statement)
    assert allow(function, TERRAFORM, request, statement)


def test_what_others_repeat_is_carried_out_again(function: Function) -> None:
    request, statement = (uuid.uuid4().hex for _ in range(2))
    allow(function, "boto3", request, statement)
    with pytest.raises(ClientError, match="ResourceConflictException"):
        allow(function, "boto3", request, statement)
