"""The quality rules that watch a dataset's day: what each one counts, and how much of it is too much.

A share is bad rows of the day by all rows of the day that arrived (accepted and rejected). The jobs reject each bad row
for exactly one reason, so no row is counted by two rules:

    Readable     rejected as `malformed`
    Complete     rejected as `missing` for the column, or null in the processed table
    Valid        rejected as `type` for the column
    InRange      rejected as `range` for the column
    Allowed      rejected as `not_allowed` for the column
    Timely       rejected as `late` or `future`
    Unique       rejected as `duplicate`
    References   in the processed table, with a value that the other dataset's table of the day does not have
    RowCount     all rows of the day, beside the mean of the days before
    Fresh        the newest timestamp of the day
"""

from dataclasses import dataclass
from typing import Final, Literal

Reason = Literal["malformed", "missing", "type", "range", "not_allowed", "late", "future", "duplicate"]
Severity = Literal["error", "warning"]

# In the order in which the jobs ask: the first one that applies is the row's reason.
REASONS: Final[tuple[Reason, ...]] = (
    "malformed",
    "missing",
    "type",
    "range",
    "not_allowed",
    "future",
    "late",
    "duplicate",
)
DEFAULT_SHARE: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """A rule that fails when more than `at_most` (0 to 1) of the day's rows are bad."""

    at_most: float = DEFAULT_SHARE
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Readable(_Share):
    """Lines are one CSV record, or one JSON object."""


@dataclass(frozen=True, slots=True)
class Complete(_Share):
    """The column has a value."""

    column: str


@dataclass(frozen=True, slots=True)
class Valid(_Share):
    """The column's text is a value of its type."""

    column: str


@dataclass(frozen=True, slots=True)
class InRange(_Share):
    """The column's number lies between its minimum and maximum."""

    column: str


@dataclass(frozen=True, slots=True)
class Allowed(_Share):
    """The column has one of its allowed values."""

    column: str


@dataclass(frozen=True, slots=True)
class Timely(_Share):
    """The row's business date is its arrival date, or at most the dataset's `late_days` before."""


@dataclass(frozen=True, slots=True)
class Unique(_Share):
    """The dataset's key occurs once in the day."""


@dataclass(frozen=True, slots=True)
class References(_Share):
    """The column's value is a key of the other dataset on the same day, or, of `categories`, a declared category."""

    column: str
    dataset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCount:
    """The day has between `at_least` and `at_most` times the mean rows of the `history_days` before that have rows.

    With fewer than `minimum_history` such days the rule has nothing to say.
    """

    at_least: float = 0.5
    at_most: float = 2.0
    history_days: int = 7
    minimum_history: int = 3
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """The newest value of the column is at most `max_hours` before the end of the day (midnight UTC after it)."""

    column: str
    max_hours: float = 6.0
    severity: Severity = "error"


Rule = Readable | Complete | Valid | InRange | Allowed | Timely | Unique | References | RowCount | Fresh


def name_of(dataset: str, rule: Rule) -> str:
    """The rule's name in metrics, reports and alerts, such as `transactions.quantity.in_range`. Unique in the lake."""
    kind = _KINDS[type(rule)]
    column = getattr(rule, "column", None)
    return ".".join(filter(None, (dataset, column, kind)))


_KINDS: Final[dict[type, str]] = {
    Readable: "readable",
    Complete: "complete",
    Valid: "valid",
    InRange: "in_range",
    Allowed: "allowed",
    Timely: "timely",
    Unique: "unique",
    References: "references",
    RowCount: "row_count",
    Fresh: "fresh",
}
