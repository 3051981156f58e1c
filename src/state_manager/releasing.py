"""Release: a file goes through although the landing rules refuse it.

Its item becomes `released` and its event is announced again. Where the bucket's lifecycle has removed what landed, the
copy in quarantine is put back under the key at which it had landed. That makes a new object with an event of its own
and, as S3 copies in parts or encrypts with a key, perhaps another etag, which is another file:

    release                                 S3's event of the new object
    put the copy back, marked
    new file -> released                    finds it released: taken
    announce it                             or was there first and refused it: released all the same, and announced

Killed after the copy, the next try knows it by its mark and puts back no second one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.errors import PipelineError
from ndjson_parquet.file_items import FileItems
from ndjson_parquet.landing import LandedFile, date_in_key, name_in_table
from ndjson_parquet.landing_bucket import VersionedObjects
from ndjson_parquet.operations import MAX_ITEMS, Budget, Cursor, Progress, Release
from ndjson_parquet.publishing import utc_now
from ndjson_parquet.quarantined import (
    RELEASED_ETAG,
    SOURCE_ETAG,
    CopyKey,
    LandingKey,
    copied_file,
    copy_of,
    landed_key,
    named_key,
)
from ndjson_parquet.reconciling import FileState, Identity, ObjectVersion, identities, known, landed
from state_manager.announcing import Announcer

CAN_BE_RELEASED = ("quarantined", "released")


@dataclass(frozen=True, slots=True)
class _Refused:
    """A file that was refused, what tracking says of it, and the key of its copy."""

    file: LandedFile
    state: FileState | None
    copy: str | None

    @property
    def identity(self) -> Identity:
        return Identity(self.file.date_prefix, self.file.file_key)


class ReleaseAction:
    """Releases files from quarantine."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        landing: VersionedObjects,
        quarantine: VersionedObjects,
        files: FileItems,
        announcer: Announcer,
        *,
        landing_prefix: str,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._landing = landing
        self._quarantine = quarantine
        self._files = files
        self._announcer = announcer
        self._landing_prefix = landing_prefix
        self._clock = clock

    def release(self, request: Release, budget: Budget, progress: Progress) -> Cursor | None:
        """Release what is named, each key with all that was refused under it.

        Raises:
            MalformedEventError: a key is neither one under which files land nor one of a copy in quarantine.
        """
        buckets = (self._landing.bucket, self._quarantine.bucket)
        named = [(text, named_key(text, *buckets, self._landing_prefix)) for text in request.keys]
        start = request.cursor.next
        for position, (text, key) in enumerate(named[start:], start):
            if position - start == MAX_ITEMS or budget.is_spent:
                return Cursor(request.cursor.at, next=position)
            try:
                self._release_all(text, key, request, progress)
            except (PipelineError, ClientError, BotoCoreError) as error:
                progress.note(text, "failed", str(error))
        return None

    def _release_all(self, text: str, key: CopyKey | LandingKey, request: Release, progress: Progress) -> None:
        found = list(self._of_copy(key.key) if isinstance(key, CopyKey) else self._of_landing_key(key.key))
        refused = [one for one in found if one.state is None or one.state.status in CAN_BE_RELEASED]
        if not found:
            return progress.note(text, "not_found", "no file of this key is in quarantine, or tracked")
        if not refused:
            statuses = ", ".join(sorted({one.state.status for one in found if one.state}))
            return progress.note(text, "not_quarantined", f"it is {statuses}; replay again converts what has ended")
        for one in refused:
            self._release(one, text, request, progress)
        return None

    def _of_copy(self, key: str) -> Iterator[_Refused]:
        """The files whose copies lie under a key of the quarantine bucket; tracking may have forgotten them."""
        for version in self._quarantine.of_key(key):
            file = copied_file(key, self._quarantine.metadata(version) or {}, self._landing_prefix)
            if file:
                yield _Refused(file, self._files.state(Identity(file.date_prefix, file.file_key)), key)
            elif name := landed_key(key):
                yield from self._of_landing_key(name)
                return

    def _of_landing_key(self, key: str) -> Iterator[_Refused]:
        """The files that tracking knows under a key, in whatever state."""
        for date_prefix in self._dates(key):
            for file, state, message in self._files.of_key(date_prefix, key, name_in_table(key, self._landing_prefix)):
                yield _Refused(file, state, copy_of(file, message))

    def _dates(self, key: str) -> list[str]:
        if found := date_in_key(key):
            return [found]
        now = self._clock()
        versions = self._landing.of_key(key)
        return sorted({one.date_prefix for each in versions for one in identities(each, self._landing_prefix, now)})

    def _release(self, refused: _Refused, text: str, request: Release, progress: Progress) -> None:
        version = next((one for one in self._landing.of_key(refused.file.key) if one.etag == refused.file.etag), None)
        if version is None:
            return self._put_back(refused, text, request, progress)
        if request.dry_run:
            return progress.note(text, "released", f"etag {version.etag}, {version.size_bytes} bytes")
        if refused.state is None:
            is_released = self._files.release_new(refused.file, self._clock())
        else:
            is_released = refused.state.status == "released" or self._files.release(
                refused.identity, refused.state, self._clock()
            )
        if not is_released:
            return progress.note(text, "moved", "its status changed at the same moment; release it once more")
        return self._announce(text, version, refused.identity, f"etag {version.etag}", progress)

    def _put_back(self, refused: _Refused, text: str, request: Release, progress: Progress) -> None:
        """Release a file that landed and is gone, by way of its copy."""
        file = refused.file
        version = self._landing.with_metadata(file.key, RELEASED_ETAG, file.etag)
        if version is None:
            copy = self._quarantine.with_metadata(refused.copy, SOURCE_ETAG, file.etag) if refused.copy else None
            if copy is None:
                return progress.note(text, "gone", f"neither what landed nor a copy of etag {file.etag} is left")
            if request.dry_run:
                return progress.note(text, "released", f"what landed is gone: {refused.copy} will be put back")
            self._landing.put_back(copy, self._quarantine.bucket, file.key, {RELEASED_ETAG: file.etag})
            version = self._landing.with_metadata(file.key, RELEASED_ETAG, file.etag)
            if version is None:
                return progress.note(text, "failed", "the file was put back, and removed at the same moment")
        each = identities(version, self._landing_prefix, self._clock())
        identity, state = known(each, self._files.states(each))
        if state and state.status not in CAN_BE_RELEASED:
            return progress.note(
                text, "not_quarantined", f"it was put back as etag {version.etag} and is {state.status}"
            )
        detail = f"put back as etag {version.etag}"
        if request.dry_run:
            return progress.note(text, "released", detail)
        self._files.release_new(landed(version, identity, self._landing.bucket), self._clock())
        return self._announce(text, version, identity, detail, progress)

    def _announce(self, text: str, version: ObjectVersion, identity: Identity, detail: str, progress: Progress) -> None:
        [refusal] = self._announcer.announce([(version, identity)], "release")
        if refusal:
            progress.note(text, "failed", f"the queue refused its message: {refusal}")
        else:
            progress.note(text, "released", detail)
