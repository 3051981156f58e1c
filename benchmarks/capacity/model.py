"""A day of a design at a load: what is used, what it costs, what is full first. No I/O.

Everything is in bytes, seconds, files, dollars. A day is 86,400 s of even arrivals, and the busiest minute is
`burst_factor` times the average.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from ndjson_parquet_cli import costs
from ndjson_parquet_cli.prices import Prices

DAY_SECONDS = 86_400
GIGABYTE = 1e9
DAYS_PER_MONTH = 30
FILES_PER_DELIVERY = 10
DPU_CORES = 4
FIREHOSE_RECORD_BYTES = 5 * 1024
INDEX_WRITES_PER_FILE = 5
"""Of a file's write units, those of the index: put 1, and 2 for each of its two changes of status."""


@dataclass(frozen=True, slots=True)
class Load:
    files_per_day: float
    bytes_per_file: float
    burst_factor: float

    @property
    def terabytes_per_day(self) -> float:
        return self.files_per_day * self.bytes_per_file / costs.TERABYTE

    @property
    def files_per_second(self) -> float:
        return self.files_per_day / DAY_SECONDS

    def times(self, factor: float) -> "Load":
        return Load(self.files_per_day * factor, self.bytes_per_file, self.burst_factor)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that decide cost and latency, under Terraform's names; `dpus` are those of all workers of a run."""

    max_files_per_manifest: int
    max_batch_bytes: int
    max_wait_minutes: float
    workers: int
    dpus_per_worker: int
    max_concurrent_runs: int
    shards: int = 10
    is_flex: bool = False

    @property
    def dpus(self) -> int:
        return self.workers * self.dpus_per_worker

    @property
    def executor_cores(self) -> int:
        """One worker is the driver's."""
        return (self.workers - 1) * self.dpus_per_worker * DPU_CORES


@dataclass(frozen=True, slots=True)
class Figures:
    """Measured or assumed: see assumptions.json, which says how and why."""

    lambda_seconds_per_delivery: float
    lambda_seconds_per_manifest: float
    log_bytes_per_file: float
    log_bytes_per_run: float
    run_start_seconds: float
    cpu_seconds_per_gb: float
    replaced_cpu_seconds_per_gb: float
    replaced_parallel_tasks: int


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a quota the busiest minute needs."""

    quota: str
    used: float
    limit: float

    @property
    def share(self) -> float:
        return self.used / self.limit


@dataclass(frozen=True, slots=True)
class Day:
    """`dollars` by service; `uses` with the fullest first; latency is that of the first file of a manifest."""

    design: str
    dollars: Mapping[str, float]
    terabytes: float
    runs: float = 0
    files_per_run: float = 0
    run_seconds: float = 0
    latency_seconds: float = 0
    uses: tuple[Use, ...] = ()

    @property
    def total(self) -> float:
        return sum(self.dollars.values())

    @property
    def dollars_per_terabyte(self) -> float:
        return self.total / self.terabytes


def batch_files(load: Load, settings: Settings) -> float:
    """Files in a manifest: as many as fit, or as came while the first one waited."""
    fits = min(settings.max_files_per_manifest, settings.max_batch_bytes / load.bytes_per_file)
    came = load.files_per_second * settings.max_wait_minutes * 60
    return max(1.0, min(fits, came))


def ours(load: Load, settings: Settings, figures: Figures, prices: Prices, quotas: Mapping[str, float]) -> Day:
    """This pipeline, with its control plane as measured."""
    files = batch_files(load, settings)
    runs = load.files_per_day / files
    gigabytes = files * load.bytes_per_file / GIGABYTE
    seconds = figures.run_start_seconds + gigabytes * figures.cpu_seconds_per_gb / settings.executor_cores
    billed = max(costs.SHORTEST_RUN_SECONDS, seconds)
    deliveries = load.files_per_day / FILES_PER_DELIVERY
    used = costs.Usage(
        runs=round(runs),
        files=round(load.files_per_day),
        bytes_in=round(load.files_per_day * load.bytes_per_file),
        dpu_seconds=runs * billed * settings.dpus,
        invocations=deliveries + runs,
        gb_seconds=0.5
        * (deliveries * figures.lambda_seconds_per_delivery + runs * files / 200 * figures.lambda_seconds_per_manifest),
    )
    dollars = {line.service: line.usd for line in costs.bill(used, prices, is_flex=settings.is_flex).lines}
    dollars["CloudWatch"] = _watching(load, runs, figures, prices)
    wait = files / load.files_per_second
    return Day(
        "ndjson-parquet",
        dollars,
        load.terabytes_per_day,
        runs=runs,
        files_per_run=files,
        run_seconds=seconds,
        latency_seconds=min(wait, settings.max_wait_minutes * 60) + seconds,
        uses=_uses(load, settings, figures, quotas, runs, seconds),
    )


def replaced(load: Load, figures: Figures, prices: Prices) -> Day:
    """The design this one replaces, in its cheapest reading: 200 files a manifest, 20 x G.2X a run, no run retried."""
    runs = load.files_per_day / 200
    gigabytes = 200 * load.bytes_per_file / GIGABYTE
    seconds = figures.run_start_seconds + gigabytes * figures.replaced_cpu_seconds_per_gb / figures.replaced_parallel_tasks
    billed = max(costs.SHORTEST_RUN_SECONDS, seconds)
    thousands = load.files_per_day / 1000
    lambda_seconds = load.files_per_day / FILES_PER_DELIVERY * figures.lambda_seconds_per_delivery * 2
    dollars = {
        "Glue": runs * billed * 40 / 3600 * prices["glue_dpu_hour"],
        "DynamoDB": thousands * (8_040 * prices["dynamodb_write_unit"] + 1_300 * prices["dynamodb_read_unit"]),
        "Lambda": lambda_seconds * 0.5 * prices["lambda_arm64_gb_second"]
        + (load.files_per_day / FILES_PER_DELIVERY + runs) * prices["lambda_request"],
        "SQS": load.files_per_day * costs.SQS_REQUESTS_PER_FILE * prices["sqs_request"],
        "Step Functions": runs * costs.TRANSITIONS_PER_RUN * prices["step_functions_transition"],
        # Its reader opens every file twice: to infer the columns, and to read them.
        "S3 requests": load.files_per_day * 2 * prices["s3_get_request"] + runs * 20 * prices["s3_put_request"],
        "CloudWatch": _watching(load, runs, figures, prices),
    }
    wait = 200 / load.files_per_second
    return Day("replaced design", dollars, load.terabytes_per_day, runs, 200, seconds, wait + seconds)


def firehose(load: Load, prices: Prices) -> Day:
    """Data Firehose with format conversion, told a schema; a Lambda of ours would have to put the lines into it.

    Counted with lines of 5 KB and more, as large as its rounding is harmless; smaller lines cost up to ten times that.
    """
    gigabytes = load.terabytes_per_day * 1000
    return Day(
        "Data Firehose",
        {
            "Firehose": gigabytes * (prices["firehose_gb_in"] + prices["firehose_gb_converted"]),
            "S3 requests": load.files_per_day * prices["s3_get_request"],
        },
        load.terabytes_per_day,
        latency_seconds=300,
    )


def fargate(load: Load, prices: Prices, cpu_seconds_per_gb: float) -> Day:
    """Boxes of 4 vCPU and 16 GB that run all day, as many as the average needs, each with DuckDB in a loop.

    No tracking, no retry, no quarantine, nothing that tells twice from once: the price of those is what is missing here.
    """
    cores = load.terabytes_per_day * 1000 * cpu_seconds_per_gb / DAY_SECONDS
    boxes = ceil(cores / 4)
    return Day(
        "Fargate, DuckDB",
        {
            "Fargate": boxes * 24 * (4 * prices["fargate_vcpu_hour"] + 16 * prices["fargate_gb_hour"]),
            "S3 requests": load.files_per_day * prices["s3_get_request"],
        },
        load.terabytes_per_day,
        latency_seconds=60,
    )


def recommended(load: Load, base: Settings, figures: Figures, prices: Prices, freshness_seconds: float) -> Settings:
    """The cheapest manifest size that keeps the first file of a manifest within the freshness.

    Larger manifests cost less until a run takes its billed minute; beyond that they only wait longer.
    """
    candidates = [
        Settings(
            max_files_per_manifest=files,
            max_batch_bytes=int(files * load.bytes_per_file),
            max_wait_minutes=base.max_wait_minutes,
            workers=2,
            dpus_per_worker=1,
            max_concurrent_runs=base.max_concurrent_runs,
            shards=base.shards,
        )
        for files in (200, 400, 600, 800, 1000, 1500, 2000, 3000)
    ]
    days = [(ours(load, one, figures, prices, {}), one) for one in candidates]
    fresh = [(day, one) for day, one in days if day.latency_seconds <= freshness_seconds]
    return min(fresh or days[:1], key=lambda pair: (round(pair[0].total, 2), pair[1].max_files_per_manifest))[1]


def _watching(load: Load, runs: float, figures: Figures, prices: Prices) -> float:
    """Logs, 60 metrics, 40 alarms and a dashboard, by the day."""
    gigabytes = (load.files_per_day * figures.log_bytes_per_file + runs * figures.log_bytes_per_run) / GIGABYTE
    monthly = 60 * prices["cloudwatch_metric_month"] + 40 * prices["cloudwatch_alarm_month"]
    return gigabytes * prices["cloudwatch_log_gb"] + (monthly + prices["cloudwatch_dashboard_month"]) / DAYS_PER_MONTH


def _uses(
    load: Load, settings: Settings, figures: Figures, quotas: Mapping[str, float], runs: float, run_seconds: float
) -> tuple[Use, ...]:
    """What the busiest minute needs of each quota, the fullest first."""
    busiest = load.files_per_second * load.burst_factor
    runs_per_second = runs / DAY_SECONDS * load.burst_factor
    needed = {
        "lambda_concurrency": busiest / FILES_PER_DELIVERY * figures.lambda_seconds_per_delivery,
        "glue_concurrent_runs": runs_per_second * run_seconds,
        "dynamodb_partition_write_units": busiest * INDEX_WRITES_PER_FILE / settings.shards,
        "dynamodb_table_write_units": busiest * costs.WRITE_UNITS_PER_FILE,
        "start_execution_per_second": runs_per_second,
    }
    uses = (Use(name, used, quotas[name]) for name, used in needed.items() if name in quotas)
    return tuple(sorted(uses, key=lambda use: -use.share))
