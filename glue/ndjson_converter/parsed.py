"""What reading one NDJSON file gives: the values column by column as exact text, and the lines that are not records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

OnDuplicateKey = Literal["reject", "last"]
MAX_DEPTH = 1000


class JsonType(IntEnum):
    """The type of a value; the code of one byte per value in a parsed file.

    ABSENT is never stored: no entry means absent.
    """

    STRING = 0
    NUMBER = 1
    BOOLEAN = 2
    OBJECT = 3
    ARRAY = 4
    NULL = 5
    ABSENT = 6

    @property
    def label(self) -> str:
        """The name that the Parquet metadata uses."""
        return self.name.lower()


VALUE_TYPES = 6


class RejectReason(StrEnum):
    """Why a line is not a record. A line with several faults carries the first one found."""

    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_KEY = "duplicate_key"
    LONE_SURROGATE = "lone_surrogate"
    TOO_DEEP = "too_deep"


@dataclass(frozen=True)
class Rules:
    """How lines are read."""

    on_duplicate_key: OnDuplicateKey = "reject"


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that is not a record: `raw` without its newline, `line_number` from 1, `byte_offset` of the line in the
    file.
    """

    line_number: int
    byte_offset: int
    reason: RejectReason
    detail: str
    raw: bytes

    def moved(self, lines: int, offset: int) -> "Reject":
        """The reject of a piece of a file that starts after so many lines and bytes."""
        return replace(self, line_number=lines + self.line_number, byte_offset=offset + self.byte_offset)


@dataclass(frozen=True)
class ParsedFile:
    """The values of one file as three equally long arrays, key after key, so that its size follows the number of
    values.

    `keys` are in order of first appearance; `type_counts` has a line per key and a column per JsonType code, the number
    of such values. A key has at most one value per row. `views` has two words for each value, an Arrow view of its text
    in `buffers`.
    """

    source: str
    bytes_in: int
    row_count: int
    lines_in: int
    lines_blank: int
    keys: Sequence[str]
    type_counts: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int32]
    types: npt.NDArray[np.uint8]
    views: npt.NDArray[np.uint64]
    buffers: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
    rejects: Sequence[Reject] = ()

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """How many values each key has."""
        return np.asarray(self.type_counts.sum(axis=1, dtype=np.int64))

    def texts(self, places: npt.NDArray[np.int64] | slice) -> pa.StringViewArray:
        """The texts of the values at these places."""
        views = np.ascontiguousarray(self.views.reshape(-1, 2)[places])
        known = self.types[places] != JsonType.NULL
        validity = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
        buffers = [validity, pa.py_buffer(views), *map(pa.py_buffer, self.buffers)]
        return pa.Array.from_buffers(pa.string_view(), len(views), buffers)
