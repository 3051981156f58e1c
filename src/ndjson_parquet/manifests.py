"""Manifests: their keys, their content, and the input of the execution that converts them. No I/O.

The content is a function of what the sealing transaction wrote, so publishing again writes the same bytes.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from ndjson_parquet.batching import shard_of
from ndjson_parquet.errors import ManifestError
from ndjson_parquet.landing import file_key

FORMAT_VERSION = 1
FREE_REFUSALS = 10
"""So many starts that Glue refuses use up no attempt; one that it refuses for ever has to reach a person."""


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file of a manifest; `version_id` and `etag` pin its bytes."""

    uri: str
    size_bytes: int
    etag: str
    version_id: str | None

    @property
    def bucket(self) -> str:
        return self.uri.removeprefix("s3://").partition("/")[0]

    @property
    def key(self) -> str:
        return self.uri.removeprefix("s3://").partition("/")[2]

    def file_key(self, landing_prefix: str) -> str:
        """The range key of the file's item in the tracking table."""
        return file_key(self.key, self.etag, landing_prefix)


@dataclass(frozen=True, slots=True)
class ManifestRecord:
    """The tracking table's item of one manifest."""

    date_prefix: str
    batch_id: str
    status: str
    shard: int
    file_count: int
    total_bytes: int
    attempts: int
    created_at: str
    updated_at: str
    manifest_path: str
    opened_at: str
    """When its first file was tracked; in an item from before this was kept, when it was sealed."""
    execution_arn: str | None = None
    error_message: str | None = None
    refusals: int = 0
    """Attempts that Glue refused to start, FREE_REFUSALS at most: nothing ran, so they do not count."""
    files_are_settled: bool = False
    """Whether the files have been told how the manifest's completion, or its current attempt's failure, came about."""

    @property
    def execution_name(self) -> str:
        return f"{self.batch_id}-{self.attempts}"

    @property
    def attempts_spent(self) -> int:
        """Of those that max_manifest_attempts allows."""
        return self.attempts - self.refusals


def free_refusals(item: Mapping[str, Any]) -> int:
    """Of the attempts of a manifest's item, those that Glue refused to start and that do not count."""
    return min(len(item.get("refused_attempts", ())), FREE_REFUSALS)


def manifest_key(date_prefix: str, batch_id: str) -> str:
    return f"manifests/{date_prefix}/{batch_id}.json"


def commit_key(date_prefix: str, batch_id: str) -> str:
    return f"commits/{date_prefix}/{batch_id}.json"


def superseded_key(date_prefix: str, batch_id: str) -> str:
    """Where the commit record is kept while the manifest is converted once more."""
    return f"superseded/{date_prefix}/{batch_id}.json"


def manifest_item_key(batch_id: str) -> str:
    return f"MANIFEST#{batch_id}"


def render(record: ManifestRecord, files: Iterable[ManifestFile], target_part_bytes: int) -> bytes:
    """The manifest object, with the list that QuickSight and Redshift know beside our own."""
    listed = sorted(files, key=lambda file: (file.uri, file.etag))
    content = {
        "version": FORMAT_VERSION,
        "batch_id": record.batch_id,
        "date_prefix": record.date_prefix,
        "created_at": record.created_at,
        "file_count": record.file_count,
        "total_bytes": record.total_bytes,
        "target_part_bytes": target_part_bytes,
        "fileLocations": [{"URIPrefixes": [file.uri for file in listed]}],
        "files": [asdict(file) for file in listed],
    }
    return json.dumps(content, ensure_ascii=False).encode()


def parse(body: bytes, uri: str) -> tuple[ManifestFile, ...]:
    """The files of a manifest that `render` wrote.

    Raises:
        ManifestError: the object is not such a manifest.
    """
    try:
        content: dict[str, Any] = json.loads(body)
        return tuple(
            ManifestFile(str(f["uri"]), int(f["size_bytes"]), str(f["etag"]), f["version_id"]) for f in content["files"]
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError(f"{uri} is not a manifest of this pipeline: {error!r}") from error


def parse_record(body: bytes, uri: str) -> ManifestRecord:
    """The item that a manifest had when `render` wrote it: pending, in its first attempt.

    Raises:
        ManifestError: the object is not such a manifest.
    """
    try:
        content: dict[str, Any] = json.loads(body)
        return ManifestRecord(
            date_prefix=str(content["date_prefix"]),
            batch_id=str(content["batch_id"]),
            status="pending",
            shard=shard_of(content["batch_id"]),
            file_count=int(content["file_count"]),
            total_bytes=int(content["total_bytes"]),
            attempts=1,
            opened_at=str(content["created_at"]),
            created_at=str(content["created_at"]),
            updated_at=str(content["created_at"]),
            manifest_path=uri,
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ManifestError(f"{uri} is not a manifest of this pipeline: {error!r}") from error


def execution_input(record: ManifestRecord, now: datetime) -> dict[str, Any]:
    """The input of the execution, which is the detail of a `ManifestReady` event too."""
    return {
        "id": record.execution_name,
        "manifest_path": record.manifest_path,
        "date_prefix": record.date_prefix,
        "file_key": manifest_item_key(record.batch_id),
        "batch_id": record.batch_id,
        "file_count": record.file_count,
        "total_bytes": record.total_bytes,
        "attempt": record.attempts,
        "timestamp": record_time(now),
    }


def parse_time(text: str) -> datetime:
    """A time as `record_time` or Step Functions writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def record_time(moment: datetime) -> str:
    """ISO 8601 UTC with microseconds, the form of every time in the table and the manifests."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
