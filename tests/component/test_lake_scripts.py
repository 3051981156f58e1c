"""The lake's scripts as Glue starts them, over S3 and Secrets Manager of the embedded AWS; killed, and run again.

The workflow's integration test runs them in every run; here each is run alone, in the deep runs.
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from local.embedded_aws import EmbeddedAws
from local.lake.generate import Month, day_files
from local.lake.world import World
from tests.deep import DEEP

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 10, 3)
MONTH = Month(DAY, 1, World(scale=0.2), defects=())
PATIENCE = 180
"""Seconds after which a run that should publish never will."""

pytestmark = pytest.mark.skipif(not DEEP, reason="the integration tests run the scripts in every run")


class Lake:
    """A bucket with a day's raw files, and the key of the tokens."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws, self.bucket = aws, f"lake-{uuid.uuid4().hex[:12]}"
        self.s3: Any = aws.client("s3")
        self.s3.create_bucket(Bucket=self.bucket)
        for key, content in day_files(MONTH, DAY).items():
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        secrets: Any = aws.client("secretsmanager")
        secrets.create_secret(Name=self.bucket, SecretString="a key of the tests")

    def start(self, job: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(ROOT / "glue" / f"lake_{job}.py"), "--date", f"{DAY}"]
        command += ["--lake", f"s3://{self.bucket}", "--JOB_RUN_ID", "jr_1", "--tokens_secret", self.bucket]
        paths = os.pathsep.join([str(ROOT / "glue"), str(ROOT / "src")])
        environment = {**os.environ, **self.aws.environment(), "PYTHONPATH": paths, "SPARK_LOCAL_IP": "127.0.0.1"}
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def run(self, job: str) -> None:
        process = self.start(job)
        output, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors[-2000:]
        assert json.loads(output.splitlines()[-1])["status"] == "succeeded"

    def visible(self) -> dict[str, Any]:
        """The rows of each object, in order: of the bytes, the order of the encodings in the footer is chance."""
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        keys = [entry["Key"] for entry in found if not entry["Key"].startswith(("raw/", "reports/"))]
        return {key: self._rows(key) for key in keys}

    def _rows(self, key: str) -> list[dict[str, Any]]:
        content = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content), use_threads=False).to_pylist()
        return rows


@pytest.fixture
def lake(emulator: EmbeddedAws) -> Lake:
    return Lake(emulator)


def test_the_four_scripts_make_the_tables_and_a_killed_one_is_mended(lake: Lake) -> None:
    for job in ("transaction_etl", "product_enrichment", "clickstream_aggregation", "master_data_merge"):
        lake.run(job)
    whole = lake.visible()
    tables = {key.split("/date=")[0] for key in whole}
    assert {"processed/transactions", "processed/clickstream_sessions", "curated/daily_sales"} <= tables
    assert not any(key.startswith("staging/") for key in whole)
    for entry in [key for key in whole if key.startswith("curated/")]:
        lake.s3.delete_object(Bucket=lake.bucket, Key=entry)
    process = lake.start("master_data_merge")
    ends = time.monotonic() + PATIENCE
    while not any(key.startswith("curated/") for key in lake.visible()):
        assert time.monotonic() < ends, "the merge published nothing"
        assert process.poll() is None, process.communicate()[1][-2000:]
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert lake.visible() != whole
    lake.run("master_data_merge")
    assert lake.visible() == whole
