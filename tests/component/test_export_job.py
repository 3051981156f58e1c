"""The export job on a real S3 and a real table: what it writes, what it says when it fails, and what it leaves."""

import io
import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from local.embedded_aws import EmbeddedAws
from ndjson_export.arguments import Arguments
from ndjson_export.errors import ChangedError, ExportError, JobEndedError, NotFoundError
from ndjson_export.export import Progress, export
from ndjson_export.framing import GZIP, JSON, Framing
from ndjson_export.job import run
from ndjson_export.jobs import FILE, JobItem
from ndjson_export.objects import Location, ObjectFile, uploading
from ndjson_export.source import Source
from tests.export_reading import MemorySink, export_bytes, ignore, to_parquet
from tests.faults import Calls, Fault, FaultyClient, Plan, changes_something
from tests.unit.test_export_bad_parquet import CASES

BUCKET, TABLE = "export", "export-jobs"
SMALL = to_parquet(pa.table({"id": range(100), "name": [f"name {number}" for number in range(100)]}))


@dataclass
class World:
    """A job of its own: an item that is RUNNING and a Parquet file."""

    aws: EmbeddedAws
    s3: Any
    dynamodb: Any
    job_id: str

    @classmethod
    def of(cls, aws: EmbeddedAws, parquet: bytes) -> "World":
        world = cls(aws, aws.client("s3"), aws.client("dynamodb"), str(uuid.uuid4()))
        world.s3.put_object(Bucket=BUCKET, Key=world.source.key, Body=parquet)
        world.set_status("RUNNING")
        return world

    @property
    def source(self) -> Location:
        return Location(BUCKET, f"uploads/{self.job_id}/a file+ü.parquet")

    @property
    def result(self) -> Location:
        return Location(BUCKET, f"results/{self.job_id}/a file+ü.ndjson")

    def arguments(self, framing: Framing | None = None) -> Arguments:
        return Arguments(self.job_id, TABLE, self.source, self.result, framing or Framing())

    def run(self, calls: Calls | None = None, framing: Framing | None = None) -> Progress:
        counted = calls or Calls()
        dynamodb: Any = FaultyClient(self.dynamodb, counted)
        s3: Any = FaultyClient(self.s3, counted)
        return run(self.arguments(framing), s3, JobItem(dynamodb, TABLE, self.job_id, clock=lambda: 0.0))

    def set_status(self, status: str) -> None:
        self.dynamodb.put_item(TableName=TABLE, Item={"jobId": {"S": self.job_id}, "status": {"S": status}})

    def item(self) -> dict[str, Any]:
        found = self.dynamodb.get_item(TableName=TABLE, Key={"jobId": {"S": self.job_id}}).get("Item", {})
        return {name: int(value["N"]) if "N" in value else value["S"] for name, value in found.items()}

    def written(self) -> bytes | None:
        """The result, when there is one."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=self.result.key).get("Contents")
        return self.s3.get_object(Bucket=BUCKET, Key=self.result.key)["Body"].read() if found else None

    def open_uploads(self) -> list[Any]:
        uploads = self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
        return [upload for upload in uploads if upload["Key"] == self.result.key]


def faulty(client: Any, plan: Plan) -> Any:
    return FaultyClient(client, Calls(plan))


@pytest.fixture(scope="module")
def make(emulator: EmbeddedAws) -> Iterator[Callable[[bytes], World]]:
    emulator.client("s3").create_bucket(Bucket=BUCKET)
    emulator.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "jobId", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "jobId", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield lambda parquet: World.of(emulator, parquet)


def test_the_result_and_its_numbers(make: Callable[[bytes], World]) -> None:
    world = make(SMALL)

    done = world.run()

    assert world.written() == export_bytes(SMALL)
    item = world.item()
    assert item.pop("updatedAt").endswith("Z")
    assert item == {
        "jobId": world.job_id,
        "status": "RUNNING",
        "progress": 100,
        "rows": 100,
        "totalRows": 100,
        "outputBytes": done.output_bytes,
    }
    head = world.s3.head_object(Bucket=BUCKET, Key=world.result.key)
    assert (head["ContentType"], head["ContentLength"]) == ("application/x-ndjson", done.output_bytes)


def test_a_compressed_array(make: Callable[[bytes], World]) -> None:
    world = make(SMALL)
    framing = Framing(JSON, GZIP)

    world.run(framing=framing)

    assert world.written() == export_bytes(SMALL, framing, batch_bytes=2**21)
    head = world.s3.head_object(Bucket=BUCKET, Key=world.result.key)
    assert head["ContentType"] == "application/gzip"
    assert "ContentEncoding" not in head


def test_many_parts(make: Callable[[bytes], World]) -> None:
    """Some of 8 MiB and a rest, from a file of several ranges for each column."""
    texts = pa.array([f"{number:0200d}" for number in range(80_000)])
    parquet = to_parquet(pa.table({"id": range(80_000), "text": texts}), row_group_size=30_000, compression="none")
    world = make(parquet)

    calls = Calls()
    world.run(calls)

    assert world.written() == export_bytes(parquet, batch_bytes=2**21)
    assert calls.made.count("s3.upload_part") == 3
    assert calls.made.count("s3.get_object") > 10


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file(make: Callable[[bytes], World], case: str) -> None:
    content, sentence = CASES[case]
    world = make(content())

    with pytest.raises(ExportError):
        world.run()

    item = world.item()
    assert (item["errorMessage"], item["failureKind"]) == (sentence, FILE)
    assert world.written() is None
    assert world.open_uploads() == []


def test_what_is_no_parquet_begins_no_result(make: Callable[[bytes], World]) -> None:
    calls = Calls()

    with pytest.raises(ExportError):
        make(b"id,name\n").run(calls)

    assert "s3.create_multipart_upload" not in calls.made


def test_a_file_that_turns_bad_after_some_rows(make: Callable[[bytes], World]) -> None:
    texts = pa.array([b"good"] * 20_000 + [b"\xff"]).view(pa.string())
    world = make(to_parquet(pa.table({"text": texts}), row_group_size=20_000))

    with pytest.raises(ExportError):
        world.run()

    assert world.item()["errorMessage"].startswith('The column "text" holds text that is not UTF-8')
    assert world.item()["progress"] < 100
    assert world.written() is None
    assert world.open_uploads() == []


def test_a_second_attempt_forgets_the_error_of_the_first(make: Callable[[bytes], World]) -> None:
    world = make(b"")
    with pytest.raises(ExportError):
        world.run()
    world.s3.put_object(Bucket=BUCKET, Key=world.source.key, Body=SMALL)

    world.run()

    assert "errorMessage" not in world.item()
    assert world.written() == export_bytes(SMALL)


def test_a_file_that_is_not_there(make: Callable[[bytes], World]) -> None:
    world = make(SMALL)
    world.s3.delete_object(Bucket=BUCKET, Key=world.source.key)

    with pytest.raises(NotFoundError):
        world.run()

    assert "there is no such object" in world.item()["errorMessage"]


def test_a_file_that_is_replaced_meanwhile(make: Callable[[bytes], World]) -> None:
    world = make(SMALL)

    def replace() -> None:
        world.s3.put_object(Bucket=BUCKET, Key=world.source.key, Body=SMALL + b"x")

    with ObjectFile(faulty(world.s3, {2: replace}), world.source) as file, pytest.raises(ChangedError):
        export(Source(file), MemorySink(), Framing(), ignore)


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", None])
def test_a_job_that_is_over_is_left_alone(make: Callable[[bytes], World], status: str | None) -> None:
    world = make(SMALL)
    if status:
        world.set_status(status)
    else:
        world.dynamodb.delete_item(TableName=TABLE, Key={"jobId": {"S": world.job_id}})
    before = world.item()

    with pytest.raises(JobEndedError):
        world.run()

    assert world.item() == before
    assert world.written() is None


def test_a_job_that_ends_meanwhile_leaves_nothing(make: Callable[[bytes], World]) -> None:
    world = make(SMALL)

    def end() -> None:
        world.set_status("FAILED")

    with pytest.raises(JobEndedError):
        world.run(Calls({"s3.create_multipart_upload": end}))

    assert world.written() is None
    assert world.open_uploads() == []
    assert world.item() == {"jobId": world.job_id, "status": "FAILED"}


def test_every_call_may_fail(make: Callable[[bytes], World]) -> None:
    calls = Calls()
    make(SMALL).run(calls)
    faults = [(number, Fault.REFUSED) for number in range(1, len(calls.made) + 1)]
    faults += [(number, Fault.ANSWER_LOST) for number, call in enumerate(calls.made, 1) if changes_something(call)]
    for number, fault in faults:
        world = make(SMALL)

        with pytest.raises(ExportError) as caught:
            world.run(Calls({number: fault}))

        assert "\n" not in str(caught.value)
        world.run()
        assert world.written() == export_bytes(SMALL)
        # The upload whose number nobody learnt is what the bucket's lifecycle is for.
        is_unknown = (calls.made[number - 1], fault) == ("s3.create_multipart_upload", Fault.ANSWER_LOST)
        assert len(world.open_uploads()) == is_unknown


def test_an_upload_that_cannot_be_aborted_does_not_hide_the_error(make: Callable[[bytes], World]) -> None:
    world = make(SMALL)
    client = faulty(world.s3, {"s3.abort_multipart_upload": Fault.REFUSED})

    with pytest.raises(RuntimeError, match="the first"), uploading(client, world.result, "text/plain"):
        raise RuntimeError("the first")


def script(world: World, *changes: str) -> subprocess.CompletedProcess[str]:
    glue = Path(__file__).parents[2] / "glue"
    given = ["--job_id", world.job_id, "--jobs_table", TABLE, "--input_uri", str(world.source)]
    given += ["--output_uri", str(world.result), "--scriptLocation", "s3://glue/adds/this", *changes]
    environment = {**world.aws.environment(), "PYTHONPATH": str(glue)}
    command = [sys.executable, str(glue / "export_parquet.py"), *given]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_script(make: Callable[[bytes], World]) -> None:
    world = make(SMALL)

    ended = script(world, "--format", "json")

    assert ended.returncode == 0, ended.stderr
    assert world.written() == export_bytes(SMALL, Framing(JSON))
    line = json.loads(ended.stdout.splitlines()[-1])
    assert (line["correlation_id"], line["service"], line["rows"]) == (world.job_id, "export", 100)


def test_the_script_fails_loudly(make: Callable[[bytes], World]) -> None:
    world = make(SMALL[:-1])

    ended = script(world)

    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines()[-1].startswith("BadParquetError: The file is cut off")
    assert json.loads(ended.stdout.splitlines()[-1])["level"] == "ERROR"


def test_reading_by_ranges_is_reading(make: Callable[[bytes], World]) -> None:
    world = make(SMALL)
    plain = io.BytesIO(SMALL)

    with ObjectFile(world.s3, world.source) as file:
        for offset, size in [(0, 10), (10, 10), (20, 5), (25, 10), (0, 10), (len(SMALL) - 3, 10), (len(SMALL), 1)]:
            plain.seek(offset)
            file.seek(offset)
            assert file.read(size) == plain.read(size)
            assert file.tell() == plain.tell()
        assert file.seek(-2, io.SEEK_END) == len(SMALL) - 2
        assert file.read() == SMALL[-2:]
