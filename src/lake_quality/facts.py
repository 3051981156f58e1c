"""What the rules are judged by: a dataset's day as counted, and the days before it. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

RejectKey = tuple[str, str | None]
"""Reason, and the column that it is about; None for the whole row."""


@dataclass(frozen=True, slots=True)
class DayFacts:
    """One dataset's day.

    `accepted`: rows of the processed table. `rejected`: rows kept apart, by reason and column. `nulls`: accepted rows
    without a value, by column. `unmatched`: accepted rows whose value the other table lacks, by column. `newest`: the
    newest business time. `history`: rows that arrived on each day before that has any.
    """

    accepted: int
    rejected: Mapping[RejectKey, int] = field(default_factory=dict)
    nulls: Mapping[str, int] = field(default_factory=dict)
    unmatched: Mapping[str, int] = field(default_factory=dict)
    newest: datetime | None = None
    history: Mapping[str, int] = field(default_factory=dict)

    @property
    def arrived(self) -> int:
        """All rows of the day."""
        return self.accepted + sum(self.rejected.values())

    def rejected_for(self, reason: str, column: str | None = None) -> int:
        """Rows that were kept apart for a reason; of all columns when none is named."""
        return sum(count for (why, about), count in self.rejected.items() if why == reason and column in (None, about))
