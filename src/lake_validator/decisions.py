"""What becomes of each raw file of a day: accepted, quarantined, or a duplicate. No I/O.

The newest version of a key is what counts. Of files with the same bytes the first by key is accepted; when that one is
overwritten, the next one takes its place. A decision is kept, so that no file is read twice.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from lake_validator.checking import Verdict

Status = Literal["accepted", "quarantined", "duplicate"]
STATUSES: Final[tuple[Status, ...]] = ("accepted", "quarantined", "duplicate")


@dataclass(frozen=True, slots=True, order=True)
class RawFile:
    """The newest version of an object below `raw/`."""

    key: str
    version_id: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Record:
    """What was decided of one version of a file. `at` is ISO 8601 UTC; `md5` is None for what was not read."""

    dataset: str
    date: str
    key: str
    version_id: str
    size_bytes: int
    status: Status
    at: str
    md5: str | None = None
    rows: int | None = None
    reason: str | None = None
    detail: str | None = None

    @property
    def file_key(self) -> str:
        """The bytes of an accepted file can be claimed once; of the others each has a record of its own."""
        if self.status == "accepted":
            return f"{self.date}/{self.md5}"
        name = hashlib.sha256(self.key.encode()).hexdigest()[:16]
        return f"{self.date}/{self.md5 or 'unread'}#{name}"


class Day:
    """The files of a dataset's day, and what is known of them."""

    def __init__(self, files: Iterable[RawFile], records: Iterable[Record]) -> None:
        self._files = sorted(files)
        self._current = {(file.key, file.version_id) for file in self._files}
        self._records = [record for record in records if (record.key, record.version_id) in self._current]
        self._claims = {record.md5: record.key for record in self._records if record.status == "accepted"}

    @property
    def waiting(self) -> Sequence[RawFile]:
        """The files to be read, in the order in which they have to be."""
        decided = {
            (record.key, record.version_id)
            for record in self._records
            if record.status != "duplicate" or record.md5 in self._claims
        }
        return [file for file in self._files if (file.key, file.version_id) not in decided]

    def judged(self, verdict: Verdict, key: str) -> tuple[Status, str | None, str | None]:
        """Status, reason and detail of a file that was read."""
        if verdict.reason:
            return "quarantined", verdict.reason, verdict.detail
        original = self._claims.get(verdict.md5)
        if original is not None and original != key:
            return "duplicate", "duplicate", f"the same bytes as {original}"
        return "accepted", None, None

    def add(self, record: Record) -> None:
        """Take a decision into account for those that follow."""
        self._records = [known for known in self._records if known.key != record.key]
        self._records.append(record)
        if record.status == "accepted":
            self._claims[record.md5] = record.key

    @property
    def accepted(self) -> Sequence[Record]:
        """What the jobs may read, by key."""
        return sorted((known for known in self._records if known.status == "accepted"), key=lambda known: known.key)

    @property
    def records(self) -> Sequence[Record]:
        """The standing decisions."""
        return tuple(self._records)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many files have each status, and how many rows were accepted, where they were counted."""
        counts: dict[str, int] = {status: sum(known.status == status for known in self._records) for status in STATUSES}
        return {**counts, "rows": sum(record.rows or 0 for record in self.accepted)}


def quarantine_key(reason: str, dataset: str, day: date, key: str) -> str:
    """Where a refused file is kept: what lies below the day's folder stays as it is."""
    name = key.partition(f"/date={day}/")[2]
    return f"quarantine/{reason}/{dataset}/date={day}/{name}"
