"""Replay: landed objects are announced again, those that have ended only when they are to be converted once more.

`released` is written before the message is sent. Killed in between, the file stands at `released` without an event: the
same request sends it, and so does reconcile. Sent twice, the second message finds the file tracked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ndjson_parquet.batched import BatchedFiles
from ndjson_parquet.errors import MalformedEventError, UnknownBatchError
from ndjson_parquet.file_items import FileItems
from ndjson_parquet.landing_bucket import VersionedObjects
from ndjson_parquet.operations import MAX_ITEMS, Budget, Cursor, Progress, Replay
from ndjson_parquet.publishing import utc_now
from ndjson_parquet.reconciling import (
    FATE_DETAIL,
    Fate,
    FileState,
    Identity,
    ObjectVersion,
    fate,
    identities,
    known,
    one_of_each,
)
from ndjson_parquet.tracking import TrackingTable
from state_manager.announcing import Announcer

PAGES_PER_PIECE = 20
"""Pages of 1,000 versions that one piece lists."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An object version and what is to become of it."""

    version: ObjectVersion
    identity: Identity
    state: FileState | None
    fate: Fate


class ReplayAction:
    """Replays objects of the landing bucket."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        landing: VersionedObjects,
        files: FileItems,
        tracking: TrackingTable,
        announcer: Announcer,
        batched: BatchedFiles,
        *,
        landing_prefix: str,
        ttl: timedelta,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._landing = landing
        self._files = files
        self._tracking = tracking
        self._announcer = announcer
        self._batched = batched
        self._landing_prefix = landing_prefix
        self._ttl = ttl
        self._clock = clock

    def replay(self, request: Replay, budget: Budget, progress: Progress) -> Cursor | None:
        """Announce what is asked for, page by page.

        Raises:
            MalformedEventError: a key or the prefix is not one of the landing bucket.
        """
        cursor = request.cursor
        self._batched.forget()
        pieces = self._of_keys(request, progress) if request.keys else self._of_prefix(request)
        bound = MAX_ITEMS if request.keys else PAGES_PER_PIECE
        for number, (versions, after) in enumerate(pieces, start=1):
            cursor, is_at_its_limit = self._take(versions, request, cursor, progress)
            if is_at_its_limit:
                progress.counts["limit_reached"] = 1
                return None
            if after is None:
                return None
            cursor = replace(after, announced=cursor.announced)
            if number == bound or budget.is_spent:
                return cursor
        return None

    def _of_keys(self, request: Replay, progress: Progress) -> Iterator[tuple[list[ObjectVersion], Cursor | None]]:
        """The versions of each key, with where to go on."""
        keys = [landing_key(one, self._landing.bucket, self._landing_prefix) for one in request.keys]
        start = request.cursor.next
        for position, key in enumerate(keys[start:], start=start + 1):
            versions = list(self._landing.of_key(key))
            if not versions:
                progress.note(key, "not_found", f"no version of it is in bucket {self._landing.bucket}")
            yield versions, replace(request.cursor, next=position) if position < len(keys) else None

    def _of_prefix(self, request: Replay) -> Iterator[tuple[list[ObjectVersion], Cursor | None]]:
        """The versions below a prefix that landed in time, a page at a time, with where to go on."""
        prefix = landing_key(request.prefix, self._landing.bucket, self._landing_prefix)
        key_marker, version_marker = request.cursor.key_marker, request.cursor.version_marker
        while True:
            page = self._landing.page(prefix, key_marker, version_marker)
            versions = [one for one in page.versions if _landed_between(one, request.since, request.until)]
            if page.last_key is None:
                yield versions, None
                return
            key_marker, version_marker = page.last_key, page.last_version
            yield versions, replace(request.cursor, key_marker=key_marker, version_marker=version_marker)

    def _take(
        self, versions: Sequence[ObjectVersion], request: Replay, cursor: Cursor, progress: Progress
    ) -> tuple[Cursor, bool]:
        """Deal with some versions; the cursor with what has been announced, and whether the limit leaves some out."""
        found = self._look_up(versions, request, cursor.asked_at)
        progress.counts["found"] += len(found)
        wanted = []
        for one in found:
            if one.fate in (Fate.ANNOUNCE, Fate.RELEASE):
                wanted.append(one)
            else:
                progress.note(one.version.key, one.fate, FATE_DETAIL[one.fate])
        room = len(wanted) if request.limit is None else max(0, request.limit - cursor.announced)
        taken = wanted[:room]
        progress.counts["objects"] += len(taken)
        progress.counts["bytes"] += sum(one.version.size_bytes for one in taken)
        if request.dry_run:
            progress.counts["released"] += sum(one.fate is Fate.RELEASE for one in taken)
            self._show(taken, progress)
        else:
            self._announce(taken, progress)
        return replace(cursor, announced=cursor.announced + len(taken)), len(wanted) > room

    def _look_up(self, versions: Sequence[ObjectVersion], request: Replay, asked_at: datetime) -> list[_Found]:
        now = self._clock()
        candidates = [(one, identities(one, self._landing_prefix, now)) for one in one_of_each(versions)]
        states = self._files.states([identity for _, each in candidates for identity in each])
        manifests: dict[tuple[str, str], str | None] = {}
        found = []
        for version, each in candidates:
            identity, state = known(each, states)
            manifest_status = None
            if request.again and state and state.status == "failed" and state.batch_id:
                batch = (identity.date_prefix, state.batch_id)
                if batch not in manifests:
                    manifests[batch] = self._manifest_status(*batch)
                manifest_status = manifests[batch]
            decided = fate(
                version,
                state,
                manifest_status,
                again=request.again,
                by_key=bool(request.keys),
                asked_at=asked_at,
                ttl=self._ttl,
            )
            if state is None and not request.again:
                decided = self._of_unknown(each, decided, old=request.old)
            found.append(_Found(version, identity, state, decided))
        return found

    def _of_unknown(self, each: Sequence[Identity], decided: Fate, *, old: bool) -> Fate:
        """What is to become of a file that tracking does not know: manifests remember longer."""
        if decided is Fate.TOO_OLD and not old:
            return decided
        return Fate.ANNOUNCE if self._batched.manifest_of(each) is None else Fate.FORGOTTEN

    def _manifest_status(self, date_prefix: str, batch_id: str) -> str | None:
        try:
            return self._tracking.manifest(date_prefix, batch_id).status
        except UnknownBatchError:
            return None

    def _announce(self, found: Sequence[_Found], progress: Progress) -> None:
        ready = []
        for one in found:
            if one.fate is Fate.RELEASE and one.state:
                if not self._files.release(one.identity, one.state, self._clock()):
                    progress.note(
                        one.version.key, "moved", "its status changed at the same moment; replay it once more"
                    )
                    continue
                progress.counts["released"] += 1
            ready.append(one)
        refusals = self._announcer.announce(((one.version, one.identity) for one in ready), "replay")
        for one, refusal in zip(ready, refusals, strict=True):
            if refusal:
                progress.note(one.version.key, "failed", f"the queue refused its message: {refusal}")
            else:
                self._show([one], progress)

    @staticmethod
    def _show(found: Sequence[_Found], progress: Progress) -> None:
        for one in found:
            progress.counts["announced"] += 1
            progress.show(one.version.key, one.fate, f"etag {one.version.etag}, {one.version.size_bytes} bytes")


def landing_key(text: str, bucket: str, landing_prefix: str) -> str:
    """The key, or prefix of keys, that is meant by a key or an s3 URI.

    Raises:
        MalformedEventError: it is of another bucket, or not below the landing prefix.
    """
    key = text
    if text.startswith("s3://"):
        named, _, key = text.removeprefix("s3://").partition("/")
        if named != bucket:
            raise MalformedEventError(f"{text!r} is in bucket {named!r}; files land in {bucket!r}")
    if not key.startswith(landing_prefix):
        raise MalformedEventError(f"{text!r} is not below {landing_prefix!r}, where files land; name the whole key")
    return key


def _landed_between(version: ObjectVersion, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or version.last_modified >= since) and (until is None or version.last_modified < until)
