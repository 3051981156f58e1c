"""Where files and manifests stand, by day and state, and since when something waits. No I/O."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ndjson_parquet.manifests import parse_time
from ndjson_parquet_cli.values import Batch, BreakerState, Manifest, QueueDepth, Schedule, Trigger

STATES = ("open", "pending", "processing", "completed", "failed", "quarantined")
"""Files have the state of their manifest, `open` before there is one; `quarantined` ones have none."""


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Files, manifests (open batches among them) and bytes of one date, by state."""

    day: str
    files: Mapping[str, int]
    manifests: Mapping[str, int]
    bytes: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What stands still or is on its way, of all dates. `is_cut`: there is more than was read."""

    open_batches: int
    open_files: int
    pending: int
    processing: int
    failed: int
    exhausted: int
    oldest_waiting_since: str | None
    oldest_waiting_seconds: int
    oldest_waiting: str | None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that `status` shows. `queues` holds the file events first, then every dead-letter queue there is."""

    at: str
    days: tuple[DayCounts, ...]
    backlog: Backlog
    queues: tuple[QueueDepth, ...]
    breaker: BreakerState
    running_executions: int
    sweep: Schedule
    triggers: tuple[Trigger, ...]


def last_days(today: date, count: int) -> list[str]:
    """Today and the days before it, latest first."""
    return [(today - timedelta(days=back)).isoformat() for back in range(count)]


def day_counts(day: str, manifests: Iterable[Manifest], batches: Iterable[Batch], quarantined: int) -> DayCounts:
    """Counts of one date. A file that was replayed counts in each of its manifests; a missing one is `failed`."""
    files, kinds, total = Counter[str](), Counter[str](), 0
    for manifest in manifests:
        kinds[manifest.state] += 1
        missing = manifest.files_missing if manifest.state == "completed" else 0
        files[manifest.state] += manifest.file_count - missing
        files["failed"] += missing
        total += manifest.total_bytes
    for batch in (batch for batch in batches if batch.date_prefix == day):
        kinds["open"] += 1
        files["open"] += batch.file_count
        total += batch.total_bytes
    files["quarantined"] += quarantined
    return DayCounts(day, _by_state(files), _by_state(kinds), total)


def backlog(
    batches: Sequence[Batch],
    waiting: Mapping[str, Sequence[Manifest]],
    max_attempts: int,
    now: datetime,
    *,
    is_cut: bool = False,
) -> Backlog:
    """What has not ended. `waiting` holds manifests by the states pending, processing and failed."""
    pending, processing, failed = (waiting.get(state, ()) for state in ("pending", "processing", "failed"))
    since = [(parse_time(batch.opened_at), f"open batch {batch.batch_id}") for batch in batches]
    since += [(manifest.waiting_since, f"manifest {manifest.batch_id}") for manifest in (*pending, *processing)]
    oldest = min(since, default=None)
    return Backlog(
        open_batches=len(batches),
        open_files=sum(batch.file_count for batch in batches),
        pending=len(pending),
        processing=len(processing),
        failed=len(failed),
        exhausted=sum(manifest.attempts_spent >= max_attempts for manifest in failed),
        oldest_waiting_since=oldest[0].isoformat() if oldest else None,
        oldest_waiting_seconds=int((now - oldest[0]).total_seconds()) if oldest else 0,
        oldest_waiting=oldest[1] if oldest else None,
        is_cut=is_cut,
    )


def _by_state(counts: Counter[str]) -> dict[str, int]:
    return {state: counts[state] for state in (*STATES, *sorted(counts.keys() - set(STATES)))}
