"""The rules by which Lambda retries, splits and discards batches of stream records. Nothing here reads or writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from local.emulator import retries
from local.emulator.partial_failures import failed_ids

Document = dict[str, Any]

RETRIES_EXHAUSTED = "RetryAttemptsExhausted"
TOO_OLD = "RecordAgeExceeded"
# MiniStack's streams have this one shard.
SHARD = "shardId-00000000000000000000-00000000"


class Placed(NamedTuple):
    """One record, with its position in the stream: the checkpoint is a position."""

    position: int
    record: Document

    @property
    def sequence_number(self) -> str:
        return str(self.record["dynamodb"]["SequenceNumber"])

    @property
    def created(self) -> float:
        """Epoch seconds, whole ones."""
        return float(self.record["dynamodb"]["ApproximateCreationDateTime"])


@dataclass(frozen=True)
class Limits:
    """What a mapping says about failures. Infinite where it sets no limit."""

    retries: float
    age_seconds: float
    bisect: bool
    partial: bool


@dataclass(frozen=True)
class Batch:
    """Records that are sent together, in the order of the stream, and how often they failed."""

    records: Sequence[Placed]
    failures: int = 0
    invocations: int = 0


class Decision(NamedTuple):
    """After a failure: the batches to try next, in order, and whether this one is given up instead."""

    next: list[Batch]
    give_up: Batch | None = None


def limits_of(mapping: Mapping[str, Any]) -> Limits:
    """From the settings of an event source mapping; -1 and absent are no limit."""
    return Limits(
        retries=_limit(mapping.get("MaximumRetryAttempts")),
        age_seconds=retries.age_seconds(_limit(mapping.get("MaximumRecordAgeInSeconds"))),
        bisect=bool(mapping.get("BisectBatchOnFunctionError")),
        partial="ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or []),
    )


def expired(batch: Batch, now: float, limits: Limits) -> int:
    """How many records at the beginning of the batch are too old to be sent. `now` in epoch seconds."""
    young = (index for index, placed in enumerate(batch.records) if now - placed.created <= limits.age_seconds)
    return next(young, len(batch.records))


def first_failure(batch: Batch, result: Mapping[str, Any], limits: Limits) -> int | None:
    """Index of the first record that was not processed; None when the whole batch was.

    `result` is an invocation of MiniStack's: `error`, and the function's answer as `body`.
    """
    if result.get("error"):
        return 0
    if not limits.partial:
        return None
    numbers = [placed.sequence_number for placed in batch.records]
    failed = failed_ids(result.get("body"), numbers)
    if failed is None:
        return 0
    return min(map(numbers.index, failed), default=None)


def after_failure(batch: Batch, failed_at: int, limits: Limits) -> Decision:
    """What becomes of the records from `failed_at` on. Splitting a batch is no retry, as on AWS.

    With bisecting, the batch is split at the record that failed; when that is its first one, in the middle.
    """
    rest, invocations = batch.records[failed_at:], batch.invocations
    if limits.bisect and len(batch.records) > 1:
        if failed_at > 0:
            return Decision([Batch(rest, 0, invocations)])
        middle = (len(rest) + 1) // 2
        return Decision([Batch(rest[:middle], 0, invocations), Batch(rest[middle:], 0, invocations)])
    failed = Batch(rest, batch.failures + 1, invocations)
    return Decision([], give_up=failed) if failed.failures > limits.retries else Decision([failed])


def failure_record(
    batch: Batch, condition: str, function: Mapping[str, Any], result: Mapping[str, Any] | None, request_id: str
) -> Document:
    """The message for the on-failure destination: it names the records and does not hold them, as on AWS.

    `function` is the function's configuration, `result` its last invocation, None when there was none.
    """
    first, last = batch.records[0], batch.records[-1]
    record: Document = {
        "requestContext": {
            "requestId": request_id,
            "functionArn": function["FunctionArn"],
            "condition": condition,
            "approximateInvokeCount": batch.invocations,
        },
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "DDBStreamBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": first.sequence_number,
            "endSequenceNumber": last.sequence_number,
            "approximateArrivalOfFirstRecord": _time(first.created),
            "approximateArrivalOfLastRecord": _time(last.created),
            "batchSize": len(batch.records),
            "streamArn": first.record["eventSourceARN"],
        },
    }
    if result is not None:
        error = {"functionError": "Unhandled"} if result.get("error") else {}
        record["responseContext"] = {"statusCode": 200, "executedVersion": function.get("Version", "$LATEST"), **error}
    return record


def _limit(value: int | None) -> float:
    return float("inf") if value is None or value < 0 else float(value)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
