"""Lambda handler of state_manager, called by the schedule and by operators."""

from dataclasses import asdict
from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from ndjson_parquet.breaker import BreakerItem
from ndjson_parquet.clients import Clients
from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.executions import Executions
from ndjson_parquet.finishing import finisher
from ndjson_parquet.metrics import Meter
from ndjson_parquet.publishing import publisher
from ndjson_parquet.settings import SweepSettings
from ndjson_parquet.sweeping import SweepRules
from ndjson_parquet.tracking import TrackingTable
from state_manager.service import METRICS, StateManager

logger = Logger()
tracer = Tracer()
meter = Meter()


@cache
def service() -> StateManager:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    settings, clients = SweepSettings.from_environment(), Clients()
    tracking = settings.publishing.tracking
    return StateManager(
        TrackingTable(clients.dynamodb, tracking.tracking_table, tracking.manifest_bucket),
        publisher(settings.publishing, clients),
        finisher(settings.finishing, clients, meter, logger),
        Executions(clients.stepfunctions, settings.publishing.state_machine_arn),
        clients.sqs,
        breaker=BreakerItem(clients.dynamodb, tracking.tracking_table),
        dead_letter_queue_url=settings.dead_letter_queue_url,
        shards=tracking.num_status_shards,
        rules=SweepRules(
            max_wait=timedelta(minutes=settings.max_wait_minutes),
            min_files=settings.min_files_for_partial_batch,
            max_attempts=settings.max_manifest_attempts,
            retry_backoff=timedelta(minutes=settings.retry_backoff_minutes),
            retention=timedelta(days=settings.input_retention_days),
        ),
        logger=logger,
    )


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@meter.emitted
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """`{"action": "sweep"}` does what is due; `{"action": "flush"}` seals every open batch now."""
    manager, action = service(), event.get("action")
    if action == "sweep":
        report = manager.sweep().as_dict()
        meter.add("SweepsDone")
    elif action == "flush":
        report = asdict(manager.flush())
    else:
        raise MalformedEventError(f"action is {action!r}; it must be sweep or flush")
    for name, value in report.items():
        meter.add(METRICS[name], value)
    logger.info(f"{action} done", extra=report)
    return report
