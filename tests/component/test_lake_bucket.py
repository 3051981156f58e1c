"""The lake's bucket through boto3 on a real S3, and the seam that Glue uses, as far as it can go without Spark's S3."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from local.embedded_aws import EmbeddedAws
from ndjson_lake.bucket import S3Bucket, StoredObject
from ndjson_lake.errors import StorageError
from ndjson_lake.publishing import publish, replacements
from ndjson_lake.seam import MirroredSeam, NativeSeam, Seam


@pytest.fixture
def bucket(emulator: EmbeddedAws) -> S3Bucket:
    name = f"lake-{uuid.uuid4().hex[:12]}"
    client: Any = emulator.client("s3")
    client.create_bucket(Bucket=name)
    return S3Bucket(name, client)


def test_objects_are_listed_read_and_deleted_whatever_their_number(bucket: S3Bucket) -> None:
    for number in range(1005):
        bucket.write(f"raw/x/{number:04d}", b"0123")
    bucket.write("raw/y", b"other")
    found = bucket.objects("raw/x/")
    assert len(found) == 1005
    assert found[0] == StoredObject("raw/x/0000", 4)
    assert bucket.read("raw/x/0001", 2) == b"01"
    bucket.delete([stored.key for stored in found] + ["raw/x/not-there"])
    assert [stored.key for stored in bucket.objects("raw/")] == ["raw/y"]


def test_errors_name_the_action_the_key_and_the_answer(bucket: S3Bucket, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=rf"read s3://{bucket.name}/a failed: .*NoSuchKey"):
        bucket.read("a")
    with pytest.raises(StorageError, match=rf"download s3://{bucket.name}/a failed: "):
        bucket.download("a", tmp_path / "a")
    with pytest.raises(StorageError, match=rf"copy a to s3://{bucket.name}/b failed: "):
        bucket.copy("a", "b")
    with pytest.raises(StorageError, match=r"upload s3://absent-bucket-x/b failed: .*NoSuchBucket"):
        (tmp_path / "b").write_bytes(b"b")
        S3Bucket("absent-bucket-x", bucket._client).upload(tmp_path / "b", "b")


@pytest.mark.parametrize("native", [True, False], ids=["as on Glue", "mirrored"])
def test_a_partition_is_replaced_by_what_spark_has_written(bucket: S3Bucket, tmp_path: Path, native: bool) -> None:
    seam: Seam = NativeSeam(bucket) if native else MirroredSeam(bucket, tmp_path)
    staging, prefix = "staging/etl/t/", "processed/t/date=2026-10-03/"
    for number in range(3):
        bucket.write(f"{prefix}part-{number:05d}.parquet", b"old")
    written = f"{staging}date=2026-10-03/part-00000-uuid-c000.snappy.parquet"
    if native:
        bucket.write(written, b"new")
    else:
        (tmp_path / written).parent.mkdir(parents=True)
        (tmp_path / written).write_bytes(b"new")
        (tmp_path / written).with_name(".part-00000.crc").write_bytes(b"of Hadoop")
    for replacement in replacements({"date=2026-10-03": prefix}, staging, seam.written(staging)):
        publish(bucket, seam, replacement)
    assert [stored.key for stored in bucket.objects("processed/")] == [f"{prefix}part-00000.parquet"]
    assert bucket.read(f"{prefix}part-00000.parquet") == b"new"
    seam.clear(staging)
    assert seam.written(staging) == []
    expected = f"s3://{bucket.name}/processed/t" if native else f"file://{tmp_path}/processed/t"
    assert seam.root("processed/t") == expected


def test_a_fetched_object_is_read_under_its_own_name(bucket: S3Bucket, tmp_path: Path) -> None:
    bucket.write("raw/x/a [1].csv", b"text")
    assert MirroredSeam(bucket, tmp_path).fetch(["raw/x/a [1].csv"]) == [f"file://{tmp_path}/raw/x/a \\[1\\].csv"]
    assert (tmp_path / "raw/x/a [1].csv").read_bytes() == b"text"
    assert NativeSeam(bucket).fetch(["raw/x/a.csv"]) == [f"s3://{bucket.name}/raw/x/a.csv"]
