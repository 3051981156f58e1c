"""Where the daily reconciler stands, for whoever goes on with it: one item of the tracking table.

Whoever takes it up holds it for a while, so that two do not do the same piece; who dies gives it up by that. Each
change names the version that it replaces. A piece that is done twice all the same announces files twice, which adds
nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ndjson_parquet.items import from_item, item_key, to_item
from ndjson_parquet.manifests import record_time
from ndjson_parquet.operations import Cursor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HELD_FOR = timedelta(minutes=15)
"""As long as a function can run."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A run of the reconciler that has not come to its end; `min_age_minutes` as it was asked for."""

    dates: tuple[str, ...]
    min_age_minutes: int
    cursor: Cursor
    version: int = 0


class ReconcilerItem:
    """The reconciler's item in the tracking table."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self._key = item_key("RECONCILER#cursor", "RECONCILER")

    def begin(self, walk: Walk, now: datetime) -> Walk | None:
        """Hold a new walk, over the dates of one that stands too; None when somebody else is at that just now.

        What the one that stands has found unaccounted for was announced, and so is not found again: its count is kept.
        """
        item = self._read() or {}
        if item and item["held_until"] > record_time(now):
            return None
        dates = tuple(sorted({*walk.dates, *item.get("dates", [])}))
        cursor = replace(walk.cursor, unaccounted=item.get("unaccounted", 0))
        return self._write(Walk(dates, walk.min_age_minutes, cursor, item.get("version", 0)), now + HELD_FOR, now)

    def take_up(self, now: datetime) -> Walk | None:
        """Hold the walk that stands; None when there is none, or somebody else holds it."""
        item = self._read()
        if item is None or item["held_until"] > record_time(now):
            return None
        cursor = Cursor(**item["cursor"], unaccounted=item.get("unaccounted", 0))
        walk = Walk(tuple(item["dates"]), item["min_age_minutes"], cursor, item["version"])
        return self._write(walk, now + HELD_FOR, now)

    def put_down(self, walk: Walk, now: datetime) -> None:
        """Leave the walk where it is to whoever comes next."""
        self._write(walk, now, now)

    def finish(self, walk: Walk) -> None:
        """The walk has come to its end."""
        is_still_held = "#version = :version"
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=self._key,
                ConditionExpression=is_still_held,
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues=to_item({":version": walk.version}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def _read(self) -> dict[str, Any] | None:
        answer = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def _write(self, walk: Walk, held_until: datetime, now: datetime) -> Walk | None:
        nobody_was_faster = "attribute_not_exists(file_key) OR #version = :version"
        # The count stands beside the markers: a release that does not know it, rolled back to, reads the cursor still.
        markers = walk.cursor.as_dict()
        item = {
            "dates": list(walk.dates),
            "min_age_minutes": walk.min_age_minutes,
            "unaccounted": markers.pop("unaccounted"),
            "cursor": markers,
            "version": walk.version + 1,
            "held_until": record_time(held_until),
            "updated_at": record_time(now),
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**self._key, **to_item(item)},
                ConditionExpression=nobody_was_faster,
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues=to_item({":version": walk.version}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return Walk(walk.dates, walk.min_age_minutes, walk.cursor, walk.version + 1)
