"""Reads of the tracking table for the page of the pipeline: by key and index, each bounded, never a scan."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from export_api.errors import BadRequestError
from export_api.exports import OUTPUT_PREFIX
from export_api.files import Files, StoredFile
from export_api.page_tokens import bad_token, position_of, token_of
from export_api.pipeline_page import Page, Reads, page_of
from ndjson_parquet.items import from_item, to_item
from ndjson_parquet.manifests import manifest_item_key
from ndjson_parquet.tracking import TrackingTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Thing = TypeVar("Thing")

READ_AT_MOST = 5_000
"""Items of one kind: a day of 340,000 files has 1,700 manifests."""
SHOWN = 50
FILES_A_PAGE = 100


class PipelineReads:
    """The tracking table and the output bucket of one deployment."""

    def __init__(
        self, client: "DynamoDBClient", table: str, tracking: TrackingTable, outputs: Files, shards: int
    ) -> None:
        self._client = client
        self._table = table
        self._tracking = tracking
        self._outputs = outputs
        self._shards = shards

    def page(self, now: datetime) -> Page:
        """Where the files of today, and all that waits or failed, stand."""
        day = now.date().isoformat()
        limit = _Limit()
        reads = Reads(
            day=day,
            open_batches=limit.of(self._tracking.open_batches(self._shards)),
            manifests=limit.of(self._manifests_of(day)),
            pending=limit.of(self._tracking.manifest_items("pending")),
            processing=limit.of(self._tracking.manifest_items("processing")),
            failed=limit.of(self._tracking.manifest_items("failed")),
            quarantined=limit.of(self._files_in("quarantined#0", day)),
            released=sum(self._count_in(f"released#{shard}", day) for shard in range(self._shards)),
        )
        return page_of(replace(reads, is_cut=limit.is_reached), now, SHOWN)

    def outputs(self, day: str, token: str | None) -> tuple[list[StoredFile], str | None]:
        """Parquet files of a date in the order of their keys, and the token of those after them.

        Raises:
            BadRequestError: no such date, or a token of another one.
        """
        try:
            datetime.fromisoformat(day)
        except ValueError as error:
            raise BadRequestError("bad_date", f"{day!r} is no calendar date; dates are written 2026-11-21.") from error
        prefix = f"{OUTPUT_PREFIX}merged-parquet-{day}/"
        after = position_of(token) if token else ""
        if token and not after.startswith(prefix):
            raise bad_token()
        files, is_more = self._outputs.listed(prefix, after, FILES_A_PAGE)
        parquet = [file for file in files if file.key.endswith(".parquet")]
        return parquet, token_of(files[-1].key) if is_more else None

    def _manifests_of(self, day: str) -> Iterator[dict[str, Any]]:
        return self._query(
            KeyConditionExpression="date_prefix = :day AND begins_with(file_key, :manifest)",
            ExpressionAttributeValues=to_item({":day": day, ":manifest": manifest_item_key("")}),
        )

    def _files_in(self, status: str, day: str) -> Iterator[dict[str, Any]]:
        return self._query(**_with_status(status, day))

    def _count_in(self, status: str, day: str) -> int:
        """Files that an operator released and whose event has not come: few, so that counting is cheap."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table, Select="COUNT", **_with_status(status, day)
        )
        return sum(page["Count"] for page in pages)

    def _query(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator("query").paginate(TableName=self._table, **arguments):
            yield from map(from_item, page["Items"])


class _Limit:
    """Reads so much and no more, and remembers whether there was more."""

    def __init__(self) -> None:
        self.is_reached = False

    def of(self, things: Iterator[Thing]) -> list[Thing]:
        found = list(islice(things, READ_AT_MOST))
        self.is_reached = self.is_reached or next(things, None) is not None
        return found


def _with_status(status: str, day: str) -> dict[str, Any]:
    return {
        "IndexName": "status-index",
        "KeyConditionExpression": "#status = :status AND date_prefix = :day",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": to_item({":status": status, ":day": day}),
    }
