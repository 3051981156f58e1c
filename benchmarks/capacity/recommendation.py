"""The settings for a load: the smallest manifest that costs hardly more than the cheapest. No I/O."""

from dataclasses import replace
from math import ceil

from benchmarks.capacity.assumptions import Figures, Load
from benchmarks.capacity.limits import invocation_shares, writers
from benchmarks.capacity.model import Day, files_per_manifest, ours, run_seconds
from benchmarks.capacity.settings import Settings
from ndjson_parquet_cli.prices import Prices

MANIFEST_FILES = (200, 500, 1000, 2000, 3000, 5000, 10_000)
WORKERS = (2, 3, 5, 10)
HARDLY_MORE = 1.1
"""A smaller manifest is fresher, and less to repeat when its run fails: worth a tenth of the bill."""
FULLEST_INVOCATION = 0.5
ROOM = 1.5
MOST_BYTES_OVER = 1.05
"""So that files a little larger than usual do not seal a batch before its count does."""


def recommended(load: Load, base: Settings, figures: Figures, prices: Prices, freshness_seconds: float) -> Settings:
    """Raises ValueError when no manifest size keeps its first file within the freshness."""
    candidates = [
        (day, settings)
        for files in MANIFEST_FILES
        if max(invocation_shares(files, figures).values()) <= FULLEST_INVOCATION
        for workers in WORKERS
        if (day := ours(load, settings := with_size(load, base, files, workers), figures, prices)).latency_seconds
        <= freshness_seconds
    ]
    if not candidates:
        raise ValueError(f"no manifest size keeps the first file of a manifest within {freshness_seconds:g} s")
    cheapest = min(day.total for day, _ in candidates)
    good = [(day, one) for day, one in candidates if day.total <= cheapest * HARDLY_MORE]
    return _with_room(load, min(good, key=_small_then_cheap)[1], figures)


def with_size(load: Load, base: Settings, files: int, workers: int) -> Settings:
    """`base` with manifests of so many files, on so many G.1X."""
    return replace(
        base,
        max_files_per_manifest=files,
        max_batch_bytes=ceil(files * load.bytes_per_file * MOST_BYTES_OVER),
        glue_worker_type="G.1X",
        glue_number_of_workers=workers,
    )


def _small_then_cheap(candidate: tuple[Day, Settings]) -> tuple[int, float]:
    return candidate[1].max_files_per_manifest, candidate[0].total


def _with_room(load: Load, settings: Settings, figures: Figures) -> Settings:
    files = files_per_manifest(load, settings)
    at_once = load.busiest_files_per_second / files * run_seconds(files, load, settings, figures)
    return replace(
        settings,
        glue_max_concurrent_runs=min(1000, max(settings.glue_max_concurrent_runs, ceil(at_once * ROOM))),
        manifest_builder_max_concurrency=min(
            1000, max(settings.manifest_builder_max_concurrency, ceil(writers(load, figures) * ROOM))
        ),
        num_status_shards=min(100, max(settings.num_status_shards, ceil(writers(load, figures)))),
    )
