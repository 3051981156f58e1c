"""Tables to a Parquet file in row groups of a useful size, with dictionaries and statistics where they pay."""

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from io import RawIOBase
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from ndjson_converter.columns import TYPE_FIELD
from ndjson_converter.parsed import JsonType

# Rows are gathered to row groups of about this many bytes of memory, so that scans read few and large column chunks.
_ROW_GROUP_BYTES = 80 * 1024 * 1024
# A column gets a dictionary when, among so many of its first values, each occurs so often on average. The few decide
# when they do, or when no two are equal; else the many.
_FEW_VALUES, _MANY_VALUES = 128, 2048
_REPETITIONS = 4
# Nobody looks for an object between two others.
_WITHOUT_STATISTICS = {JsonType.OBJECT.label.encode(), JsonType.ARRAY.label.encode()}

Sink = RawIOBase | IO[bytes]


def write_parquet(sink: Sink, schema: pa.Schema, tables: Iterator[pa.Table]) -> int:
    """Write the tables, holding one row group at a time; returns the number of rows.

    Their texts are views, but readers are told `schema`. How columns are encoded is decided by the first row group.
    """
    rows = 0
    with ExitStack() as stack:
        writer: pq.ParquetWriter | None = None
        for group in _row_groups(tables):
            writer = writer or stack.enter_context(_writer(sink, schema, group))
            writer.write_table(group, row_group_size=group.num_rows)
            rows += group.num_rows
            del group  # before the next one is gathered, so that its memory can be used again
        if not writer:
            stack.enter_context(_writer(sink, schema, schema.empty_table()))
    return rows


def _writer(sink: Sink, schema: pa.Schema, first: pa.Table) -> pq.ParquetWriter:
    writer = pq.ParquetWriter(
        sink,
        first.schema,
        compression="snappy",
        use_dictionary=[name for name in schema.names if _repeats(first.column(name))],
        write_statistics=[field.name for field in schema if _type_of(field) not in _WITHOUT_STATISTICS],
        store_schema=False,
    )
    # What `store_schema` would write, of the schema that is meant.
    writer.add_key_value_metadata({"ARROW:schema": base64.b64encode(schema.serialize()).decode()})
    return writer


def _row_groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    gathered: list[pa.Table] = []
    size = 0
    for table in tables:
        gathered.append(table)
        size += table.get_total_buffer_size()
        del table
        if size >= _ROW_GROUP_BYTES:
            yield _taken(gathered)
            size = 0
    if gathered:
        yield _taken(gathered)


def _taken(gathered: list[pa.Table]) -> pa.Table:
    """The tables as one; the list is empty afterwards, so that nothing else keeps them."""
    group = pa.concat_tables(gathered).unify_dictionaries()
    gathered.clear()
    return group


def _repeats(column: pa.ChunkedArray) -> bool:
    for chunk in column.iterchunks():
        for size in (_FEW_VALUES, _MANY_VALUES):
            # In Python: importing pyarrow.compute would take longer.
            values = [value for value in chunk.slice(0, size).to_pylist() if value is not None]
            different = len(set(values))
            if values and (size == _MANY_VALUES or different == len(values) or different * _REPETITIONS <= len(values)):
                return different * _REPETITIONS <= len(values)
    return True


def _type_of(field: pa.Field) -> Any:
    return (field.metadata or {}).get(TYPE_FIELD)
