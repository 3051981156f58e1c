"""What the tests of the lake's jobs share: a Spark session that is quick on small data, and runs over a folder."""

import gc
import hashlib
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from local.java_options import java_options
from local.lake.folder_bucket import FolderBucket
from ndjson_lake.arguments import Arguments
from ndjson_lake.bucket import Bucket
from ndjson_lake.errors import StorageError
from ndjson_lake.etl import clickstream_aggregation, product_enrichment, transaction_etl
from ndjson_lake.job import Context, Job, run
from ndjson_lake.merge import master_data_merge
from ndjson_lake.seam import MirroredSeam
from ndjson_lake.session import SETTINGS

JOBS: Mapping[str, Job] = {
    "transaction_etl": transaction_etl,
    "product_enrichment": product_enrichment,
    "clickstream_aggregation": clickstream_aggregation,
    "master_data_merge": master_data_merge,
}
TOKEN_KEY = b"a key of the tests"
# PySpark leaves closing its sockets to the garbage collector.
UNCLOSED = "unclosed <socket"
_SMALL = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": java_options(),
    "spark.sql.adaptive.enabled": "false",
    "spark.default.parallelism": "1",
}
# Rows are few and plans are many: compiling them takes half of the time.
INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


@contextmanager
def small_spark(settings: Mapping[str, str] = INTERPRETED) -> Iterator[SparkSession]:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[2]")
    for name, value in {**SETTINGS, **_SMALL, **settings}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNCLOSED, ResourceWarning)
        del session
        gc.collect()


def run_job(spark: SparkSession, bucket: Bucket, mirror: Path, name: str, day: str, **given: Any) -> Mapping[str, Any]:
    """One run as the workflow starts it, on a machine of its own: the mirror begins empty."""
    arguments = Arguments(day, bucket.name, "jr_test", **given)
    seam = MirroredSeam(bucket, mirror / f"{name}-{day}")
    seam.clear("")
    return run(name, JOBS[name], Context(arguments, spark, bucket, seam, TOKEN_KEY))


def contents(bucket: FolderBucket, *prefixes: str) -> dict[str, str]:
    """Key and hash of the objects below the prefixes."""
    found = [stored.key for prefix in prefixes for stored in bucket.objects(prefix)]
    return {key: hashlib.sha256(bucket.read(key)).hexdigest() for key in found}


class KilledError(BaseException):
    """The process is gone: nothing may catch it."""


class DyingBucket(FolderBucket):
    """Dies at its n-th change, from 1: before it, or when it is done but nobody has been told."""

    def __init__(self, folder: Path, at: int, *, after: bool = False) -> None:
        super().__init__(folder)
        self._left = at
        self._after = after

    def write(self, key: str, content: bytes) -> None:
        with self._dying():
            super().write(key, content)

    def upload(self, path: Path, key: str) -> None:
        with self._dying():
            super().upload(path, key)

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            with self._dying():
                super().delete([key])

    @contextmanager
    def _dying(self) -> Iterator[None]:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise KilledError
        yield
        if self._left == 0:
            raise KilledError


class RefusingBucket(FolderBucket):
    """S3 refuses every upload."""

    def upload(self, path: Path, key: str) -> None:
        raise StorageError(f"upload {key} failed: SlowDown")
