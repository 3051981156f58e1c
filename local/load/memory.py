"""Whether the memory of Lambda workers stays flat: a slope through what was sampled. No I/O."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

MEGABYTE = 1024 * 1024
SETTLING_SECONDS = 60.0
"""A worker fills its caches first: clients, connections, code that is imported when it is used."""
SHORTEST_SECONDS = 60.0
"""A worker that was seen for less time than that, after settling, says nothing."""
FLAT_MEGABYTES_AN_HOUR = 10.0
"""A worker of 512 MB could go on for a day, and Lambda ends it long before."""


@dataclass(frozen=True)
class Sample:
    """Resident memory of one process of one function, `at` some second."""

    at: float
    function: str
    pid: int
    resident_bytes: int


@dataclass(frozen=True)
class Growth:
    """What one function's workers did. `megabytes_an_hour` is None when none lived long enough to tell."""

    function: str
    workers: int
    samples: int
    median_megabytes: float
    most_megabytes: float
    megabytes_an_hour: float | None

    @property
    def is_flat(self) -> bool:
        return self.megabytes_an_hour is None or self.megabytes_an_hour <= FLAT_MEGABYTES_AN_HOUR


def growth(samples: Iterable[Sample]) -> list[Growth]:
    """Growth by function, in the order of their names."""
    functions: defaultdict[str, defaultdict[int, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        functions[sample.function][sample.pid].append(sample)
    return [_growth(name, workers) for name, workers in sorted(functions.items())]


def _growth(function: str, workers: Mapping[int, Sequence[Sample]]) -> Growth:
    settled = [found for series in workers.values() if (found := _settled(series))]
    sizes = [one.resident_bytes / MEGABYTE for series in workers.values() for one in series]
    return Growth(
        function,
        len(workers),
        len(sizes),
        round(median(sizes), 1),
        round(max(sizes), 1),
        _slope(settled) if settled else None,
    )


def _settled(series: Sequence[Sample]) -> list[Sample]:
    """What was seen of one worker when it had settled; nothing if that was too short."""
    after = [one for one in series if one.at >= series[0].at + SETTLING_SECONDS]
    return after if after and after[-1].at - after[0].at >= SHORTEST_SECONDS else []


def _slope(workers: Sequence[Sequence[Sample]]) -> float:
    """Megabytes an hour: the median of what lies between any two samples of one worker (Theil and Sen).

    A cache that is filled once, which is a step, does not move it; what grows again and again does.
    """
    slopes = [
        (later.resident_bytes - earlier.resident_bytes) / (later.at - earlier.at)
        for series in workers
        for earlier, later in combinations(series, 2)
        if later.at > earlier.at
    ]
    return round(median(slopes) * 3600 / MEGABYTE, 2)
