"""One embedded AWS, with IAM and TLS enforced, or the AWS that the caller names; one apply for all that can share."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.access import HOST, Access, given_access, is_given
from local.deployment import Deployment
from local.embedded_aws import EmbeddedAws
from local.server_process import any_free_port
from tests.running_pipeline import RunningPipeline

POISON = "this is not an S3 event"
# A poison message is received three times before it goes to the dead-letter queue.
# The console of the tests has to be where the service expects it.
CONSOLE_PORT = any_free_port()
SETTINGS = {
    "sqs_visibility_timeout_seconds": 60,
    "allowed_extensions": [".ndjson", ".ndjson.gz"],
    "enable_export_api": not is_given(),
    "export_allowed_origin": f"http://{HOST}:{CONSOLE_PORT}",
}


class DeployedPipeline(RunningPipeline):
    """The pipeline as Terraform deployed it."""

    def __init__(self, aws: EmbeddedAws | Access, deployment: Deployment) -> None:
        super().__init__(aws, deployment.outputs())
        self.deployment = deployment

    def apply(self, overrides: Mapping[str, Any]) -> Deployment:
        """Apply with other settings than those of local.tfvars."""
        deployment = Deployment(self.aws.environment(), self.deployment.home, {**SETTINGS, **overrides})
        deployment.apply()
        return deployment


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedPipeline]:
    home = tmp_path_factory.mktemp("pipeline")
    with contextlib.ExitStack() as until_the_end:
        given = given_access(home)
        aws = given or EmbeddedAws(home / "aws")
        if isinstance(aws, EmbeddedAws):
            aws.start(port=0, auth=True, tls=True)
            until_the_end.callback(aws.stop)
        else:
            skip_without_glue(aws)
        deployment = Deployment(aws.environment(), home / "terraform", SETTINGS)
        if given:
            until_the_end.callback(deployment.destroy)
        deployment.apply()
        pipeline = DeployedPipeline(aws, deployment)
        pipeline.enqueue(POISON)
        yield pipeline


def skip_without_glue(aws: Access) -> None:
    """LocalStack's free image has none, and without Glue there is no Parquet."""
    try:
        aws.client("glue").get_jobs()
    except ClientError as error:
        if error.response["Error"]["Code"] == "InternalFailure":
            pytest.skip(f"this AWS has no Glue ({error}): name a LocalStack image that has, with LOCALSTACK_IMAGE")
        raise
