"""Rebuild: what a restored or damaged tracking table has forgotten is told to it from the manifest bucket.

Begins with batches that cannot go on, goes through the manifest objects, and ends with files that no batch names. Each
step may be repeated, and runs beside the pipeline; on a table that has forgotten nothing it only reads.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.batching import OpenBatch, emptied, shard_of
from ndjson_parquet.errors import ManifestError, PipelineError
from ndjson_parquet.finishing import Finisher, RunEnd
from ndjson_parquet.items import manifest_record
from ndjson_parquet.manifests import ManifestFile, ManifestRecord, commit_key, manifest_key, parse, parse_record
from ndjson_parquet.operations import Budget, Cursor, Progress, Rebuild
from ndjson_parquet.publishing import utc_now
from ndjson_parquet.rebuilding import ManifestRepair, is_whole, repair_of, strangers
from ndjson_parquet.recovery import Recovery
from ndjson_parquet.run_ends import commit_of
from ndjson_parquet.store import ManifestStore
from ndjson_parquet.tracking import BatchMovedError, Members, TrackingTable

MANIFESTS_PER_PIECE = 100
FILES_PER_PIECE = 20_000


class Rebuilder:
    """Compares the tracking table with the manifest bucket and writes what the table lacks; with `dry_run`, nothing."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        tracking: TrackingTable,
        recovery: Recovery,
        store: ManifestStore,
        finisher: Finisher,
        *,
        landing_prefix: str,
        shards: int,
        dry_run: bool,
        notes: Progress,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._tracking = tracking
        self._recovery = recovery
        self._store = store
        self._finisher = finisher
        self._landing_prefix = landing_prefix
        self._shards = shards
        self._dry_run = dry_run
        self._notes = notes
        self._clock = clock

    def end_torn_batches(self) -> None:
        """Batches that were sealed take no more files, and those whose list is not whole are not published."""
        for manifest in map(manifest_record, list(self._tracking.manifest_items("pending"))):
            if self._has_object(manifest.date_prefix, manifest.batch_id):
                continue
            members = self._tracking.members(manifest.date_prefix, manifest.batch_id)
            if self._is_whole(manifest.date_prefix, manifest.batch_id, manifest.file_count, members):
                continue
            # Whoever publishes it puts the object before the list goes: it may have done both just now.
            is_torn = not self._has_object(manifest.date_prefix, manifest.batch_id)
            if is_torn and self._does(manifest.batch_id, "batch_undone", "its list of files is not whole"):
                self._recovery.forget_manifest(manifest)
                self._tracking.forget_members(manifest.date_prefix, members.item_keys)
        for indexed in list(self._tracking.open_batches(self._shards)):
            batch = self._tracking.open_batch(indexed.date_prefix, indexed.shard)
            if batch.batch_id is not None:
                self._end_open_batch(batch, batch.batch_id)

    def rebuild_manifest(self, key: str) -> int:
        """Tell the table what it lacks of the manifest with this object key; how many files it names.

        Raises:
            ManifestError: the object is not a manifest.
        """
        body = self._store.get(key)
        if body is None:
            return 0
        told = parse_record(body, self._store.uri(key))
        files = {file.file_key(self._landing_prefix): file for file in parse(body, self._store.uri(key))}
        record = self._tracking.find_manifest(told.date_prefix, told.batch_id)
        known = self._recovery.files(told.date_prefix, list(files))
        members = self._tracking.members(told.date_prefix, told.batch_id)
        if members.item_keys and record is not None and record.status != "pending" and not self._dry_run:
            self._tracking.forget_members(told.date_prefix, members.item_keys)
        commit = self._store.get(commit_key(told.date_prefix, told.batch_id))
        read = None if commit is None else files.keys() - self._missing(commit, told)
        repair = repair_of(told.batch_id, files, known, record, read)
        for item in repair.doubled:
            self._notes.note(item["object_key"], "file_in_two_batches", f"{told.batch_id} and {item['batch_id']}")
        if repair.is_needed and self._does(told.batch_id, "manifest_rebuilt", _said(repair)):
            self._write(told if commit is None else committed(told, commit), record, repair)
        return len(files)

    def forget_strangers(self) -> None:
        """Unfinished files that the list of their batch does not name become unknown: nothing would convert them."""
        waiting = sorted(self._recovery.waiting_files(self._shards), key=attrgetter("batch"))
        for (date_prefix, batch_id), files in groupby(waiting, key=attrgetter("batch")):
            members = self._tracking.members(date_prefix, batch_id)
            listed = self._listed(date_prefix, batch_id, members)
            if not listed and not self._dry_run:
                self._tracking.forget_members(date_prefix, members.item_keys)
            for file in strangers(files, listed):
                if self._does(file.file_key, "file_forgotten", f"{batch_id} of {date_prefix} does not name it"):
                    self._recovery.forget_file(file)

    def _missing(self, commit: bytes, told: ManifestRecord) -> frozenset[str]:
        """The keys of the files that the commit record lists as missing."""
        record = commit_of(commit, self._store.uri(commit_key(told.date_prefix, told.batch_id)))
        gone = (ManifestFile(entry.uri, 0, entry.etag, None) for entry in record.missing)
        return frozenset(file.file_key(self._landing_prefix) for file in gone)

    def _end_open_batch(self, batch: OpenBatch, batch_id: str) -> None:
        members = self._tracking.members(batch.date_prefix, batch_id)
        has_object = self._has_object(batch.date_prefix, batch_id)
        is_sealed = has_object or self._tracking.find_manifest(batch.date_prefix, batch_id) is not None
        if not is_sealed and self._is_whole(batch.date_prefix, batch_id, batch.file_count, members):
            return
        outcome = "batch_closed" if is_sealed else "batch_undone"
        if not self._does(batch_id, outcome, f"it was open on shard {batch.shard} of {batch.date_prefix}"):
            return
        if has_object:
            # Whatever dates were asked for: once the batch is closed, nobody would look at it.
            self.rebuild_manifest(manifest_key(batch.date_prefix, batch_id))
        try:
            self._tracking.commit(emptied(batch), self._clock())
        except BatchMovedError:
            self._notes.note(batch_id, "moved", "files came at the same moment; rebuild once more")
            return
        if has_object or not is_sealed:
            self._tracking.forget_members(batch.date_prefix, members.item_keys)

    def _is_whole(self, date_prefix: str, batch_id: str, file_count: int, members: Members) -> bool:
        listed = [file.file_key(self._landing_prefix) for file in members.files]
        return is_whole(batch_id, file_count, listed, self._recovery.files(date_prefix, listed))

    def _write(self, told: ManifestRecord, record: ManifestRecord | None, repair: ManifestRepair) -> None:
        """Files first: a manifest's item is put when whoever takes it up finds them all."""
        now = self._clock()
        self._recovery.add_files(told, {file.file_key(self._landing_prefix): file for file in repair.absent}, now)
        for item in repair.earlier:
            self._recovery.batch_file(item, told, now)
        if record is None:
            self._recovery.add_manifest(told, now)
        elif repair.completes and record.status != "completed":
            self._recovery.complete_manifest(record, now)
        if repair.completes:
            self._finisher.finish(RunEnd("completed", told.batch_id, told.date_prefix, None))

    def _listed(self, date_prefix: str, batch_id: str, members: Members) -> frozenset[str]:
        """What a batch names: its object, else its list, which was read before; nothing when it is no batch at all."""
        key = manifest_key(date_prefix, batch_id)
        body = self._store.get(key)
        if body is None and not self._is_batch(date_prefix, batch_id):
            return frozenset()
        files = members.files if body is None else parse(body, self._store.uri(key))
        return frozenset(file.file_key(self._landing_prefix) for file in files)

    def _is_batch(self, date_prefix: str, batch_id: str) -> bool:
        """Whether a batch is open, or sealed, so that somebody will publish it."""
        is_open = self._tracking.open_batch(date_prefix, shard_of(batch_id)).batch_id == batch_id
        return is_open or self._tracking.find_manifest(date_prefix, batch_id) is not None

    def _has_object(self, date_prefix: str, batch_id: str) -> bool:
        return self._store.exists(manifest_key(date_prefix, batch_id))

    def _does(self, subject: str, outcome: str, detail: str) -> bool:
        self._notes.note(subject, outcome, detail)
        return not self._dry_run


class RebuildAction:
    """Rebuilds piece by piece."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        tracking: TrackingTable,
        recovery: Recovery,
        store: ManifestStore,
        finisher: Finisher,
        *,
        landing_prefix: str,
        shards: int,
        ttl: timedelta,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._tracking = tracking
        self._recovery = recovery
        self._store = store
        self._finisher = finisher
        self._landing_prefix = landing_prefix
        self._shards = shards
        self._ttl = ttl
        self._clock = clock

    def rebuild(self, request: Rebuild, budget: Budget, progress: Progress) -> Cursor | None:
        """Go on where the piece before ended; without dates and `since`, as far back as the table remembers."""
        rebuilder = Rebuilder(
            self._tracking,
            self._recovery,
            self._store,
            self._finisher,
            landing_prefix=self._landing_prefix,
            shards=self._shards,
            dry_run=request.dry_run,
            notes=progress,
            clock=self._clock,
        )
        cursor = request.cursor
        if not cursor.key_marker and not cursor.next:
            rebuilder.end_torn_batches()
        files = 0
        for position, key, written_at in self._keys(request):
            if written_at >= self._since(request):
                files += self._rebuild(rebuilder, key, progress)
            is_enough = progress.counts["manifests"] >= MANIFESTS_PER_PIECE or files >= FILES_PER_PIECE
            if is_enough or budget.is_spent:
                return replace(cursor, next=position, key_marker=key)
        rebuilder.forget_strangers()
        return None

    def _since(self, request: Rebuild) -> datetime:
        if request.since is not None:
            return request.since
        return datetime.min.replace(tzinfo=UTC) if request.dates else request.cursor.asked_at - self._ttl

    def _keys(self, request: Rebuild) -> Iterator[tuple[int, str, datetime]]:
        """The keys of manifest objects that are left, each with the number of its folder and its time."""
        folders = [f"manifests/{date}/" for date in request.dates] or ["manifests/"]
        cursor = request.cursor
        for position, folder in enumerate(folders[cursor.next :], start=cursor.next):
            after = cursor.key_marker if position == cursor.next else ""
            for key, written_at in self._store.listed(folder, after):
                yield position, key, written_at

    def _rebuild(self, rebuilder: Rebuilder, key: str, progress: Progress) -> int:
        """One that cannot be rebuilt does not hold up the others."""
        progress.counts["manifests"] += 1
        try:
            return rebuilder.rebuild_manifest(key)
        except (PipelineError, ClientError, BotoCoreError) as error:
            progress.note(key, "failed", str(error))
            return 0


def committed(told: ManifestRecord, commit: bytes) -> ManifestRecord:
    """The manifest as it was when its commit record was written; by its execution it is counted once.

    Raises:
        ManifestError: the record cannot be read.
    """
    try:
        record: dict[str, Any] = json.loads(commit)
        attempts, execution_arn = int(record.get("attempt", told.attempts)), record.get("execution_arn")
    except (ValueError, TypeError, AttributeError) as error:
        key = commit_key(told.date_prefix, told.batch_id)
        raise ManifestError(f"{key} is not a commit record: {error}") from error
    return replace(told, status="completed", attempts=attempts, execution_arn=execution_arn)


def _said(repair: ManifestRepair) -> str:
    parts = {
        "its item": repair.lacks_manifest,
        "its completion": repair.completes,
        _files(len(repair.absent)): repair.absent,
        f"the batch of {_files(len(repair.earlier))}": repair.earlier,
    }
    return ", ".join(text for text, is_lacking in parts.items() if is_lacking)


def _files(count: int) -> str:
    return f"{count} {'file' if count == 1 else 'files'}"
