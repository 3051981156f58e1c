"""From converted rows back to the objects that were sent, token for token: names, numbers and nested values as they
were written.
"""

import json
from collections.abc import Iterator

import pyarrow as pa

from ndjson_converter.columns import (
    KEY_FIELD,
    METADATA_COLUMNS,
    NULL_FIELD,
    OVERFLOW_COLUMN,
    TYPE_FIELD,
    TYPES_COLUMN,
    Column,
    to_json_text,
)
from ndjson_converter.parsed import JsonType


def restore(table: pa.Table) -> Iterator[str]:
    """The JSON object of each row of a part, members in column order.

    Raises KeyError when the table is not the converter's.
    """
    columns = [_column(field) for field in table.schema if field.name not in (*METADATA_COLUMNS, OVERFLOW_COLUMN)]
    for batch in table.to_batches():
        for row in batch.to_pylist():
            yield "{" + ", ".join(_members(row, columns)) + "}"


def _column(field: pa.Field) -> Column:
    metadata = field.metadata
    return Column(
        key=metadata.get(KEY_FIELD, field.name.encode()).decode(),
        name=field.name,
        json_type=JsonType[metadata[TYPE_FIELD].decode().upper()],
        json_null=JsonType[metadata[NULL_FIELD].decode().upper()],
    )


def _members(row: dict[str, str | None], columns: list[Column]) -> Iterator[str]:
    odd = json.loads(row[TYPES_COLUMN] or "{}")
    for column in columns:
        text = row[column.name]
        expected = column.json_null if text is None else column.json_type
        kind = JsonType[odd[column.name].upper()] if column.name in odd else expected
        if kind != JsonType.ABSENT:
            yield f"{to_json_text(JsonType.STRING, column.key)}: {to_json_text(kind, text)}"
    overflow = row.get(OVERFLOW_COLUMN)
    if overflow:
        yield overflow[1:-1]
