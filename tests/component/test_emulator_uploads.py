"""Objects that are uploaded in parts are what they would be in one piece."""

import uuid

import pytest

from local.embedded_aws import EmbeddedAws

TAGS = {"Project": "ndjson parquet", "Empty": "", "Sign": "a=b&c"}
HEADER = "Project=ndjson+parquet&Empty=&Sign=a%3Db%26c"


def upload_in_parts(aws: EmbeddedAws, bucket: str, **settings: str) -> None:
    s3 = aws.client("s3")
    target = {"Bucket": bucket, "Key": "large"}
    upload = {**target, "UploadId": s3.create_multipart_upload(**target, **settings)["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=b"part")
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})


def tags_of(aws: EmbeddedAws, bucket: str) -> dict[str, str]:
    found = aws.client("s3").get_object_tagging(Bucket=bucket, Key="large")["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


@pytest.mark.parametrize("versioning", ["Suspended", "Enabled"])
def test_an_object_has_the_tags_that_its_upload_was_started_with(emulator: EmbeddedAws, versioning: str) -> None:
    bucket, s3 = f"uploads-{uuid.uuid4().hex[:12]}", emulator.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": versioning})
    upload_in_parts(emulator, bucket, Tagging=HEADER)
    assert tags_of(emulator, bucket) == TAGS


def test_an_object_has_no_tags_when_its_upload_had_none(emulator: EmbeddedAws) -> None:
    bucket = f"uploads-{uuid.uuid4().hex[:12]}"
    emulator.client("s3").create_bucket(Bucket=bucket)
    upload_in_parts(emulator, bucket)
    assert tags_of(emulator, bucket) == {}
