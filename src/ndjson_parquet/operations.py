"""What an operator may ask of state_manager: a typed request for each action, its bounds, and the answer. No I/O.

A long action does a bounded piece and answers with a cursor; the caller sends the request again with that cursor until
none comes back. `at` travels in the cursor: what has ended since a request was made is not touched by it, so that a
request that is sent twice, or carried on for hours, does its work once.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from ndjson_parquet.manifests import parse_time

MAX_ITEMS = 200
"""Items of an answer, and the subjects that one piece of an action handles when each is an item."""
MARGIN_SECONDS = 30
"""What a piece leaves of its time for its last step, the audit record and the answer."""

QueueName = Literal["file-events", "stream", "events"]
QUEUE_NAMES: tuple[QueueName, ...] = ("file-events", "stream", "events")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next piece begins: an index into a list, or the markers of a listing of object versions.

    `announced` and `unaccounted` are what all pieces up to here have counted.
    """

    at: str
    next: int = 0
    key_marker: str = ""
    version_marker: str = ""
    announced: int = 0
    unaccounted: int = 0

    @property
    def asked_at(self) -> datetime:
        return parse_time(self.at)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What every action is given. `by` says who asks."""

    action: ClassVar[str]
    by: str
    dry_run: bool
    cursor: Cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Do what is due; anybody may ask for it at any time."""

    action: ClassVar[str] = "sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flush(Request):
    """Seal and publish every batch that was open when it was asked for."""

    action: ClassVar[str] = "flush"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(Request):
    """Another attempt for failed manifests, named by (date, batch); none named means all."""

    action: ClassVar[str] = "retry"
    manifests: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay(Request):
    """Announce landed objects again, by their keys or by a prefix and the times between which they landed."""

    action: ClassVar[str] = "replay"
    keys: tuple[str, ...]
    prefix: str
    since: datetime | None
    until: datetime | None
    again: bool
    old: bool
    """Whether objects older than tracking's memory are announced too, unless a manifest names them."""
    limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Request):
    """Let quarantined files through, by the key under which they landed or lie in quarantine."""

    action: ClassVar[str] = "release"
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile(Request):
    """Announce the objects of these dates that tracking never saw."""

    action: ClassVar[str] = "reconcile"
    dates: tuple[str, ...]
    min_age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive(Request):
    """Send dead letters to work once more; none named means all."""

    action: ClassVar[str] = "redrive"
    message_ids: tuple[str, ...]
    queue: QueueName


@dataclass(frozen=True, slots=True, kw_only=True)
class Discard(Request):
    """Keep these dead letters in quarantine and take them off their queue."""

    action: ClassVar[str] = "discard"
    message_ids: tuple[str, ...]
    queue: QueueName


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild(Request):
    """Tell the tracking table what it has forgotten of these dates, or of all manifests written since."""

    action: ClassVar[str] = "rebuild"
    dates: tuple[str, ...]
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconvert(Request):
    """Convert completed manifests once more, named by (date, batch), or all of these dates, at most so many."""

    action: ClassVar[str] = "reconvert"
    manifests: tuple[tuple[str, str], ...]
    dates: tuple[str, ...]
    limit: int | None


class Progress:
    """What one piece of an action did: counts by name, and the first MAX_ITEMS subjects one by one.

    `unaccounted_in_all` is reconcile's count of this piece and those before it.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.items: list[dict[str, str]] = []
        self.unaccounted_in_all = 0

    def note(self, subject: str, outcome: str, detail: str = "") -> None:
        """One subject's outcome, which is counted under its name."""
        self.counts[outcome] += 1
        self.show(subject, outcome, detail)

    def show(self, subject: str, outcome: str, detail: str = "") -> None:
        """An outcome that is counted elsewhere."""
        if len(self.items) < MAX_ITEMS:
            self.items.append({"subject": subject, "outcome": outcome, "detail": detail})


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a piece of an action may go on."""

    seconds_left: Callable[[], float]

    @property
    def is_spent(self) -> bool:
        return self.seconds_left() < MARGIN_SECONDS


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one piece of an action. Counts and items are those of this piece alone."""

    action: str
    dry_run: bool
    cursor: Cursor | None
    counts: Mapping[str, int]
    items: Sequence[Mapping[str, str]]
    unaccounted_in_all: int = 0
    """Reconcile's count of this piece and those before it; no part of what the caller is answered."""

    @property
    def done(self) -> bool:
        return self.cursor is None

    def as_dict(self) -> dict[str, Any]:
        return {
            "action": self.action,
            "dry_run": self.dry_run,
            "done": self.done,
            "cursor": self.cursor.as_dict() if self.cursor else None,
            "counts": dict(self.counts),
            "items": [dict(item) for item in self.items],
        }
