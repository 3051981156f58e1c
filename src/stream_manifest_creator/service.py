"""What stream_manifest_creator does with one record of the tracking table's stream."""

from collections.abc import Mapping
from typing import Any

from ndjson_parquet.errors import BreakerOpenError, MalformedEventError
from ndjson_parquet.items import manifest_record
from ndjson_parquet.manifests import ManifestRecord
from ndjson_parquet.publishing import Publisher


def inserted_manifest(event_name: str | None, image: Mapping[str, Any] | None) -> ManifestRecord | None:
    """The manifest that a record inserts; None for a record of anything else, which the filter should have kept out.

    Raises:
        MalformedEventError: the record has no usable image.
    """
    if event_name != "INSERT":
        return None
    if not image or "file_key" not in image:
        raise MalformedEventError(f"the stream record has no image of an item: {image!r}")
    if not str(image["file_key"]).startswith("MANIFEST#"):
        return None
    try:
        manifest = manifest_record(image)
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedEventError(f"the image of {image['file_key']} is incomplete: {error!r}") from error
    return manifest if manifest.status == "pending" else None


def publish(manifest: ManifestRecord, publisher: Publisher) -> bool:
    """Publish it; False when the breaker leaves the start to the sweep, which is no reason to repeat the record."""
    try:
        publisher.publish(manifest)
    except BreakerOpenError:
        return False
    return True
