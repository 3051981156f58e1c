"""From converted rows back to the objects that were sent, token for token: names, numbers and nested values as they
were written.
"""

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
import pyarrow.parquet as pq

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
from ndjson_converter.errors import StorageError
from ndjson_converter.parsed import JsonType

_ROWS_AT_ONCE = 4096


def restore(table: pa.Table) -> Iterator[str]:
    """The JSON object of each row of a part, members in column order.

    Raises KeyError when the table is not the converter's.
    """
    columns = [_column(field) for field in table.schema if field.name not in (*METADATA_COLUMNS, OVERFLOW_COLUMN)]
    for batch in table.to_batches():
        for row in batch.to_pylist():
            yield "{" + ", ".join(_members(row, columns)) + "}"


def restore_files(parts: Sequence[Path], output: Path) -> int:
    """Write the objects of the parts as NDJSON, gzip when the name ends so; the file appears when it is whole. Returns
    how many they are.

    Raises StorageError when a file cannot be read or written, or is not the converter's.
    """
    objects = 0
    try:
        with _replacing(output) as file:
            for path in parts:
                for text in _objects(path):
                    file.write(text.encode("utf-8") + b"\n")
                    objects += 1
    except OSError as error:
        raise StorageError(f"cannot restore {output}: {error}") from error
    return objects


def _objects(path: Path) -> Iterator[str]:
    try:
        with pq.ParquetFile(path) as part:
            for batch in part.iter_batches(_ROWS_AT_ONCE):
                yield from restore(pa.Table.from_batches([batch], part.schema_arrow))
    except (pa.ArrowInvalid, KeyError) as error:
        raise StorageError(f"{path} is not a Parquet file of this converter: {error!r}") from error


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=path.parent) as folder:
        whole = Path(folder) / path.name
        with cast(IO[bytes], gzip.open(whole, "wb")) if path.suffix == ".gz" else whole.open("wb") as file:
            yield file
        whole.replace(path)


def _column(field: pa.Field) -> Column:
    metadata = field.metadata or {}
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
