"""The AWS clients that a function talks through: the one seam between it and the world."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=20)


@dataclass
class Clients:
    """Clients made when they are first used, so that a function pays only for those it needs."""

    config: Config = CONFIG

    def made(self, *names: str) -> "Clients":
        """Itself, with these made now: Lambda starts a function with more CPU than it later has."""
        for name in names:
            getattr(self, name)
        return self

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return boto3.client("dynamodb", config=self.config)

    @cached_property
    def s3(self) -> "S3Client":
        return boto3.client("s3", config=self.config)

    @cached_property
    def stepfunctions(self) -> "SFNClient":
        return boto3.client("stepfunctions", config=self.config)

    @cached_property
    def events(self) -> "EventBridgeClient":
        return boto3.client("events", config=self.config)

    @cached_property
    def sqs(self) -> "SQSClient":
        return boto3.client("sqs", config=self.config)

    @cached_property
    def athena(self) -> "AthenaClient":
        return boto3.client("athena", config=self.config)

    @cached_property
    def glue(self) -> "GlueClient":
        return boto3.client("glue", config=self.config)

    @cached_property
    def secretsmanager(self) -> "SecretsManagerClient":
        return boto3.client("secretsmanager", config=self.config)
