"""Reconcile: every object version of some dates is looked up in tracking; what it never saw is announced.

One walk through the landing prefix in the order of keys, a page of 1,000 versions at a time; the folders of dates that
nobody asked for are jumped over. Memory holds one page, and the cursor is a key.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ndjson_parquet.batched import BatchedFiles
from ndjson_parquet.file_items import FileItems
from ndjson_parquet.landing_bucket import Page, VersionedObjects
from ndjson_parquet.metrics import ReconcilerMetric
from ndjson_parquet.operations import Answer, Budget, Cursor, Progress, Reconcile
from ndjson_parquet.publishing import utc_now
from ndjson_parquet.reconciler_item import ReconcilerItem, Walk
from ndjson_parquet.reconciling import (
    Identity,
    ObjectVersion,
    Standing,
    identities,
    is_wanted,
    known,
    one_of_each,
    skipping,
    standing,
)
from state_manager.announcing import Announcer

PAGES_PER_PIECE = 1000
SCHEDULE = "schedule"
"""Who asks when nobody is there to send the cursor back: the table keeps it, and the sweep goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRun(Reconcile):
    """A scheduled run of which this function does a piece."""

    walk: Walk


class ReconcileAction:
    """Compares the landing bucket with tracking."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        landing: VersionedObjects,
        files: FileItems,
        announcer: Announcer,
        item: ReconcilerItem,
        batched: BatchedFiles,
        *,
        landing_prefix: str,
        ttl: timedelta,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._landing = landing
        self._files = files
        self._announcer = announcer
        self._item = item
        self._batched = batched
        self._landing_prefix = landing_prefix
        self._ttl = ttl
        self._clock = clock

    def reconcile(self, request: Reconcile, budget: Budget, progress: Progress) -> Cursor | None:
        """Do as much as there is time for."""
        if request.by != SCHEDULE or request.dry_run:
            return self._walk(request, budget, progress)
        minutes = int(request.min_age.total_seconds() // 60)
        walk = self._item.begin(Walk(request.dates, minutes, request.cursor), self._clock())
        if walk is None:
            progress.show("reconcile", "left", "another run holds the cursor; the sweep goes on with it")
            return None
        return self.go_on(_held(walk), budget, progress)

    def left_over(self) -> HeldRun | None:
        """The scheduled run that has not come to its end, now held; None when there is none, or another holds it."""
        walk = self._item.take_up(self._clock())
        return _held(walk) if walk else None

    def go_on(self, run: HeldRun, budget: Budget, progress: Progress) -> Cursor | None:
        """Do a piece of a run that is held, and put it down."""
        cursor = self._walk(run, budget, progress)
        if cursor is None:
            self._item.finish(run.walk)
        else:
            self._item.put_down(replace(run.walk, cursor=cursor), self._clock())
        return cursor

    def _walk(self, request: Reconcile, budget: Budget, progress: Progress) -> Cursor | None:
        cursor = request.cursor
        self._batched.forget()
        for _ in range(PAGES_PER_PIECE):
            page = self._landing.page(self._landing_prefix, cursor.key_marker, cursor.version_marker)
            self._check(page, request, progress)
            found = progress.unaccounted_in_all = request.cursor.unaccounted + progress.counts[Standing.UNACCOUNTED]
            if page.last_key is None:
                return None
            beyond = skipping(page.last_key, self._landing_prefix, request.dates)
            markers = (beyond, "") if beyond else (page.last_key, page.last_version)
            cursor = replace(cursor, key_marker=markers[0], version_marker=markers[1], unaccounted=found)
            if budget.is_spent:
                return cursor
        return cursor

    def _check(self, page: Page, request: Reconcile, progress: Progress) -> None:
        now, prefix = self._clock(), self._landing_prefix
        wanted = [one for one in page.versions if is_wanted(one.key, one.last_modified, prefix, request.dates)]
        candidates = [(one, identities(one, prefix, now)) for one in one_of_each(wanted)]
        states = self._files.states([identity for _, each in candidates for identity in each])
        lost: list[tuple[ObjectVersion, Identity]] = []
        for version, each in candidates:
            identity, state = known(each, states)
            stands = standing(version, state, now, request.min_age, self._ttl)
            progress.counts["checked"] += 1
            progress.counts[stands] += 1
            if stands is Standing.UNACCOUNTED and not self._is_forgotten(version, each, progress):
                lost.append((version, identity))
        refusals = [None] * len(lost) if request.dry_run else self._announcer.announce(lost, "reconcile")
        for (version, _), refusal in zip(lost, refusals, strict=True):
            progress.counts["failed" if refusal else "enqueued"] += 1
            detail = f"etag {version.etag}, landed {version.last_modified:%Y-%m-%dT%H:%M:%SZ}"
            progress.show(version.key, "failed" if refusal else "enqueued", refusal or detail)

    def _is_forgotten(self, version: ObjectVersion, each: Sequence[Identity], progress: Progress) -> bool:
        """Whether a manifest names it: it has been batched, and announced again it would be converted twice."""
        manifest = self._batched.manifest_of(each)
        if manifest is not None:
            progress.note(version.key, Standing.FORGOTTEN, f"{manifest} names it: rebuild {each[0].date_prefix}")
        return manifest is not None


def _held(walk: Walk) -> HeldRun:
    min_age = timedelta(minutes=walk.min_age_minutes)
    return HeldRun(by=SCHEDULE, dry_run=False, cursor=walk.cursor, dates=walk.dates, min_age=min_age, walk=walk)


def metrics_of(answer: Answer | None) -> dict[ReconcilerMetric, int]:
    """The reconciler's metrics; none of an answer to something else, or of a dry run.

    What is unaccounted for is told of a whole run, at its end: told of each piece, the last one would say that all is
    well whatever those before it had found.
    """
    if answer is None or answer.dry_run or answer.action != Reconcile.action:
        return {}
    of_piece: dict[ReconcilerMetric, int] = {
        "ReconcilerFilesChecked": answer.counts.get("checked", 0),
        "ReconcilerFilesEnqueued": answer.counts.get("enqueued", 0),
    }
    if not answer.done:
        return of_piece
    return of_piece | {"FilesUnaccounted": answer.unaccounted_in_all, "ReconcilerRunsDone": 1}
