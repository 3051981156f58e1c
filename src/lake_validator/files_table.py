"""The table of raw files: one item per decision, under its dataset."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from lake_validator.decisions import Record
from ndjson_parquet.items import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_STORED = tuple(field.name for field in fields(Record))


class FilesTable:
    """Reads and writes decisions; both may be repeated."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def records(self, dataset: str, date: str) -> Iterable[Record]:
        """What was decided of the dataset's files of a day, as of now."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="dataset = :dataset AND begins_with(file_key, :date)",
            ExpressionAttributeValues=to_item({":dataset": dataset, ":date": f"{date}/"}),
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                found = from_item(item)
                yield Record(**{name: found[name] for name in _STORED if name in found})

    def put(self, record: Record) -> None:
        """Keep a decision, over an earlier one of the same file or the same accepted bytes."""
        self._client.put_item(TableName=self._table, Item=to_item({**asdict(record), "file_key": record.file_key}))
