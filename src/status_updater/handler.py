"""Lambda handler of status_updater, called by the state machine."""

from datetime import timedelta
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from ndjson_parquet.file_status import FileStatuses
from ndjson_parquet.settings import TrackingSettings
from ndjson_parquet.store import ManifestStore
from ndjson_parquet.tracking import TrackingTable
from status_updater.service import RunEnd, StatusUpdater

logger = Logger()
tracer = Tracer()
metrics = Metrics()


@cache
def service() -> StatusUpdater:
    """The service, made once per container: a setting that is missing fails the invocation, not the import."""
    settings = TrackingSettings.from_environment()
    dynamodb = boto3.client("dynamodb")
    return StatusUpdater(
        TrackingTable(dynamodb, settings.tracking_table, settings.manifest_bucket),
        FileStatuses(dynamodb, settings.tracking_table),
        ManifestStore(boto3.client("s3"), settings.manifest_bucket),
        landing_prefix=settings.landing_prefix,
        ttl=timedelta(days=settings.ttl_days),
    )


@logger.inject_lambda_context(correlation_id_path="batch_id", clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Give every file of the manifest its status; the answer says how many changed."""
    end = RunEnd.from_event(event)
    answer = service().finish(end)
    metrics.add_metric("ManifestsCompleted" if end.outcome == "completed" else "ManifestsFailed", MetricUnit.Count, 1)
    logger.info("execution ended", **answer, error_message=end.error_message)
    return answer
