"""The Spark job on real Spark and a real S3: the script as Glue starts it, and faults injected at the store."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ndjson_converter.catalog import Catalog
from ndjson_converter.errors import TaskError
from ndjson_converter.job import Job, Outcome
from ndjson_converter.s3 import S3Store, Store
from ndjson_converter.spark import SparkCluster
from pyspark.sql import SparkSession

from local.embedded_aws import KEY, REGION, EmbeddedAws
from tests.converter_support import (
    BUCKETS,
    COMMIT,
    DATE,
    MANIFEST,
    PART_PREFIX,
    REJECTS,
    FaultyStore,
    arguments,
    put_batch,
    read_json,
    read_rows,
)

ROOT = Path(__file__).resolve().parents[2]
WORKER_PATH = os.pathsep.join([str(ROOT / "glue"), str(ROOT)])
FILES = {
    f"{number:02d}.ndjson": b"".join(
        b'{"id":%d,"amount":%d.10,"big":%d,"tags":["x", {"n":1.0}]}\n' % (row, row, 10**30 + row)
        for row in range(number * 100, number * 100 + 100)
    )
    for number in range(6)
}
SMALL_PARTS = {"target_part_bytes": 15_000}

Run = Callable[..., Outcome]


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.executorEnv.PYTHONPATH", WORKER_PATH)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def buckets(emulator: EmbeddedAws) -> EmbeddedAws:
    s3 = emulator.client("s3")
    for bucket in BUCKETS:
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return emulator


@pytest.fixture
def store(buckets: EmbeddedAws) -> Iterator[S3Store]:
    running = buckets.running()
    assert running is not None
    credentials = {"aws_access_key_id": KEY, "aws_secret_access_key": KEY, "region_name": REGION}
    store = S3Store({"endpoint_url": running.endpoint, **credentials})
    yield store
    for bucket in BUCKETS:
        store.delete(store.list_objects(f"s3://{bucket}/"))
        for upload in store.list_uploads(f"s3://{bucket}/"):
            store.abort_upload(upload)


@pytest.fixture
def run(spark: SparkSession, store: S3Store, tmp_path: Path) -> Run:
    def run_job(on: Store | None = None, catalog: Catalog | None = None, **changes: Any) -> Outcome:
        cluster = SparkCluster(spark.sparkContext)
        return Job(arguments(**changes), on or store, cluster, catalog, spill_root=tmp_path).run()

    return run_job


def put_pinned_batch(store: S3Store, files: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
    """As put_batch, with the version id of every object."""
    manifest = put_batch(store, files, **changes)
    for source in manifest["files"]:
        source["version_id"] = store.pin_uri(source["uri"])
    store.write(MANIFEST, json.dumps(manifest).encode())
    return manifest
