"""What was read, as values: the rules see these and never a client's answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ndjson_parquet.manifests import free_refusals, parse_time

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrackedFile:
    """A file's item in the tracking table; `state` is its status without the shard."""

    date_prefix: str
    file_key: str
    state: str
    bucket: str
    object_key: str
    etag: str
    version_id: str | None
    size_bytes: int
    batch_id: str | None
    created_at: str
    updated_at: str
    error_message: str | None = None

    @classmethod
    def of(cls, item: Item) -> "TrackedFile":
        """From a plain item; one that lacks what every file has is shown all the same, with what it has."""
        return cls(
            date_prefix=item["date_prefix"],
            file_key=item["file_key"],
            state=str(item.get("status", "unknown")).partition("#")[0],
            bucket=item.get("bucket", ""),
            object_key=item.get("object_key", item["file_key"]),
            etag=item.get("etag", ""),
            version_id=item.get("version_id"),
            size_bytes=item.get("size_bytes", 0),
            batch_id=item.get("batch_id"),
            created_at=item.get("created_at", ""),
            updated_at=item.get("updated_at", ""),
            error_message=item.get("error_message"),
        )

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.object_key}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest's item. `opened_at`: when its batch took its first file; absent where an older version sealed it.

    `refusals`: attempts that Glue refused to start and that do not count, ten at most.
    """

    date_prefix: str
    batch_id: str
    state: str
    file_count: int
    total_bytes: int
    attempts: int
    created_at: str
    updated_at: str
    opened_at: str | None = None
    execution_arn: str | None = None
    glue_job_run_id: str | None = None
    rows_out: int | None = None
    lines_rejected: int | None = None
    files_missing: int = 0
    error_message: str | None = None
    refusals: int = 0

    @classmethod
    def of(cls, item: Item) -> "Manifest":
        return cls(
            date_prefix=item["date_prefix"],
            batch_id=item["file_key"].removeprefix("MANIFEST#"),
            state=str(item.get("status", "unknown")),
            file_count=item.get("file_count", 0),
            total_bytes=item.get("total_bytes", 0),
            attempts=item.get("attempts", 1),
            created_at=item.get("created_at", ""),
            updated_at=item.get("updated_at", ""),
            opened_at=item.get("opened_at"),
            execution_arn=item.get("execution_arn"),
            glue_job_run_id=item.get("glue_job_run_id"),
            rows_out=item.get("rows_out"),
            lines_rejected=item.get("lines_rejected"),
            files_missing=item.get("files_missing", 0),
            error_message=item.get("error_message"),
            refusals=free_refusals(item),
        )

    @property
    def waiting_since(self) -> datetime:
        """The time of its first file, or of its seal where that is not known."""
        return parse_time(self.opened_at or self.created_at)

    @property
    def attempts_spent(self) -> int:
        """Of those that max_manifest_attempts allows."""
        return self.attempts - self.refusals


@dataclass(frozen=True, slots=True)
class Batch:
    """An open batch that holds files."""

    date_prefix: str
    shard: int
    batch_id: str
    file_count: int
    total_bytes: int
    opened_at: str


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """Messages of a queue: those that wait and those that are being worked on, as SQS estimates them."""

    name: str
    waiting: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class BreakerState:
    """The circuit breaker; `opened_at` is absent while it is closed and was never open."""

    state: str
    failures: int
    opened_at: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The sweep's schedule, and its last run as its metric tells it; None when there was none lately.

    `enabled` is None when the caller may not read it.
    """

    enabled: bool | None
    interval_minutes: int
    last_run_at: str | None = None


TriggerName = Literal["file events", "stream", "reconciler"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """What makes a function run. `said`: AWS's word for its state, or why `enabled` could not be read and is None."""

    name: TriggerName
    enabled: bool | None
    said: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A CloudWatch alarm of this deployment; `threshold` is absent for composite ones."""

    name: str
    state: str
    description: str
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in S3."""

    key: str
    size_bytes: int
    modified_at: datetime
    etag: str = ""
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ExecutionView:
    """An execution as Step Functions tells it. `glue_run_id`: the run that it started, once it has."""

    arn: str
    status: str
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    error: str | None = None
    glue_run_id: str | None = None

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class GlueRun:
    """A Glue job run. `seconds` is what is paid for, `dpus` how many of them at once."""

    run_id: str
    state: str
    started_at: datetime | None = None
    completed_at: datetime | None = None
    seconds: int = 0
    dpus: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of the dead-letter queue."""

    message_id: str
    sent_at: datetime
    receive_count: int
    body: str
