"""Parsed files as Arrow tables that have the batch's schema, a bounded number of rows at a time."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ndjson_converter import spread
from ndjson_converter.columns import Column, Schema, to_json_text
from ndjson_converter.parsed import JsonType, ParsedFile

# A cell costs four bytes even when it is null: this bounds a table of a wide, sparse file to tens of megabytes.
_CELLS_PER_TABLE = 8_000_000
_ROWS_PER_TABLE = 100_000


def to_tables(parsed: ParsedFile, schema: Schema, timestamp: str) -> Iterator[pa.Table]:
    """The rows of the file, in order, under `schema`; `timestamp` is the text of `_processing_timestamp`."""
    file = _File(parsed, schema.columns)
    overflow = _overflow(parsed, {column.key for column in schema.columns}) if schema.overflow_keys else {}
    step = max(1, min(_ROWS_PER_TABLE, _CELLS_PER_TABLE // max(1, len(schema.columns))))
    for start in range(0, parsed.row_count, step):
        rows = range(start, min(start + step, parsed.row_count))
        arrays, remarks = file.columns(rows)
        if schema.overflow_keys:
            arrays.append(_sparse(overflow, rows))
        arrays += [_repeat(timestamp, rows), _repeat(parsed.source, rows), remarks]
        yield pa.Table.from_arrays(arrays, schema=schema.arrow)


class _File:
    """A parsed file, of which `columns` are wanted."""

    def __init__(self, parsed: ParsedFile, columns: Sequence[Column]) -> None:
        self._texts = parsed.texts
        self._rows, self._types = _read_only(parsed.rows), _read_only(parsed.types)
        self._offsets = _read_only(_offsets(parsed.texts))
        counts = dict(zip(parsed.keys, parsed.counts.tolist(), strict=True))
        ends = dict(zip(parsed.keys, np.cumsum(parsed.counts).tolist(), strict=True))
        self._ends = np.array([ends.get(column.key, 0) for column in columns], dtype=np.int64)
        self._firsts = self._ends - np.array([counts.get(column.key, 0) for column in columns], dtype=np.int64)
        self._columns = columns
        self._expected = np.array([[column.json_type, column.json_null] for column in columns], dtype=np.uint8)

    def columns(self, rows: range) -> tuple[list[pa.StringArray], pa.StringArray]:
        """The cells of these rows column by column, and the remarks on them."""
        types, nulls = self._expected.reshape(-1, 2).T.copy()
        wanted = spread.Rows(rows.start, len(rows), types, nulls)
        values = spread.Values(
            self._rows, self._types, self._offsets, self._before(rows.start), self._before(rows.stop)
        )
        cells = spread.Cells(
            nulls=np.empty(len(self._columns), dtype=np.int64),
            odd=np.empty(len(self._columns), dtype=np.uint8),
            offsets=np.empty((len(self._columns), len(rows) + 1), dtype=np.int32),
            validity=np.empty((len(self._columns), (len(rows) + 7) // 8), dtype=np.uint8),
        )
        spread.spread(values, wanted, cells)
        texts = self._to_arrow(values.firsts, len(rows), cells)
        odd = np.flatnonzero(cells.odd)
        if not len(odd):
            return texts, pa.nulls(len(rows), pa.string())
        values = values._replace(firsts=values.firsts[odd], ends=values.ends[odd])
        wanted = wanted._replace(types=types[odd], nulls=nulls[odd])
        return texts, _remarks(values, wanted, [self._columns[column] for column in odd.tolist()])

    def _before(self, row: int) -> spread.Int64s:
        """Where the values of each column stand that belong to `row` or a later one."""
        if row == 0:
            return self._firsts
        spans = zip(self._firsts.tolist(), self._ends.tolist(), strict=True)
        return np.array([first + np.searchsorted(self._rows[first:end], row) for first, end in spans], dtype=np.int64)

    def _to_arrow(self, firsts: spread.Int64s, size: int, cells: spread.Cells) -> list[pa.StringArray]:
        offsets, validity = pa.py_buffer(cells.offsets), pa.py_buffer(cells.validity)
        texts = self._texts.buffers()[2]
        arrays = []
        for column, (first, nulls) in enumerate(zip(firsts.tolist(), cells.nulls.tolist(), strict=True)):
            if nulls == 0:
                arrays.append(self._texts.slice(first, size))
            elif nulls == size:
                arrays.append(pa.nulls(size, pa.string()))
            else:
                bits = validity.slice(column * cells.validity.shape[1], cells.validity.shape[1])
                starts = offsets.slice(column * cells.offsets.strides[0], cells.offsets.strides[0])
                arrays.append(pa.StringArray.from_buffers(size, starts, texts, bits, nulls))
        return arrays


def _remarks(values: spread.Values, rows: spread.Rows, columns: Sequence[Column]) -> pa.StringArray:
    """For each row that has cells which are not as their columns say, their types as a JSON object."""
    fragments = _fragments(columns)
    sizes = np.zeros(rows.size, dtype=np.int64)
    spread.remark_sizes(values, rows, fragments, sizes)
    offsets = np.zeros(rows.size + 1, dtype=np.int32)
    ends = np.cumsum(sizes, out=np.empty(rows.size, dtype=np.int64))
    offsets[1:] = ends
    texts = np.empty(int(offsets[-1]), dtype=np.uint8)
    spread.remark(values, rows, fragments, spread.Remarks(ends - sizes, ends, texts))
    validity = pa.py_buffer(np.packbits(sizes > 0, bitorder="little"))
    return pa.StringArray.from_buffers(rows.size, pa.py_buffer(offsets), pa.py_buffer(texts), validity)


def _fragments(columns: Sequence[Column]) -> spread.Fragments:
    texts = [
        f"{json.dumps(column.name, ensure_ascii=False)}: {json.dumps(kind.label)}".encode()
        for column in columns
        for kind in JsonType
    ]
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    offsets[1:] = np.cumsum([len(text) for text in texts])
    return spread.Fragments(np.frombuffer(b"".join(texts), dtype=np.uint8), offsets)


def _offsets(texts: pa.StringArray) -> npt.NDArray[np.int32]:
    buffer = texts.buffers()[1]
    if not len(texts):
        return np.zeros(1, dtype=np.int32)
    return np.frombuffer(buffer, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array as one that is not written, whether it is in memory or mapped from a file: the native code is compiled
    for this kind alone.
    """
    view = array.view()
    view.flags.writeable = False
    return view


def _repeat(text: str, rows: range) -> pa.StringArray:
    return pa.repeat(pa.scalar(text, pa.string()), len(rows))


def _overflow(parsed: ParsedFile, own: Collection[str]) -> dict[int, str]:
    """Row -> the members that have no column, as the text of one JSON object; keys in order of first appearance."""
    numbers = np.repeat(np.arange(len(parsed.keys)), parsed.counts)
    foreign = np.array([key not in own for key in parsed.keys], dtype=np.bool_)
    places = np.flatnonzero(foreign[numbers])
    members: dict[int, list[str]] = {}
    for row, number, code, text in zip(
        parsed.rows[places].tolist(),
        numbers[places].tolist(),
        parsed.types[places].tolist(),
        parsed.texts.take(pa.array(places)).to_pylist(),
        strict=True,
    ):
        name = to_json_text(JsonType.STRING, parsed.keys[number])
        members.setdefault(row, []).append(f"{name}: {to_json_text(JsonType(code), text)}")
    return {row: "{" + ", ".join(parts) + "}" for row, parts in members.items()}


def _sparse(texts: Mapping[int, str], rows: range) -> pa.StringArray:
    return pa.array([texts.get(row) for row in rows], pa.string())
