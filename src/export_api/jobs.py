"""Jobs: their items in the jobs table, and what may be done with one in which state. No I/O.

    PENDING -> RUNNING -> COMPLETED | FAILED

The API writes PENDING. The state machine writes every other status; the API itself fails only what cannot be going any
more. The conversion writes progress and counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, Literal

Format = Literal["ndjson", "json"]
Compression = Literal["none", "gzip"]

OVERDUE = "The conversion did not end in time and was given up. Convert the file again."


class Status(StrEnum):
    """The closed set of states."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Job:
    """One conversion. Times are ISO 8601 UTC with milliseconds, sizes bytes, `progress` is 0 to 100.

    Its source is `input_s3_key` in the export bucket, or `input_s3_uri` for a file of the pipeline.
    """

    job_id: str
    owner: str
    file_name: str
    format: Format
    compression: Compression
    status: Status
    created_at: str
    updated_at: str
    output_s3_key: str
    input_s3_key: str | None = None
    input_s3_uri: str | None = None
    input_bytes: int | None = None
    output_bytes: int | None = None
    rows: int | None = None
    total_rows: int | None = None
    progress: int = 0
    processing_time: float | None = None
    started_at: str | None = None
    error_message: str | None = None
    execution_arn: str | None = None
    ttl: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a result shall be."""

    format: Format
    compression: Compression

    def name_for(self, file_name: str) -> str:
        """The result's file name: that of the Parquet with the format's own suffix."""
        return f"{PurePosixPath(file_name).stem}.{self.format}{'.gz' if self.compression == 'gzip' else ''}"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the Parquet lies: a key of the export bucket, or the URI of a file of the pipeline, whose size is known."""

    key: str | None = None
    uri: str | None = None
    size_bytes: int | None = None


def upload_key(job_id: str, file_name: str) -> str:
    return f"uploads/{job_id}/{file_name}"


def new_job(  # noqa: PLR0913 - what a job begins with
    job_id: str, owner: str, file_name: str, *, source: Source, wanted: Wanted, now: datetime, ttl: timedelta
) -> Job:
    """A job that nobody has started."""
    return Job(
        job_id=job_id,
        owner=owner,
        file_name=file_name,
        format=wanted.format,
        compression=wanted.compression,
        status=Status.PENDING,
        created_at=job_time(now),
        updated_at=job_time(now),
        output_s3_key=f"results/{job_id}/{wanted.name_for(file_name)}",
        input_s3_key=source.key,
        input_s3_uri=source.uri,
        input_bytes=source.size_bytes,
        ttl=int((now + ttl).timestamp()),
    )


def result_name(job: Job) -> str:
    """The file name under which the result is downloaded."""
    return PurePosixPath(job.output_s3_key).name


def file_name_problem(name: str) -> str | None:
    """Why a file may not be called so; None when it may. A name becomes the end of an S3 key and of a download."""
    if "/" in name or "\\" in name or any(ord(character) < 32 or ord(character) == 127 for character in name):
        return "a file name holds no slashes and no control characters"
    if not name.lower().endswith(".parquet") or len(name) == len(".parquet"):
        return "only Parquet files can be converted, and their names end in .parquet"
    if any("\ud800" <= character <= "\udfff" for character in name):
        return "the file name is not Unicode"
    if len(name.encode()) > 255:
        return "a file name has at most 255 bytes in UTF-8"
    return None


def execution_input(job: Job, bucket: str) -> dict[str, str]:
    """What the state machine is told."""
    return {
        "jobId": job.job_id,
        "inputUri": job.input_s3_uri or f"s3://{bucket}/{job.input_s3_key}",
        "outputUri": f"s3://{bucket}/{job.output_s3_key}",
        "format": job.format,
        "compression": job.compression,
    }


def is_overdue(job: Job, now: datetime, limit: timedelta) -> bool:
    """Whether its execution has certainly ended, whatever the item says: no execution goes on for so long."""
    return job.status is Status.RUNNING and now - parse_time(job.started_at or job.updated_at) > limit


def seconds_so_far(job: Job, now: datetime) -> float | None:
    """Seconds that the conversion took, or has taken until now; None before it began."""
    if job.processing_time is not None or job.status is not Status.RUNNING or job.started_at is None:
        return job.processing_time
    return round(max((now - parse_time(job.started_at)).total_seconds(), 0), 3)


def job_time(moment: datetime) -> str:
    """ISO 8601 UTC with milliseconds, as Step Functions writes it too."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_ATTRIBUTES = {
    "job_id": "jobId",
    "owner": "owner",
    "file_name": "fileName",
    "format": "format",
    "compression": "compression",
    "status": "status",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
    "output_s3_key": "outputS3Key",
    "input_s3_key": "inputS3Key",
    "input_s3_uri": "inputS3Uri",
    "input_bytes": "inputBytes",
    "output_bytes": "outputBytes",
    "rows": "rows",
    "total_rows": "totalRows",
    "progress": "progress",
    "processing_time": "processingTime",
    "started_at": "startedAt",
    "error_message": "errorMessage",
    "execution_arn": "executionArn",
    "ttl": "ttl",
}


def job_item(job: Job) -> dict[str, Any]:
    """The plain item of a job; what it does not have yet is None."""
    return {attribute: getattr(job, name) for name, attribute in _ATTRIBUTES.items()} | {"status": str(job.status)}


def job_of(item: Mapping[str, Any]) -> Job:
    """The job of a plain item. KeyError when it lacks what every job has."""
    values = {name: item[attribute] for name, attribute in _ATTRIBUTES.items() if attribute in item}
    if "processing_time" in values:
        values["processing_time"] = float(values["processing_time"])
    return Job(**values | {"status": Status(item["status"])})
