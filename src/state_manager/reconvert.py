"""Reconvert: a manifest that is completed is converted once more, into the same Parquet parts.

Part keys follow from the manifest, so the new parts replace the old ones and no row is there twice; until they do, the
old ones stay. The commit record is kept under `superseded/`, by which the converter knows that rows would be lost if
sources are gone by now, and refuses. Killed after any step, the same request carries on.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from ndjson_parquet.errors import BreakerOpenError
from ndjson_parquet.manifests import commit_key, superseded_key
from ndjson_parquet.publishing import Publisher, utc_now
from ndjson_parquet.store import ManifestStore
from ndjson_parquet.tracking import TrackingTable


class Reconversion(StrEnum):
    """What became of a manifest that was to be converted once more."""

    STARTED = "started"
    LEFT_TO_SWEEP = "left_to_sweep"
    UNFINISHED = "unfinished"
    UNKNOWN = "unknown"
    MOVED = "moved"


DETAIL = {
    Reconversion.STARTED: "it is converted into the same parts",
    Reconversion.LEFT_TO_SWEEP: "starting is suspended: the sweep starts it",
    Reconversion.UNFINISHED: "it is not completed: it is converted anyhow, or has to be retried",
    Reconversion.UNKNOWN: "the tracking table has forgotten it: rebuild its date first",
    Reconversion.MOVED: "it changed at the same moment: ask once more",
}


class Reconverter:
    """Converts manifests once more; with `dry_run`, it only says which."""

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

    def reconvert(self, date_prefix: str, batch_id: str, *, dry_run: bool) -> Reconversion:
        """Convert one manifest once more."""
        manifest = self._tracking.find_manifest(date_prefix, batch_id)
        if manifest is None:
            return Reconversion.UNKNOWN
        if manifest.status != "completed":
            return Reconversion.UNFINISHED
        if dry_run:
            return Reconversion.STARTED
        commit = commit_key(date_prefix, batch_id)
        self._store.copy(commit, superseded_key(date_prefix, batch_id))
        if not self._tracking.convert_again(manifest, self._clock()):
            return Reconversion.MOVED
        self._store.delete(commit)
        try:
            self._publisher.publish_if_pending(date_prefix, batch_id)
        except BreakerOpenError:
            return Reconversion.LEFT_TO_SWEEP
        return Reconversion.STARTED
