"""The pipeline at one moment, from items of the tracking table. No I/O.

Files are counted by what their manifests say: an index of 340,000 files would have to be read for the same numbers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from export_api.jobs import job_time
from ndjson_parquet.batching import OpenBatch
from ndjson_parquet.manifests import parse_time

Item = Mapping[str, Any]

_FILES_OF = {"pending": "pending", "processing": "manifested", "completed": "completed", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class Reads:
    """What was read. `manifests` are those of the day, the others of all dates; `is_cut`: there was more."""

    day: str
    open_batches: Sequence[OpenBatch]
    manifests: Sequence[Item]
    pending: Sequence[Item]
    processing: Sequence[Item]
    failed: Sequence[Item]
    quarantined: Sequence[Item]
    released: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """A manifest as the page shows it."""

    batch_id: str
    date_prefix: str
    status: str
    file_count: int
    total_bytes: int
    rows: int | None
    rejected: int | None
    created_at: str
    updated_at: str
    error_message: str | None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A file that was set aside."""

    key: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. `today` counts files by state."""

    as_of: str
    today: Mapping[str, int]
    oldest_pending_seconds: int | None
    manifests: Sequence[ManifestRow]
    failures: Sequence[ManifestRow]
    quarantine: Sequence[tuple[str, int]]
    recent_quarantine: Sequence[Quarantined]
    is_cut: bool


def page_of(reads: Reads, now: datetime, shown: int) -> Page:
    """The page; of each list the newest, at most so many."""
    recent = {_identity(item): item for item in (*reads.manifests, *reads.pending, *reads.processing)}
    set_aside = sorted((_quarantined(item) for item in reads.quarantined), key=lambda file: file.at, reverse=True)
    return Page(
        as_of=job_time(now),
        today=_today(reads),
        oldest_pending_seconds=_oldest_seconds(reads, now),
        manifests=_newest(recent.values(), shown),
        failures=_newest(reads.failed, shown),
        quarantine=Counter(file.reason for file in set_aside).most_common(),
        recent_quarantine=set_aside[:shown],
        is_cut=reads.is_cut,
    )


def _today(reads: Reads) -> dict[str, int]:
    files = Counter[str](dict.fromkeys((*_FILES_OF.values(), "quarantined", "released"), 0))
    for item in reads.manifests:
        # A file that was gone when its manifest was converted is failed, and the manifest completed.
        missing = item.get("files_missing", 0) if item["status"] == "completed" else 0
        files[_FILES_OF[item["status"]]] += item["file_count"] - missing
        files["failed"] += missing
    files["pending"] += sum(batch.file_count for batch in reads.open_batches if batch.date_prefix == reads.day)
    files["quarantined"] += len(reads.quarantined)
    files["released"] += reads.released
    return dict(files)


def _oldest_seconds(reads: Reads, now: datetime) -> int | None:
    """Age of the oldest file, of any date, that waits for its Parquet."""
    since = [batch.opened_at for batch in reads.open_batches if batch.opened_at]
    since += [parse_time(item.get("opened_at", item["created_at"])) for item in (*reads.pending, *reads.processing)]
    return max(int((now - min(since)).total_seconds()), 0) if since else None


def _newest(items: Iterable[Item], shown: int) -> list[ManifestRow]:
    rows = sorted((_manifest(item) for item in items), key=lambda row: row.created_at, reverse=True)
    return rows[:shown]


def _identity(item: Item) -> tuple[str, str]:
    return item["date_prefix"], item["file_key"]


def _manifest(item: Item) -> ManifestRow:
    return ManifestRow(
        batch_id=item["batch_id"],
        date_prefix=item["date_prefix"],
        status=item["status"],
        file_count=item["file_count"],
        total_bytes=item["total_bytes"],
        rows=item.get("rows_out"),
        rejected=item.get("lines_rejected"),
        created_at=item["created_at"],
        updated_at=item["updated_at"],
        error_message=item.get("error_message"),
    )


def _quarantined(item: Item) -> Quarantined:
    reason = str(item.get("error_message", "")).partition(":")[0] or "unknown"
    return Quarantined(key=item["object_key"], reason=reason, at=item["updated_at"])
