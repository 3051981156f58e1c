"""What each function may cost before its first invocation. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MAX_IMPORT_MILLISECONDS = 400.0
MAX_ZIP_BYTES = 10 * 1024 * 1024
# export_api checks requests and writes its OpenAPI document with pydantic, and people wait for it, not files.
_LARGER = {"export_api": (700.0, 13 * 1024 * 1024)}


def budget_of(function: str) -> tuple[float, int]:
    """What a function's import may take, in milliseconds of CPU, and how large its zip may be, in bytes."""
    return _LARGER.get(function, (MAX_IMPORT_MILLISECONDS, MAX_ZIP_BYTES))


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
        milliseconds, size = budget_of(self.function)
        return self.cpu <= milliseconds and self.zip_bytes <= size
