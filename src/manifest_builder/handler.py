"""Lambda handler of manifest_builder: SQS in, partial-batch answer out."""

from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from manifest_builder.service import Delivery, ManifestBuilder
from ndjson_parquet.clients import Clients
from ndjson_parquet.metrics import Meter
from ndjson_parquet.publishing import publisher
from ndjson_parquet.settings import BuilderSettings
from ndjson_parquet.shards import ShardChoice
from ndjson_parquet.store import Quarantine
from ndjson_parquet.tracking import TrackingTable

logger = Logger()
tracer = Tracer()
meter = Meter()
clients = Clients().made("dynamodb", "s3")


@cache
def service() -> ManifestBuilder:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    settings = BuilderSettings.from_environment()
    tracking = settings.publishing.tracking
    return ManifestBuilder(
        TrackingTable(clients.dynamodb, tracking.tracking_table, tracking.manifest_bucket),
        Quarantine(clients.s3, settings.quarantine_bucket),
        None if settings.streams_publish else publisher(settings.publishing, clients),
        landing=settings.landing,
        limits=settings.limits,
        refuses_overwrites=settings.on_overwrite == "quarantine",
        shards=ShardChoice(tracking.num_status_shards),
        ttl=timedelta(days=tracking.ttl_days),
        logger=logger,
    )


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@meter.emitted
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answer with the ids of the messages that must come again, and only those."""
    builder, delivery = service(), Delivery()
    meter.add("MessagesReceived", len(event["Records"]))
    try:
        builder.receive({record["messageId"]: record["body"] for record in event["Records"]}, delivery)
    finally:
        for name, count in delivery.counts.items():
            meter.add(name, count)
        meter.add_by_reason("FilesQuarantined", delivery.quarantined)
    meter.add("MessagesFailed", len(delivery.failures))
    for message_id, failure in delivery.failures.items():
        logger.error("message failed", message_id=message_id, error=str(failure), kind=type(failure).__name__)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in delivery.failures]}
