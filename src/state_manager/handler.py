"""Lambda handler of state_manager, called by the schedule and by operators."""

from datetime import timedelta
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.publishing import publisher
from ndjson_parquet.settings import SweepSettings
from ndjson_parquet.tracking import TrackingTable
from state_manager.service import StateManager

logger = Logger()
tracer = Tracer()
metrics = Metrics()


@cache
def service() -> StateManager:
    """The service, made once per container: a setting that is missing fails the invocation, not the import."""
    settings = SweepSettings.from_environment()
    tracking = settings.publishing.tracking
    dynamodb = boto3.client("dynamodb")
    return StateManager(
        TrackingTable(dynamodb, tracking.tracking_table, tracking.manifest_bucket),
        publisher(settings.publishing, dynamodb, boto3.client("s3"), boto3.client("stepfunctions")),
        shards=tracking.num_status_shards,
        max_wait=timedelta(minutes=settings.max_wait_minutes),
        min_files=settings.min_files_for_partial_batch,
        logger=logger,
    )


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"action": "sweep"}` does what is due; `{"action": "flush"}` seals every open batch now."""
    actions = {"sweep": service().sweep, "flush": service().flush}
    action = event.get("action")
    if action not in actions:
        raise MalformedEventError(f"action is {action!r}; it must be one of {', '.join(actions)}")
    report = actions[action]().as_dict()
    for name, count in report.items():
        metrics.add_metric("Sweep" + name.title().replace("_", ""), MetricUnit.Count, count)
    logger.info(f"{action} done", **report)
    return report
