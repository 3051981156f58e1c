"""The Spark session of a job, and what a script does: arguments, session, seam, run."""

import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import SparkSession

from ndjson_lake.arguments import parse_arguments
from ndjson_lake.bucket import S3Bucket
from ndjson_lake.job import Context, Job, run
from ndjson_lake.pii import read_token_key
from ndjson_lake.seam import seam_for

SETTINGS = {
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    # A value that cannot be cast is null, and the row is kept apart with its reason; Spark 4 would end the job.
    "spark.sql.ansi.enabled": "false",
    # The JVM never compiles a method of more than 8,000 bytes: left in one piece, the checks of a row are interpreted.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # Once a task has more groups than this, aggregates of texts sort all its rows, twice. It has half as many sessions.
    "spark.sql.objectHashAggregate.sortBased.fallbackThreshold": "100000",
    # Rows are kept for the length of a run: to look for what could be shorter in each column costs more than it saves.
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
    # Marker objects would be taken for parts of the table.
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}


def main(name: str, job: Job, argv: Sequence[str], *, with_tokens: bool = False) -> None:
    """Run the job as Glue starts it. `with_tokens`: it replaces personal data, and needs the key for that."""
    arguments = parse_arguments(name, argv)
    # The report of the run is the one line that it logs; libraries log what is wrong.
    logging.basicConfig(stream=sys.stdout, format="%(message)s")
    logging.getLogger(__package__).setLevel(logging.INFO)
    key = read_token_key(arguments.tokens_secret) if with_tokens else None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(f"ndjson-parquet-lake-{name}")
    for setting, value in SETTINGS.items():
        builder = builder.config(setting, value)
    spark = builder.getOrCreate()
    bucket = S3Bucket(arguments.bucket)
    try:
        with tempfile.TemporaryDirectory(prefix="lake-") as folder:
            run(name, job, Context(arguments, spark, bucket, seam_for(spark, bucket, Path(folder)), key))
    finally:
        spark.stop()
