"""Whether the role of a state machine may do what a task asks for. MiniStack calls the services without asking.

Covers the integrations that the pipeline uses. A task of another kind is not checked.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from local.emulator import role_sessions


class Needed(NamedTuple):
    """Actions on one resource: which parameter names it, and its ARN when that parameter holds a bare name.

    Where there is no resource, `key` is the condition key that has the parameter's value.
    """

    error: str
    actions: tuple[str, ...]
    parameter: str
    arn: str
    key: str | None = None


class Problem(NamedTuple):
    error: str
    cause: str


_TABLE = "arn:aws:dynamodb:{region}:{account}:table/{name}"
_JOB = "arn:aws:glue:{region}:{account}:job/{name}"
_FUNCTION = "arn:aws:lambda:{region}:{account}:function:{name}"


def _dynamodb(action: str) -> Needed:
    return Needed("DynamoDB.AccessDeniedException", (f"dynamodb:{action}",), "TableName", _TABLE)


NEEDED: Mapping[str, Needed] = {
    "dynamodb:getItem": _dynamodb("GetItem"),
    "dynamodb:putItem": _dynamodb("PutItem"),
    "dynamodb:updateItem": _dynamodb("UpdateItem"),
    "dynamodb:deleteItem": _dynamodb("DeleteItem"),
    "lambda:invoke": Needed("Lambda.AccessDeniedException", ("lambda:InvokeFunction",), "FunctionName", _FUNCTION),
    "sns:publish": Needed("SNS.AuthorizationErrorException", ("sns:Publish",), "TopicArn", "{name}"),
    "sqs:sendMessage": Needed(
        "SQS.AccessDeniedException", ("sqs:SendMessage",), "QueueUrl", "arn:aws:sqs:{region}:{account}:{name}"
    ),
    "glue:startJobRun": Needed("Glue.AccessDeniedException", ("glue:StartJobRun",), "JobName", _JOB),
    # AWS notices the two others when it polls and when the execution is stopped; here they are asked for at once.
    "glue:startJobRun.sync": Needed(
        "Glue.AccessDeniedException", ("glue:StartJobRun", "glue:GetJobRun", "glue:BatchStopJobRun"), "JobName", _JOB
    ),
    "aws-sdk:cloudwatch:putMetricData": Needed(
        "CloudWatch.CloudWatchException", ("cloudwatch:PutMetricData",), "Namespace", "*", "cloudwatch:namespace"
    ),
}


def problem(execution: Mapping[str, Any], resource: str, parameters: Any) -> Problem | None:
    """The error of a task that the machine's role does not allow; None when it is allowed or IAM is not enforced."""
    needed = NEEDED.get(resource.removeprefix("arn:aws:states:::").removesuffix(".waitForTaskToken"))
    if needed is None:
        return None
    region, account = execution["executionArn"].split(":")[3:5]
    value = str(parameters.get(needed.parameter, ""))
    name = value.rsplit("/", 1)[-1]
    target = value if value.startswith("arn:") else needed.arn.format(region=region, account=account, name=name)
    role = execution["events"][0]["executionStartedEventDetails"]["roleArn"]
    keys = {needed.key: value} if needed.key else None
    refused = role_sessions.refused_action(role, execution["name"], needed.actions, target, keys)
    return Problem(needed.error, refused) if refused else None
