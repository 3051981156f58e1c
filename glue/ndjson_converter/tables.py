"""Parsed files as Arrow tables that have the columns of the batch, a bounded number of rows at a time. Texts are views
of the bytes that were read, which a table therefore keeps in memory.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from functools import cache

import numpy as np
import pyarrow as pa

from ndjson_converter import kernel
from ndjson_converter.columns import Column, Schema, to_json_text
from ndjson_converter.parsed import JsonType, ParsedFile

# A cell costs 16 bytes even when it is null: this bounds a table of a wide, sparse file to tens of megabytes.
_CELLS_PER_TABLE = 2_000_000
_ROWS_PER_TABLE = 100_000
_VIEW_BYTES = 16


def to_tables(parsed: ParsedFile, schema: Schema, timestamp: str) -> Iterator[pa.Table]:
    """The rows of the file, in order, as `schema` says; `timestamp` is the text of `_processing_timestamp`."""
    file = _File(parsed, schema)
    overflow = _Overflow(parsed, schema.keys) if schema.overflow_keys else None
    step = max(1, min(_ROWS_PER_TABLE, _CELLS_PER_TABLE // max(1, len(schema.columns))))
    for start in range(0, parsed.row_count, step):
        rows = range(start, min(start + step, parsed.row_count))
        arrays, remarks = file.columns(rows)
        if overflow:
            arrays.append(overflow.column(rows))
        arrays += [_same(timestamp, rows), _same(parsed.source, rows), remarks]
        yield pa.Table.from_arrays(arrays, schema=schema.views)


class _File:
    """A parsed file, of which the columns of `schema` are wanted."""

    def __init__(self, parsed: ParsedFile, schema: Schema) -> None:
        self._parsed = parsed
        self._buffers = [pa.py_buffer(buffer) for buffer in parsed.buffers]
        wanted = set(schema.keys)
        numbers = {key: number for number, key in enumerate(parsed.keys) if key in wanted}
        # One key more, which has no values, stands for those that the file does not have.
        ends = np.append(np.cumsum(parsed.counts), 0)
        firsts = ends - np.append(parsed.counts, 0)
        places = [numbers.get(key, -1) for key in schema.keys]
        self._firsts: kernel.Int64s = firsts[places]
        self._ends: kernel.Int64s = ends[places]
        self._schema = schema

    def columns(self, rows: range) -> tuple[list[pa.StringViewArray], pa.StringArray]:
        """The cells of these rows column by column, and the remarks on them."""
        types, nulls = self._schema.expected
        wanted = kernel.Wanted(rows.start, len(rows), types, nulls)
        parsed = self._parsed
        values = kernel.Values(
            parsed.rows, parsed.types, parsed.views, self._before(rows.start), self._before(rows.stop)
        )
        looks = kernel.Looks(np.empty(len(types), dtype=np.int64), np.empty(len(types), dtype=np.uint8))
        kernel.look(values, wanted, looks)
        mixed = (looks.nulls > 0) & (looks.nulls < len(rows))
        sparse = mixed & (values.ends - values.firsts < len(rows))
        cells = kernel.room_for(0).cells(int(mixed.sum()), int(sparse.sum()), len(rows))
        kernel.spread(values, wanted, looks, cells)
        texts = self._to_arrow(values, looks.nulls, len(rows), cells)
        odd = np.flatnonzero(looks.odd)
        if not len(odd):
            return texts, _all_nulls(pa.string()).slice(0, len(rows))
        values = values._replace(firsts=values.firsts[odd], ends=values.ends[odd])
        wanted = wanted._replace(types=types[odd], nulls=nulls[odd])
        return texts, _remarks(values, wanted, [self._schema.columns[column] for column in odd.tolist()])

    def _before(self, row: int) -> kernel.Int64s:
        """Where the values of each column stand that belong to `row` or a later one."""
        if row == 0:
            return self._firsts
        if row == self._parsed.row_count:
            return self._ends
        spans = zip(self._firsts.tolist(), self._ends.tolist(), strict=True)
        rows = self._parsed.rows
        return np.array([first + np.searchsorted(rows[first:end], row) for first, end in spans], dtype=np.int64)

    def _to_arrow(
        self, values: kernel.Values, null_counts: kernel.Int64s, size: int, cells: kernel.Cells
    ) -> list[pa.StringViewArray]:
        all_views, validity, views = map(pa.py_buffer, (values.views, cells.validity, cells.views))
        bits_at = views_at = 0
        arrays = []
        for first, end, nulls in zip(values.firsts.tolist(), values.ends.tolist(), null_counts.tolist(), strict=True):
            if nulls == size:
                arrays.append(_all_nulls(pa.string_view()).slice(0, size))
                continue
            bits = None
            if nulls:
                bits = validity.slice(bits_at, kernel.bytes_of_bits(size))
                bits_at += kernel.bytes_of_bits(size)
            if end - first == size:
                own = all_views.slice(first * _VIEW_BYTES, size * _VIEW_BYTES)
            else:
                own = views.slice(views_at, size * _VIEW_BYTES)
                views_at += size * _VIEW_BYTES
            arrays.append(pa.Array.from_buffers(pa.string_view(), size, [bits, own, *self._buffers], nulls))
        return arrays


def _remarks(values: kernel.Values, rows: kernel.Wanted, columns: Sequence[Column]) -> pa.StringArray:
    """For each row that has cells which are not as their columns say, their types as a JSON object."""
    fragments = _fragments(columns)
    sizes = np.zeros(rows.size, dtype=np.int64)
    kernel.remark_sizes(values, rows, fragments, sizes)
    offsets = np.zeros(rows.size + 1, dtype=np.int32)
    ends = np.cumsum(sizes, out=np.empty(rows.size, dtype=np.int64))
    offsets[1:] = ends
    texts = np.empty(int(offsets[-1]), dtype=np.uint8)
    kernel.remark(values, rows, fragments, kernel.Remarks(ends - sizes, ends, texts))
    validity = pa.py_buffer(np.packbits(sizes > 0, bitorder="little"))
    return pa.StringArray.from_buffers(rows.size, pa.py_buffer(offsets), pa.py_buffer(texts), validity)


def _fragments(columns: Sequence[Column]) -> kernel.Fragments:
    texts = [
        f"{json.dumps(column.name, ensure_ascii=False)}: {json.dumps(kind.label)}".encode()
        for column in columns
        for kind in JsonType
    ]
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    offsets[1:] = np.cumsum([len(text) for text in texts])
    return kernel.Fragments(np.frombuffer(b"".join(texts), dtype=np.uint8), offsets)


@cache
def _all_nulls(kind: pa.DataType) -> pa.Array:
    return pa.nulls(_ROWS_PER_TABLE, kind)


@cache
def _zeros() -> pa.Int32Array:
    return pa.array(np.zeros(_ROWS_PER_TABLE, dtype=np.int32))


def _same(text: str, rows: range) -> pa.DictionaryArray:
    """The text in every row; the writer takes it as it is, without a look at each."""
    first = pa.array([text], pa.string())
    return pa.DictionaryArray.from_arrays(_zeros().slice(0, len(rows)), first, safe=False)


class _Overflow:
    """The values of a parsed file whose keys have no column."""

    def __init__(self, parsed: ParsedFile, own: Collection[str]) -> None:
        self._parsed = parsed
        own = frozenset(own)
        foreign = np.fromiter((key not in own for key in parsed.keys), np.bool_, len(parsed.keys))
        numbers = np.repeat(np.arange(len(parsed.keys), dtype=np.int32), parsed.counts)
        places = np.flatnonzero(foreign[numbers])
        # Row by row, in a row by first appearance of the key.
        self._places = places[np.argsort(parsed.rows[places], kind="stable")]
        self._numbers = numbers[self._places]
        self._rows = parsed.rows[self._places]

    def column(self, rows: range) -> pa.StringViewArray:
        """For each row its values as the text of one JSON object."""
        first, end = np.searchsorted(self._rows, [rows.start, rows.stop]).tolist()
        places = self._places[first:end]
        members: dict[int, list[str]] = {}
        for row, number, code, text in zip(
            self._rows[first:end].tolist(),
            self._numbers[first:end].tolist(),
            self._parsed.types[places].tolist(),
            self._parsed.texts(places).to_pylist(),
            strict=True,
        ):
            name = to_json_text(JsonType.STRING, self._parsed.keys[number])
            members.setdefault(row, []).append(f"{name}: {to_json_text(JsonType(code), text)}")
        texts = {row: "{" + ", ".join(parts) + "}" for row, parts in members.items()}
        return pa.array([texts.get(row) for row in rows], pa.string_view())
