"""How rows become a file: NDJSON or one JSON array, plain or gzip. Pieces can be made in any order and by several
threads; put together they are one file, and one gzip member.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Union

Chunk = Union[bytes, memoryview]

NDJSON, JSON = "ndjson", "json"
NONE, GZIP = "none", "gzip"
FORMATS, COMPRESSIONS = (NDJSON, JSON), (NONE, GZIP)

# Half of the time of level 6 for a file that is a tenth larger.
_LEVEL = 4
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"


@dataclass(frozen=True)
class Framing:
    """What stands before and behind the rows of a file."""

    format: str = NDJSON
    compression: str = NONE

    @property
    def before_row(self) -> str:
        return "" if self.format == NDJSON else ",\n"

    @property
    def behind_row(self) -> str:
        return "\n" if self.format == NDJSON else ""

    @property
    def begin(self) -> bytes:
        """What the file begins with, in the place of the first row's comma."""
        return b"" if self.format == NDJSON else b"["

    @property
    def end(self) -> bytes:
        return b"" if self.format == NDJSON else b"\n]\n"

    @property
    def content_type(self) -> str:
        if self.compression == GZIP:
            return "application/gzip"
        return "application/x-ndjson" if self.format == NDJSON else "application/json"


def deflate(chunk: Chunk) -> bytes:
    """The chunk as blocks of a gzip member, which others may follow."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(chunk) + compressor.flush(zlib.Z_SYNC_FLUSH)


class GzipTrailer:
    """Counts what the chunks held, for the end of the member."""

    header = _GZIP_HEADER

    def __init__(self) -> None:
        self._checksum = 0
        self._size = 0

    def count(self, chunk: Chunk) -> None:
        self._checksum = zlib.crc32(chunk, self._checksum)
        self._size += len(chunk)

    @property
    def trailer(self) -> bytes:
        return _LAST_BLOCK + struct.pack("<LL", self._checksum, self._size & 0xFFFFFFFF)
