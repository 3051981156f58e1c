"""Roles of what acts with one: Glue runs, state machines, event source mappings, EventBridge targets.

With IAM enforced, credentials are a session of the role; without, they are those of the account's root.
"""

from collections.abc import Iterable, Mapping

from ministack import app
from ministack.core import iam_evaluator, lambda_runtime, responses

from local.emulator import denials

NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def credentials(role_arn: str, session: str, account: str, region: str) -> dict[str, str]:
    """The three AWS_* variables. The same role and session name give the same session again."""
    # MiniStack makes sessions for Lambda functions alone, and looks for account and region in the function's ARN.
    holder = {
        "Role": role_arn,
        "FunctionName": session,
        "FunctionArn": f"arn:aws:lambda:{region}:{account}:function:{session}",
    }
    made = lambda_runtime.execution_credentials(holder)
    return {name: made[name] for name in NAMES}


def refused_action(
    role_arn: str, session: str, actions: Iterable[str], resource: str, keys: Mapping[str, str] | None = None
) -> str | None:
    """The first action on the resource that a session of the role may not do, as AWS words it.

    `keys` are the condition keys that the service itself knows, such as `cloudwatch:namespace`.
    None when it may do all of them, or when IAM is not enforced. Account and region are those of the request.
    """
    if not app.AUTH:
        return None
    account, region = responses.get_account_id(), responses.get_region()
    key = credentials(role_arn, session, account, region)["AWS_ACCESS_KEY_ID"]
    principal = iam_evaluator.resolve_principal(key, account)
    for action in actions:
        question = iam_evaluator.EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=action,
            resource_arn=resource,
            region=region,
            service_context=dict(keys or {}),
        )
        if iam_evaluator.evaluate(question, principal.policies, *principal.limits).decision != "Allow":
            denials.note(principal.arn, action, resource)
            return f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource}"
    return None
