"""Reads Parquet rows back into the records that were sent, from the Parquet and its metadata alone."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from local.second_opinion import Record, parse

SOURCE = "_source_file"
TYPES = "_json_types"
OVERFLOW = "_overflow"
_OWN_COLUMNS = (SOURCE, TYPES, "_processing_timestamp")
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class _Column:
    """One data column: its name, the key as sent, the type of its values and what its null means."""

    name: str
    key: str
    kind: str
    null: str


def part_records(content: bytes, sources: Collection[str]) -> Iterator[tuple[str, Record]]:
    """(source URI, record) for each row of one Parquet object whose source is among `sources`."""
    parquet = pq.ParquetFile(pa.BufferReader(content))
    columns = [_column(field) for field in parquet.schema_arrow if field.name not in _OWN_COLUMNS]
    wanted = pa.array(sorted(sources), pa.string())
    for batch in parquet.iter_batches(_ROWS_AT_ONCE):
        for row in batch.filter(pc.is_in(batch[SOURCE], wanted)).to_pylist():
            yield row[SOURCE], _record(row, columns)


def row_count(content: bytes) -> int:
    """Rows of one Parquet object, from its footer."""
    return int(pq.ParquetFile(pa.BufferReader(content)).metadata.num_rows)


def _column(field: Any) -> _Column:
    metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    key = metadata.get("json_key", field.name)
    return _Column(field.name, key, metadata.get("json_type", "string"), metadata.get("json_null", "absent"))


def _record(row: dict[str, str | None], columns: list[_Column]) -> Record:
    exceptions: dict[str, str] = json.loads(row[TYPES] or "{}")
    record: Record = {}
    for column in columns:
        value = row[column.name]
        if column.name == OVERFLOW:
            record |= parse(value.encode()) if value else {}
            continue
        kind = exceptions.get(column.name, column.null if value is None else column.kind)
        if kind != "absent":
            record[column.key] = (kind, value)
    return record
