"""What S3 says of new objects, read from the queue by the rules that manifest_builder uses."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ndjson_parquet.landing import LandedFile, landed_files
from tests.localstack.conftest import Deployed
from tests.localstack.queues import take, until

pytestmark = pytest.mark.covers("S3 to SQS: test event, event shape, URL encoding, versions, multipart, prefix filter")
PREFIX = "landing/ndjson/"
BODY = b'{"id": 1}\n'

Send = Callable[..., dict[str, Any]]


@pytest.fixture
def send(deployed: Deployed, test_event: str) -> Send:
    """Put an object below the landing prefix, in a folder of the test's own."""
    s3 = deployed.aws.client("s3")
    folder = f"{PREFIX}2026-11-20/{uuid.uuid4().hex}"

    def put(name: str) -> dict[str, Any]:
        key = f"{folder}/{name}"
        return {"Key": key, **s3.put_object(Bucket=deployed.input_bucket, Key=key, Body=BODY)}

    return put


def bodies(deployed: Deployed, number: int) -> list[str]:
    """The bodies of so many messages, and of no more."""
    found: list[str] = []

    def enough() -> bool:
        found.extend(message["Body"] for message in take(deployed.aws, deployed.file_events_queue_url))
        return len(found) >= number

    until(enough, f"{number} messages")
    assert len(found) == number, found
    return found


def landed(deployed: Deployed, number: int) -> list[LandedFile]:
    return [file for body in bodies(deployed, number) for file in landed_files(body, PREFIX)]


def test_the_test_event_announces_no_file(deployed: Deployed, test_event: str) -> None:
    said = json.loads(test_event)
    assert set(said) == {"Service", "Event", "Time", "Bucket", "RequestId", "HostId"}
    assert (said["Event"], said["Bucket"]) == ("s3:TestEvent", deployed.input_bucket)
    assert landed_files(test_event, PREFIX) == ()


def test_an_event_names_the_object_and_its_version(deployed: Deployed, send: Send) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    put = send("a.ndjson")
    [body] = bodies(deployed, 1)
    [record] = json.loads(body)["Records"]
    assert (record["eventVersion"], record["eventSource"], record["eventName"]) == (
        "2.1",
        "aws:s3",
        "ObjectCreated:Put",
    )
    assert datetime.fromisoformat(record["eventTime"]) >= before
    assert record["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{deployed.input_bucket}"
    [file] = landed_files(body, PREFIX)
    assert file == LandedFile(
        bucket=deployed.input_bucket,
        key=put["Key"],
        etag=put["ETag"].strip('"'),
        version_id=put["VersionId"],
        size_bytes=len(BODY),
        date_prefix="2026-11-20",
        date_is_guessed=False,
        file_key=file.file_key,
    )


@pytest.mark.parametrize("name", ["with space.ndjson", "plus+and%2B.ndjson", "a=b&c.ndjson", "é-日本.ndjson"])
def test_a_key_arrives_as_it_was_sent(deployed: Deployed, send: Send, name: str) -> None:
    put = send(name)
    assert [file.key for file in landed(deployed, 1)] == [put["Key"]]


def test_an_overwritten_object_is_two_events_of_two_versions(deployed: Deployed, send: Send) -> None:
    puts = [send("twice.ndjson"), send("twice.ndjson")]
    assert {file.version_id for file in landed(deployed, 2)} == {put["VersionId"] for put in puts}


def test_an_upload_in_parts_is_one_event(deployed: Deployed, test_event: str) -> None:
    s3 = deployed.aws.client("s3")
    upload = {"Bucket": deployed.input_bucket, "Key": f"{PREFIX}2026-11-20/parts.ndjson"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part(**upload, PartNumber=1, Body=BODY)
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    etag = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})["ETag"]
    [body] = bodies(deployed, 1)
    assert json.loads(body)["Records"][0]["eventName"] == "ObjectCreated:CompleteMultipartUpload"
    assert [file.etag for file in landed_files(body, PREFIX)] == [etag.strip('"')]


def test_only_what_lies_below_the_prefix_is_announced_whatever_its_extension(deployed: Deployed, send: Send) -> None:
    """A wrong extension has to reach manifest_builder, which quarantines it."""
    deployed.aws.client("s3").put_object(Bucket=deployed.input_bucket, Key="elsewhere/a.ndjson", Body=BODY)
    put = send("wrong.csv")
    assert [file.key for file in landed(deployed, 1)] == [put["Key"]]
