"""Reading a file: the kernel reads its lines; `strict` says why one is rejected, and decides when the kernel cannot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from ndjson_converter import kernel
from ndjson_converter.columns import KeyCounts
from ndjson_converter.errors import InternalError
from ndjson_converter.kernel import PADDING, UNSURE, Data
from ndjson_converter.parsed import VALUE_TYPES, ParsedFile, Reject, Rules
from ndjson_converter.strict import RefusedError, check_record

# Positions and offsets have 32 bits.
MAX_BYTES = 2**31 - 1 - PADDING

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The end of a line is looked for in steps of so many bytes at first.
_STEP = 4096


class Names(Sequence[str]):
    """The names of keys, each decoded when it is asked for: there may be millions of them."""

    def __init__(self, texts: bytes, starts: kernel.Int32s, lengths: kernel.Int32s) -> None:
        self._texts = texts
        self._starts = starts
        self._lengths = lengths

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> "Names": ...
    def __getitem__(self, index: int | slice) -> "str | Names":
        if isinstance(index, slice):
            return Names(self._texts, self._starts[index], self._lengths[index])
        start = int(self._starts[index])
        return self._texts[start : start + int(self._lengths[index])].decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        for start, length in zip(self._starts.data, self._lengths.data, strict=True):
            yield self._texts[start : start + length].decode("utf-8")


class Rejects(Sequence[Reject]):
    """The rejected lines of some data, each read again when it is asked for: there may be millions of them."""

    def __init__(self, lines: kernel.Bytes, starts: kernel.Int32s, numbers: kernel.Int32s, rules: Rules) -> None:
        self._lines = lines
        self._starts = starts
        self._numbers = numbers
        self._rules = rules

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Reject: ...
    @overload
    def __getitem__(self, index: slice) -> "Rejects": ...
    def __getitem__(self, index: int | slice) -> "Reject | Rejects":
        """Raises InternalError when the line is a record after all."""
        if isinstance(index, slice):
            return Rejects(self._lines, self._starts[index], self._numbers[index], self._rules)
        start, number = int(self._starts[index]), int(self._numbers[index]) + 1
        raw = _line_at(self._lines, start)
        try:
            check_record(raw, self._rules)
        except RefusedError as refused:
            return Reject(number, start, refused.reason, refused.detail, raw)
        raise _defect(number)


@dataclass(frozen=True)
class Survey:
    """What is known of a file without its values. `lines` are all of its lines."""

    lines: int
    lines_blank: int
    keys: KeyCounts
    rejects: Sequence[Reject]

    @classmethod
    def of(cls, parsed: ParsedFile, max_columns: int) -> "Survey":
        lines = parsed.lines_in + parsed.lines_blank
        return cls(lines, parsed.lines_blank, KeyCounts.of(parsed, max_columns), parsed.rejects)


def parse(data: Data, source: str, rules: Rules, at_start: bool = True) -> ParsedFile:
    """Read a whole file: every line that is not blank is a row or a reject.

    Lines end at LF (a CR before it is JSON white space); a byte order mark is allowed at the very start only. Data that
    are not the start of the file, but whole lines from its middle, have none.
    """
    reading = _Reading(data, rules, at_start)
    columns = reading.columns()
    return ParsedFile(
        source=source,
        bytes_in=len(data),
        row_count=reading.count(kernel.ROWS),
        lines_in=reading.count(kernel.LINES) - reading.count(kernel.BLANKS),
        lines_blank=reading.count(kernel.BLANKS),
        keys=reading.keys(),
        type_counts=reading.type_counts(),
        rows=columns.rows,
        types=columns.types,
        views=columns.views,
        buffers=(reading.data, columns.unescaped),
        rejects=reading.rejects(),
    )


def survey(data: Data, rules: Rules, max_columns: int, at_start: bool = True) -> Survey:
    """Read as `parse` does, but keep only what the columns of the batch depend on, and the rejects."""
    reading = _Reading(data, rules, at_start)
    keys = reading.keys()
    kept = tuple(keys[:max_columns])
    counts = reading.type_counts()[: len(kept)].astype(np.int64)
    return Survey(
        lines=reading.count(kernel.LINES),
        lines_blank=reading.count(kernel.BLANKS),
        keys=KeyCounts(reading.count(kernel.ROWS), kept, counts, len(keys) - len(kept)),
        rejects=reading.rejects(),
    )


class _Reading:
    """Data that have been split; one per thread at a time."""

    def __init__(self, data: Data, rules: Rules, at_start: bool) -> None:
        if len(data) > MAX_BYTES:
            raise InternalError(f"{len(data)} bytes are to be read at once, more than {MAX_BYTES}; give them in pieces")
        self._size = len(data)
        self._rules = rules
        self._room = kernel.room_for(len(data))
        self._work = self._room.work(data, repeats=rules.on_duplicate_key == "last")
        if at_start and self.data[: len(_BYTE_ORDER_MARK)].tobytes() == _BYTE_ORDER_MARK:
            self._work.state[kernel.POSITION] = len(_BYTE_ORDER_MARK)

        while self._split(self._size) == UNSURE:
            self._decide()

    def _decide(self) -> None:
        """Take the line whose nested keys seem to repeat, or reject it."""
        work, start = self._work, self.count(kernel.POSITION)
        raw = _line_at(work.data, start)
        try:
            check_record(raw, self._rules)
        except RefusedError:
            rejects = self.count(kernel.REJECTS)
            work.tape.reject_starts[rejects] = start
            work.tape.reject_lines[rejects] = self.count(kernel.LINES)
            work.state[[kernel.REJECTS, kernel.LINES]] += 1
            work.state[kernel.POSITION] = start + len(raw) + 1
        else:
            self._work = work._replace(nesting=work.nesting._replace(repeats=True))
            rows = self.count(kernel.ROWS)
            self._split(start + 1)
            if self.count(kernel.ROWS) == rows:
                raise _defect(self.count(kernel.LINES))
            self._work = self._work._replace(nesting=work.nesting)

    def _split(self, end: int) -> int:
        while (status := kernel.split(self._work, end)) == kernel.FULL:
            self._work = self._work._replace(keys=kernel.grown(self._work.keys, self.count(kernel.KEYS)))
        return status

    def count(self, field: int) -> int:
        return int(self._work.state[field])

    def rejects(self) -> Rejects:
        tape, number = self._work.tape, self.count(kernel.REJECTS)
        starts, lines = tape.reject_starts[:number].copy(), tape.reject_lines[:number].copy()
        return Rejects(self._work.data, starts, lines, self._rules)

    def keys(self) -> Names:
        keys, number = self._work.keys, self.count(kernel.KEYS)
        texts = keys.texts[: self.count(kernel.KEY_BYTES)].tobytes()
        return Names(texts, keys.starts[:number].copy(), keys.lengths[:number].copy())

    @property
    def data(self) -> kernel.Bytes:
        return self._work.data

    def type_counts(self) -> kernel.Int32s:
        """A line per key, a column per type of value."""
        kinds = self._work.keys.kinds[: kernel.KINDS * self.count(kernel.KEYS)]
        return kinds.reshape(-1, kernel.KINDS)[:, :VALUE_TYPES].copy()

    def columns(self) -> kernel.Columns:
        columns = self._room.columns(self.type_counts().sum(axis=1, dtype=np.int64), self.count(kernel.ESCAPED))
        kernel.scatter(self._work.data, self._work.tape, self.count(kernel.ROWS), columns)
        return columns


def _defect(number: int) -> InternalError:
    return InternalError(
        f"line {number} is a record, but the kernel refuses it; nothing was committed. This is a defect of the "
        "converter"
    )


def _line_at(lines: kernel.Bytes, start: int) -> bytes:
    """The line at `start`, without its line feed."""
    end, step = start, _STEP
    while b"\n" not in (piece := lines[end : end + step].tobytes()):
        end, step = end + step, 2 * step
    return lines[start : end + piece.index(b"\n")].tobytes()
