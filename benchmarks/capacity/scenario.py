"""The days that are simulated: the reference load for 24 hours, with one hour of bursts at noon."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from statistics import fmean, quantiles
from typing import Any

from benchmarks.capacity.assumptions import Assumptions, Load
from benchmarks.capacity.settings import REPLACED, Settings
from benchmarks.capacity.simulation import Outcome, Plant, arrivals, plant, simulate
from ndjson_parquet_cli.prices import Prices

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Told:
    """A simulated day in figures; times in seconds."""

    files: int
    runs: int
    files_per_run: float
    files_per_delivery: float
    conflicts: int
    glue_dollars: float
    most_waiting: int
    latency_mean: float
    latency_p99: float
    latency_max: float


def day_with_a_burst(load: Load, seed: int = 0) -> list[float]:
    """When files land: 12 hours, one with the load's burst, 11 more."""
    calm, burst = load.files_per_second, load.busiest_files_per_second
    return list(arrivals([(12 * HOUR, calm), (HOUR, burst), (11 * HOUR, calm)], seed))


def plants(known: Assumptions, prod: Settings) -> Mapping[str, tuple[Settings, Plant]]:
    """What the day is simulated with, by title."""
    one_run = replace(prod, glue_max_concurrent_runs=1)
    without_window = replace(prod, sqs_batching_window_seconds=0)
    found = {
        "before: 200 files, 20 x G.2X": REPLACED,
        "prod without a batching window": without_window,
        "prod": prod,
        "prod with one Glue run at once": one_run,
    }
    return {title: (one, plant(known.reference, one, known.figures)) for title, one in found.items()}


def told(outcome: Outcome, settings: Settings, prices: Prices) -> Told:
    """The figures of a day."""
    files = len(outcome.latencies)
    hourly = prices["glue_flex_dpu_hour" if settings.is_flex else "glue_dpu_hour"]
    return Told(
        files=files,
        runs=len(outcome.runs),
        files_per_run=files / len(outcome.runs),
        files_per_delivery=files / outcome.deliveries,
        conflicts=outcome.conflicts,
        glue_dollars=outcome.billed_seconds * settings.dpus / HOUR * hourly,
        most_waiting=max(sample.waiting for sample in outcome.samples),
        latency_mean=fmean(outcome.latencies),
        latency_p99=quantiles(outcome.latencies, n=100)[98],
        latency_max=max(outcome.latencies),
    )


def simulated(known: Assumptions, prod: Settings, prices: Prices) -> dict[str, tuple[Outcome, Told]]:
    """Every plant's day, with the same files."""
    landing = day_with_a_burst(known.reference)
    days = {}
    for title, (settings, one) in plants(known, prod).items():
        outcome = simulate(landing, one)
        days[title] = (outcome, told(outcome, settings, prices))
    return days


def as_dict(days: Mapping[str, tuple[Outcome, Told]]) -> dict[str, Any]:
    return {title: asdict(figures) for title, (_, figures) in days.items()}
