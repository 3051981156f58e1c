"""Reading a file: the kernel reads its lines, and a line that it refuses is read again by `strict`, which decides and
says why.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ndjson_converter import kernel
from ndjson_converter.columns import KeyCounts
from ndjson_converter.errors import InternalError
from ndjson_converter.grammar import REFUSED
from ndjson_converter.native import PADDING
from ndjson_converter.parsed import VALUE_TYPES, JsonType, ParsedFile, Reject, Rules
from ndjson_converter.strict import RefusedError, check_record

# Positions and offsets have 32 bits.
MAX_BYTES = 2**31 - 1 - PADDING

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Survey:
    """What is known of a file without its values. `lines` are all of its lines."""

    lines: int
    lines_blank: int
    keys: KeyCounts
    rejects: tuple[Reject, ...]

    @classmethod
    def of(cls, parsed: ParsedFile, max_columns: int) -> "Survey":
        lines = parsed.lines_in + parsed.lines_blank
        return cls(lines, parsed.lines_blank, KeyCounts.of(parsed, max_columns), parsed.rejects)


class _Room(threading.local):
    """The arrays of a thread, which are used again for each of its files: memory that is new to a process costs more
    time than the lines in it.
    """

    room = kernel.Room(0)

    def for_size(self, size: int) -> kernel.Room:
        if self.room.size < size:
            self.room = kernel.Room(size + size // 4)
        return self.room


_room = _Room()


def parse(data: bytes, source: str, rules: Rules, at_start: bool = True) -> ParsedFile:
    """Read a whole file: every line that is not blank is a row or a reject.

    Lines end at LF (a CR before it is JSON white space); a byte order mark is allowed at the very start only. Data that
    are not the start of the file, but whole lines from its middle, have none.
    """
    reading = _Reading(data, rules, at_start)
    rejects = tuple(reading.rejects())
    columns = reading.columns()
    return ParsedFile(
        source=source,
        row_count=reading.count(kernel.ROWS),
        lines_in=reading.count(kernel.LINES) - reading.count(kernel.BLANKS),
        lines_blank=reading.count(kernel.BLANKS),
        keys=reading.keys(),
        counts=reading.value_counts(),
        rows=columns.rows,
        types=columns.types,
        texts=_to_arrow(columns),
        rejects=rejects,
    )


def survey(data: bytes, rules: Rules, max_columns: int, at_start: bool = True) -> Survey:
    """Read as `parse` does, but keep only what the columns of the batch depend on, and the rejects."""
    reading = _Reading(data, rules, at_start)
    rejects = tuple(reading.rejects())
    keys = reading.keys()
    kept = keys[:max_columns]
    return Survey(
        lines=reading.count(kernel.LINES),
        lines_blank=reading.count(kernel.BLANKS),
        keys=KeyCounts(reading.count(kernel.ROWS), kept, reading.type_counts()[: len(kept)], len(keys) - len(kept)),
        rejects=rejects,
    )


class _Reading:
    """A file while it is read, one per thread at a time. First all `rejects` must be asked for: that reads it."""

    def __init__(self, data: bytes, rules: Rules, at_start: bool) -> None:
        if len(data) > MAX_BYTES:
            raise InternalError(f"{len(data)} bytes are to be read at once, more than {MAX_BYTES}; give them in pieces")
        self._bytes = data
        self._rules = rules
        self._work = _room.for_size(len(data)).work(data, repeats=rules.on_duplicate_key == "last")
        if at_start and data.startswith(_BYTE_ORDER_MARK):
            self._work.state[kernel.POSITION] = len(_BYTE_ORDER_MARK)

    def rejects(self) -> Iterator[Reject]:
        """Read to the end; the lines that are not records."""
        while self._split(len(self._bytes)) == REFUSED:
            start = self.count(kernel.POSITION)
            end = self._bytes.find(b"\n", start)
            raw = self._bytes[start:] if end < 0 else self._bytes[start:end]
            try:
                check_record(raw, self._rules)
            except RefusedError as refused:
                yield Reject(self.count(kernel.LINES) + 1, start, refused.reason, refused.detail, raw)
                self._work.state[kernel.POSITION] = start + len(raw) + 1
                self._work.state[kernel.LINES] += 1
            else:
                self._accept(start)

    def _accept(self, start: int) -> None:
        """Take the line, whose nested keys only seemed to repeat."""
        work = self._work
        self._work = work._replace(nesting=work.nesting._replace(repeats=True))
        if self._split(start + 1) == REFUSED:
            raise InternalError(
                f"line {self.count(kernel.LINES) + 1} is a record, but the kernel refuses it; nothing was committed. "
                "This is a defect of the converter"
            )
        self._work = self._work._replace(nesting=work.nesting)

    def _split(self, end: int) -> int:
        while (status := kernel.split(self._work, end)) == kernel.FULL:
            self._work = self._work._replace(keys=kernel.grown(self._work.keys, self.count(kernel.KEYS)))
        return status

    def count(self, field: int) -> int:
        return int(self._work.state[field])

    def keys(self) -> tuple[str, ...]:
        keys, number = self._work.keys, self.count(kernel.KEYS)
        names = keys.texts.tobytes()
        spans = zip(keys.starts[:number].tolist(), keys.lengths[:number].tolist(), strict=True)
        return tuple(names[start : start + length].decode("utf-8") for start, length in spans)

    def value_counts(self) -> kernel.Int64s:
        return self._work.keys.counts[: self.count(kernel.KEYS)]

    def type_counts(self) -> kernel.Int64s:
        """A line per key, a column per type of value."""
        counts = np.zeros(self.count(kernel.KEYS) * VALUE_TYPES, dtype=np.int64)
        kernel.count_types(self._work.tape, self.count(kernel.VALUES), counts)
        return counts.reshape(-1, VALUE_TYPES)

    def columns(self) -> kernel.Columns:
        counts, sizes = self.value_counts(), self._work.keys.sizes[: self.count(kernel.KEYS)]
        columns = kernel.new_columns(int(counts.sum()), int(sizes.sum()))
        ends = np.cumsum(sizes)
        spans = kernel.Spans(np.cumsum(counts) - counts, ends - sizes, ends)
        kernel.scatter(self._work.data, self._work.tape, self.count(kernel.ROWS), spans, columns)
        return columns


def _to_arrow(columns: kernel.Columns) -> pa.StringArray:
    values = columns.types != JsonType.NULL
    validity = None if values.all() else pa.py_buffer(np.packbits(values, bitorder="little"))
    buffers = pa.py_buffer(columns.offsets), pa.py_buffer(columns.texts)
    return pa.StringArray.from_buffers(len(values), *buffers, validity)
