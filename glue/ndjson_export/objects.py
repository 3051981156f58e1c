"""Objects in S3 as files: one that is read by ranges, with the next range already on its way, and one that is written
in parts.
"""

from __future__ import annotations

import io
import logging
from collections import OrderedDict, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_export.errors import ChangedError, NotFoundError, StorageError
from ndjson_export.framing import Chunk

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_logger = logging.getLogger(__name__)

_GONE = {"NoSuchKey", "NoSuchBucket", "NoSuchVersion", "404"}
_CHANGED = {"PreconditionFailed", "412"}
_ATTEMPTS = 3

# What may be read ahead, of all columns together.
_AHEAD_BYTES = 48 * 1024 * 1024
_AHEAD_THREADS = 8
# Who reads less looks something up; what follows is not next.
_LEAST_AHEAD_BYTES = 64 * 1024

# S3 takes 10,000 parts. The first thousand have this size and each later thousand twice that of the one before.
_FIRST_PART_BYTES = 8 * 1024 * 1024
_PARTS_OF_ONE_SIZE = 1_000
_MOST_PART_BYTES = 64 * 1024 * 1024
_PARTS_AT_ONCE = 2


class Location(NamedTuple):
    """An object of S3."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def make_client() -> S3Client:
    """A client that may be shared by threads."""
    config = Config(
        retries={"mode": "standard", "max_attempts": 8},
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=_AHEAD_THREADS + _PARTS_AT_ONCE,
    )
    return boto3.client("s3", config=config)


class ObjectFile(io.RawIOBase):
    """An object to read, the same bytes from start to end even when it is replaced meanwhile.

    A Parquet reader asks for the ranges of each column in turn, and of one column one after the other: the range that
    follows each one is fetched before it is asked for.
    """

    def __init__(self, client: S3Client, location: Location) -> None:
        """Raises NotFoundError, StorageError."""
        super().__init__()
        self._client = client
        self._location = location
        with _in_words("look up", location):
            head = client.head_object(Bucket=location.bucket, Key=location.key)
        self.size_bytes = head["ContentLength"]
        self._etag = head["ETag"]
        self._position = 0
        self._ahead: OrderedDict[int, tuple[int, Future[bytes]]] = OrderedDict()
        self._ahead_bytes = 0
        self._pool = ThreadPoolExecutor(_AHEAD_THREADS, thread_name_prefix="read")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size_bytes}[whence]
        self._position = base + offset
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """Raises ChangedError, StorageError."""
        start = self._position
        left = max(0, self.size_bytes - start)
        size = left if size < 0 else min(size, left)
        if not size:
            return b""
        content = self._taken(start, size) or self._fetch(start, size)
        self._position += len(content)
        self._fetch_ahead(self._position, size)
        return content

    def close(self) -> None:
        self._pool.shutdown(wait=True)
        self._ahead.clear()
        super().close()

    def _taken(self, start: int, size: int) -> bytes:
        """What was fetched ahead; nothing when it is not all that is wanted."""
        length, future = self._ahead.pop(start, (0, None))
        self._ahead_bytes -= length
        if future is None:
            return b""
        content = future.result()
        return content[:size] if len(content) >= size else b""

    def _fetch_ahead(self, start: int, size: int) -> None:
        size = min(size, self.size_bytes - start)
        if not _LEAST_AHEAD_BYTES <= size <= _AHEAD_BYTES or start in self._ahead:
            return
        while self._ahead_bytes + size > _AHEAD_BYTES:
            _, (length, oldest) = self._ahead.popitem(last=False)
            oldest.cancel()
            self._ahead_bytes -= length
        self._ahead[start] = (size, self._pool.submit(self._fetch, start, size))
        self._ahead_bytes += size

    def _fetch(self, start: int, size: int) -> bytes:
        request: dict[str, Any] = {
            "Bucket": self._location.bucket,
            "Key": self._location.key,
            "Range": f"bytes={start}-{start + size - 1}",
            "IfMatch": self._etag,
        }
        for attempt in range(1, _ATTEMPTS + 1):
            with _in_words("read", self._location):
                body = self._client.get_object(**request)["Body"]
                try:
                    return body.read()
                except BotoCoreError:
                    # botocore's own retries end before the body.
                    if attempt == _ATTEMPTS:
                        raise
        raise AssertionError("unreachable")


class UploadSink:
    """Sends what is written as the parts of a multipart upload, two at a time."""

    def __init__(self, client: S3Client, location: Location, content_type: str) -> None:
        """Raises StorageError."""
        self._client = client
        self._location = location
        self._target: dict[str, Any] = {"Bucket": location.bucket, "Key": location.key}
        with _in_words("start to write", location):
            upload = client.create_multipart_upload(ContentType=content_type, **self._target)
        self._target["UploadId"] = upload["UploadId"]
        self._pending = bytearray()
        self._pool = ThreadPoolExecutor(_PARTS_AT_ONCE, thread_name_prefix="write")
        self._sending: deque[Future[str]] = deque()
        self._etags: list[str] = []
        self._parts = 0

    def write(self, chunk: Chunk) -> int:
        self._pending += chunk
        while len(self._pending) >= part_bytes(self._parts + 1):
            self._send(part_bytes(self._parts + 1))
        return len(chunk)

    def complete(self) -> None:
        """Send the rest and make the object visible."""
        if self._pending or not self._parts:
            self._send(len(self._pending))
        while self._sending:
            self._etags.append(self._sending.popleft().result())
        self._pool.shutdown()
        parts: list[CompletedPartTypeDef] = [
            {"PartNumber": number, "ETag": etag} for number, etag in enumerate(self._etags, start=1)
        ]
        with _in_words("complete", self._location):
            self._client.complete_multipart_upload(MultipartUpload={"Parts": parts}, **self._target)

    def abort(self) -> None:
        """Throw the parts away, when none is on its way any more."""
        for future in self._sending:
            future.cancel()
        self._pool.shutdown(wait=True)
        with _in_words("abort", self._location), suppress(self._client.exceptions.NoSuchUpload):
            self._client.abort_multipart_upload(**self._target)

    def _send(self, size: int) -> None:
        with memoryview(self._pending) as pending:
            content = pending[:size].tobytes()
        del self._pending[:size]
        self._parts += 1
        while len(self._sending) >= _PARTS_AT_ONCE:
            self._etags.append(self._sending.popleft().result())
        self._sending.append(self._pool.submit(self._upload, self._parts, content))

    def _upload(self, number: int, content: bytes) -> str:
        with _in_words(f"write part {number} of", self._location):
            return self._client.upload_part(PartNumber=number, Body=content, **self._target)["ETag"]


@contextmanager
def uploading(client: S3Client, location: Location, content_type: str) -> Iterator[UploadSink]:
    """A sink whose object appears when the block ends well; otherwise nothing of it stays."""
    sink = UploadSink(client, location, content_type)
    try:
        yield sink
        sink.complete()
    except BaseException:
        try:
            sink.abort()
        except StorageError as error:
            _logger.warning("the upload is left for the bucket's lifecycle to abort: %s", error)
        raise


def part_bytes(number: int) -> int:
    """The size of part `number`, from 1."""
    return min(_MOST_PART_BYTES, _FIRST_PART_BYTES << ((number - 1) // _PARTS_OF_ONE_SIZE))


@contextmanager
def _in_words(action: str, location: Location) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "Unknown")
        message = error.response.get("Error", {}).get("Message", "")
        if code in _GONE:
            raise NotFoundError(f"cannot {action} {location}: there is no such object ({code})") from error
        if code in _CHANGED:
            raise ChangedError(f"{location} was replaced while it was read; convert it again") from error
        raise StorageError(f"cannot {action} {location}: {code}: {message}") from error
    except BotoCoreError as error:
        raise StorageError(f"cannot {action} {location}: {error}") from error
