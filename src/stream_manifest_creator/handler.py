"""Lambda handler of stream_manifest_creator: DynamoDB stream records in, partial-batch answer out."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from ndjson_parquet.clients import Clients
from ndjson_parquet.items import from_item
from ndjson_parquet.metrics import Meter
from ndjson_parquet.publishing import Publisher, publisher
from ndjson_parquet.settings import PublishingSettings
from stream_manifest_creator.service import inserted_manifest, publish

logger = Logger()
tracer = Tracer()
meter = Meter()
clients = Clients().made("dynamodb", "s3")


@cache
def service() -> Publisher:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    return publisher(PublishingSettings.from_environment(), clients)


def is_done(record: dict[str, Any]) -> bool:
    """Publish the manifest that a record inserts; False when the record must come again."""
    batch_id = None
    try:
        image = from_item(record.get("dynamodb", {}).get("NewImage", {}))
        manifest = inserted_manifest(record.get("eventName"), image)
        if manifest is None:
            return True
        date_prefix, batch_id = manifest
        counted = publish(date_prefix, batch_id, service())
    except Exception as error:
        # Of any kind: the records after it are not to wait for what is wrong with one.
        meter.add("PublishFailures")
        logger.error(
            "record failed",
            event_id=record.get("eventID"),
            batch_id=batch_id,
            correlation_id=batch_id,
            error=str(error),
            kind=type(error).__name__,
        )
        return False
    for name in counted:
        meter.add(name)
    logger.info("record done", batch_id=batch_id, correlation_id=batch_id, counted=counted)
    return True


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@meter.emitted
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answer with the sequence numbers of the records that must come again, and only those."""
    service()
    failed = [record["dynamodb"]["SequenceNumber"] for record in event["Records"] if not is_done(record)]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
