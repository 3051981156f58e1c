"""The days before those that the demo's workflow runs: the lake's own jobs, all days in one Spark session.

The workflow runs a date at a time and starts four Spark processes for each. A month of history does not need that: here
nobody validates files or checks quality, so the files must have no defects.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession

from lake_validator.token_key import TokenKey
from local.access import Access
from local.embedded_aws import EmbeddedAws
from local.java_options import java_options
from local.lake.generate import Month, day_files
from local.lake.runs import DeployedLake
from ndjson_lake.arguments import Arguments
from ndjson_lake.bucket import S3Bucket
from ndjson_lake.etl import clickstream_aggregation, product_enrichment, transaction_etl
from ndjson_lake.job import Context, Job, run
from ndjson_lake.merge import master_data_merge
from ndjson_lake.pii import read_token_key
from ndjson_lake.seam import MirroredSeam
from ndjson_lake.session import SETTINGS
from ndjson_parquet_lake.days import LONGEST_DELAY

_ETL: tuple[Job, ...] = (transaction_etl, product_enrichment, clickstream_aggregation)
_RUN_ID = "history"
# What Spark says while it starts would stand between the demo's lines.
_LOG_SETTINGS = """
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
rootLogger.level = error
rootLogger.appenderRef.console.ref = console
"""


def fill(aws: EmbeddedAws | Access, lake: DeployedLake, month: Month, done: Callable[[int, date], None]) -> None:
    """Upload and run the days of the month. `done` hears of each day that is typed: how many, and the day."""
    secret = str(lake.names["tokens_secret_arn"])
    secrets = aws.client("secretsmanager")
    TokenKey(secrets, secret).ensure()
    key = read_token_key(secret, secrets)
    bucket = S3Bucket(lake.bucket, lake.s3)
    with tempfile.TemporaryDirectory(prefix="lake-") as folder, _session(Path(folder)) as spark:

        def run_job(job: Job, day: date) -> None:
            mirror = MirroredSeam(bucket, Path(folder) / "mirror")
            mirror.clear("")
            run(job.__name__, job, Context(Arguments(f"{day}", bucket.name, _RUN_ID), spark, bucket, mirror, key))

        for number, day in enumerate(month.dates, start=1):
            lake.upload(day_files(month, day))
            for job in _ETL:
                run_job(job, day)
            done(number, day)
        for day in merged_days(month.dates):
            run_job(master_data_merge, day)


def merged_days(dates: tuple[date, ...]) -> list[date]:
    """The fewest days, in order, whose merges make all dates: each makes its own date and those before it too."""
    return sorted(dates[:: -(LONGEST_DELAY + 1)])


@contextmanager
def _session(folder: Path) -> Iterator[SparkSession]:
    log_settings = folder / "log4j2.properties"
    log_settings.write_text(_LOG_SETTINGS)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        **SETTINGS,
        "spark.ui.enabled": "false",
        "spark.driver.extraJavaOptions": f"{java_options()} -Dlog4j2.configurationFile={log_settings}",
        "spark.sql.adaptive.enabled": "false",
    }
    builder = SparkSession.builder.master("local[*]").appName("lake-history")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    yield spark
    spark.stop()
