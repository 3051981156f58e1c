"""What a day of a given size takes and costs on Glue, from the CPU seconds per gigabyte that were measured here.

Nothing of this was measured on AWS: the assumptions below are what stands between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

GIGABYTE: Final = 1_000_000_000
# List prices of us-east-1 of a DPU for an hour, by `lake_glue_execution_class`; see docs/cost.md.
STANDARD_USD: Final = 0.44
FLEX_USD: Final = 0.29
MERGE: Final = "master_data_merge"
_ETL: Final = ("transaction_etl", "product_enrichment", "clickstream_aggregation")

# Gigabytes, minutes and US dollars of a day in the original plan.
ORIGINAL_PLAN: Final = ((1, 5, 0.10), (10, 15, 0.50), (100, 45, 2.00), (1000, 180, 15.00))


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is between this machine and Glue."""

    # G.1X: 4 vCPU, 1 DPU.
    cores_per_worker: int = 4
    # A vCPU of Glue does what this share of a core here does.
    core_ratio: float = 0.7
    # Of the workers' cores that do useful work over a run: stragglers, S3's latency, the driver's own steps.
    efficiency: float = 0.6
    # Until the first task runs; Glue 4 and later bill it.
    start_seconds: float = 45.0
    least_billed_seconds: float = 60.0
    # One of them is the driver, which runs no tasks.
    least_workers: int = 2
    most_workers: int = 100


@dataclass(frozen=True, slots=True)
class Fixed:
    """CPU seconds of a job: `per_run` however small it is, and `per_gigabyte` of the day's raw files."""

    per_run: float
    per_gigabyte: float


@dataclass(frozen=True, slots=True)
class Day:
    """A modelled day: the three ETL jobs side by side, then the merge, each with so many workers."""

    gigabytes: float
    workers: int
    minutes: float
    dpu_hours: float

    @property
    def usd(self) -> float:
        return self.dpu_hours * STANDARD_USD

    @property
    def flex_usd(self) -> float:
        """With `lake_glue_execution_class = "FLEX"`, for which runs may wait: nobody says for how long."""
        return self.dpu_hours * FLEX_USD


def fit(points: Sequence[tuple[float, float]]) -> Fixed:
    """The line through (gigabytes, CPU seconds), by least squares; neither part is below 0. Two points or more."""
    count = len(points)
    x = sum(size for size, _ in points) / count
    y = sum(cpu for _, cpu in points) / count
    spread = sum((size - x) ** 2 for size, _ in points)
    slope = max(0.0, sum((size - x) * (cpu - y) for size, cpu in points) / spread)
    return Fixed(max(0.0, y - slope * x), slope)


def day(gigabytes: float, minutes: float, jobs: Mapping[str, Fixed], given: Assumptions) -> Day:
    """The day with the fewest workers per job that end it within so many minutes, or with the most there may be."""
    for workers in range(given.least_workers, given.most_workers + 1):
        modelled = _with_workers(gigabytes, workers, jobs, given)
        if modelled.minutes <= minutes:
            return modelled
    return _with_workers(gigabytes, given.most_workers, jobs, given)


def _with_workers(gigabytes: float, workers: int, jobs: Mapping[str, Fixed], given: Assumptions) -> Day:
    cpu = {name: cost.per_run + cost.per_gigabyte * gigabytes for name, cost in jobs.items()}
    seconds = {name: given.start_seconds + spent / _cores(workers, given) for name, spent in cpu.items()}
    billed = sum(max(given.least_billed_seconds, of_job) for of_job in seconds.values())
    wall = max(seconds[name] for name in _ETL) + seconds[MERGE]
    return Day(gigabytes, workers, wall / 60, workers * billed / 3600)


def _cores(workers: int, given: Assumptions) -> float:
    """Cores of this machine that do what so many workers do, the driver left out."""
    return (workers - 1) * given.cores_per_worker * given.efficiency * given.core_ratio
