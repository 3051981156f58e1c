"""The S3 calls of a run. Tasks and driver get a `Store` handed in; `S3Store` is the real one.

Every error becomes a StorageError that says what was tried, on which object, and what S3 answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_converter.errors import NotFoundError, StorageError
from ndjson_converter.manifest import SourceFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_GONE = {"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"}
_CHANGED = {"PreconditionFailed", "412"}
_READ_ATTEMPTS = 3
# As many as threads that read the sample.
_MOST_CONNECTIONS = 16
_making_a_client = Lock()


@dataclass(frozen=True)
class Upload:
    """A multipart upload that is neither completed nor aborted."""

    uri: str
    upload_id: str


class Store(Protocol):
    """What the converter needs of an object store.

    URIs are s3://bucket/key with the plain key; instances travel to Spark tasks.
    """

    def read(self, uri: str) -> bytes:
        """The object's bytes. Raises NotFoundError."""

    def read_source(self, source: SourceFile, first_bytes: int | None = None) -> bytes:
        """The pinned bytes, or only so many of them.

        Raises NotFoundError, with the reason, when that version is gone or the etag differs.
        """

    def pin(self, source: SourceFile) -> SourceFile:
        """The source with the size, etag and version it has now. Raises NotFoundError."""

    def write(self, uri: str, content: bytes) -> None:
        """Put the object whole."""

    def list_objects(self, prefix_uri: str) -> list[str]:
        """The URIs of the objects below the prefix."""

    def delete(self, uris: Sequence[str]) -> None:
        """Delete objects; one that is not there is no error."""

    def start_upload(self, uri: str) -> Upload: ...

    def upload_part(self, upload: Upload, number: int, content: bytes) -> str:
        """Send part `number` (from 1) and return its etag."""

    def complete_upload(self, upload: Upload, etags: Sequence[str]) -> None:
        """Make the object visible."""

    def abort_upload(self, upload: Upload) -> None:
        """Throw the parts away; an upload that is not there any more is no error."""

    def list_uploads(self, prefix_uri: str) -> list[Upload]:
        """The open uploads whose key starts with the prefix."""


@dataclass(frozen=True)
class S3Store:
    """S3 through boto3. `client_options` go to `boto3.client`; one client per process and set of options."""

    client_options: Mapping[str, str] = field(default_factory=dict)

    @property
    def _client(self) -> "S3Client":
        return _client(tuple(sorted(self.client_options.items())))

    def read(self, uri: str) -> bytes:
        bucket, key = split_uri(uri)
        return self._read("read", uri, {"Bucket": bucket, "Key": key})

    def read_source(self, source: SourceFile, first_bytes: int | None = None) -> bytes:
        bucket, key = split_uri(source.uri)
        request = {"Bucket": bucket, "Key": key}
        if first_bytes is not None:
            request["Range"] = f"bytes=0-{first_bytes - 1}"
        if source.version_id:
            request["VersionId"] = source.version_id
        if source.etag:
            request["IfMatch"] = f'"{source.etag}"'
        return self._read("read", source.uri, request)

    def pin(self, source: SourceFile) -> SourceFile:
        bucket, key = split_uri(source.uri)
        with _storage_errors("look up", source.uri):
            head = self._client.head_object(Bucket=bucket, Key=key)
        etag = head["ETag"].strip('"')
        return SourceFile(source.index, source.uri, head["ContentLength"], etag, head.get("VersionId"))

    def write(self, uri: str, content: bytes) -> None:
        bucket, key = split_uri(uri)
        with _storage_errors("write", uri):
            self._client.put_object(Bucket=bucket, Key=key, Body=content)

    def list_objects(self, prefix_uri: str) -> list[str]:
        bucket, prefix = split_uri(prefix_uri)
        with _storage_errors("list", prefix_uri):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return [f"s3://{bucket}/{item['Key']}" for page in pages for item in page.get("Contents", [])]

    def delete(self, uris: Sequence[str]) -> None:
        for uri in uris:
            bucket, key = split_uri(uri)
            with _storage_errors("delete", uri):
                self._client.delete_object(Bucket=bucket, Key=key)

    def start_upload(self, uri: str) -> Upload:
        bucket, key = split_uri(uri)
        with _storage_errors("start an upload of", uri):
            return Upload(uri, self._client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"])

    def upload_part(self, upload: Upload, number: int, content: bytes) -> str:
        bucket, key = split_uri(upload.uri)
        with _storage_errors(f"upload part {number} of", upload.uri):
            return self._client.upload_part(
                Bucket=bucket, Key=key, UploadId=upload.upload_id, PartNumber=number, Body=content
            )["ETag"]

    def complete_upload(self, upload: Upload, etags: Sequence[str]) -> None:
        bucket, key = split_uri(upload.uri)
        parts: list[CompletedPartTypeDef] = [
            {"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)
        ]
        with _storage_errors("complete the upload of", upload.uri):
            self._client.complete_multipart_upload(
                Bucket=bucket, Key=key, UploadId=upload.upload_id, MultipartUpload={"Parts": parts}
            )

    def abort_upload(self, upload: Upload) -> None:
        bucket, key = split_uri(upload.uri)
        with _storage_errors("abort the upload of", upload.uri):
            try:
                self._client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload.upload_id)
            except self._client.exceptions.NoSuchUpload:
                return

    def list_uploads(self, prefix_uri: str) -> list[Upload]:
        bucket, prefix = split_uri(prefix_uri)
        with _storage_errors("list the uploads of", prefix_uri):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix)
            found = [item for page in pages for item in page.get("Uploads", [])]
        return [Upload(f"s3://{bucket}/{item['Key']}", item["UploadId"]) for item in found]

    def _read(self, action: str, uri: str, request: dict[str, str]) -> bytes:
        """Get the object; a body that does not come whole is asked for again: botocore's own retries end before it."""
        for attempt in range(1, _READ_ATTEMPTS + 1):
            with _storage_errors(action, uri):
                body = self._client.get_object(**request)["Body"]  # type: ignore[arg-type]  # plain text arguments
                try:
                    return body.read()
                except BotoCoreError:
                    if attempt == _READ_ATTEMPTS:
                        raise
        raise AssertionError("unreachable")


def split_uri(uri: str) -> tuple[str, str]:
    """s3://bucket/key as (bucket, key)."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _client(options: tuple[tuple[str, str], ...]) -> "S3Client":
    # Clients may be shared by threads, but two must not be made at once.
    with _making_a_client:
        return _made_client(options)


@cache
def _made_client(options: tuple[tuple[str, str], ...]) -> "S3Client":
    config = Config(
        retries={"mode": "standard", "max_attempts": 8},
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=_MOST_CONNECTIONS,
    )
    return boto3.client("s3", config=config, **dict(options))  # type: ignore[call-overload,no-any-return]  # options are open


@contextmanager
def _storage_errors(action: str, uri: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "Unknown")
        message = error.response.get("Error", {}).get("Message", "")
        if code in _GONE:
            raise NotFoundError(f"cannot {action} {uri}: the object version is gone ({code})") from error
        if code in _CHANGED:
            raise NotFoundError(
                f"cannot {action} {uri}: the object's bytes are not those of the manifest ({code})"
            ) from error
        raise StorageError(f"cannot {action} {uri}: {code}: {message}") from error
    except BotoCoreError as error:
        raise StorageError(f"cannot {action} {uri}: {error}") from error
