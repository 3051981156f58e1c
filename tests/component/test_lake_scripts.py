"""The lake's scripts as Glue starts them, over S3 and Secrets Manager of the embedded AWS; killed, and run again.

The workflow's integration test runs them in every run; here each is run alone, in the deep runs.
"""

import io
import json
import os
import signal
import subprocess
import sys
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
PATIENCE = 300
"""Seconds after which a run that should publish never will."""
# Python runs a module of this name first: the run, its JVM too, is dead as soon as it has published one object.
KILLED = """
import os, signal
from ndjson_lake.bucket import S3Bucket
publish = S3Bucket.upload
def upload(self, path, key):
    publish(self, path, key)
    os.killpg(os.getpgrp(), signal.SIGKILL)
S3Bucket.upload = upload
"""

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

    def run(self, job: str, *paths: Path) -> "subprocess.CompletedProcess[str]":
        """Run the script, with more folders for its imports."""
        command = [sys.executable, str(ROOT / "glue" / f"lake_{job}.py"), "--date", f"{DAY}"]
        command += ["--lake", f"s3://{self.bucket}", "--JOB_RUN_ID", "jr_1", "--tokens_secret", self.bucket]
        imports = os.pathsep.join(str(path) for path in (*paths, ROOT / "glue", ROOT / "src"))
        environment = {**os.environ, **self.aws.environment(), "PYTHONPATH": imports, "SPARK_LOCAL_IP": "127.0.0.1"}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        output, errors = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    def succeed(self, job: str) -> None:
        ended = self.run(job)
        assert ended.returncode == 0, ended.stderr[-2000:]
        assert json.loads(ended.stdout.splitlines()[-1])["status"] == "succeeded"

    def visible(self) -> dict[str, Any]:
        """The rows of each object, in order: of the bytes, the order of the encodings in the footer is chance."""
        return {key: self._rows(key) for key in self.keys() if not key.startswith(("raw/", "reports/"))}

    def keys(self, prefix: str = "") -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [entry["Key"] for entry in found]

    def _rows(self, key: str) -> list[dict[str, Any]]:
        content = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content), use_threads=False).to_pylist()
        return rows


@pytest.fixture
def lake(emulator: EmbeddedAws) -> Lake:
    return Lake(emulator)


def test_the_four_scripts_make_the_tables_and_a_killed_one_is_mended(lake: Lake, tmp_path: Path) -> None:
    for job in ("transaction_etl", "product_enrichment", "clickstream_aggregation", "master_data_merge"):
        lake.succeed(job)
    whole = lake.visible()
    tables = {key.split("/date=")[0] for key in whole}
    assert {"processed/transactions", "processed/clickstream_sessions", "curated/daily_sales"} <= tables
    assert not any(key.startswith("staging/") for key in whole)
    for key in lake.keys("curated/"):
        lake.s3.delete_object(Bucket=lake.bucket, Key=key)
    (tmp_path / "sitecustomize.py").write_text(KILLED)
    assert lake.run("master_data_merge", tmp_path).returncode == -signal.SIGKILL
    assert len(lake.keys("curated/")) == 1
    lake.succeed("master_data_merge")
    assert lake.visible() == whole
