"""One day of the lake in a session like Glue's, in this process: seconds, CPU seconds and bytes of each job."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile, rmtree

from pyspark.sql import SparkSession

from benchmarks.lake.data import DAY, DAYS_BEFORE
from local.lake.folder_bucket import FolderBucket
from local.lake.generate import Month, write_month
from ndjson_lake.arguments import Arguments
from ndjson_lake.bucket import StoredObject
from ndjson_lake.etl import clickstream_aggregation, product_enrichment, transaction_etl
from ndjson_lake.job import Context, Job, run
from ndjson_lake.merge import master_data_merge
from ndjson_lake.session import SETTINGS

_ETL: tuple[Job, ...] = (transaction_etl, product_enrichment, clickstream_aggregation)
JOBS: dict[str, Job] = {job.__name__: job for job in (*_ETL, master_data_merge)}
_TOKEN_KEY = b"a key of the benchmark"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: wall and CPU seconds (of the JVM), rows that were read, bytes read and written."""

    job: str
    seconds: float
    cpu_seconds: float
    rows_in: int
    bytes_in: int
    bytes_out: int


class FolderSeam:
    """Spark reads and writes the bucket itself, as it does on Glue: nothing is mirrored."""

    def __init__(self, bucket: FolderBucket) -> None:
        self._bucket = bucket

    def fetch(self, keys: Sequence[str]) -> list[str]:
        return [self.root(key) for key in keys]

    def root(self, prefix: str) -> str:
        return f"file://{self._bucket.folder / prefix}"

    def written(self, prefix: str) -> list[StoredObject]:
        return [stored for stored in self._bucket.objects(prefix) if not Path(stored.key).name.startswith(".")]

    def publish(self, written: str, key: str) -> None:
        target = self._bucket.folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        copyfile(self._bucket.folder / written, target)

    def clear(self, prefix: str) -> None:
        rmtree(self._bucket.folder / prefix, ignore_errors=True)


@contextmanager
def session(cores: int) -> Iterator[SparkSession]:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(f"local[{cores}]").config("spark.driver.memory", "4g")
    for name, value in {**SETTINGS, "spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1"}.items():
        builder = builder.config(name, value)
    spark = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    yield spark
    spark.stop()


def measure(spark: SparkSession, folder: Path) -> list[Measured]:
    """Run the day's four jobs, one after the other, over the raw files below the folder.

    The days before have been typed when it begins: the sessions and curated tables of theirs are made anew, too.
    """
    bucket = FolderBucket(folder)
    for day in DAYS_BEFORE:
        for job in _ETL:
            run(job.__name__, job, _context(spark, bucket, f"{day}"))
    return [_measure_one(spark, bucket, name, job) for name, job in JOBS.items()]


def fill_month(spark: SparkSession, folder: Path) -> None:
    """A month of typed orders and clicks in the folder."""
    month = Month(defects=())
    write_month(folder, month)
    bucket = FolderBucket(folder)
    for day in month.dates:
        for job in (transaction_etl, clickstream_aggregation):
            run(job.__name__, job, _context(spark, bucket, day.isoformat()))


def _context(spark: SparkSession, bucket: FolderBucket, day: str) -> Context:
    return Context(Arguments(day, bucket.name, "benchmark"), spark, bucket, FolderSeam(bucket), _TOKEN_KEY)


def _measure_one(spark: SparkSession, bucket: FolderBucket, name: str, job: Job) -> Measured:
    before, started = _cpu_seconds(spark), time.monotonic()
    report = run(name, job, _context(spark, bucket, DAY.isoformat()))
    seconds, cpu = time.monotonic() - started, _cpu_seconds(spark) - before
    rows = sum(counts["rows_in"] for counts in report["rows"].values())
    return Measured(name, seconds, cpu, rows, report["bytes_in"], report["bytes_out"])


def _cpu_seconds(spark: SparkSession) -> float:
    """Of the JVM, which does all the work; the kernel's own record of it (proc(5), fields 14 and 15)."""
    java = spark._jvm
    assert java is not None  # noqa: S101  # for the type checker
    pid = java.java.lang.ProcessHandle.current().pid()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
