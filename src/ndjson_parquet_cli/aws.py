"""The way to AWS: clients made when they are first used, and its errors as sentences."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ndjson_parquet_cli.errors import CommandError, UnreachableError

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

LONGEST_ACTION_SECONDS = 300
"""state_manager's own limit is below it."""
_REFUSALS = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403")
_MEANINGS = (
    (
        _REFUSALS,
        "AWS refuses",
        "use a role or --profile that may; docs/command-line.md, Rights",
    ),
    (
        ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"),
        "AWS does not take the credentials",
        "sign in again, or name another --profile",
    ),
    (
        ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "TokenRetrievalError"),
        "no credentials",
        "sign in, or name a profile with --profile; for --env local: make local-up",
    ),
    (("NoRegionError",), "no region is set", "name one with --region, or set AWS_REGION"),
)


class Aws:
    """Clients of one account and region: the profile's and region's of the options, else the SDK's usual ones."""

    def __init__(self, region: str | None = None, profile: str | None = None) -> None:
        self._region = region
        self._profile = profile

    @cached_property
    def session(self) -> "boto3.Session":
        import boto3  # noqa: PLC0415  # it takes longer than all else that --help needs

        return boto3.Session(region_name=self._region, profile_name=self._profile)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return self.session.client("dynamodb", config=_config())

    @cached_property
    def s3(self) -> "S3Client":
        return self.session.client("s3", config=_config())

    @cached_property
    def sqs(self) -> "SQSClient":
        return self.session.client("sqs", config=_config())

    @cached_property
    def stepfunctions(self) -> "SFNClient":
        return self.session.client("stepfunctions", config=_config())

    @cached_property
    def glue(self) -> "GlueClient":
        return self.session.client("glue", config=_config())

    @cached_property
    def events(self) -> "EventBridgeClient":
        return self.session.client("events", config=_config())

    @cached_property
    def functions(self) -> "LambdaClient":
        # An action that was cut off is repeated by the caller, who sees it, and not by the SDK.
        return self.session.client("lambda", config=_config(read_seconds=LONGEST_ACTION_SECONDS, attempts=1))

    @cached_property
    def cloudwatch(self) -> Any:
        return self.session.client("cloudwatch", config=_config())

    @cached_property
    def athena(self) -> Any:
        return self.session.client("athena", config=_config())

    @cached_property
    def sts(self) -> Any:
        return self.session.client("sts", config=_config())


def _config(read_seconds: int = 20, attempts: int = 4) -> "Config":
    from botocore.config import Config  # noqa: PLC0415  # as boto3

    return Config(
        retries={"mode": "standard", "total_max_attempts": attempts}, connect_timeout=5, read_timeout=read_seconds
    )


def error_code(error: Exception) -> str:
    """The code of a ClientError; empty for any other error."""
    answer = getattr(error, "response", {})
    return str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""


def is_refusal(error: Exception) -> bool:
    """Whether the caller lacks the right."""
    return error_code(error) in _REFUSALS


def explained(error: Exception) -> CommandError | None:
    """What an error of the SDK means for the person who called; None when it is not the SDK's."""
    if not type(error).__module__.startswith(("botocore", "boto3")):
        return None
    code, name, said = error_code(error), type(error).__name__, " ".join(str(error).split())
    for names, what, remedy in _MEANINGS:
        if code in names or name in names:
            return UnreachableError(f"{what}: {said}", remedy)
    if code:
        return UnreachableError(f"AWS answers with an error: {said}", "try again; the code of the error says more")
    return UnreachableError(
        f"AWS cannot be reached: {said}", "look at the network and --region; for --env local: make local-up"
    )
