"""The tracking table's batches and manifests: one named method per transition, each a conditional write.

    writer A                          writer B
    open_batch(): version 7
                                      open_batch(): version 7
    commit(): version is 7 -> 8
                                      commit(): version is not 7 -> BatchMovedError, nothing written
                                      open_batch(): version 8, plan again

The same transaction puts every file under "is not there yet, or was released to be converted once more", so a repeated
event is never batched twice, and it puts
the manifest items of the batches it seals, so a crash right after it loses nothing: anyone can publish, and again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

from ndjson_parquet.batching import OpenBatch, Plan
from ndjson_parquet.errors import UnknownBatchError
from ndjson_parquet.items import (
    batch_item_key,
    file_item,
    from_item,
    item_key,
    manifest_item,
    manifest_record,
    members_files,
    members_item,
    members_item_prefix,
    open_batch,
    open_batch_item,
    to_item,
)
from ndjson_parquet.landing import LandedFile, QuarantineReason
from ndjson_parquet.manifests import ManifestFile, ManifestRecord, manifest_item_key, manifest_key, record_time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ManifestStatus = Literal["pending", "processing", "completed", "failed"]

MAX_FILES_PER_TRANSACTION = 32
"""A file can seal a batch and so write three items, beside the open batch's: 1 + 3 x 32 stays below DynamoDB's 100."""


class BatchMovedError(Exception):
    """Another writer changed the open batch first, or is changing it now: read it again."""


class AlreadyTrackedError(Exception):
    """Some of the files are in the table already; `file_keys` names them."""

    def __init__(self, file_keys: frozenset[str]) -> None:
        super().__init__(f"{len(file_keys)} files are tracked already")
        self.file_keys = file_keys


@dataclass(frozen=True, slots=True)
class Members:
    """The files of a batch as the tracking transactions listed them, and the keys of the items that hold the lists."""

    files: tuple[ManifestFile, ...]
    item_keys: tuple[str, ...]


class TrackingTable:
    """Batches and manifests in the tracking table."""

    def __init__(self, client: "DynamoDBClient", table: str, manifest_bucket: str) -> None:
        self._client = client
        self._table = table
        self._manifest_bucket = manifest_bucket

    def open_batch(self, date_prefix: str, shard: int) -> OpenBatch:
        """The open batch of a date and shard, read consistently."""
        return open_batch(date_prefix, shard, self._get(date_prefix, batch_item_key(shard)) or {})

    def manifest(self, date_prefix: str, batch_id: str) -> ManifestRecord:
        """The item of a manifest, read consistently.

        Raises:
            UnknownBatchError: there is none.
        """
        found = self.find_manifest(date_prefix, batch_id)
        if found is None:
            raise UnknownBatchError(f"no manifest {batch_id!r} of {date_prefix!r} in table {self._table}")
        return found

    def find_manifest(self, date_prefix: str, batch_id: str) -> ManifestRecord | None:
        """The item of a manifest if there is one, read consistently."""
        item = self._get(date_prefix, manifest_item_key(batch_id))
        return manifest_record(item) if item else None

    def members(self, date_prefix: str, batch_id: str) -> Members:
        """The files of a batch, read consistently; none once its manifest object stands and `forget_members` ran."""
        items = list(
            self._query(
                KeyConditionExpression="date_prefix = :date AND begins_with(file_key, :prefix)",
                ExpressionAttributeValues=to_item({":date": date_prefix, ":prefix": members_item_prefix(batch_id)}),
                ConsistentRead=True,
            )
        )
        files = tuple(file for item in items for file in members_files(item))
        return Members(files, tuple(item["file_key"] for item in items))

    def open_batches(self, shards: int) -> Iterator[OpenBatch]:
        """Every open batch that holds files, as the index knows them."""
        for shard in range(shards):
            for item in self._with_status(f"open#{shard}"):
                yield open_batch(item["date_prefix"], shard, item)

    def manifest_items(self, status: ManifestStatus) -> Iterator[dict[str, Any]]:
        """The item of every manifest of a status, oldest date first, as the index knows them."""
        return self._with_status(status)

    def file_status(self, file: LandedFile) -> str | None:
        """The status of a file without its shard, read consistently; None when it is not tracked."""
        item = self._get(file.date_prefix, file.file_key)
        return str(item["status"]).partition("#")[0] if item else None

    def other_versions(self, file: LandedFile) -> bool:
        """Whether other bytes are tracked under the file's key, those in quarantine not counted."""
        name = file.file_key.removesuffix(file.etag)
        items = self._query(
            KeyConditionExpression="date_prefix = :date AND begins_with(file_key, :name)",
            ExpressionAttributeValues=to_item({":date": file.date_prefix, ":name": name}),
            ConsistentRead=True,
        )
        return any(
            item["file_key"] != file.file_key and not item["status"].startswith("quarantined")
            for item in items
            if item["object_key"] == file.key
        )

    def commit(self, plan: Plan, now: datetime) -> None:
        """Write a plan as one transaction: all of it or nothing.

        botocore sends the same ClientRequestToken with every retry of the call, so a lost answer is not a second write.

        Raises:
            AlreadyTrackedError: some files are known; drop them and plan again.
            BatchMovedError: the open batch is not the one that was planned on.
        """
        writes = [
            *(
                self._put_file(file_item(file, "pending", plan.before.shard, now) | {"batch_id": batch_id})
                for file, batch_id in plan.assignments
            ),
            self._put_open_batch(plan),
            *(
                self._put_new(members_item(plan.after, batch_id, [file for file, _ in assigned]))
                for batch_id, assigned in groupby(plan.assignments, key=itemgetter(1))
            ),
            *(
                self._put_new(manifest_item(sealed, self._manifest_path(sealed.date_prefix, sealed.batch_id), now))
                for sealed in plan.sealed
            ),
        ]
        try:
            self._client.transact_write_items(TransactItems=writes)
        except self._client.exceptions.TransactionCanceledException as error:
            codes = [reason.get("Code") for reason in error.response["CancellationReasons"]]
            failed_puts = zip(plan.assignments, codes, strict=False)
            known = frozenset(file.file_key for (file, _), code in failed_puts if code == "ConditionalCheckFailed")
            if known:
                raise AlreadyTrackedError(known) from error
            if {"ConditionalCheckFailed", "TransactionConflict"} & set(codes):
                raise BatchMovedError from error
            raise

    def quarantined(
        self, file: LandedFile, reason: QuarantineReason, message: str, now: datetime, ttl: timedelta
    ) -> bool:
        """Track a file that was set aside; False when it was tracked already."""
        item = file_item(file, "quarantined", 0, now) | {
            "error_message": f"{reason}: {message}",
            "ttl": int((now + ttl).timestamp()),
        }
        try:
            self._client.put_item(**self._put_new(item)["Put"])
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def forget_members(self, date_prefix: str, item_keys: Sequence[str]) -> None:
        """Delete the lists that the manifest object has replaced."""
        for start in range(0, len(item_keys), 100):
            deletes = [
                {"Delete": {"TableName": self._table, "Key": item_key(date_prefix, key)}}
                for key in item_keys[start : start + 100]
            ]
            self._client.transact_write_items(TransactItems=deletes)  # type: ignore[arg-type]

    def next_attempt(self, manifest: ManifestRecord, now: datetime) -> bool:
        """`failed`, or `pending` with an execution that ended, -> `pending` for a new attempt; False if it moved on."""
        is_as_it_was_read = "#status = :status AND attempts = :attempts"
        return self._change_manifest(
            manifest,
            "SET #status = :pending, attempts = :next, updated_at = :now REMOVE execution_arn",
            is_as_it_was_read,
            {
                ":pending": "pending",
                ":status": manifest.status,
                ":attempts": manifest.attempts,
                ":next": manifest.attempts + 1,
                ":now": record_time(now),
            },
        )

    def convert_again(self, manifest: ManifestRecord, now: datetime) -> bool:
        """`completed` -> `pending` for a new attempt, which must not expire; False if it moved on."""
        is_as_it_was_read = "#status = :status AND attempts = :attempts"
        return self._change_manifest(
            manifest,
            "SET #status = :pending, attempts = :next, updated_at = :now REMOVE execution_arn, #ttl",
            is_as_it_was_read,
            {
                ":pending": "pending",
                ":status": manifest.status,
                ":attempts": manifest.attempts,
                ":next": manifest.attempts + 1,
                ":now": record_time(now),
            },
            names=("ttl",),
        )

    def execution_ended(self, manifest: ManifestRecord, message: str, now: datetime) -> bool:
        """`processing` -> `failed` for an execution that ended without saying so; False if it moved on."""
        is_still_its_own = "#status = :processing AND execution_arn = :arn"
        return self._change_manifest(
            manifest,
            "SET #status = :failed, error_message = :message, updated_at = :now",
            is_still_its_own,
            {
                ":processing": "processing",
                ":failed": "failed",
                ":arn": manifest.execution_arn,
                ":message": message,
                ":now": record_time(now),
            },
        )

    def committed(self, manifest: ManifestRecord, now: datetime) -> bool:
        """`failed` -> `completed` for an attempt whose run had committed before it failed; False if it moved on."""
        is_still_this_attempt = "#status = :failed AND attempts = :attempts"
        return self._change_manifest(
            manifest,
            "SET #status = :completed, updated_at = :now",
            is_still_this_attempt,
            {
                ":failed": "failed",
                ":completed": "completed",
                ":attempts": manifest.attempts,
                ":now": record_time(now),
            },
        )

    def record_run(
        self, manifest: ManifestRecord, status: ManifestStatus, values: dict[str, Any], now: datetime
    ) -> bool:
        """Store what a run left (counts, error text, ttl) on a manifest that has this status; False if it has another.

        A value of None removes the attribute.
        """
        values = {**values, "updated_at": record_time(now)}
        kept = {name: value for name, value in values.items() if value is not None}
        removed = [name for name in values if name not in kept]
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in kept)
        if removed:
            update += " REMOVE " + ", ".join(f"#{name}" for name in removed)
        has_this_status = "#status = :status"
        return self._change_manifest(
            manifest,
            update,
            has_this_status,
            {":status": status, **{f":{name}": value for name, value in kept.items()}},
            names=[*kept, *removed],
        )

    def _change_manifest(
        self,
        manifest: ManifestRecord,
        update: str,
        condition: str,
        values: dict[str, Any],
        names: Sequence[str] = (),
    ) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=item_key(manifest.date_prefix, manifest_item_key(manifest.batch_id)),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#status": "status", **{f"#{name}": name for name in names}},
                ExpressionAttributeValues=to_item(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _get(self, date_prefix: str, file_key: str) -> dict[str, Any] | None:
        answer = self._client.get_item(TableName=self._table, Key=item_key(date_prefix, file_key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def _with_status(self, status: str) -> Iterator[dict[str, Any]]:
        return self._query(
            IndexName="status-index",
            KeyConditionExpression="#status = :status",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item({":status": status}),
        )

    def _query(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator("query").paginate(TableName=self._table, **arguments):
            yield from map(from_item, page["Items"])

    def _put_open_batch(self, plan: Plan) -> Any:
        put = {"TableName": self._table, "Item": to_item(open_batch_item(plan.after))}
        if plan.before.version == 0:
            is_first = "attribute_not_exists(file_key)"
            return {"Put": {**put, "ConditionExpression": is_first}}
        is_the_version_read = "version = :version"
        version = to_item({":version": plan.before.version})
        return {"Put": {**put, "ConditionExpression": is_the_version_read, "ExpressionAttributeValues": version}}

    def _put_new(self, item: dict[str, Any]) -> Any:
        is_not_there_yet = "attribute_not_exists(file_key)"
        return {"Put": {"TableName": self._table, "Item": to_item(item), "ConditionExpression": is_not_there_yet}}

    def _put_file(self, item: dict[str, Any]) -> Any:
        is_new_or_released = "attribute_not_exists(file_key) OR begins_with(#status, :released)"
        return {
            "Put": {
                "TableName": self._table,
                "Item": to_item(item),
                "ConditionExpression": is_new_or_released,
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": to_item({":released": "released"}),
            }
        }

    def _manifest_path(self, date_prefix: str, batch_id: str) -> str:
        return f"s3://{self._manifest_bucket}/{manifest_key(date_prefix, batch_id)}"
