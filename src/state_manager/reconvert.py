"""Reconvert: a manifest that is completed is converted once more, into the same Parquet parts.

Part keys follow from the manifest, so the new parts replace the old ones and no row is there twice; until they do, the
old ones stay. The commit record is kept under `superseded/`, by which the converter knows that rows would be lost if
sources are gone by now, and refuses. Killed after any step, the same request carries on.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.errors import BreakerOpenError, PipelineError
from ndjson_parquet.manifests import commit_key, parse_time, superseded_key
from ndjson_parquet.operations import MAX_ITEMS, Budget, Cursor, Progress, Reconvert
from ndjson_parquet.publishing import Publisher, utc_now
from ndjson_parquet.store import ManifestStore
from ndjson_parquet.tracking import TrackingTable


class ReconvertAction:
    """Converts manifests once more, in their order."""

    def __init__(
        self,
        tracking: TrackingTable,
        store: ManifestStore,
        publisher: Publisher,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._tracking = tracking
        self._store = store
        self._publisher = publisher
        self._clock = clock

    def reconvert(self, request: Reconvert, budget: Budget, progress: Progress) -> Cursor | None:
        """Go on where the piece before ended; `announced` in its cursor counts what was started."""
        cursor = request.cursor
        for number, (after, date_prefix, batch_id) in enumerate(self._manifests(request), start=1):
            if request.limit is not None and cursor.announced >= request.limit:
                progress.counts["limit_reached"] = 1
                return None
            started = self._reconvert(date_prefix, batch_id, request, progress)
            cursor = replace(after, announced=cursor.announced + started)
            if number == MAX_ITEMS or budget.is_spent:
                return cursor
        return None

    def _manifests(self, request: Reconvert) -> Iterator[tuple[Cursor, str, str]]:
        """What is left, each with where to go on after it."""
        cursor = request.cursor
        for position, (date_prefix, batch_id) in enumerate(request.manifests[cursor.next :], start=cursor.next + 1):
            yield replace(cursor, next=position), date_prefix, batch_id
        for position, date_prefix in enumerate(request.dates[cursor.next :], start=cursor.next):
            after = cursor.key_marker if position == cursor.next else ""
            for key, _ in self._store.listed(f"manifests/{date_prefix}/", after):
                batch_id = key.rpartition("/")[2].removesuffix(".json")
                yield replace(cursor, next=position, key_marker=key), date_prefix, batch_id

    def _reconvert(self, date_prefix: str, batch_id: str, request: Reconvert, progress: Progress) -> bool:
        """Whether it is converted once more."""
        manifest = self._tracking.find_manifest(date_prefix, batch_id)
        if manifest is None:
            progress.note(batch_id, "not_found", "tracking has forgotten it: rebuild its date first")
            return False
        if manifest.status != "completed":
            progress.note(batch_id, "not_completed", f"it is {manifest.status}: it is on its way, or to be retried")
            return False
        if parse_time(manifest.updated_at) > request.cursor.asked_at:
            progress.counts["ended_since"] += 1
            return False
        progress.counts["files"] += manifest.file_count
        progress.counts["bytes"] += manifest.total_bytes
        if request.dry_run:
            progress.note(batch_id, "reconverted", f"attempt {manifest.attempts + 1}")
            return True
        commit = commit_key(date_prefix, batch_id)
        self._store.copy(commit, superseded_key(date_prefix, batch_id))
        if not self._tracking.convert_again(manifest, self._clock()):
            progress.note(batch_id, "moved", "it changed at the same moment; ask once more")
            return False
        self._store.delete(commit)
        detail = f"attempt {manifest.attempts + 1}{self._publish(date_prefix, batch_id, progress)}"
        progress.note(batch_id, "reconverted", detail)
        return True

    def _publish(self, date_prefix: str, batch_id: str, progress: Progress) -> str:
        """Words for what kept it from being published: the manifest is `pending`, and so the sweep's to publish."""
        try:
            self._publisher.publish_if_pending(date_prefix, batch_id)
        except BreakerOpenError as error:
            progress.counts["deferred"] += 1
            return f"; {error}"
        except (PipelineError, ClientError, BotoCoreError) as error:
            progress.counts["publish_failures"] += 1
            return f"; left to the sweep: {error}"
        return ""
