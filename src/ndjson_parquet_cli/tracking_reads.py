"""Reads of the tracking table and the metrics table: each answers with values, none changes anything.

What a call costs decides what is read. A day of 340,000 files is 1,700 manifest items, two pages of the table; counting
its files through the index would read all 340,000 items, 200 pages and 20,000 read units. So files are counted by what
their manifests say, and items of files are read one name, or one bounded page, at a time.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from ndjson_parquet.breaker import BreakerItem
from ndjson_parquet.items import batch_item_key, from_item, item_key, to_item
from ndjson_parquet.manifests import manifest_item_key
from ndjson_parquet_cli.aws import Aws
from ndjson_parquet_cli.deployment import Deployment
from ndjson_parquet_cli.values import Batch, BreakerState, Manifest, TrackedFile


class TrackingReads:
    """The tables of one deployment."""

    def __init__(self, aws: Aws, of: Deployment) -> None:
        self._aws = aws
        self._of = of

    def manifests_of(self, day: str) -> Iterator[Manifest]:
        """Every manifest of a date: a page per 1,400 or so."""
        return map(Manifest.of, self._range(day, "MANIFEST#"))

    def manifests_in(self, state: str, day: str | None = None) -> Iterator[Manifest]:
        """Manifests of a state, oldest date first, through the index; of one date, or of all."""
        return map(Manifest.of, self._indexed(state, day))

    def manifest(self, day: str, batch_id: str) -> Manifest | None:
        item = self._item(day, manifest_item_key(batch_id))
        return Manifest.of(item) if item else None

    def manifest_among(self, batch_id: str, days: Sequence[str]) -> Manifest | None:
        """A manifest that is of one of these dates; a call for 100 dates."""
        for start in range(0, len(days), 100):
            keys = [item_key(day, manifest_item_key(batch_id)) for day in days[start : start + 100]]
            answer = self._aws.dynamodb.batch_get_item(RequestItems={self._of.tracking_table: {"Keys": keys}})
            for item in answer["Responses"].get(self._of.tracking_table, []):
                return Manifest.of(from_item(item))
        return None

    def open_batches(self) -> list[Batch]:
        """Every open batch that holds files, of all dates."""
        items = (item for shard in range(self._of.shards) for item in self._indexed(f"open#{shard}"))
        return [
            Batch(
                date_prefix=item["date_prefix"],
                shard=int(item["file_key"].removeprefix(batch_item_key(0)[:-1])),
                batch_id=item["batch_id"],
                file_count=item["file_count"],
                total_bytes=item["total_bytes"],
                opened_at=item["opened_at"],
            )
            for item in items
        ]

    def count_quarantined(self, day: str) -> int:
        """Files of a date that were set aside: counted in the index, for there are few and no manifest counts them."""
        pages = self._pages(
            IndexName="status-index",
            Select="COUNT",
            KeyConditionExpression="#status = :status AND date_prefix = :day",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item({":status": "quarantined#0", ":day": day}),
        )
        return sum(page["Count"] for page in pages)

    def files_in(self, state: str, day: str | None = None) -> Iterator[TrackedFile]:
        """Files of a state, shard by shard, through the index; of one date, or of all."""
        for shard in range(self._of.shards):
            yield from map(TrackedFile.of, self._indexed(f"{state}#{shard}", day))

    def files_of(self, day: str) -> Iterator[TrackedFile]:
        """Files of a date in the order of their names; a page per 2,000 or so."""
        return (TrackedFile.of(item) for item in self._range(day, "") if "object_key" in item)

    def files_named(self, day: str, key_prefix: str) -> list[TrackedFile]:
        """Files of a date whose range key begins so: one name, whatever its bytes."""
        return [TrackedFile.of(item) for item in self._range(day, key_prefix) if "object_key" in item]

    def files_containing(self, day: str, name: str) -> Iterator[TrackedFile]:
        """Files of a date with this in their name: reads all of the date, 200 pages for 340,000 files."""
        items = self._query(
            KeyConditionExpression="date_prefix = :day",
            FilterExpression="contains(object_key, :name)",
            ExpressionAttributeValues=to_item({":day": day, ":name": name}),
        )
        return map(TrackedFile.of, items)

    def breaker(self) -> BreakerState:
        found = BreakerItem(self._aws.dynamodb, self._of.tracking_table).read()
        opened = found.opened_at.isoformat() if found.opened_at else None
        return BreakerState(str(found.state), found.failures, opened)

    def run_metrics(self, day: str) -> Iterator[dict[str, Any]]:
        """The metrics table's items of a date: one per ended attempt of a manifest."""
        pages = self._aws.dynamodb.get_paginator("query").paginate(
            TableName=self._of.metrics_table,
            KeyConditionExpression="metric_date = :day AND begins_with(metric_key, :run)",
            ExpressionAttributeValues=to_item({":day": day, ":run": "RUN#"}),
        )
        return (from_item(item) for page in pages for item in page["Items"])

    def _item(self, day: str, key: str) -> dict[str, Any] | None:
        answer = self._aws.dynamodb.get_item(
            TableName=self._of.tracking_table, Key=item_key(day, key), ConsistentRead=True
        )
        return from_item(answer["Item"]) if "Item" in answer else None

    def _range(self, day: str, prefix: str) -> Iterator[dict[str, Any]]:
        condition, values = "date_prefix = :day", {":day": day}
        if prefix:
            condition, values = condition + " AND begins_with(file_key, :prefix)", {**values, ":prefix": prefix}
        return self._query(KeyConditionExpression=condition, ExpressionAttributeValues=to_item(values))

    def _indexed(self, status: str, day: str | None = None) -> Iterator[dict[str, Any]]:
        condition, values = "#status = :status", {":status": status}
        if day:
            condition, values = condition + " AND date_prefix = :day", {**values, ":day": day}
        return self._query(
            IndexName="status-index",
            KeyConditionExpression=condition,
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item(values),
        )

    def _query(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        return (from_item(item) for page in self._pages(**arguments) for item in page["Items"])

    def _pages(self, **arguments: Any) -> Iterator[Any]:
        return iter(self._aws.dynamodb.get_paginator("query").paginate(TableName=self._of.tracking_table, **arguments))
