"""Which file arrives when. No I/O: the same mix and seed give the same arrivals.

Arrivals are open-loop: their times do not depend on how quickly the pipeline takes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Generic, Literal, TypeVar

Kind = Literal["new", "bad", "duplicate", "overwrite"]
KINDS: tuple[Kind, ...] = ("new", "bad", "duplicate", "overwrite")
T = TypeVar("T")


@dataclass(frozen=True)
class Mix:
    """What arrives. `duplicates`, `overwrites` and `bad` are in percent of `files`, `rate` in arrivals a second.

    A duplicate is the same bytes once more under the same key, an overwrite other bytes under a key that was used,
    a bad file one that belongs into quarantine.
    """

    files: int
    rate: float
    duplicates: float = 0
    overwrites: float = 0
    bad: float = 0

    def __post_init__(self) -> None:
        if self.files < 1 or self.rate <= 0:
            raise ValueError(f"FILES={self.files}, RATE={self.rate}: ask for a file or more, and more than 0 a second")
        for name in ("duplicates", "overwrites", "bad"):
            if not 0 <= getattr(self, name) <= 100:
                raise ValueError(f"{name.upper()}={getattr(self, name)} is a percentage of FILES: choose from 0 to 100")

    def count(self, kind: Kind) -> int:
        """How many arrivals are of this kind."""
        shares = {"new": 100.0, "bad": self.bad, "duplicate": self.duplicates, "overwrite": self.overwrites}
        return round(self.files * shares[kind] / 100)


@dataclass(frozen=True)
class Arrival(Generic[T]):
    """A file that lands `at` seconds after the start."""

    at: float
    kind: Kind
    file: T


def arrivals(rate: float, files: Mapping[Kind, Sequence[T]], seed: int) -> list[Arrival[T]]:
    """Mix the files and give each its time: independent arrivals, so their gaps are exponential.

    Args:
        rate: arrivals a second, on average.
        files: by kind. The n-th overwrite has the key of the n-th new file, and comes after it, as does the n-th
            duplicate, which is the n-th new file once more.
    """
    random = Random(seed)
    order: list[tuple[float, Kind, T]] = []
    places = [random.random() for _ in files["new"]]
    order += [(place, "new", file) for place, file in zip(places, files["new"], strict=True)]
    order += [(random.random(), "bad", file) for file in files["bad"]]
    for kind in ("duplicate", "overwrite"):
        for place, file in zip(places, files[kind], strict=False):
            order.append((random.uniform(place, 1), kind, file))
    order.sort(key=lambda one: one[0])
    times = accumulate(random.expovariate(rate) for _ in order)
    return [Arrival(at, kind, file) for at, (_, kind, file) in zip(times, order, strict=True)]
