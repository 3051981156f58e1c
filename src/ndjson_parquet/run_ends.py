"""How an execution ended, in numbers: what it converted, how fresh the rows are, what it cost. No I/O.

Rows, files and bytes of a manifest are those of the execution that completed it, also when the commit record was
written by the run of an earlier one. Seconds and cost are those of each execution's own Glue run.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from ndjson_parquet.errors import ManifestError
from ndjson_parquet.manifests import ManifestRecord, parse_time, record_time

if TYPE_CHECKING:
    from ndjson_parquet.metrics import EndingMetric

Outcome = Literal["completed", "failed"]

FORMAT_VERSION = 1
SHORTEST_BILLED_SECONDS = 60
"""Glue bills a run for a minute at least."""


@dataclass(frozen=True, slots=True)
class GlueRun:
    """A run as Glue bills it: the seconds it ran, and how many data processing units for how long."""

    run_id: str
    seconds: float
    dpu_seconds: float

    def cost_usd(self, dpu_hour_usd: float) -> float:
        return self.dpu_seconds * dpu_hour_usd / 3600


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A file of which the commit record says that no line was read."""

    uri: str
    etag: str
    reason: str


@dataclass(frozen=True, slots=True)
class Commit:
    """What a commit record says of the rows that are visible; sizes in bytes."""

    attempt: int
    job_run_id: str
    committed_at: datetime
    bytes_in: int
    bytes_written: int
    lines_in: int
    rows_out: int
    lines_rejected: int
    rejected_by_reason: Mapping[str, int]
    parts: int
    missing: tuple[MissingFile, ...]

    @property
    def reject_percent(self) -> float:
        return 100 * self.lines_rejected / self.lines_in if self.lines_in else 0.0


@dataclass(frozen=True, slots=True)
class RunRules:
    """What is judged by: until when a file is on time, the price of an hour of a DPU, how long an item is kept."""

    freshness_target: timedelta
    dpu_hour_usd: float
    ttl: timedelta


@dataclass(frozen=True, slots=True)
class RunEnded:
    """One execution that ended. `commit` is there when it completed its manifest, `run` when Glue has told of one."""

    manifest: ManifestRecord
    execution_arn: str | None
    attempt: int
    commit: Commit | None
    run: GlueRun | None
    error_message: str | None

    @property
    def outcome(self) -> Outcome:
        return "completed" if self.commit else "failed"

    @property
    def freshness(self) -> timedelta | None:
        """From the batch's first file to the commit."""
        return self.commit.committed_at - parse_time(self.manifest.opened_at) if self.commit else None


def glue_run(document: Any) -> GlueRun | None:
    """The run in Glue's JobRun; None where the document is none, or lacks what a bill is made of.

    `DPUSeconds` is given where workers come and go, and is then less than seconds times capacity.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("Id"), str):
        return None
    seconds, capacity, measured = (document.get(name) for name in ("ExecutionTime", "MaxCapacity", "DPUSeconds"))
    if not isinstance(seconds, int | float):
        return None
    if isinstance(measured, int | float):
        return GlueRun(document["Id"], seconds, measured)
    if not isinstance(capacity, int | float):
        return None
    return GlueRun(document["Id"], seconds, max(seconds, SHORTEST_BILLED_SECONDS) * capacity)


def failed_run(error: Any) -> GlueRun | None:
    """The run that a Step Functions error is about: its cause is Glue's JobRun as text."""
    if not isinstance(error, Mapping):
        return None
    try:
        return glue_run(json.loads(str(error.get("Cause"))))
    except ValueError:
        return None


def commit_of(body: bytes, uri: str) -> Commit:
    """Raises ManifestError, which names the object, when it is not a commit record."""
    try:
        record: dict[str, Any] = json.loads(body)
        return Commit(
            attempt=record["attempt"],
            job_run_id=record["job_run_id"] or "",
            committed_at=parse_time(record["committed_at"]),
            bytes_in=record["bytes_in"],
            bytes_written=sum(part["size_bytes"] for part in record["parts"]),
            lines_in=record["lines_in"],
            rows_out=record["rows_out"],
            lines_rejected=record["lines_rejected"],
            rejected_by_reason=record.get("rejected_by_reason", {}),
            parts=len(record["parts"]),
            missing=tuple(MissingFile(gone["uri"], gone["etag"], gone["reason"]) for gone in record["missing"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError(f"{uri} is not a commit record: {error!r}") from error


def measures(ended: RunEnded, rules: RunRules) -> Iterator[tuple["EndingMetric", float]]:
    """The metrics of an execution that ended."""
    commit, freshness = ended.commit, ended.freshness
    if commit is None or freshness is None:
        yield "ManifestsFailed", 1
    else:
        present = ended.manifest.file_count - len(commit.missing)
        on_time = freshness <= rules.freshness_target
        yield "ManifestsCompleted", 1
        yield "RowsWritten", commit.rows_out
        yield "LinesRejected", commit.lines_rejected
        yield "RejectPercent", commit.reject_percent
        yield "FilesMissing", len(commit.missing)
        yield "FilesOnTime", present if on_time else 0
        yield "FilesLate", 0 if on_time else present
        yield "BytesConverted", commit.bytes_in
        yield "BytesWritten", commit.bytes_written
        yield "FreshnessSeconds", freshness.total_seconds()
    if ended.run:
        yield "ConversionSeconds", ended.run.seconds
        yield "ManifestCostUsd", ended.run.cost_usd(rules.dpu_hour_usd)


def metrics_key(ended: RunEnded) -> dict[str, str]:
    """The key in the metrics table. A repeat makes the same: so the date is the day the manifest was sealed, and the
    name the execution's, for an event that comes twice starts two of one attempt.
    """
    manifest = ended.manifest
    name = ended.execution_arn.rpartition(":")[2] if ended.execution_arn else manifest.execution_name
    return {"metric_date": manifest.created_at[:10], "metric_key": f"RUN#{manifest.batch_id}#{name}"}


def metrics_item(ended: RunEnded, rules: RunRules, now: datetime) -> dict[str, Any]:
    """The execution's item in the metrics table; what is not known is None."""
    manifest, commit, run, freshness = ended.manifest, ended.commit, ended.run, ended.freshness
    return {
        **metrics_key(ended),
        "version": FORMAT_VERSION,
        "kind": "conversion",
        "correlation_id": manifest.batch_id,
        "batch_id": manifest.batch_id,
        "date_prefix": manifest.date_prefix,
        "attempt": ended.attempt,
        "outcome": ended.outcome,
        "error": ended.error_message,
        "manifest_path": manifest.manifest_path,
        "execution_arn": ended.execution_arn,
        "job_run_id": run.run_id if run else commit.job_run_id if commit else None,
        "opened_at": manifest.opened_at,
        "committed_at": record_time(commit.committed_at) if commit else None,
        "recorded_at": record_time(now),
        "files": manifest.file_count,
        "files_missing": len(commit.missing) if commit else None,
        "bytes_landed": manifest.total_bytes,
        **(_of_commit(commit) if commit else {}),
        "freshness_seconds": _exact(freshness.total_seconds()) if freshness else None,
        "is_on_time": freshness <= rules.freshness_target if freshness else None,
        "glue_seconds": _exact(run.seconds) if run else None,
        "glue_dpu_seconds": _exact(run.dpu_seconds) if run else None,
        "cost_usd": _exact(round(run.cost_usd(rules.dpu_hour_usd), 6)) if run else None,
        "ttl": int((now + rules.ttl).timestamp()),
    }


def _of_commit(commit: Commit) -> dict[str, Any]:
    names = ("bytes_in", "bytes_written", "lines_in", "rows_out", "lines_rejected", "rejected_by_reason", "parts")
    return {name: value for name, value in asdict(commit).items() if name in names}


def _exact(value: float) -> Decimal:
    """DynamoDB's numbers are decimal."""
    return Decimal(str(value))
