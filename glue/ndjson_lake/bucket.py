"""The objects of the lake's bucket. A run gets a `Bucket` handed in; `S3Bucket` is the real one.

Every error says what was tried, on which key, and what S3 answered.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_lake.errors import StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_DELETES_PER_CALL = 1000


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A key and its size in bytes."""

    key: str
    size: int


class Bucket(Protocol):
    """What the jobs need of a bucket. All methods raise StorageError."""

    @property
    def name(self) -> str: ...

    def objects(self, prefix: str) -> list[StoredObject]:
        """The objects below the prefix, sorted by key."""

    def read(self, key: str, first_bytes: int | None = None) -> bytes:
        """The object's bytes, or only so many of them."""

    def write(self, key: str, content: bytes) -> None: ...

    def download(self, key: str, path: Path) -> None:
        """Into a file, whose folder is made."""

    def upload(self, path: Path, key: str) -> None: ...

    def copy(self, source: str, target: str) -> None:
        """Within the bucket and without a transfer; of objects of any size."""

    def delete(self, keys: Sequence[str]) -> None:
        """A key that is not there is no error."""


class S3Bucket:
    """A bucket through boto3."""

    def __init__(self, name: str, client: "S3Client | None" = None) -> None:
        self._name = name
        self._client = client or boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 5}))

    @property
    def name(self) -> str:
        return self._name

    def objects(self, prefix: str) -> list[StoredObject]:
        with self._errors("list", prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
            found = [StoredObject(entry["Key"], entry["Size"]) for page in pages for entry in page.get("Contents", [])]
        return sorted(found, key=lambda entry: entry.key)

    def read(self, key: str, first_bytes: int | None = None) -> bytes:
        with self._errors("read", key):
            if first_bytes is None:
                return self._client.get_object(Bucket=self.name, Key=key)["Body"].read()
            span = f"bytes=0-{first_bytes - 1}"
            return self._client.get_object(Bucket=self.name, Key=key, Range=span)["Body"].read()

    def write(self, key: str, content: bytes) -> None:
        with self._errors("write", key):
            self._client.put_object(Bucket=self.name, Key=key, Body=content)

    def download(self, key: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._errors("download", key):
            self._client.download_file(self.name, key, str(path))

    def upload(self, path: Path, key: str) -> None:
        with self._errors("upload", key):
            self._client.upload_file(str(path), self.name, key)

    def copy(self, source: str, target: str) -> None:
        with self._errors(f"copy {source} to", target):
            self._client.copy({"Bucket": self.name, "Key": source}, self.name, target)

    def delete(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), _DELETES_PER_CALL):
            some = keys[start : start + _DELETES_PER_CALL]
            objects: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in some]
            with self._errors("delete", some[0]):
                answer = self._client.delete_objects(Bucket=self.name, Delete={"Objects": objects, "Quiet": True})
            for error in answer.get("Errors", []):
                raise StorageError(f"delete s3://{self.name}/{error.get('Key')} failed: {error.get('Message')}")

    @contextmanager
    def _errors(self, action: str, key: str) -> Iterator[None]:
        # boto3's transfers raise errors of their own that wrap these two.
        try:
            yield
        except (ClientError, BotoCoreError, boto3.exceptions.Boto3Error) as error:
            raise StorageError(f"{action} s3://{self.name}/{key} failed: {error}") from error
