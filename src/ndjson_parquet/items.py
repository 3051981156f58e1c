"""The items of the tracking table: their keys, their attributes, and the way to plain values and back. No I/O."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from ndjson_parquet.batching import OpenBatch, SealedBatch
from ndjson_parquet.errors import MalformedItemError
from ndjson_parquet.landing import LandedFile
from ndjson_parquet.manifests import (
    ManifestFile,
    ManifestRecord,
    free_refusals,
    manifest_item_key,
    parse_time,
    record_time,
)

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB's form of every entry that is not None."""
    return {name: _serializer.serialize(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of an item; whole numbers are `int`."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def item_key(date_prefix: str, file_key: str) -> dict[str, Any]:
    return to_item({"date_prefix": date_prefix, "file_key": file_key})


def batch_item_key(shard: int) -> str:
    return f"BATCH#{shard}"


def members_item_prefix(batch_id: str) -> str:
    return f"MEMBERS#{batch_id}#"


def file_item(file: LandedFile, status: str, shard: int, now: datetime) -> dict[str, Any]:
    """A file; `status` without its shard."""
    return {
        "date_prefix": file.date_prefix,
        "file_key": file.file_key,
        "status": f"{status}#{shard}",
        "shard_id": shard,
        "bucket": file.bucket,
        "object_key": file.key,
        "etag": file.etag,
        "version_id": file.version_id,
        "size_bytes": file.size_bytes,
        "created_at": record_time(now),
        "updated_at": record_time(now),
    }


def members_item(batch: OpenBatch, batch_id: str, files: Sequence[LandedFile]) -> dict[str, Any]:
    """The files that the transaction which made `batch` added to a batch."""
    listed = [
        {"uri": file.uri, "etag": file.etag, "version_id": file.version_id, "size_bytes": file.size_bytes}
        for file in files
    ]
    return {
        "date_prefix": batch.date_prefix,
        "file_key": f"{members_item_prefix(batch_id)}{batch.version:010d}",
        "files": listed,
    }


def members_files(item: Mapping[str, Any]) -> tuple[ManifestFile, ...]:
    return tuple(ManifestFile(**entry) for entry in item["files"])


def manifest_item(sealed: SealedBatch, manifest_path: str, now: datetime) -> dict[str, Any]:
    """A manifest that nobody has published yet."""
    return {
        "date_prefix": sealed.date_prefix,
        "file_key": manifest_item_key(sealed.batch_id),
        "batch_id": sealed.batch_id,
        "status": "pending",
        "file_count": sealed.file_count,
        "total_bytes": sealed.total_bytes,
        "shard_id": sealed.shard,
        "attempts": 1,
        "manifest_path": manifest_path,
        "opened_at": record_time(sealed.opened_at),
        "created_at": record_time(now),
        "updated_at": record_time(now),
    }


def recovered_manifest_item(record: ManifestRecord, now: datetime) -> dict[str, Any]:
    """The item of a manifest that the table has lost, as its object tells it."""
    return {
        "date_prefix": record.date_prefix,
        "file_key": manifest_item_key(record.batch_id),
        "batch_id": record.batch_id,
        "status": record.status,
        "file_count": record.file_count,
        "total_bytes": record.total_bytes,
        "shard_id": record.shard,
        "attempts": record.attempts,
        "execution_arn": record.execution_arn,
        "manifest_path": record.manifest_path,
        "opened_at": record.opened_at,
        "created_at": record.created_at,
        "updated_at": record_time(now),
    }


def recovered_file_item(manifest: ManifestRecord, file: ManifestFile, file_key: str, now: datetime) -> dict[str, Any]:
    """The item of a file that the table has lost, as the object of its manifest tells it."""
    return {
        "date_prefix": manifest.date_prefix,
        "file_key": file_key,
        "status": f"manifested#{manifest.shard}",
        "shard_id": manifest.shard,
        "bucket": file.bucket,
        "object_key": file.key,
        "etag": file.etag,
        "version_id": file.version_id,
        "size_bytes": file.size_bytes,
        "batch_id": manifest.batch_id,
        "manifest_path": manifest.manifest_path,
        "created_at": manifest.created_at,
        "updated_at": record_time(now),
    }


def manifest_record(item: Mapping[str, Any]) -> ManifestRecord:
    """Raises MalformedItemError, which names the item."""
    try:
        return ManifestRecord(
            date_prefix=item["date_prefix"],
            batch_id=item["batch_id"],
            status=item["status"],
            shard=item["shard_id"],
            file_count=item["file_count"],
            total_bytes=item["total_bytes"],
            attempts=item["attempts"],
            created_at=item["created_at"],
            updated_at=item["updated_at"],
            manifest_path=item["manifest_path"],
            opened_at=item.get("opened_at", item["created_at"]),
            execution_arn=item.get("execution_arn"),
            error_message=item.get("error_message"),
            refusals=free_refusals(item),
            files_are_settled=_files_are_settled(item),
        )
    except KeyError as error:
        raise MalformedItemError(
            f"item {item.get('file_key')!r} of {item.get('date_prefix')!r} has no {error.args[0]}"
        ) from error


def _files_are_settled(item: Mapping[str, Any]) -> bool:
    if item["status"] == "failed":
        return bool(item.get("settled_attempt") == item["attempts"])
    return "ttl" in item


def open_batch_item(batch: OpenBatch) -> dict[str, Any]:
    """The open batch; it has a status, and so a place in the index, only while it holds files."""
    return {
        "date_prefix": batch.date_prefix,
        "file_key": batch_item_key(batch.shard),
        "status": f"open#{batch.shard}" if batch.batch_id else None,
        "batch_id": batch.batch_id,
        "file_count": batch.file_count,
        "total_bytes": batch.total_bytes,
        "opened_at": record_time(batch.opened_at) if batch.opened_at else None,
        "version": batch.version,
    }


def open_batch(date_prefix: str, shard: int, item: Mapping[str, Any]) -> OpenBatch:
    """The open batch of an item; an empty one of version 0 where there is no item."""
    opened_at = item.get("opened_at")
    return OpenBatch(
        date_prefix=date_prefix,
        shard=shard,
        version=item.get("version", 0),
        batch_id=item.get("batch_id"),
        file_count=item.get("file_count", 0),
        total_bytes=item.get("total_bytes", 0),
        opened_at=parse_time(opened_at) if opened_at else None,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if isinstance(value, dict):
        return {name: _plain(element) for name, element in value.items()}
    if isinstance(value, set):
        return {_plain(element) for element in value}
    return value
