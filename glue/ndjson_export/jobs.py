"""The item of an export in the jobs table: how far it is, and why it ended when it failed.

The state machine writes `status`; this writes `progress`, `rows`, `totalRows`, `outputBytes`, `errorMessage`,
`failureKind` and `updatedAt`, and nothing to an item that is COMPLETED or FAILED or gone.
"""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Callable

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_export.errors import BadParquetError, ExportError, JobEndedError, StorageError
from ndjson_export.export import Progress

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_IS_GOING = "attribute_exists(jobId) AND NOT #status IN (:completed, :failed)"
_SECONDS_BETWEEN_WRITES = 2.0
# The whole file is read before the result is visible.
_MOST_BEFORE_THE_END = 99
_LONGEST_MESSAGE = 1_000
# Whose fault it is that an export failed: its owner mends the file, an operator looks at the service.
FILE, SERVICE = "file", "service"


class JobItem:
    """The item of one job."""

    def __init__(
        self, client: DynamoDBClient, table: str, job_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._table = table
        self._job_id = job_id
        self._clock = clock
        self._written_at: float | None = None

    def begin(self) -> None:
        """Forget what an earlier attempt wrote. Raises JobEndedError, StorageError."""
        self._update("SET progress = :zero, updatedAt = :now REMOVE errorMessage, failureKind", {":zero": {"N": "0"}})

    def report(self, progress: Progress) -> None:
        """Write how far it is, every two seconds. Raises JobEndedError, StorageError."""
        now = self._clock()
        if self._written_at is None or now - self._written_at >= _SECONDS_BETWEEN_WRITES:
            self._write(progress, min(progress.percent, _MOST_BEFORE_THE_END))
            self._written_at = now

    def finish(self, progress: Progress) -> None:
        """Write the numbers of the whole result. Raises JobEndedError, StorageError."""
        self._write(progress, 100)

    def fail(self, error: BaseException) -> None:
        """Write why it failed. Raises JobEndedError, StorageError."""
        kind = FILE if isinstance(error, BadParquetError) else SERVICE
        self._update(
            "SET errorMessage = :message, failureKind = :kind, updatedAt = :now",
            {":message": {"S": message_for(error)[:_LONGEST_MESSAGE]}, ":kind": {"S": kind}},
        )

    def _write(self, progress: Progress, percent: int) -> None:
        numbers = {
            ":progress": percent,
            ":rows": progress.rows,
            ":total": progress.total_rows,
            ":bytes": progress.output_bytes,
        }
        self._update(
            "SET progress = :progress, #rows = :rows, totalRows = :total, outputBytes = :bytes, updatedAt = :now",
            {name: {"N": str(number)} for name, number in numbers.items()},
            {"#rows": "rows"},
        )

    def _update(self, expression: str, values: dict[str, Any], names: dict[str, str] | None = None) -> None:
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        ended = {":completed": {"S": "COMPLETED"}, ":failed": {"S": "FAILED"}}
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"jobId": {"S": self._job_id}},
                UpdateExpression=expression,
                ConditionExpression=_IS_GOING,
                ExpressionAttributeNames={"#status": "status", **(names or {})},
                ExpressionAttributeValues={":now": {"S": now}, **ended, **values},
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise JobEndedError(f"the job {self._job_id} has ended or is gone from {self._table}") from error
        except (BotoCoreError, ClientError) as error:
            raise StorageError(f"cannot write the progress of {self._job_id} to {self._table}: {error}") from error


def make_client() -> DynamoDBClient:
    return boto3.client("dynamodb", config=Config(retries={"mode": "standard", "max_attempts": 8}))


def message_for(error: BaseException) -> str:
    """What the person who asked for the export is told."""
    if isinstance(error, MemoryError):
        return "The file's rows are too large for the memory of the job. Write it with smaller values."
    if isinstance(error, StorageError):
        return (
            f"The export could not read or write its files ({error}). Convert the file again; if that fails too, tell "
            "an operator."
        )
    if isinstance(error, ExportError):
        return str(error)
    return "The export failed for a reason that lies in the service, not in the file. Tell an operator."
