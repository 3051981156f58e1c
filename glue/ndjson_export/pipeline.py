"""Parquet of the pipeline back to the objects that were sent, token for token: names, numbers and nested values as they
were written. The metadata columns go.

docs/data-contracts.md says what the converter writes; this reads it, without the converter, whose Python is newer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Callable, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ndjson_export.forms import name_text, texts
from ndjson_export.texts import (
    Piece,
    Tokens,
    as_string,
    cut,
    join,
    join_or_nothing,
    or_null,
)

TYPES_COLUMN = "_json_types"
OVERFLOW_COLUMN = "_overflow"
METADATA_COLUMNS = ("_processing_timestamp", "_source_file", TYPES_COLUMN)
TYPE_FIELD, NULL_FIELD, KEY_FIELD = b"json_type", b"json_null", b"json_key"

STRING, NULL, ABSENT = "string", "null", "absent"
_KINDS = (STRING, "number", "boolean", "object", "array", NULL, ABSENT)


class Column(NamedTuple):
    """A column of the converter's: the place in the file, the member's name and colon, and the types it expects."""

    place: int
    name: str
    member: str
    kind: str
    null_kind: str


def pipeline_rows(schema: pa.Schema) -> Callable[[pa.RecordBatch, str, str], pa.Array] | None:
    """How the rows of a part are written; None when the converter did not write it."""
    columns = _columns(schema)
    if columns is None:
        return None
    overflow = schema.get_field_index(OVERFLOW_COLUMN)
    types_place = schema.get_field_index(TYPES_COLUMN)

    def rows(batch: pa.RecordBatch, before: str, behind: str) -> pa.Array:
        remarks = _Remarks(batch.column(types_place))
        members = [(column.member, _values(batch.column(column.place), column, remarks)) for column in columns]
        if overflow >= 0:
            members.append(("", Tokens(_inner(batch.column(overflow)))))
        if not members:
            # Every object that was sent is empty.
            return pa.array([before + "{}" + behind] * batch.num_rows, pa.string())
        return _objects(members, before, behind)

    return rows


def _objects(members: Sequence[tuple[str, Tokens]], before: str, behind: str) -> pa.Array:
    """Objects that have those of the members that are not null."""
    # A member that no row lacks needs no look at each row for its comma; nor do the others then, on its two sides.
    always = next((place for place, (_, values) in enumerate(members) if not values.texts.null_count), None)
    if always is None:
        present = join_or_nothing([join(values.with_marks("," + name, "")) for name, values in members])
        return join([before + "{", cut(present, 1, 0), "}" + behind])
    pieces: list[Piece] = [before + "{"]
    for place, (name, values) in enumerate(members):
        left, right = "," if place > always else "", "," if place < always else ""
        if values.texts.null_count:
            pieces.append(join(values.with_marks(left + name, right)))
        else:
            pieces += values.between(left + name, right)
    return join_or_nothing([*pieces, "}" + behind])


def _columns(schema: pa.Schema) -> list[Column] | None:
    if not set(METADATA_COLUMNS).issubset(schema.names):
        return None
    columns = []
    for place, field in enumerate(schema):
        if not (pa.types.is_string(field.type) or pa.types.is_large_string(field.type)):
            return None
        if field.name in (*METADATA_COLUMNS, OVERFLOW_COLUMN):
            continue
        metadata = field.metadata or {}
        kind, null_kind = (metadata.get(name, b"").decode() for name in (TYPE_FIELD, NULL_FIELD))
        if kind not in _KINDS or null_kind not in (NULL, ABSENT):
            return None
        key = metadata.get(KEY_FIELD, field.name.encode()).decode()
        columns.append(Column(place, field.name, name_text(key) + ":", kind, null_kind))
    return columns


class _Remarks:
    """What `_json_types` says of the rows of a batch. Few remarks are different, so each is parsed once."""

    def __init__(self, column: pa.Array) -> None:
        self._kinds: dict[str, list[tuple[int, str]]] = {}
        if column.null_count == len(column):
            return
        encoded = pc.dictionary_encode(column)
        self._codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
        for code, remark in enumerate(encoded.dictionary.to_pylist()):
            for name, kind in json.loads(remark).items():
                self._kinds.setdefault(name, []).append((code, kind))

    def kinds(self, name: str) -> dict[str, pa.Array]:
        """The kinds that the column has somewhere against its expectation, with the rows that have them."""
        found: dict[str, np.ndarray] = {}
        for code, kind in self._kinds.get(name, []):
            rows = self._codes == code
            found[kind] = found[kind] | rows if kind in found else rows
        return {kind: pa.array(rows) for kind, rows in found.items()}


def _values(values: pa.Array, column: Column, remarks: _Remarks) -> Tokens:
    """The value of each row, null where the row has no such key."""
    values = as_string(values)
    odd = remarks.kinds(column.name)
    if not odd and not (values.null_count and column.null_kind == NULL):
        return texts(values) if column.kind == STRING else Tokens(values)
    quoted = texts(values).whole if STRING in (column.kind, *odd) else values
    tokens = quoted if column.kind == STRING else values
    if column.null_kind == NULL:
        tokens = or_null(tokens)
    for kind, rows in odd.items():
        other = pa.scalar(_null_token(kind), pa.string()) if kind in (NULL, ABSENT) else values
        tokens = pc.if_else(rows, quoted if kind == STRING else other, tokens)
    return Tokens(tokens)


def _null_token(kind: str) -> str | None:
    return "null" if kind == NULL else None


def _inner(overflow: pa.Array) -> pa.Array:
    """What stands between the braces of the overflow's objects, null where there is none or it is empty."""
    inner = cut(as_string(overflow), 1, 1)
    return pc.if_else(pc.greater(pc.binary_length(inner), 0), inner, pa.scalar(None, pa.string()))
