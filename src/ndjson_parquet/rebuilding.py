"""What the tracking table must say, told from the manifest bucket: the decisions of a rebuild. No I/O.

A table that was restored has forgotten what happened since. Manifest objects and commit records have not: a manifest's
object is there before anything is converted, and it names every file with its etag. So

- a file that a manifest names belongs to that manifest, and is not to be taken as new;
- a manifest with a commit record is completed, whatever the table says;
- a batch whose object is there takes no more files, even where the restored table has it open;
- a batch without an object whose list does not agree with its files cannot be published: it is undone;
- a file that the table counts to a batch, and the batch's list does not name, would wait for ever: it is forgotten, so
  that it can be announced again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ndjson_parquet.manifests import ManifestFile, ManifestRecord


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that has not ended; `status` with its shard. There may be a day of them in memory."""

    date_prefix: str
    file_key: str
    batch_id: str
    status: str

    @property
    def batch(self) -> tuple[str, str]:
        return self.date_prefix, self.batch_id


@dataclass(frozen=True, slots=True)
class ManifestRepair:
    """What the table lacks of one manifest."""

    lacks_manifest: bool
    completes: bool
    """Whether the commit record is news to the manifest's item or to its files."""
    absent: tuple[ManifestFile, ...]
    earlier: tuple[Mapping[str, Any], ...]
    """Items of files from before they were in this batch: set aside, released, or ended in an earlier one."""
    doubled: tuple[Mapping[str, Any], ...]
    """Items of files that have rows of this manifest, and that the table counts to another batch."""

    @property
    def is_needed(self) -> bool:
        return self.lacks_manifest or self.completes or bool(self.absent or self.earlier)


def repair_of(
    batch_id: str,
    files: Mapping[str, ManifestFile],
    known: Mapping[str, Mapping[str, Any]],
    record: ManifestRecord | None,
    read: Collection[str] | None,
) -> ManifestRepair:
    """Compare a manifest object's files with the table; all by file key.

    Args:
        known: the items of those files that have one.
        record: the manifest's item, if there is one.
        read: the files of which the commit record says that they were read; None when there is none.
    """
    absent = tuple(file for file_key, file in files.items() if file_key not in known)
    elsewhere = [item for item in known.values() if item.get("batch_id") != batch_id]
    earlier = tuple(item for item in elsewhere if _is_earlier(item, batch_id))
    is_told = record is not None and record.status == "completed" and record.files_are_settled
    return ManifestRepair(
        lacks_manifest=record is None,
        completes=read is not None and (not is_told or bool(absent or earlier)),
        absent=absent,
        earlier=earlier,
        doubled=tuple(item for item in elsewhere if item not in earlier and item["file_key"] in (read or ())),
    )


def _is_earlier(item: Mapping[str, Any], batch_id: str) -> bool:
    """Batch ids begin with the time at which the batch was opened."""
    has_ended = not str(item["status"]).startswith(("pending", "manifested"))
    return "batch_id" not in item or (has_ended and str(item["batch_id"]) < batch_id)


def is_whole(batch_id: str, file_count: int, listed: Collection[str], known: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a batch without an object can be published: a backup may hold one half of a transaction.

    Args:
        file_count: what the batch counts.
        listed: the keys of the files in its lists.
        known: the items of those files that have one.
    """
    return len(listed) == file_count and all(known.get(key, {}).get("batch_id") == batch_id for key in listed)


def strangers(files: Iterable[WaitingFile], listed: Collection[str]) -> list[WaitingFile]:
    """Files of one batch that its list does not name."""
    return [file for file in files if file.file_key not in listed]
