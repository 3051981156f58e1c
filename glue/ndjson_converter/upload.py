"""A file-like object that sends what is written to it as the parts of one multipart upload, and never completes it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ndjson_converter.errors import StorageError
from ndjson_converter.s3 import Store, Upload

# S3 wants at least 5 MiB in every part but the last, and takes 10,000 parts.
PART_BYTES = 16 * 1024 * 1024

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SentUpload:
    """Everything was sent; the object becomes visible when the upload is completed with these etags."""

    upload: Upload
    etags: tuple[str, ...]
    size_bytes: int


class UploadSink(io.RawIOBase):
    """Writable once, from start to end."""

    def __init__(self, store: Store, uri: str, part_bytes: int = PART_BYTES) -> None:
        super().__init__()
        self._store = store
        self._upload = store.start_upload(uri)
        self._part_bytes = part_bytes
        self._pending = bytearray()
        self._etags: list[str] = []
        self._size_bytes = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size_bytes

    def write(self, content: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]  # pyarrow writes bytes
        self._pending += content
        self._size_bytes += len(content)
        while len(self._pending) >= self._part_bytes:
            self._send(self._part_bytes)
        return len(content)

    def finish(self) -> SentUpload:
        """Send the rest. An upload has at least one part, so an empty one gets an empty part."""
        if self._pending or not self._etags:
            self._send(len(self._pending))
        return SentUpload(self._upload, tuple(self._etags), self._size_bytes)

    def abort(self) -> None:
        self._store.abort_upload(self._upload)

    def _send(self, size: int) -> None:
        with memoryview(self._pending) as pending:
            part = pending[:size].tobytes()
        del self._pending[:size]
        self._etags.append(self._store.upload_part(self._upload, len(self._etags) + 1, part))


@contextmanager
def uploading(store: Store, uri: str) -> Iterator[UploadSink]:
    """A sink whose upload is aborted when the block fails."""
    sink = UploadSink(store, uri)
    try:
        yield sink
    except BaseException:
        try:
            sink.abort()
        except StorageError as error:
            _logger.warning("the upload is left open for the driver to abort: %s", error)
        raise
