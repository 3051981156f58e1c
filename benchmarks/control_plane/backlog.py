"""The files that are in the table before anything is measured: a pipeline that is behind, on one date, in all shards.

Of every 10 files 5 are completed, 3 wait in manifests whose executions run, and 2 are pending: up to 100 in the open
batch of each shard, to which new files are added, and the rest in manifests that were sealed a moment ago.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any, Literal

from ndjson_parquet.batching import OpenBatch, SealedBatch
from ndjson_parquet.items import file_item, manifest_item, members_item, open_batch_item
from ndjson_parquet.landing import LandedFile, file_key
from ndjson_parquet.manifests import manifest_key, record_time

PREFIX = "landing/ndjson/"
DATE = "2026-11-20"
NOW = datetime(2026, 11, 20, 16, 10, tzinfo=UTC)
SHARDS = 10
FILES_PER_MANIFEST = 200
FILES_PER_DELIVERY = 10
_OPEN_FILES_PER_SHARD = 100

BatchState = Literal["open", "pending", "processing", "completed"]
_FILE_STATUS = {"open": "pending", "pending": "pending", "processing": "manifested", "completed": "completed"}
_AGE = {
    "open": timedelta(minutes=5),
    "pending": timedelta(seconds=20),
    "processing": timedelta(minutes=30),
    "completed": timedelta(hours=2),
}


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of the backlog; its files are those from `first_file` on."""

    ordinal: int
    state: BatchState
    first_file: int
    file_count: int

    @property
    def shard(self) -> int:
        return self.ordinal % SHARDS

    @property
    def batch_id(self) -> str:
        return f"{NOW - _AGE[self.state]:%Y%m%dT%H%M%S}-{self.shard:02d}-{self.ordinal:08x}00"


def landed(ordinal: int, bucket: str) -> LandedFile:
    """A file of 3.5 MB with names as long as real ones."""
    key = f"{PREFIX}{DATE}/producer-{ordinal % 40:02d}/events-{DATE}-{ordinal:07d}.ndjson"
    etag = md5(key.encode(), usedforsecurity=False).hexdigest()
    return LandedFile(
        bucket=bucket,
        key=key,
        etag=etag,
        version_id=etag[::-1],
        size_bytes=3_500_000 + ordinal % 1000,
        date_prefix=DATE,
        date_is_guessed=False,
        file_key=file_key(key, etag, PREFIX),
    )


def batches(files: int) -> list[Batch]:
    """A backlog of so many files as batches; the open ones first, one per shard."""
    pending = files // 5
    per_shard = min(_OPEN_FILES_PER_SHARD, pending // SHARDS)
    sizes: list[tuple[BatchState, int]] = [("open", per_shard)] * (SHARDS if per_shard else 0)
    of_state: list[tuple[BatchState, int]] = [
        ("pending", pending - per_shard * SHARDS),
        ("processing", files * 3 // 10),
        ("completed", files - pending - files * 3 // 10),
    ]
    for state, count in of_state:
        sizes += [(state, min(FILES_PER_MANIFEST, count - start)) for start in range(0, count, FILES_PER_MANIFEST)]
    result: list[Batch] = []
    for state, size in sizes:
        first = result[-1].first_file + result[-1].file_count if result else 0
        result.append(Batch(len(result), state, first, size))
    return result


def pending_files(files: int) -> int:
    return sum(batch.file_count for batch in batches(files) if batch.state in ("open", "pending"))


def items(batch: Batch, bucket: str, manifest_bucket: str, execution_arn: str) -> Iterator[dict[str, Any]]:
    """The plain items of a batch: its files, its members lists while they are needed, and the batch or manifest."""
    at = NOW - _AGE[batch.state]
    path = f"s3://{manifest_bucket}/{manifest_key(DATE, batch.batch_id)}"
    files = [landed(ordinal, bucket) for ordinal in range(batch.first_file, batch.first_file + batch.file_count)]
    manifested = {"manifest_path": path} if batch.state in ("processing", "completed") else {}
    for file in files:
        yield file_item(file, _FILE_STATUS[batch.state], batch.shard, at) | {"batch_id": batch.batch_id} | manifested
    total = sum(file.size_bytes for file in files)
    if batch.state in ("open", "pending"):
        yield from _members(batch, files)
    if batch.state == "open":
        version = -(-batch.file_count // FILES_PER_DELIVERY)
        yield open_batch_item(
            OpenBatch(DATE, batch.shard, version, batch.batch_id, batch.file_count, total, opened_at=at)
        )
        return
    sealed = SealedBatch(DATE, batch.shard, batch.batch_id, batch.file_count, total, at)
    started = {"execution_arn": execution_arn} if batch.state != "pending" else {}
    ended = {"ttl": int((at + timedelta(days=30)).timestamp())} if batch.state == "completed" else {}
    changed = {"status": batch.state, "updated_at": record_time(at)}
    yield manifest_item(sealed, path, at) | changed | started | ended


def _members(batch: Batch, files: list[LandedFile]) -> Iterator[dict[str, Any]]:
    """One list per delivery, as the transactions that added the files left them."""
    for version, start in enumerate(range(0, len(files), FILES_PER_DELIVERY), start=1):
        written_by = OpenBatch(DATE, batch.shard, version, batch.batch_id)
        yield members_item(written_by, batch.batch_id, files[start : start + FILES_PER_DELIVERY])
