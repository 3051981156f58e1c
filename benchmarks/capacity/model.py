"""A day of a design at a load: what it uses and costs, and how late a file is. No I/O.

Everything is in bytes, seconds, files, dollars. What a file and a run need of AWS is that of `ndjson-parquet cost`, so
that there is one arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from benchmarks.capacity.assumptions import DAY_SECONDS, Figures, Load
from benchmarks.capacity.settings import FILES_PER_DELIVERY, POLLERS, REPLACED, Settings
from ndjson_parquet.file_status import STATEMENTS_PER_CALL
from ndjson_parquet_cli import costs
from ndjson_parquet_cli.prices import Prices

GIGABYTE = 1e9
DAYS_PER_MONTH = 30
FIREHOSE_SECONDS = 300
FARGATE_CORES, FARGATE_GB, FARGATE_SECONDS = 4, 16, 60
REPLACED_WRITE_UNITS, REPLACED_READ_UNITS = 8.04, 1.3
"""Per file with an empty table, the cheapest it ever has: docs/benchmarks/control-plane.md."""
MEMBERS_PER_CALL = 100
SWEEPS_PER_FILE = 1 / 1000
CALLS_PER_SWEEP = 31
"""The share of a sweep that WRITE_UNITS_PER_FILE and docs/benchmarks/control-plane.md count for a file."""
UNITS_OF_A_FILE = 9.055
UNITS_OF_AN_OPEN_BATCH = 3
UNITS_OF_A_MEMBERS_KILOBYTE = 4
"""Put and deleted in a transaction, so each twice."""
MEMBERS_KILOBYTES_PER_FILE = 0.3


@dataclass(frozen=True, slots=True)
class Day:
    """`dollars` by service, the largest first; latency is that of a manifest's first file, until its rows are there."""

    design: str
    dollars: Mapping[str, float]
    terabytes: float
    runs: float = 0
    files_per_run: float = 0
    run_seconds: float = 0
    latency_seconds: float = 0

    @property
    def total(self) -> float:
        return sum(self.dollars.values())

    @property
    def dollars_per_terabyte(self) -> float:
        return self.total / self.terabytes


def files_per_manifest(load: Load, settings: Settings) -> float:
    """As many as fit, or as came while the first one waited."""
    fits = min(settings.max_files_per_manifest, max(1, settings.max_batch_bytes // load.bytes_per_file))
    came = load.files_per_second * settings.max_wait_minutes * 60
    return max(1.0, min(fits, came))


def run_seconds(files: float, load: Load, settings: Settings, figures: Figures) -> float:
    """A Glue run's billed time, before the minute that is billed anyhow; parts are spread over the executors' cores."""
    gigabytes = files * load.bytes_per_file / GIGABYTE
    parts = max(1, ceil(files * load.bytes_per_file / costs.BYTES_PER_PART))
    cores = min(parts, settings.executor_cores)
    return figures.glue_start_seconds + gigabytes * figures.core_seconds_per_gb * figures.glue_core_factor / cores


def publishing_calls(files: float, files_in_a_delivery: float = 1) -> int:
    """AWS calls of publishing a manifest: the most that it can take, unless the deliveries are told.

    Manifest item, members by the page, manifest object, breaker, start; 25 statuses a call; 100 members deleted a call.
    """
    members = ceil(files / files_in_a_delivery)
    return 5 + ceil(files / STATEMENTS_PER_CALL) + ceil(members / MEMBERS_PER_CALL)


def finishing_calls(files: float) -> int:
    """AWS calls of telling a manifest's files how it ended: 25 statuses a call.

    And manifest item, manifest object, commit record, metrics item, counts.
    """
    return 5 + ceil(files / STATEMENTS_PER_CALL)


def write_units_per_file(files_per_delivery: float) -> float:
    """DynamoDB's, the index's as well: 10.555 with deliveries of ten, as docs/benchmarks/control-plane.md measured."""
    members = UNITS_OF_A_MEMBERS_KILOBYTE * ceil(files_per_delivery * MEMBERS_KILOBYTES_PER_FILE)
    return UNITS_OF_A_FILE + (UNITS_OF_AN_OPEN_BATCH + members) / files_per_delivery


def files_per_delivery(load: Load, settings: Settings) -> float:
    """A poller waits for its window once it holds a first file."""
    return min(FILES_PER_DELIVERY, 1 + load.files_per_second / POLLERS * settings.sqs_batching_window_seconds)


def ours(load: Load, settings: Settings, figures: Figures, prices: Prices) -> Day:
    """This pipeline. A run that fails and is repeated is not in it, nor is storage."""
    files = files_per_manifest(load, settings)
    runs = load.files_per_day / files
    seconds = run_seconds(files, load, settings, figures)
    used = _used(load, settings, figures, files)
    dollars = {line.service: line.usd for line in costs.bill(used, prices, is_flex=settings.is_flex).lines}
    smaller = write_units_per_file(files_per_delivery(load, settings)) - write_units_per_file(FILES_PER_DELIVERY)
    dollars["DynamoDB"] += load.files_per_day * smaller * prices["dynamodb_write_unit"]
    dollars["CloudWatch"] = _watching(load, runs, figures, prices)
    wait = min(files / load.files_per_second, settings.max_wait_minutes * 60)
    publishing = publishing_calls(files) * figures.call_seconds
    return Day("ndjson-parquet", dollars, load.terabytes_per_day, runs, files, seconds, wait + publishing + seconds)


def replaced(load: Load, figures: Figures, prices: Prices) -> Day:
    """The design this one replaces, in its cheapest reading: no backlog in its table, and no run that fails."""
    files, runs = REPLACED.max_files_per_manifest, load.files_per_day / REPLACED.max_files_per_manifest
    gigabytes = files * load.bytes_per_file / GIGABYTE
    core_seconds = gigabytes * figures.replaced_core_seconds_per_gb * figures.glue_core_factor
    seconds = figures.glue_start_seconds + core_seconds / figures.replaced_parallel_tasks
    # As ours, but for its own way with DynamoDB, and a reader that opens each file twice: for its columns, and to read.
    used = _used(load, REPLACED, figures, files)
    used = replace(used, dpu_seconds=runs * max(costs.SHORTEST_RUN_SECONDS, seconds) * REPLACED.dpus)
    dollars = {line.service: line.usd for line in costs.bill(used, prices).lines}
    units = REPLACED_WRITE_UNITS * prices["dynamodb_write_unit"] + REPLACED_READ_UNITS * prices["dynamodb_read_unit"]
    dollars["DynamoDB"] = load.files_per_day * units
    dollars["S3 requests"] += load.files_per_day * prices["s3_get_request"]
    dollars["CloudWatch"] = _watching(load, runs, figures, prices)
    wait = files / load.files_per_second
    return Day("replaced design", dollars, load.terabytes_per_day, runs, files, seconds, wait + seconds)


def firehose(load: Load, figures: Figures, prices: Prices) -> Day:
    """Data Firehose with format conversion, which is told a schema; functions have to read the files and send lines.

    Counted with lines of 5 KB and more, to which its rounding does no harm; shorter ones cost up to ten times that.
    """
    gigabytes = load.terabytes_per_day * 1000
    gb_seconds = load.files_per_day / FILES_PER_DELIVERY * figures.delivery_seconds * figures.lambda_gb
    return Day(
        "Data Firehose",
        {
            "Firehose": gigabytes * (prices["firehose_gb_in"] + prices["firehose_gb_converted"]),
            "Lambda": gb_seconds * prices["lambda_arm64_gb_second"],
            "S3 requests": load.files_per_day * prices["s3_get_request"],
        },
        load.terabytes_per_day,
        latency_seconds=FIREHOSE_SECONDS,
    )


def fargate(load: Load, figures: Figures, prices: Prices) -> Day:
    """Boxes of 4 vCPU that run all day, as many as the average needs, each with DuckDB in a loop.

    Without tracking, retries, quarantine, and whatever tells twice from once: the price of those is what it lacks.
    """
    core_seconds = load.terabytes_per_day * 1000 * figures.duckdb_core_seconds_per_gb * figures.glue_core_factor
    boxes = ceil(core_seconds / DAY_SECONDS / FARGATE_CORES)
    hourly = FARGATE_CORES * prices["fargate_vcpu_hour"] + FARGATE_GB * prices["fargate_gb_hour"]
    return Day(
        "Fargate, DuckDB",
        {"Fargate": boxes * 24 * hourly, "S3 requests": load.files_per_day * prices["s3_get_request"]},
        load.terabytes_per_day,
        latency_seconds=FARGATE_SECONDS,
    )


def storage(load: Load, figures: Figures, prices: Prices, retention_days: float) -> Mapping[str, float]:
    """Dollars a day, the same for every design: landed files until they are deleted, and Parquet kept for a year."""
    gb_day = prices["s3_gb_month"] / DAYS_PER_MONTH
    landed = load.terabytes_per_day * 1000
    return {
        "landed files": landed * retention_days * gb_day,
        "a year of Parquet": landed * figures.parquet_bytes_per_byte * 365 * gb_day,
    }


def _used(load: Load, settings: Settings, figures: Figures, files: float) -> costs.Usage:
    runs = load.files_per_day / files
    seconds = run_seconds(files, load, settings, figures)
    deliveries = load.files_per_day / files_per_delivery(load, settings)
    calls = runs * (publishing_calls(files) + finishing_calls(files)) + load.files_per_day * (
        SWEEPS_PER_FILE * CALLS_PER_SWEEP
    )
    return costs.Usage(
        runs=round(runs),
        files=round(load.files_per_day),
        bytes_in=round(load.files_per_day * load.bytes_per_file),
        dpu_seconds=runs * max(costs.SHORTEST_RUN_SECONDS, seconds) * settings.dpus,
        invocations=deliveries + runs + load.files_per_day * SWEEPS_PER_FILE,
        gb_seconds=figures.lambda_gb * (deliveries * figures.delivery_seconds + calls * figures.call_seconds),
    )


def _watching(load: Load, runs: float, figures: Figures, prices: Prices) -> float:
    """Logs, metrics, alarms and a dashboard, by the day."""
    gigabytes = (load.files_per_day * figures.log_bytes_per_file + runs * figures.log_bytes_per_run) / GIGABYTE
    monthly = (
        figures.custom_metrics * prices["cloudwatch_metric_month"]
        + figures.alarms * prices["cloudwatch_alarm_month"]
        + prices["cloudwatch_dashboard_month"]
    )
    return gigabytes * prices["cloudwatch_log_gb"] + monthly / DAYS_PER_MONTH
