"""Lambda handler of stream_manifest_creator: DynamoDB stream records in, partial-batch answer out."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.clients import Clients
from ndjson_parquet.errors import PipelineError
from ndjson_parquet.items import from_item
from ndjson_parquet.metrics import Meter
from ndjson_parquet.publishing import Publisher, publisher
from ndjson_parquet.settings import PublishingSettings
from stream_manifest_creator.service import inserted_manifest, publish

logger = Logger()
tracer = Tracer()
meter = Meter()
clients = Clients().made("dynamodb", "s3")
processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


@cache
def service() -> Publisher:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    return publisher(PublishingSettings.from_environment(), clients)


def publish_record(record: DynamoDBRecord) -> None:
    """Publish the manifest that a record inserts."""
    batch_id = None
    try:
        image = from_item(record.raw_event.get("dynamodb", {}).get("NewImage", {}))
        manifest = inserted_manifest(record.raw_event.get("eventName"), image)
        if manifest is None:
            return
        date_prefix, batch_id = manifest
        counted = publish(date_prefix, batch_id, service())
    except (PipelineError, ClientError, BotoCoreError) as error:
        meter.add("PublishFailures")
        logger.error(
            "record failed",
            event_id=record.event_id,
            batch_id=batch_id,
            correlation_id=batch_id,
            error=str(error),
            kind=type(error).__name__,
        )
        raise
    for name in counted:
        meter.add(name)
    logger.info("record done", batch_id=batch_id, correlation_id=batch_id, counted=counted)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@meter.emitted
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Answer with the sequence numbers of the records that must come again, and only those."""
    service()
    return process_partial_response(event, publish_record, processor, context)
