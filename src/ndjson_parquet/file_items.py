"""Single files of the tracking table: what is known of many at once, and the way back to a file's beginning.

    completed | failed | quarantined -> released -> pending, by the file's next event

A released file counts as never seen: whoever tracks it replaces its item. Its second conversion goes through that event
alone, so however often it is announced it is tracked once.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ndjson_parquet.errors import LookupIncompleteError
from ndjson_parquet.items import file_item, from_item, item_key, to_item
from ndjson_parquet.landing import LandedFile
from ndjson_parquet.manifests import parse_time, record_time
from ndjson_parquet.reconciling import FileState, Identity

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEYS_PER_CALL = 100
CALLS_AT_ONCE = 8
TRIES = 6
FIRST_BACKOFF_SECONDS = 0.1


class FileItems:
    """The items of files."""

    def __init__(self, client: "DynamoDBClient", table: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep

    def states(self, identities: Sequence[Identity]) -> dict[Identity, FileState]:
        """What is known of these files, those that are not tracked left out; 100 a call, several calls at a time.

        Read as the table was a moment ago: whoever changes something does so under a condition.

        Raises:
            LookupIncompleteError: the table left keys unanswered again and again.
        """
        unique = list(dict.fromkeys(identities))
        chunks = [unique[start : start + KEYS_PER_CALL] for start in range(0, len(unique), KEYS_PER_CALL)]
        if len(chunks) <= 1:
            return {identity: state for chunk in chunks for identity, state in self._states(chunk)}
        with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
            return {identity: state for found in pool.map(self._states, chunks) for identity, state in found}

    def state(self, identity: Identity) -> FileState | None:
        """What is known of one file, read consistently."""
        answer = self._client.get_item(
            TableName=self._table, Key=item_key(identity.date_prefix, identity.file_key), ConsistentRead=True
        )
        return _state(from_item(answer["Item"])) if "Item" in answer else None

    def of_key(self, date_prefix: str, object_key: str, name: str) -> Iterator[tuple[LandedFile, FileState, str]]:
        """The files of one object key, whose range keys begin with this name, and their error messages."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="date_prefix = :date AND begins_with(file_key, :name)",
            ExpressionAttributeValues=to_item({":date": date_prefix, ":name": name}),
            ConsistentRead=True,
        )
        for page in pages:
            for item in map(from_item, page["Items"]):
                if item.get("object_key") == object_key:
                    yield _file(item), _state(item), item.get("error_message", "")

    def release(self, identity: Identity, seen: FileState, now: datetime) -> bool:
        """A file that has ended -> `released`; False when it is not as it was seen any more.

        Its error message stays: it says where in quarantine the file lies.
        """
        is_as_it_was_seen = "#status = :seen AND updated_at = :at"
        try:
            self._client.update_item(
                TableName=self._table,
                Key=item_key(identity.date_prefix, identity.file_key),
                UpdateExpression="SET #status = :released, updated_at = :now "
                "REMOVE #ttl, batch_id, manifest_path, glue_job_run_id",
                ConditionExpression=is_as_it_was_seen,
                ExpressionAttributeNames={"#status": "status", "#ttl": "ttl"},
                ExpressionAttributeValues=to_item(
                    {
                        ":seen": f"{seen.status}#{seen.shard}",
                        ":at": record_time(seen.updated_at),
                        ":released": f"released#{seen.shard}",
                        ":now": record_time(now),
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def release_new(self, file: LandedFile, now: datetime) -> bool:
        """Track a file as released before its event comes, or when that was refused; False when it is further."""
        is_new_or_refused = "attribute_not_exists(file_key) OR begins_with(#status, :quarantined)"
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_item(file_item(file, "released", 0, now)),
                ConditionExpression=is_new_or_refused,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=to_item({":quarantined": "quarantined"}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _states(self, identities: Sequence[Identity]) -> list[tuple[Identity, FileState]]:
        wanted: Any = {
            self._table: {
                "Keys": [item_key(one.date_prefix, one.file_key) for one in identities],
                "ProjectionExpression": "date_prefix, file_key, #status, updated_at, batch_id",
                "ExpressionAttributeNames": {"#status": "status"},
            }
        }
        found: list[dict[str, Any]] = []
        for attempt in range(TRIES):
            answer = self._client.batch_get_item(RequestItems=wanted)
            found += map(from_item, answer["Responses"].get(self._table, []))
            wanted = answer.get("UnprocessedKeys")
            if not wanted:
                return [(Identity(item["date_prefix"], item["file_key"]), _state(item)) for item in found]
            self._sleep(FIRST_BACKOFF_SECONDS * 2**attempt)
        raise LookupIncompleteError(
            f"table {self._table} left {len(wanted[self._table]['Keys'])} of {len(identities)} keys unanswered "
            f"{TRIES} times: it is throttled; try again later"
        )


def _state(item: dict[str, Any]) -> FileState:
    status, _, shard = item["status"].partition("#")
    return FileState(status, int(shard or 0), parse_time(item["updated_at"]), item.get("batch_id"))


def _file(item: dict[str, Any]) -> LandedFile:
    return LandedFile(
        bucket=item["bucket"],
        key=item["object_key"],
        etag=item["etag"],
        version_id=item.get("version_id"),
        size_bytes=item["size_bytes"],
        date_prefix=item["date_prefix"],
        date_is_guessed=False,
        file_key=item["file_key"],
    )
