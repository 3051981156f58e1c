"""The engines that run in Spark, on local cores: ours, Spark's own reader, and the design that ours replaces."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.converter.job import TIMESTAMP, WORK_SECONDS, Job

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PART_BYTES = 128 * 1024 * 1024
_BATCH_ID, _DATE = "benchmark", "2026-11-20"
_MANIFEST = f"s3://manifest/manifests/{_DATE}/{_BATCH_ID}.json"


def ours(job: Job) -> None:
    """The job as Glue runs it, but for the object store, which is a folder."""
    from benchmarks.converter.folder_store import FILES, FolderStore  # noqa: PLC0415  # each process imports its engine alone
    from ndjson_converter.arguments import Arguments  # noqa: PLC0415
    from ndjson_converter.job import Job as Conversion  # noqa: PLC0415
    from ndjson_converter.spark import SparkCluster  # noqa: PLC0415

    store = FolderStore(Path(job.output))
    sizes = {file: Path(file).stat().st_size for file in job.files}
    store.write(
        _MANIFEST,
        json.dumps(
            {
                "version": 1,
                "batch_id": _BATCH_ID,
                "date_prefix": _DATE,
                "files": [{"uri": f"{FILES}{file}", "size_bytes": size} for file, size in sizes.items()],
            }
        ).encode(),
    )
    with _session(job) as spark, _work():
        Conversion(
            Arguments(_MANIFEST, "output", "manifest", "quarantine"), store, SparkCluster(spark.sparkContext, {})
        ).run()


def reader(job: Job) -> None:
    """Spark's reader, which is told the schema."""
    from pyspark.sql.types import StringType, StructField, StructType  # noqa: PLC0415

    with _session(job) as spark, _work():
        schema = StructType([StructField(key, StringType()) for key in job.keys])
        _with_metadata(spark.read.schema(schema).json(job.files)).write.mode("append").parquet(job.output)


def replaced(job: Job) -> None:
    """Infer the schema, cast, cache, count, coalesce, count again, write."""
    from pyspark.sql.functions import col  # noqa: PLC0415

    with _session(job) as spark, _work():
        frame = spark.read.option("multiLine", "false").json(job.files)
        frame = _with_metadata(frame.select([col(f"`{name}`").cast("string") for name in frame.columns])).cache()
        frame.count()
        megabytes = sum(Path(file).stat().st_size for file in job.files)
        merged = frame.coalesce(max(1, megabytes // _PART_BYTES))
        merged.count()
        merged.write.mode("append").parquet(job.output)


def _with_metadata(frame: "DataFrame") -> "DataFrame":
    from pyspark.sql.functions import input_file_name, lit  # noqa: PLC0415

    return frame.withColumn("_processing_timestamp", lit(TIMESTAMP)).withColumn("_source_file", input_file_name())


@contextmanager
def _session(job: Job) -> Iterator["SparkSession"]:
    from pyspark.sql import SparkSession  # noqa: PLC0415

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(f"local[{job.cores}]").appName("benchmark")
    for name, value in (("spark.ui.enabled", "false"), ("spark.driver.memory", "4g"), ("spark.log.level", "ERROR")):
        builder = builder.config(name, value)
    session = builder.config("spark.sql.caseSensitive", "true").getOrCreate()
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def _work() -> Iterator[None]:
    """Say how long the block takes: without the start of the JVM and of the session."""
    begin = time.perf_counter()
    yield
    print(f"{WORK_SECONDS}{time.perf_counter() - begin}", flush=True)


ENGINES: dict[str, Callable[[Job], None]] = {"ours-spark": ours, "spark-reader": reader, "replaced": replaced}
