"""Credentials of a role, for what acts with one: Glue runs and state machines.

With IAM enforced they are a session of the role; without, they are those of the account's root.
"""

from ministack.core import lambda_runtime

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
