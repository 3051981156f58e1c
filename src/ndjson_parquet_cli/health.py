"""Is the pipeline well? One check per promise; each failing one says what to do. No I/O."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ndjson_parquet.manifests import parse_time
from ndjson_parquet_cli.standing import Backlog
from ndjson_parquet_cli.text import duration, plural
from ndjson_parquet_cli.triggers import remedy, told, verdict
from ndjson_parquet_cli.values import Alarm, BreakerState, QueueDepth, Schedule, Trigger

Points = Sequence[tuple[datetime, float]]
_RUNBOOK = re.compile(r"Runbook: (\S+)")
_DEFAULT_BOUND_MINUTES = 60
"""Beside max_wait_minutes, where no alarm says how old waiting work may be."""


@dataclass(frozen=True, slots=True)
class Check:
    """`ok` is None when it could not be told, which is not a failure."""

    name: str
    ok: bool | None
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What the reconciler's last whole run found: objects that nothing knew of, and the minute in which it ended."""

    unaccounted: int
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Signs:
    """What the checks look at. `reconciled` is None when no run of the reconciler has ended lately."""

    alarms: Sequence[Alarm]
    dead_letter_queues: Sequence[QueueDepth]
    backlog: Backlog
    breaker: BreakerState
    sweep: Schedule
    triggers: Sequence[Trigger]
    reconciled: Reconciled | None
    max_wait_minutes: int


def checks(signs: Signs, now: datetime) -> list[Check]:
    """Every check, the most telling first."""
    return [
        _alarms(signs.alarms),
        *(Check(one.name, verdict(one), told(one), remedy(one)) for one in signs.triggers),
        *_dead_letters(signs.dead_letter_queues),
        _oldest(signs),
        _breaker(signs.breaker),
        _sweep(signs.sweep, now),
        _exhausted(signs.backlog),
        _unaccounted(signs.reconciled, now),
    ]


def is_healthy(found: Sequence[Check]) -> bool:
    return all(check.ok is not False for check in found)


def last_reconciled(unaccounted: Points) -> Reconciled | None:
    """The last whole run, by the maximum of each minute, latest first; None when none has ended.

    A run tells what it found once, when it ends. Of several that ended in one minute it is the one that found most.
    """
    return next((Reconciled(int(count), at) for at, count in unaccounted), None)


def runbook(description: str) -> str:
    """The runbook that an alarm's description names; empty when it names none."""
    found = _RUNBOOK.search(description)
    return found[1].rstrip(".") if found else ""


def oldest_bound_seconds(alarms: Sequence[Alarm], max_wait_minutes: int) -> int:
    """How old waiting work may be: the threshold of the alarm `oldest-pending`, else max_wait_minutes and an hour."""
    bounds = (alarm.threshold for alarm in alarms if "-oldest-pending-" in alarm.name and alarm.threshold is not None)
    return int(next(bounds, (max_wait_minutes + _DEFAULT_BOUND_MINUTES) * 60))


def _alarms(alarms: Sequence[Alarm]) -> Check:
    ringing = sorted((alarm for alarm in alarms if alarm.state == "ALARM"), key=lambda alarm: alarm.name)
    if not alarms:
        return Check("alarms", None, "none are deployed", "enable_alarms = true in the environment's tfvars")
    if not ringing:
        return Check("alarms", True, f"{plural(len(alarms), 'alarm')}, none in ALARM")
    books = sorted({book for alarm in ringing if (book := runbook(alarm.description))})
    names = ", ".join(alarm.name for alarm in ringing)
    return Check("alarms", False, f"in ALARM: {names}", "read " + (", ".join(books) or "docs/runbooks"))


def _dead_letters(queues: Sequence[QueueDepth]) -> Iterator[Check]:
    for queue in queues:
        if queue.waiting + queue.in_flight == 0:
            yield Check("dead letters", True, f"{queue.name} is empty")
        else:
            detail = f"{plural(queue.waiting + queue.in_flight, 'message')} in {queue.name}"
            kind = next((f" --queue {kind}" for kind in ("stream", "events") if f"-{kind}-dlq-" in queue.name), "")
            remedy = f"ndjson-parquet dlq peek{kind}"
            yield Check("dead letters", False, detail, remedy)


def _oldest(signs: Signs) -> Check:
    bound = oldest_bound_seconds(signs.alarms, signs.max_wait_minutes)
    oldest, age = signs.backlog.oldest_waiting, signs.backlog.oldest_waiting_seconds
    if oldest is None:
        return Check("oldest waiting", True, "nothing waits")
    detail = f"{duration(age)} ({oldest}); the bound is {duration(bound)}"
    if age <= bound:
        return Check("oldest waiting", True, detail)
    return Check("oldest waiting", False, detail, "ndjson-parquet status, then docs/runbooks/oldest-pending.md")


def _breaker(breaker: BreakerState) -> Check:
    if breaker.state == "closed":
        return Check("breaker", True, "closed")
    since = f" since {breaker.opened_at}" if breaker.opened_at else ""
    detail = f"{breaker.state}{since}, after {plural(breaker.failures, 'failed start')} in a row"
    return Check("breaker", False, detail, "docs/runbooks/breaker-open.md; it tries again by itself every 5 minutes")


def _sweep(sweep: Schedule, now: datetime) -> Check:
    if sweep.enabled is None:
        detail = "whether its schedule is enabled cannot be told: events:DescribeRule is not allowed"
        return Check("sweep", None, detail, "docs/command-line.md, Rights")
    if not sweep.enabled:
        return Check("sweep", False, "its schedule is disabled", "docs/runbooks/sweep-not-running.md")
    if sweep.last_run_at is None:
        return Check("sweep", False, "did not run in the last 3 hours", "docs/runbooks/sweep-not-running.md")
    age = (now - parse_time(sweep.last_run_at)).total_seconds()
    detail = f"ran {duration(max(age, 0))} ago, every {plural(sweep.interval_minutes, 'minute')}"
    # A metric's time is the begin of its minute.
    if age <= (2 * sweep.interval_minutes + 1) * 60:
        return Check("sweep", True, detail)
    return Check("sweep", False, detail, "docs/runbooks/sweep-not-running.md; now: ndjson-parquet sweep")


def _exhausted(backlog: Backlog) -> Check:
    if not backlog.exhausted:
        return Check("manifests", True, f"none without attempts left; {backlog.failed} failed and to be tried again")
    detail = f"{plural(backlog.exhausted, 'manifest')} without attempts left"
    return Check("manifests", False, detail, "ndjson-parquet failures")


def _unaccounted(reconciled: Reconciled | None, now: datetime) -> Check:
    if reconciled is None:
        return Check("unaccounted", None, "the reconciler has not reported in 26 h", "ndjson-parquet reconcile")
    count = plural(reconciled.unaccounted, "object") if reconciled.unaccounted else "nothing"
    age = duration(max((now - reconciled.ended_at).total_seconds(), 0))
    detail = f"{count} when it was last compared, {age} ago"
    return Check("unaccounted", not reconciled.unaccounted, detail, "ndjson-parquet reconcile")
