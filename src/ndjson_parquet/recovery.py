"""Writes to the tracking table that only a rebuild makes; each is conditional, so that the pipeline may go on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from sys import intern
from typing import TYPE_CHECKING, Any, TypeVar

from ndjson_parquet.items import (
    from_item,
    item_key,
    recovered_file_item,
    recovered_manifest_item,
    to_item,
)
from ndjson_parquet.manifests import ManifestFile, ManifestRecord, manifest_item_key, record_time
from ndjson_parquet.rebuilding import WaitingFile

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Value = TypeVar("Value")

ITEMS_PER_CALL = 100
"""DynamoDB's limit for one transaction, of reads or of writes."""


class Recovery:
    """Puts back what the tracking table has lost."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def files(self, date_prefix: str, file_keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The items of those files that have one, read consistently."""
        found = {}
        for keys in _chunks(file_keys):
            gets: Any = [{"Get": {"TableName": self._table, "Key": item_key(date_prefix, key)}} for key in keys]
            for answer in self._client.transact_get_items(TransactItems=gets)["Responses"]:
                if "Item" in answer:
                    item = from_item(answer["Item"])
                    found[item["file_key"]] = item
        return found

    def waiting_files(self, shards: int) -> Iterator[WaitingFile]:
        """Files that wait for their conversion, as the index knows them."""
        for status in ("pending", "manifested"):
            for shard in range(shards):
                pages = self._client.get_paginator("query").paginate(
                    TableName=self._table,
                    IndexName="status-index",
                    KeyConditionExpression="#status = :status",
                    ProjectionExpression="date_prefix, file_key, batch_id, #status",
                    ExpressionAttributeNames={"#status": "status"},
                    ExpressionAttributeValues=to_item({":status": f"{status}#{shard}"}),
                )
                for page in pages:
                    for item in map(from_item, page["Items"]):
                        date_prefix, batch_id = intern(item["date_prefix"]), intern(item["batch_id"])
                        yield WaitingFile(date_prefix, item["file_key"], batch_id, intern(item["status"]))

    def add_files(self, manifest: ManifestRecord, files: Mapping[str, ManifestFile], now: datetime) -> None:
        """Track files as `manifested`, by file key. A file that somebody tracked meanwhile ends it with an error."""
        for chunk in _chunks(list(files.items())):
            puts = [self._put_new(recovered_file_item(manifest, file, key, now)) for key, file in chunk]
            self._client.transact_write_items(TransactItems=[{"Put": put} for put in puts])

    def add_manifest(self, manifest: ManifestRecord, now: datetime) -> bool:
        """Put a manifest's item; False when there is one by now."""
        try:
            self._client.put_item(**self._put_new(recovered_manifest_item(manifest, now)))
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def complete_manifest(self, manifest: ManifestRecord, now: datetime) -> bool:
        """To `completed`, from any status, for a manifest that has a commit record; False if it moved on."""
        return self._change(
            item_key(manifest.date_prefix, manifest_item_key(manifest.batch_id)),
            "SET #status = :completed, updated_at = :now",
            "#status = :status AND attempts = :attempts",
            {
                ":completed": "completed",
                ":status": manifest.status,
                ":attempts": manifest.attempts,
                ":now": record_time(now),
            },
        )

    def batch_file(self, item: Mapping[str, Any], manifest: ManifestRecord, now: datetime) -> bool:
        """Give a file of an earlier batch, or of none, to the manifest that names it; False if it moved on."""
        return self._change(
            item_key(item["date_prefix"], item["file_key"]),
            "SET #status = :manifested, shard_id = :shard, batch_id = :batch, manifest_path = :path, updated_at = :now "
            "REMOVE #ttl, error_message",
            "#status = :status AND updated_at = :read",
            {
                ":manifested": f"manifested#{manifest.shard}",
                ":shard": manifest.shard,
                ":batch": manifest.batch_id,
                ":path": manifest.manifest_path,
                ":status": item["status"],
                ":read": item["updated_at"],
                ":now": record_time(now),
            },
            {"#ttl": "ttl"},
        )

    def forget_file(self, file: WaitingFile) -> bool:
        """Delete the item of an unfinished file, which is a new file then; False if it moved on."""
        return self._delete(
            item_key(file.date_prefix, file.file_key),
            "#status = :status AND batch_id = :batch",
            {":status": file.status, ":batch": file.batch_id},
        )

    def forget_manifest(self, manifest: ManifestRecord) -> bool:
        """Delete the item of a manifest that nobody has published or can; False if it moved on."""
        return self._delete(
            item_key(manifest.date_prefix, manifest_item_key(manifest.batch_id)),
            "#status = :status AND attempts = :attempts",
            {":status": manifest.status, ":attempts": manifest.attempts},
        )

    def _put_new(self, item: Mapping[str, Any]) -> Any:
        is_not_there = "attribute_not_exists(file_key)"
        return {"TableName": self._table, "Item": to_item(item), "ConditionExpression": is_not_there}

    def _change(
        self,
        key: dict[str, Any],
        update: str,
        condition: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key,
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#status": "status", **(names or {})},
                ExpressionAttributeValues=to_item(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _delete(self, key: dict[str, Any], condition: str, values: Mapping[str, Any]) -> bool:
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=key,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=to_item(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), ITEMS_PER_CALL):
        yield values[start : start + ITEMS_PER_CALL]
