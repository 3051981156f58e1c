"""How Spark meets the bucket: with `s3://` where Spark has S3 (Glue), through a mirrored local folder where it has not.

Spark reads what `fetch` names and writes below what `staging` names. What it has written is published object by object,
by a copy within S3 or by an upload. Everything above this file is the same on Glue and on the embedded AWS.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import rmtree
from typing import Protocol

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # py4j has no types
from pyspark.sql import SparkSession

from ndjson_lake.bucket import Bucket, StoredObject

_TRANSFERS_AT_ONCE = 8


class Seam(Protocol):
    """Keys are those of the bucket on both sides. All methods raise StorageError."""

    def fetch(self, keys: Sequence[str]) -> list[str]:
        """Paths under which Spark reads these objects, in their order."""

    def root(self, prefix: str) -> str:
        """The path that stands for the prefix, for Spark's `basePath` and for its output."""

    def written(self, prefix: str) -> list[StoredObject]:
        """What Spark has written below the prefix, sorted by key."""

    def publish(self, written: str, key: str) -> None:
        """Make an object that Spark has written the one of this key, whole and at once."""

    def clear(self, prefix: str) -> None:
        """Remove what any run has written below the prefix."""


class NativeSeam:
    """Spark reads and writes S3 itself."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def fetch(self, keys: Sequence[str]) -> list[str]:
        return [_literally(self.root(key)) for key in keys]

    def root(self, prefix: str) -> str:
        return f"s3://{self._bucket.name}/{prefix}"

    def written(self, prefix: str) -> list[StoredObject]:
        return self._bucket.objects(prefix)

    def publish(self, written: str, key: str) -> None:
        self._bucket.copy(written, key)

    def clear(self, prefix: str) -> None:
        self._bucket.delete([found.key for found in self._bucket.objects(prefix)])


class MirroredSeam:
    """Spark reads and writes a folder of this machine: objects are downloaded before, uploaded after."""

    def __init__(self, bucket: Bucket, folder: Path) -> None:
        self._bucket = bucket
        self._folder = folder

    def fetch(self, keys: Sequence[str]) -> list[str]:
        with ThreadPoolExecutor(_TRANSFERS_AT_ONCE) as transfers:
            return list(transfers.map(self._fetch_one, keys))

    def root(self, prefix: str) -> str:
        return f"file://{self._folder / prefix}"

    def written(self, prefix: str) -> list[StoredObject]:
        below = self._folder / prefix
        # Hadoop's checksums lie beside the files under names that begin with a dot.
        files = [path for path in below.rglob("*") if path.is_file() and not path.name.startswith(".")]
        found = [StoredObject(path.relative_to(self._folder).as_posix(), path.stat().st_size) for path in files]
        return sorted(found, key=lambda entry: entry.key)

    def publish(self, written: str, key: str) -> None:
        self._bucket.upload(self._folder / written, key)

    def clear(self, prefix: str) -> None:
        rmtree(self._folder / prefix, ignore_errors=True)

    def _fetch_one(self, key: str) -> str:
        path = self._folder / key
        self._bucket.download(key, path)
        return _literally(f"file://{path}")


def _literally(path: str) -> str:
    """The path without what Spark would take for a pattern."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", path)


def seam_for(spark: SparkSession, bucket: Bucket, folder: Path) -> Seam:
    """The native one if this Spark has a file system for `s3://`, else one mirrored in the folder."""
    return NativeSeam(bucket) if _has_s3(spark) else MirroredSeam(bucket, folder)


def _has_s3(spark: SparkSession) -> bool:
    java, context = spark._jvm, spark.sparkContext._jsc
    assert java is not None  # noqa: S101  # for the type checker: there is one as long as the session lives
    try:
        java.org.apache.hadoop.fs.FileSystem.getFileSystemClass("s3", context.hadoopConfiguration())
    except Py4JJavaError:
        return False
    return True
