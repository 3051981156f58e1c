"""Every flag is applied in some deployment: a second plan is empty, files are converted."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local.deployment import Deployment
from local.embedded_aws import EmbeddedAws
from local.generate import Recipe, generate
from local.sending import from_generator
from tests.deep import DEEP
from tests.integration.conftest import DeployedPipeline
from tests.integration.test_pipeline import DAY

THEIR_BUCKET = "somebodys-landing-bucket"
STEPS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (
        "a bucket that exists",
        {
            "existing_landing_bucket": THEIR_BUCKET,
            "enable_eventbridge_decoupling": True,
            "enable_alarms": False,
            "enable_dashboard": False,
        },
    ),
    (
        "storage, functions and job",
        {
            "enable_access_logs": True,
            "versioned_buckets": ["output", "scripts"],
            "retention_days": {"manifest": 60, "output": 400},
            "deletion_protection": True,
            "force_destroy_buckets": False,
            "lambda_memory_mb": {"state_manager": 1024},
            "lambda_reserved_concurrency": {"manifest_builder": 4},
            "enable_glue_auto_scaling": True,
            "enable_glue_job_queuing": True,
        },
    ),
    (
        "a key and a network",
        {
            "enable_customer_managed_key": True,
            "enable_vpc": True,
            "enable_stream_manifest_creation": True,
            "enable_eventbridge_decoupling": True,
            "enable_alarms": True,
            "enable_dashboard": True,
            "alert_email": "data@example.com",
        },
    ),
)


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[EmbeddedAws]:
    """A new embedded AWS, in which somebody has a versioned bucket that tells EventBridge."""
    aws = EmbeddedAws(tmp_path / "aws")
    aws.start(port=0, auth=True, tls=True)
    try:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=THEIR_BUCKET)
        s3.put_bucket_versioning(Bucket=THEIR_BUCKET, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_notification_configuration(
            Bucket=THEIR_BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        yield aws
    finally:
        aws.stop()


@pytest.mark.skipif(not DEEP, reason="four minutes: make test-deep")
@pytest.mark.parametrize(("name", "settings"), STEPS, ids=[name for name, _ in STEPS])
def test_a_flag_is_applied_once_and_converts(
    aws: EmbeddedAws, tmp_path: Path, name: str, settings: Mapping[str, Any]
) -> None:
    deployment = Deployment(aws.environment(), tmp_path / "terraform", settings)
    deployment.apply()
    assert deployment.plan_is_empty()
    deployed = DeployedPipeline(aws, deployment)
    recipe = Recipe(files=8, file_bytes=4_000, dates=(DAY,), run=name.replace(" ", "-"), refused=("wrong_extension",))
    sent = deployed.send(from_generator(generate(tmp_path / "files", recipe)))
    deployed.settle(sent)
    result = deployed.reconciled(sent)
    assert result.problems == ()
    assert result.unaccounted_files == ()
    assert (result.count("completed"), result.count("quarantined")) == (8, 1)
