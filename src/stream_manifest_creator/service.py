"""What stream_manifest_creator does with one record of the tracking table's stream."""

from collections.abc import Mapping
from typing import Any

from ndjson_parquet.errors import BreakerOpenError, MalformedEventError
from ndjson_parquet.metrics import PublishingMetric
from ndjson_parquet.publishing import Publisher


def inserted_manifest(event_name: str | None, image: Mapping[str, Any]) -> tuple[str, str] | None:
    """(date, batch) of the manifest that a record inserts; None for any other record, which the filter should keep out.

    Raises:
        MalformedEventError: the record's image lacks what names a manifest.
    """
    if event_name != "INSERT" or not str(image.get("file_key", "MANIFEST#")).startswith("MANIFEST#"):
        return None
    if not isinstance(image.get("date_prefix"), str) or not isinstance(image.get("batch_id"), str):
        raise MalformedEventError(f"the stream record's image names no manifest: {dict(image)!r}")
    return image["date_prefix"], image["batch_id"]


def publish(date_prefix: str, batch_id: str, publisher: Publisher) -> tuple[PublishingMetric, ...]:
    """Publish a manifest that is still pending: a mapping that is new reads a day of records that were dealt with.

    The answer is what to count. A breaker that leaves the start to the sweep is no reason to repeat the record.
    """
    try:
        start = publisher.publish_if_pending(date_prefix, batch_id)
    except BreakerOpenError:
        return ("PublishesDeferred",)
    if start is None:
        return ()
    return ("ManifestsPublished", "ManifestsStarted") if start.is_new else ("ManifestsPublished",)
