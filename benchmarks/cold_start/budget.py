"""What each function may cost before its first invocation. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MAX_IMPORT_MILLISECONDS = 400.0
MAX_ZIP_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Start:
    """One import in an interpreter of its own, in milliseconds of CPU and of the clock."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class ColdStart:
    """The starts of one function, and the size of its zip."""

    function: str
    zip_bytes: int
    starts: Sequence[Start]

    @property
    def cpu(self) -> float:
        """Milliseconds of CPU of the fastest: what a slower one took more, the rest of the machine took from it."""
        return min(start.cpu for start in self.starts)

    @property
    def wall(self) -> float:
        """Milliseconds of the clock, the median."""
        return median(start.wall for start in self.starts)

    @property
    def within_budget(self) -> bool:
        return self.cpu <= MAX_IMPORT_MILLISECONDS and self.zip_bytes <= MAX_ZIP_BYTES
