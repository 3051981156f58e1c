"""The Spark job on real Spark and a real S3: the script as Glue starts it, and faults injected at the store."""

import gc
import gzip
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from local.access import KEY, REGION
from local.embedded_aws import EmbeddedAws
from local.java_options import java_options
from ndjson_converter.catalog import Catalog
from ndjson_converter.errors import TaskError
from ndjson_converter.job import Job, Outcome
from ndjson_converter.manifest import SourceFile
from ndjson_converter.s3 import S3Store, Store
from ndjson_converter.spark import SparkCluster
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
# Two files to a part.
SMALL_PARTS = {"target_part_bytes": sum(map(len, FILES.values())) // 3}

Run = Callable[..., Outcome]

# PySpark leaves closing its sockets to the garbage collector.
UNCLOSED = "unclosed <socket"
pytestmark = pytest.mark.filterwarnings(f"ignore:{UNCLOSED}:ResourceWarning")


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    # Spark reads this one from the environment alone.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.extraJavaOptions", java_options())
        .config("spark.executorEnv.PYTHONPATH", WORKER_PATH)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNCLOSED, ResourceWarning)
        del session
        gc.collect()


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
        cluster = SparkCluster(spark.sparkContext, {})
        return Job(arguments(**changes), on or store, cluster, catalog).run()

    return run_job


def put_pinned_batch(store: S3Store, files: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
    """As put_batch, with the version id of every object."""
    manifest = put_batch(store, files, **changes)
    for source in manifest["files"]:
        source["version_id"] = store.pin(SourceFile(0, source["uri"], 0)).version_id
    store.write(MANIFEST, json.dumps(manifest).encode())
    return manifest


def open_uploads(store: S3Store) -> list[str]:
    return [upload.uri for bucket in BUCKETS for upload in store.list_uploads(f"s3://{bucket}/")]


def visible(store: S3Store) -> list[str]:
    """What a reader of parts, rejects or commit records can see."""
    return [uri for prefix in (PART_PREFIX, REJECTS, COMMIT) for uri in store.list_objects(prefix)]


def sent_rows(files: Mapping[str, bytes]) -> list[dict[str, str | None]]:
    """The rows that FILES must become, written down without the converter."""
    return [
        {
            "id": str(row),
            "amount": f"{row}.10",
            "big": str(10**30 + row),
            "tags": '["x", {"n":1.0}]',
            "_source_file": f"s3://input/landing/ndjson/{DATE}/{name}",
            "_json_types": None,
        }
        for number, name in enumerate(files)
        for row in range(number * 100, number * 100 + 100)
    ]


def test_contents_are_equal_in_parts_of_one_schema(store: S3Store, run: Run, tmp_path: Path) -> None:
    put_pinned_batch(store, FILES, **SMALL_PARTS)

    assert run() == Outcome.COMMITTED

    record = read_json(store, COMMIT)
    assert len(record["parts"]) == 3
    assert [part["uri"] for part in record["parts"]] == store.list_objects(PART_PREFIX)
    assert (record["lines_in"], record["rows_out"], record["lines_rejected"]) == (600, 600, 0)
    assert read_rows(store, without=["_processing_timestamp"]) == sent_rows(FILES)
    assert open_uploads(store) == []
    assert list(tmp_path.iterdir()) == []


def test_rejected_lines_are_published_with_their_place(store: S3Store, run: Run) -> None:
    put_pinned_batch(store, {**FILES, "bad.ndjson": b'{"id":1}\n{"id":NaN}\n\n{"id":2}x\n'})

    run()

    rejects = [json.loads(line) for line in store.read(REJECTS).splitlines()]
    assert [(reject["line_number"], reject["byte_offset"], reject["raw"]) for reject in rejects] == [
        (2, 9, '{"id":NaN}'),
        (4, 21, '{"id":2}x'),
    ]
    record = read_json(store, COMMIT)
    assert (record["rejects_uri"], record["lines_in"], record["rows_out"]) == (REJECTS, 603, 601)


def test_gzip_files_are_read_and_a_damaged_one_is_kept(store: S3Store, run: Run) -> None:
    zipped = {f"{name}.gz": gzip.compress(content) for name, content in FILES.items()}
    manifest = put_pinned_batch(store, {**zipped, "cut.ndjson.gz": zipped["00.ndjson.gz"][:-9]}, **SMALL_PARTS)

    assert run() == Outcome.COMMITTED

    (missing,) = read_json(store, COMMIT)["missing"]
    assert missing["uri"] == manifest["files"][-1]["uri"]
    assert store.read(missing["quarantined_uri"]) == zipped["00.ndjson.gz"][:-9]
    sent = [{**row, "_source_file": f"{row['_source_file']}.gz"} for row in sent_rows(FILES)]
    assert read_rows(store, without=["_processing_timestamp"]) == sent


def test_pinned_versions_are_read_and_deleted_ones_are_missing(store: S3Store, run: Run, buckets: EmbeddedAws) -> None:
    manifest = put_pinned_batch(store, FILES)
    overwritten, gone = manifest["files"][0], manifest["files"][1]
    store.write(overwritten["uri"], b'{"id":"later"}')
    key = gone["uri"].removeprefix("s3://input/")
    buckets.client("s3").delete_object(Bucket="input", Key=key, VersionId=gone["version_id"])

    run()

    record = read_json(store, COMMIT)
    assert [missing["uri"] for missing in record["missing"]] == [gone["uri"]]
    assert "gone" in record["missing"][0]["reason"]
    kept = [row for row in sent_rows(FILES) if row["_source_file"] != gone["uri"]]
    assert read_rows(store, without=["_processing_timestamp"]) == kept


def test_an_unpinned_object_with_other_bytes_is_missing(store: S3Store, run: Run) -> None:
    manifest = put_batch(store, FILES)
    store.write(manifest["files"][2]["uri"], b'{"id":"later"}')

    run()

    (missing,) = read_json(store, COMMIT)["missing"]
    assert "not those of the manifest" in missing["reason"]


def test_a_run_after_a_lost_commit_record_writes_the_same(store: S3Store, run: Run) -> None:
    put_pinned_batch(store, FILES, **SMALL_PARTS)
    run()
    keys, rows = store.list_objects(PART_PREFIX), read_rows(store, without=["_processing_timestamp"])
    store.write(f"{PART_PREFIX}00009.parquet", b"of an earlier attempt")
    store.delete([COMMIT])

    assert run(attempt=2) == Outcome.COMMITTED
    assert store.list_objects(PART_PREFIX) == keys
    assert read_rows(store, without=["_processing_timestamp"]) == rows
    assert run(attempt=3) == Outcome.ALREADY_COMMITTED


@pytest.mark.parametrize(
    ("method", "nth"), [("upload_part", 1), ("start_upload", 1), ("complete_upload", 1), ("read_source", 1)]
)
def test_a_failing_call_leaves_nothing_behind(store: S3Store, run: Run, method: str, nth: int) -> None:
    put_pinned_batch(store, FILES, **SMALL_PARTS)

    with pytest.raises(Exception, match=f"cannot {method}: AccessDenied: injected") as raised:
        run(on=FaultyStore(store, method, nth))

    assert "\n" not in str(raised.value)
    assert visible(store) == []
    assert open_uploads(store) == []


def test_what_fails_in_a_task_is_the_error_of_the_run(store: S3Store, run: Run) -> None:
    put_pinned_batch(store, FILES)

    with pytest.raises(TaskError, match=r"^cannot start an upload of s3://no-such-bucket/.*: NoSuchBucket: .*$"):
        run(output_bucket="no-such-bucket")

    assert visible(store) == []


def test_the_catalog_table_learns_the_columns(store: S3Store, run: Run, buckets: EmbeddedAws) -> None:
    glue = buckets.client("glue")
    glue.create_database(DatabaseInput={"Name": "db"})
    keys = [{"Name": "date_prefix", "Type": "string"}]
    glue.create_table(
        DatabaseName="db",
        TableInput={"Name": "records", "PartitionKeys": keys, "StorageDescriptor": {"Columns": []}},
    )
    put_pinned_batch(store, {"a.ndjson": b'{"Id":1,"id":2}\n{"date_prefix":"mine"}'})

    run(catalog=Catalog(glue, "db", "records"))

    table = glue.get_table(DatabaseName="db", Name="records")["Table"]
    assert [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]] == [
        (name, "string")
        for name in ("id", "id__2", "date_prefix__2", "_processing_timestamp", "_source_file", "_json_types")
    ]
    assert table["PartitionKeys"] == keys


def script(buckets: EmbeddedAws, cwd: Path, *extra: str) -> dict[str, Any]:
    """How a user starts the job on a laptop, without any Python path."""
    path = str(ROOT / "glue" / "convert_manifest.py")
    names = {"output_bucket": "output", "manifest_bucket": "manifest", "quarantine_bucket": "quarantine"}
    given = [part for name, value in names.items() for part in (f"--{name}", value)]
    return {
        "args": [sys.executable, path, "--manifest_path", MANIFEST, *given, "--JOB_NAME", "job", *extra],
        "cwd": cwd,
        "env": {"PATH": os.environ["PATH"], "SPARK_LOCAL_IP": "127.0.0.1", **buckets.environment()},
    }


def start_script(buckets: EmbeddedAws, cwd: Path, *extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(**script(buckets, cwd, *extra), capture_output=True, text=True, timeout=120, check=False)


def test_the_script_converts_and_ends_well(store: S3Store, buckets: EmbeddedAws, tmp_path: Path) -> None:
    put_pinned_batch(store, FILES)

    ended = start_script(buckets, tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "committed" in ended.stdout
    assert len(read_rows(store)) == 600


def test_the_script_fails_with_its_real_error_in_the_last_line(
    store: S3Store, buckets: EmbeddedAws, tmp_path: Path
) -> None:
    put_pinned_batch(store, {"a.ndjson": b'{"id":1}\nbad\n'})

    ended = start_script(buckets, tmp_path, "--max_reject_percent", "20")

    assert ended.returncode != 0
    last = ended.stderr.strip().splitlines()[-1]
    assert "RejectLimitError: 1 of 2 lines (50.0 %) were rejected, more than max_reject_percent = 20" in last
    assert visible(store) == []


def test_a_killed_run_is_repeated_as_if_it_had_not_been(
    store: S3Store, run: Run, buckets: EmbeddedAws, tmp_path: Path
) -> None:
    """The driver, its JVM and all workers are gone while parts are being uploaded."""
    rows = [{"id": str(row), "text": f"{row} {'x' * 500}"} for row in range(60_000)]
    lines = [json.dumps(row).encode() for row in rows]
    put_pinned_batch(store, {f"{n}.ndjson": b"\n".join(lines[n::6]) for n in range(6)}, target_part_bytes=8_000_000)

    with subprocess.Popen(**script(buckets, tmp_path), stderr=subprocess.DEVNULL, start_new_session=True) as process:
        while process.poll() is None and not open_uploads(store):
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)

    assert process.returncode == -signal.SIGKILL
    assert open_uploads(store) != []
    assert visible(store) == []
    assert run(attempt=2) == Outcome.COMMITTED
    assert sorted(row["id"] or "" for row in read_rows(store)) == sorted(row["id"] for row in rows)
    assert open_uploads(store) == []
