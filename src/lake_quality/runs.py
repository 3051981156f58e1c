"""The runs of other days, in the table of files and runs."""

from typing import TYPE_CHECKING, Final

from ndjson_parquet.errors import LookupIncompleteError
from ndjson_parquet.items import from_item, to_item
from ndjson_parquet_lake.days import LONGEST_DELAY, days_between, shift

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RUN: Final = "RUN"
ENDED_WELL: Final = "succeeded"


def days_beside(date: str) -> tuple[str, ...]:
    """The other arrival dates whose rows the merge of this one would read."""
    return tuple(day for day in days_between(shift(date, -LONGEST_DELAY), shift(date, LONGEST_DELAY)) if day != date)


class Runs:
    """How runs ended."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def held_beside(self, date: str) -> list[str]:
        """The days that have a run which did not end well, or goes on. A day that never ran has no rows to hold back.

        Raises:
            LookupIncompleteError: DynamoDB left days unanswered; ask again.
        """
        keys = [to_item({"dataset": RUN, "file_key": day}) for day in days_beside(date)]
        answer = self._client.batch_get_item(RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}})
        if answer.get("UnprocessedKeys"):
            raise LookupIncompleteError(
                f"{self._table} did not answer for the runs of all days beside {date}: try again"
            )
        runs = [from_item(item) for item in answer["Responses"].get(self._table, [])]
        return sorted(run["file_key"] for run in runs if run["status"] != ENDED_WELL)
