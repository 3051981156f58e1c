"""The batching rule: which file goes into which manifest. No I/O, no clock, no randomness of its own.

An open batch takes files until it is full; then it is sealed, which makes it a manifest. Whoever commits the outcome of
`plan` does so in one transaction guarded by the open batch's version, so that two writers can never both be right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ndjson_parquet.landing import LandedFile


@dataclass(frozen=True, slots=True)
class Limits:
    """A batch never holds more files, nor more bytes unless one file alone is larger."""

    max_files: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """The batch of one date and shard that is still taking files; without `batch_id` it holds none."""

    date_prefix: str
    shard: int
    version: int = 0
    batch_id: str | None = None
    file_count: int = 0
    total_bytes: int = 0
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A batch that takes no more files; the manifest item is written in the same transaction."""

    date_prefix: str
    shard: int
    batch_id: str
    file_count: int
    total_bytes: int
    opened_at: datetime
    """When its first file was tracked."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one transaction writes: the open batch before and after, the sealed ones, and each file's batch."""

    before: OpenBatch
    after: OpenBatch
    sealed: tuple[SealedBatch, ...]
    assignments: tuple[tuple[LandedFile, str], ...]


def plan(open_batch: OpenBatch, files: Sequence[LandedFile], limits: Limits, now: datetime, token: str) -> Plan:
    """Assign the files, in their order, to the open batch and as many new ones as it takes.

    Args:
        files: files of the open batch's date, each once.
        token: random text that makes the ids of batches opened here unique.
    """
    current = open_batch
    sealed: list[SealedBatch] = []
    assignments: list[tuple[LandedFile, str]] = []
    for file in files:
        if current.batch_id is not None and not _fits(current, file, limits):
            sealed.append(seal(current))
            current = _emptied(current)
        batch_id = current.batch_id or _batch_id(current.shard, now, token, len(sealed))
        assignments.append((file, batch_id))
        current = replace(
            current,
            batch_id=batch_id,
            opened_at=current.opened_at or now,
            file_count=current.file_count + 1,
            total_bytes=current.total_bytes + file.size_bytes,
        )
        if current.file_count >= limits.max_files or current.total_bytes >= limits.max_bytes:
            sealed.append(seal(current))
            current = _emptied(current)
    after = replace(current, version=open_batch.version + 1)
    return Plan(open_batch, after, tuple(sealed), tuple(assignments))


def flush(open_batch: OpenBatch) -> Plan:
    """Seal the open batch as it is."""
    after = replace(_emptied(open_batch), version=open_batch.version + 1)
    return Plan(open_batch, after, (seal(open_batch),), ())


def is_due(open_batch: OpenBatch, now: datetime, max_wait: timedelta, min_files: int) -> bool:
    """Whether a batch that is not full is to be sealed all the same.

    It is when its first file has waited long enough, or, for a date that is over, as soon as it holds `min_files`.
    """
    if open_batch.batch_id is None or open_batch.opened_at is None:
        return False
    if now - open_batch.opened_at >= max_wait:
        return True
    return open_batch.date_prefix < now.date().isoformat() and open_batch.file_count >= min_files


def seal(batch: OpenBatch) -> SealedBatch:
    if batch.batch_id is None or batch.opened_at is None:
        raise ValueError(f"shard {batch.shard} of {batch.date_prefix} holds no open batch")
    return SealedBatch(
        batch.date_prefix, batch.shard, batch.batch_id, batch.file_count, batch.total_bytes, batch.opened_at
    )


def emptied(batch: OpenBatch) -> Plan:
    """Take everything out of the open batch without sealing it."""
    return Plan(batch, replace(_emptied(batch), version=batch.version + 1), (), ())


def shard_of(batch_id: str) -> int:
    """The shard in which a batch was opened. ValueError or IndexError when the id is not one of ours."""
    return int(batch_id.split("-")[1])


def _fits(batch: OpenBatch, file: LandedFile, limits: Limits) -> bool:
    return batch.file_count < limits.max_files and batch.total_bytes + file.size_bytes <= limits.max_bytes


def _emptied(batch: OpenBatch) -> OpenBatch:
    return replace(batch, batch_id=None, file_count=0, total_bytes=0, opened_at=None)


def _batch_id(shard: int, now: datetime, token: str, ordinal: int) -> str:
    return f"{now:%Y%m%dT%H%M%S}-{shard:02d}-{token}{ordinal:02x}"
