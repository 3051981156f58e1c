"""Lambda handler of manifest_builder: SQS in, partial-batch answer out."""

from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
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
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def service() -> ManifestBuilder:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    settings, clients = BuilderSettings.from_environment(), Clients()
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
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
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

    def outcome(record: SQSRecord) -> None:
        failure = delivery.failures.get(record.message_id)
        if failure is not None:
            logger.error(
                "message failed", message_id=record.message_id, error=str(failure), kind=type(failure).__name__
            )
            raise failure

    return process_partial_response(event, outcome, processor, context)
