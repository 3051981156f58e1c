"""What is full first: how much of every quota and setting the busiest minute needs. No I/O."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from benchmarks.capacity.assumptions import Figures, Load
from benchmarks.capacity.model import files_per_manifest, finishing_calls, publishing_calls, run_seconds
from benchmarks.capacity.settings import FILES_PER_DELIVERY, Settings
from ndjson_parquet.sweeping import FILES_PER_DUTY
from ndjson_parquet_cli.costs import WRITE_UNITS_PER_FILE
from state_manager.service import READ_AT_MOST

INDEX_UNITS_PER_FILE = 5
"""Of a file's write units, those of the index: put 1, and 2 for each of its two changes of status."""
INDEX_KEY_UNITS_PER_FILE = 2
"""Those of the fullest key, `pending#N` and `manifested#N`: an entry comes and goes."""
COMMIT_CALLS = 2
MANIFEST_BUILDER_SECONDS, STATUS_UPDATER_SECONDS = 60, 120


@dataclass(frozen=True, slots=True)
class Use:
    """What the busiest minute needs of `limit`; `then` says what happens at it, and which setting helps."""

    name: str
    used: float
    limit: float
    unit: str
    then: str

    @property
    def share(self) -> float:
        return self.used / self.limit


def uses(load: Load, settings: Settings, figures: Figures, quotas: Mapping[str, float]) -> list[Use]:
    """The fullest first."""
    found = [*_tracking(load, figures, settings, quotas), *_functions(load, figures, settings, quotas)]
    found += _conversions(load, figures, settings, quotas)
    return sorted(found, key=lambda use: -use.share)


def writers(load: Load, figures: Figures) -> float:
    """Deliveries at once in the busiest minute."""
    return load.busiest_files_per_second / FILES_PER_DELIVERY * figures.delivery_seconds


def shards_used(load: Load, settings: Settings, figures: Figures) -> int:
    """One while nobody contends; then each writer moves to one of its own."""
    return min(settings.num_status_shards, max(1, ceil(writers(load, figures))))


def invocation_shares(files: int, figures: Figures) -> Mapping[str, float]:
    """Of its function's timeout, what publishing and finishing a manifest of so many files takes."""
    return {
        "manifest_builder": publishing_calls(files) * figures.call_seconds / MANIFEST_BUILDER_SECONDS,
        "status_updater": finishing_calls(files) * figures.call_seconds / STATUS_UPDATER_SECONDS,
    }


def _tracking(load: Load, figures: Figures, settings: Settings, quotas: Mapping[str, float]) -> Iterator[Use]:
    busiest, shards = load.busiest_files_per_second, shards_used(load, settings, figures)
    units = "write units a second"
    yield Use(
        "table: the items of one date",
        busiest * (WRITE_UNITS_PER_FILE - INDEX_UNITS_PER_FILE),
        quotas["dynamodb_key_write_units"],
        units,
        "throttled writes are repeated while DynamoDB splits the date by file_key; no setting of ours: names that do "
        "not all grow at one end, or a deployment per group of producers",
    )
    yield Use(
        "index: the fullest status",
        busiest * INDEX_KEY_UNITS_PER_FILE / shards,
        quotas["dynamodb_key_write_units"],
        units,
        "throttled; writers that meet conflicts spread over num_status_shards",
    )
    yield Use(
        "table that is new",
        busiest * WRITE_UNITS_PER_FILE,
        quotas["dynamodb_new_table_write_units"],
        units,
        "throttled until it has grown, twofold in 30 minutes; warm_throughput, or a load that grows",
    )
    yield Use(
        "table",
        busiest * WRITE_UNITS_PER_FILE,
        quotas["dynamodb_table_write_units"],
        units,
        "throttled; Service Quotas",
    )
    yield Use(
        "open batches: commits in turn",
        busiest / FILES_PER_DELIVERY,
        settings.num_status_shards / (COMMIT_CALLS * figures.call_seconds),
        "deliveries a second",
        "conflicts, and messages that come again; num_status_shards, up to 100",
    )


def _functions(load: Load, figures: Figures, settings: Settings, quotas: Mapping[str, float]) -> Iterator[Use]:
    at_once = writers(load, figures)
    yield Use(
        "manifest_builder_max_concurrency",
        at_once,
        settings.manifest_builder_max_concurrency,
        "deliveries at once",
        "files wait in the queue; the setting, up to 1,000",
    )
    yield Use(
        "Lambda's event source",
        at_once,
        quotas["event_source_concurrency"],
        "deliveries at once",
        "files wait in the queue; provisioned pollers",
    )
    yield Use(
        "Lambda's concurrency", at_once, quotas["lambda_concurrency"], "executions at once", "throttled; Service Quotas"
    )
    yield Use(
        "SQS in flight",
        at_once * FILES_PER_DELIVERY,
        quotas["sqs_in_flight"],
        "messages",
        "the queue gives no more; manifest_builder_max_concurrency bounds it at ten times itself",
    )
    yield Use(
        "the sweep's pace, were all starts to fail",
        load.files_per_second,
        FILES_PER_DUTY / (settings.sweep_interval_minutes * 60),
        "files a second, on average",
        "what stands still is taken up later; sweep_interval_minutes",
    )


def _conversions(load: Load, figures: Figures, settings: Settings, quotas: Mapping[str, float]) -> Iterator[Use]:
    files = files_per_manifest(load, settings)
    starts = load.busiest_files_per_second / files
    at_once = starts * run_seconds(files, load, settings, figures)
    yield Use(
        "glue_max_concurrent_runs",
        at_once,
        settings.glue_max_concurrent_runs,
        "runs at once",
        "executions wait and ask again; the setting",
    )
    yield Use(
        "Glue's runs in the account",
        at_once,
        quotas["glue_runs"],
        "runs at once",
        "executions wait and ask again; Service Quotas, larger manifests",
    )
    yield Use(
        "manifests that a sweep reads",
        at_once,
        READ_AT_MOST,
        "manifests being converted",
        "the gauges count no further, the rest is the next sweep's",
    )
    yield Use(
        "Step Functions' starts",
        starts,
        quotas["start_execution"],
        "a second",
        "the breaker opens, the sweep starts them",
    )
    yield Use(
        "S3: PUT below one date",
        load.busiest_files_per_second,
        quotas["s3_prefix_puts"],
        "requests a second",
        "503 to the producers until S3 has split the prefix, 30 to 60 minutes; more folders below the date",
    )
    yield Use(
        "S3: GET below one date",
        load.busiest_files_per_second,
        quotas["s3_prefix_gets"],
        "requests a second",
        "503, which the job repeats; more folders below the date",
    )
