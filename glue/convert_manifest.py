"""The Glue job: convert the files of one manifest.

Runs on Glue and, unchanged, as `python convert_manifest.py --manifest_path s3://...`.
"""

import os
import sys
from pathlib import Path

import boto3
from pyspark.sql import SparkSession

from ndjson_converter.arguments import Arguments, parse_arguments
from ndjson_converter.catalog import Catalog
from ndjson_converter.job import Job
from ndjson_converter.log import log_as_json
from ndjson_converter.s3 import S3Store
from ndjson_converter.spark import SparkCluster


def main(argv: list[str]) -> None:
    arguments = parse_arguments(argv)
    log_as_json(arguments.log_names)
    spark = _session()
    try:
        cluster = SparkCluster(spark.sparkContext, arguments.log_names)
        Job(arguments, S3Store(), cluster, _catalog(arguments)).run()
    finally:
        spark.stop()


def _session() -> SparkSession:
    """Glue's session, or a local one whose workers find the package where this script lies."""
    paths = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.builder.appName("ndjson-parquet").config("spark.ui.showConsoleProgress", "false").getOrCreate()


def _catalog(arguments: Arguments) -> Catalog | None:
    if arguments.catalog_database and arguments.catalog_table:
        return Catalog(boto3.client("glue"), arguments.catalog_database, arguments.catalog_table)
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
