"""The circuit breaker that all containers share through the tracking table.

    closed --3 failures in a row--> open --300 s--> half open --success--> closed
                                      ^                 |
                                      +-----failure-----+

Half open lets one caller through: whoever moves `opened_at` from the value that all have read. A caller that dies there
keeps the others out for another 300 s and no longer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ndjson_parquet.items import from_item, item_key, to_item
from ndjson_parquet.manifests import parse_time, record_time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FAILURES_TO_OPEN = 3
OPEN_FOR = timedelta(seconds=300)


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Advice(StrEnum):
    """What a caller may do."""

    CALL = "call"
    PROBE = "probe"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Breaker:
    """The breaker as it was read."""

    state: State = State.CLOSED
    failures: int = 0
    opened_at: datetime | None = None

    def advice(self, now: datetime) -> Advice:
        """Whether to call, to try to be the one that probes, or to wait."""
        if self.state is State.CLOSED or self.opened_at is None:
            return Advice.CALL
        return Advice.PROBE if now - self.opened_at >= OPEN_FOR else Advice.WAIT


class BreakerItem:
    """The breaker's item in the tracking table."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self._key = item_key("BREAKER#dispatch", "BREAKER")

    def read(self) -> Breaker:
        """The breaker; closed when it was never written."""
        answer = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
        item = from_item(answer.get("Item", {}))
        opened_at = item.get("opened_at")
        return Breaker(
            State(item.get("state", State.CLOSED)),
            item.get("failures", 0),
            parse_time(opened_at) if opened_at else None,
        )

    def claim_probe(self, seen: Breaker, now: datetime) -> bool:
        """Whether this caller is the one that may try; another may have been faster."""
        nobody_was_faster = "opened_at = :seen"
        try:
            self._write(State.HALF_OPEN, seen.failures, now, nobody_was_faster, seen)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def succeeded(self, seen: Breaker) -> None:
        """Close it; nothing is written when it was closed and without failures."""
        if seen != Breaker():
            self._client.delete_item(TableName=self._table, Key=self._key)

    def failed(self, seen: Breaker, now: datetime) -> State:
        """Count a failure; the state it leads to."""
        if seen.state is not State.CLOSED:
            self._write(State.OPEN, seen.failures + 1, now)
            return State.OPEN
        answer = self._client.update_item(
            TableName=self._table,
            Key=self._key,
            UpdateExpression="ADD failures :one",
            ExpressionAttributeValues=to_item({":one": 1}),
            ReturnValues="UPDATED_NEW",
        )
        failures = from_item(answer["Attributes"])["failures"]
        if failures < FAILURES_TO_OPEN:
            return State.CLOSED
        self._write(State.OPEN, failures, now)
        return State.OPEN

    def _write(
        self, state: State, failures: int, now: datetime, condition: str | None = None, seen: Breaker | None = None
    ) -> None:
        item = {"state": str(state), "failures": failures, "opened_at": record_time(now)}
        guarded: dict[str, Any] = {}
        if condition and seen and seen.opened_at:
            values = to_item({":seen": record_time(seen.opened_at)})
            guarded = {"ConditionExpression": condition, "ExpressionAttributeValues": values}
        self._client.put_item(TableName=self._table, Item={**self._key, **to_item(item)}, **guarded)
