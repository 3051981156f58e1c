"""From the keys of every file to the columns of the batch: order, names, JSON types, overflow. Rules only, no I/O.

Names. A column is called as its key, unless the catalog would take it for another one (they differ only in case), or
it is one of the converter's own columns: then it is the key in lower case with the first of `__2`, `__3`, ... that is
free. The empty key, which no catalog can name, is treated as if it were `_empty`. The first key to appear has the
first choice, so names depend on the manifest alone.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ndjson_converter.parsed import VALUE_TYPES, JsonType, ParsedFile

TIMESTAMP_COLUMN = "_processing_timestamp"
SOURCE_COLUMN = "_source_file"
TYPES_COLUMN = "_json_types"
OVERFLOW_COLUMN = "_overflow"
# The catalog table's partition key, which Athena takes from the path; a data column of that name would hide it.
PARTITION_COLUMN = "date_prefix"
METADATA_COLUMNS = (TIMESTAMP_COLUMN, SOURCE_COLUMN, TYPES_COLUMN)
EMPTY_KEY_NAME = "_empty"

TYPE_FIELD, NULL_FIELD, KEY_FIELD = b"json_type", b"json_null", b"json_key"


@dataclass(frozen=True)
class KeyCounts:
    """What one file says about its keys: the first `max_columns` of them, in order of first appearance, and how many
    more there are.

    `type_counts` has a line per key and a column per JsonType code. A key of the batch's columns stands among the
    first `max_columns` of the file it appears in first, so leaving out the rest loses no column, only part of the
    statistics by which a column's type is chosen.
    """

    rows: int
    keys: tuple[str, ...]
    type_counts: npt.NDArray[np.int64]
    more_keys: int

    @classmethod
    def of(cls, parsed: ParsedFile, max_columns: int) -> "KeyCounts":
        keys = tuple(parsed.keys[:max_columns])
        counts = parsed.type_counts[:max_columns].astype(np.int64)
        return cls(parsed.row_count, keys, counts, len(parsed.keys) - len(keys))


@dataclass(frozen=True)
class Column:
    """One Parquet column.

    A value of `json_type` and a null for `json_null` (NULL or ABSENT) need no remark in `_json_types`.
    """

    key: str
    name: str
    json_type: JsonType
    json_null: JsonType

    @property
    def field(self) -> pa.Field:
        metadata = {TYPE_FIELD: self.json_type.label.encode(), NULL_FIELD: self.json_null.label.encode()}
        if self.name != self.key:
            metadata[KEY_FIELD] = self.key.encode()
        return pa.field(self.name, pa.string(), metadata=metadata)


@dataclass(frozen=True)
class Schema:
    """The columns of a batch.

    `overflow_keys` keys are kept in `_overflow`; a key counts once per file that alone has too many keys.
    """

    columns: tuple[Column, ...]
    overflow_keys: int

    @cached_property
    def arrow(self) -> pa.Schema:
        """The schema of every part: the keys, `_overflow` when it is needed, then the metadata columns."""
        added = ((OVERFLOW_COLUMN,) if self.overflow_keys else ()) + METADATA_COLUMNS
        return pa.schema([column.field for column in self.columns] + [pa.field(name, pa.string()) for name in added])

    @cached_property
    def views(self) -> pa.Schema:
        """The same for tables in memory, whose texts are views, but for those that the converter makes itself."""
        same = pa.dictionary(pa.int32(), pa.string())
        own = {TIMESTAMP_COLUMN: same, SOURCE_COLUMN: same, TYPES_COLUMN: pa.string()}
        return pa.schema([field.with_type(own.get(field.name, pa.string_view())) for field in self.arrow])

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(column.key for column in self.columns)

    @cached_property
    def expected(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """The type and the meaning of null that each column has."""
        types = np.array([column.json_type for column in self.columns], dtype=np.uint8)
        return types, np.array([column.json_null for column in self.columns], dtype=np.uint8)

    def has_room_for(self, file: KeyCounts) -> bool:
        """Whether each key of the file has a column, or a place in `_overflow`."""
        return bool(self.overflow_keys) or not (file.more_keys or set(file.keys).difference(self.keys))

    def has_columns_of(self, other: "Schema") -> bool:
        """Whether a part that was written for the other has the columns of this one."""
        return self.keys == other.keys and bool(self.overflow_keys) == bool(other.overflow_keys)

    @property
    def renamed(self) -> dict[str, str]:
        return {column.key: column.name for column in self.columns if column.name != column.key}


def unite(files: Iterable[KeyCounts], max_columns: int) -> Schema:
    """The columns of a batch from its files in manifest order: the first `max_columns` keys to appear, the rest
    overflows.
    """
    found = list(files)
    rows, more_keys = sum(file.rows for file in found), sum(file.more_keys for file in found)
    numbers: dict[str, int] = {}
    places = [[numbers.setdefault(key, len(numbers)) for key in file.keys] for file in found]
    totals = np.zeros((len(numbers), VALUE_TYPES), dtype=np.int64)
    for file, own in zip(found, places, strict=True):
        totals[own] += file.type_counts
    kept = list(numbers)[:max_columns]
    names = _name(kept)
    columns = tuple(_column(key, names[key], counts, rows) for key, counts in zip(kept, totals, strict=False))
    return Schema(columns, len(numbers) - len(kept) + more_keys)


def _column(key: str, name: str, counts: npt.NDArray[np.int64], rows: int) -> Column:
    nulls = int(counts[JsonType.NULL])
    absent = rows - int(counts.sum())
    json_type = JsonType(int(np.argmax(counts[: JsonType.NULL])))
    return Column(key, name, json_type, JsonType.NULL if nulls > absent else JsonType.ABSENT)


def _name(keys: Iterable[str]) -> dict[str, str]:
    taken = {*METADATA_COLUMNS, OVERFLOW_COLUMN, PARTITION_COLUMN}
    names: dict[str, str] = {}
    for key in keys:
        wanted = key or EMPTY_KEY_NAME
        name, number = wanted, 1
        while name.lower() in taken:
            number += 1
            name = f"{wanted.lower()}__{number}"
        taken.add(name.lower())
        names[key] = name
    return names


def to_json_text(kind: JsonType, text: str | None) -> str:
    """The JSON token of a value that is kept as `text`."""
    if kind == JsonType.NULL or text is None:
        return "null"
    return json.dumps(text, ensure_ascii=False) if kind == JsonType.STRING else text
