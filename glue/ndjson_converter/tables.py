"""Parsed files as Arrow tables that have the batch's schema, a bounded number of rows at a time."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ndjson_converter.columns import Column, Schema, to_json_text
from ndjson_converter.parsed import JsonType, ParsedColumn, ParsedFile

# A cell costs four bytes even when it is null: this bounds a table of a wide, sparse file to tens of megabytes.
_CELLS_PER_TABLE = 8_000_000
_ROWS_PER_TABLE = 100_000

_Remarks = dict[int, dict[str, str]]


@dataclass(frozen=True)
class _Range:
    """The rows from `start` to before `end` of a file."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def of(self, column: ParsedColumn) -> ParsedColumn:
        """The values of these rows."""
        first, last = np.searchsorted(column.rows, [self.start, self.end]).tolist()
        return ParsedColumn(column.rows[first:last], column.types[first:last], column.texts.slice(first, last - first))


def to_tables(parsed: ParsedFile, schema: Schema, timestamp: str) -> Iterator[pa.Table]:
    """The rows of the file, in order, under `schema`; `timestamp` is the text of `_processing_timestamp`."""
    columns = parsed.select({column.key for column in schema.columns})
    overflow = _overflow(parsed, columns) if schema.overflow_keys else {}
    step = max(1, min(_ROWS_PER_TABLE, _CELLS_PER_TABLE // max(1, len(schema.columns))))
    for start in range(0, parsed.row_count, step):
        rows = _Range(start, min(start + step, parsed.row_count))
        arrays, remarks = _spread_columns(columns, rows, schema.columns)
        if schema.overflow_keys:
            arrays.append(_sparse(overflow, rows))
        arrays.append(pa.repeat(pa.scalar(timestamp, pa.string()), rows.size))
        arrays.append(pa.repeat(pa.scalar(parsed.source, pa.string()), rows.size))
        arrays.append(_sparse({row: json.dumps(types, ensure_ascii=False) for row, types in remarks.items()}, rows))
        yield pa.Table.from_arrays(arrays, schema=schema.arrow)


def _spread_columns(
    columns: Mapping[str, ParsedColumn], rows: _Range, wanted: Iterable[Column]
) -> tuple[list[pa.StringArray], _Remarks]:
    remarks: _Remarks = {}
    arrays = []
    for column in wanted:
        values = rows.of(columns[column.key]) if column.key in columns else None
        arrays.append(_spread(values, rows))
        _remark(remarks, column, values, rows)
    return arrays, remarks


def _spread(values: ParsedColumn | None, rows: _Range) -> pa.StringArray:
    """The texts with a null in every row that has no value."""
    if values is None:
        return pa.nulls(rows.size, pa.string())
    if len(values.rows) == rows.size:
        return values.texts
    positions: npt.NDArray[np.int64] = np.zeros(rows.size, dtype=np.int64)
    absent: npt.NDArray[np.bool_] = np.ones(rows.size, dtype=np.bool_)
    positions[values.rows - rows.start] = np.arange(len(values.rows))
    absent[values.rows - rows.start] = False
    return values.texts.take(pa.array(positions, mask=absent))


def _remark(remarks: _Remarks, column: Column, values: ParsedColumn | None, rows: _Range) -> None:
    """Note the type of each value of the column that is not as the column says."""
    types: npt.NDArray[np.uint8] = np.full(rows.size, JsonType.ABSENT, dtype=np.uint8)
    if values is not None:
        types[values.rows - rows.start] = values.types
    odd = np.flatnonzero((types != column.json_type) & (types != column.json_null))
    for row, code in zip((odd + rows.start).tolist(), types[odd].tolist(), strict=True):
        remarks.setdefault(row, {})[column.name] = JsonType(code).label


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


def _sparse(texts: Mapping[int, str], rows: _Range) -> pa.StringArray:
    if not texts:
        return pa.nulls(rows.size, pa.string())
    return pa.array([texts.get(row) for row in range(rows.start, rows.end)], pa.string())
