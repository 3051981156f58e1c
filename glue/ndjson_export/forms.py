"""The JSON form of each type, as docs/export-json-forms.md has them: a function of a column that gives each value's
JSON text, null where the value is null.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Callable, Union

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from ndjson_export.binary import base64, uuids
from ndjson_export.errors import BadParquetError
from ndjson_export.numbers import booleans, decimals, durations, floats, plain
from ndjson_export.texts import (
    Coded,
    Offsets,
    Piece,
    Tokens,
    Words,
    as_string,
    escape,
    in_quotes,
    join_or_null,
    or_null,
    quote,
    validity,
    with_nulls_of,
)
from ndjson_export.times import dates, times, timestamps

Form = Callable[[pa.Array], Union[Tokens, Coded]]

_LIST, _OBJECT = ("[", "]"), ("{", "}")
# Values of a dictionary that are kept until another one comes; more would be memory for each of many columns.
_FEW = 1_000

# What Parquet says of a leaf that its Arrow type does not: see `leaf_kinds`.
TEXT, UUID, OTHER = "text", "uuid", "other"


def form_of(kind: pa.DataType, leaves: Iterator[str]) -> Form:
    """The form of a column; takes the kinds of its leaves from `leaves`.

    Raises BadParquetError for a type that has no form.
    """
    if isinstance(kind, pa.BaseExtensionType):
        storage = form_of(kind.storage_type, leaves)
        return lambda array: storage(array.storage)
    for is_kind, nested in _NESTED:
        if is_kind(kind):
            return nested(kind, leaves)
    return _leaf(kind, next(leaves))


def _leaf(kind: pa.DataType, leaf: str) -> Form:
    if leaf == UUID and kind == pa.binary(16):
        return uuids
    if leaf == TEXT and types.is_binary(kind):
        return lambda array: texts(array.view(pa.string()))
    for is_kind, form in _LEAVES:
        if is_kind(kind):
            return form
    raise BadParquetError(f"has the type {kind}, which has no JSON form")


def texts(array: pa.Array) -> Tokens:
    """JSON strings: what must be escaped is, everything else is as it was.

    Raises BadParquetError when a text is not UTF-8.
    """
    array = as_string(array)
    try:
        array.validate(full=True)
    except pa.ArrowInvalid as error:
        raise BadParquetError("holds text that is not UTF-8; write it as binary, or mend it") from error
    return in_quotes(escape(array))


def _nulls(array: pa.Array) -> Tokens:
    return Tokens(pa.nulls(len(array), pa.string()))


def _binary(array: pa.Array) -> Tokens:
    return base64(array if types.is_binary(array.type) else pc.cast(array, pa.binary()))


def _fixed_size_binary(array: pa.Array) -> Tokens:
    """As values of varying size: only their offsets are missing."""
    width = array.type.byte_width
    _, data = array.buffers()
    offsets = np.arange(array.offset, array.offset + len(array) + 1, dtype=np.int64) * width
    buffers = [validity(array), pa.py_buffer(offsets.astype(np.int32)), data]
    return _binary(pa.Array.from_buffers(pa.binary(), len(array), buffers, array.null_count))


def _dictionary(kind: pa.DictionaryType, leaves: Iterator[str]) -> Form:
    values = form_of(kind.value_type, leaves)
    last: list[Words] = []

    def form(array: pa.DictionaryArray) -> Tokens | Coded:
        if len(array.dictionary) > len(array):
            return values(array.dictionary_decode())
        # Another thread may change it between two looks.
        for words in last[:1]:
            if words.dictionary.equals(array.dictionary):
                return Coded(words, array.indices)
        words = Words(array.dictionary, values(array.dictionary))
        if len(array.dictionary) <= _FEW:
            last[:] = [words]
        return Coded(words, array.indices)

    return form


def _struct(kind: pa.StructType, leaves: Iterator[str]) -> Form:
    fields = [kind[place] for place in range(kind.num_fields)]
    check_names([field.name for field in fields])
    forms = [form_of(field.type, leaves) for field in fields]
    names = [name_text(field.name) for field in fields]

    def form(array: pa.StructArray) -> Tokens:
        members = [form(array.field(place)) for place, form in enumerate(forms)]
        return Tokens(with_nulls_of(objects(names, members, "", ""), array))

    return form


def _list(kind: pa.ListType, leaves: Iterator[str]) -> Form:
    values = form_of(kind.value_type, leaves)

    def form(array: pa.ListArray) -> Tokens:
        offsets = _offsets(array)
        elements = array.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
        return _joined(values(elements), offsets - offsets[0], array, _LIST)

    return form


def _fixed_size_list(kind: pa.FixedSizeListType, leaves: Iterator[str]) -> Form:
    width, values = kind.list_size, form_of(kind.value_type, leaves)

    def form(array: pa.FixedSizeListArray) -> Tokens:
        # None is null: pyarrow cannot read those.
        offsets = np.arange(len(array) + 1, dtype=np.int64) * width
        return _joined(values(array.flatten()), offsets, array, _LIST)

    return form


def _offsets(array: pa.ListArray | pa.MapArray) -> Offsets:
    """Where each list begins in the values and the last ends."""
    is_large = types.is_large_list(array.type)
    if not len(array):
        return np.zeros(1, dtype=np.int64)
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64 if is_large else np.int32)
    return offsets[array.offset : array.offset + len(array) + 1].astype(np.int64)


def _joined(elements: Tokens | Coded, offsets: Offsets, like: pa.Array, brackets: tuple[str, str]) -> Tokens:
    """Each list's elements with commas between them and brackets around them; null where `like` is."""
    left, right = brackets
    if isinstance(elements, Tokens) and elements.are_alone and np.all(offsets[1:] > offsets[:-1]):
        # No list is empty: the marks of the elements stand beside the commas and the brackets.
        texts, comma = elements.texts, elements.right + "," + elements.left
        left, right = left + elements.left, elements.right + right
    else:
        texts, comma = or_null(elements.whole), ","
    buffers = [validity(like), pa.py_buffer(offsets.astype(np.int32))]
    lists = pa.Array.from_buffers(pa.list_(pa.string()), len(like), buffers, like.null_count, children=[texts])
    return Tokens(pc.binary_join(lists, comma), left, right)


def _map(kind: pa.MapType, leaves: Iterator[str]) -> Form:
    keys, items = form_of(kind.key_type, leaves), form_of(kind.item_type, leaves)
    is_text = types.is_string(kind.key_type) or types.is_large_string(kind.key_type)

    def form(array: pa.MapArray) -> Tokens:
        offsets = _offsets(array)
        first, size = int(offsets[0]), int(offsets[-1] - offsets[0])
        names = keys(array.keys.slice(first, size)).whole
        if names.null_count:
            raise BadParquetError("holds a map with a key that is null")
        values = items(array.items.slice(first, size))
        members = join_or_null([names if is_text else _as_names(names), *values.between(":", "")])
        return _joined(Tokens(members), offsets - first, array, _OBJECT)

    return form


def _as_names(keys: pa.Array) -> pa.Array:
    """JSON values as names of members: those that are no strings become some."""
    return pc.if_else(pc.starts_with(keys, pattern='"'), keys, quote(keys))


def objects(names: Sequence[str], members: Sequence[Tokens | Coded], before: str, behind: str) -> pa.Array:
    """JSON objects from the names and the columns of their members, each with the same text before and behind it."""
    pieces: list[Piece] = []
    for place, (name, member) in enumerate(zip(names, members)):
        pieces += member.between(("," if place else before + "{") + name + ":", "")
    return join_or_null([*pieces, "}" + behind])


def name_text(name: str) -> str:
    """The JSON string of a column's name."""
    return str(quote(pa.array([name], pa.string()))[0].as_py())


def check_names(names: Sequence[str]) -> None:
    """Raises BadParquetError when two are the same: a JSON object would lose one of them."""
    seen = set()
    for name in names:
        if name in seen:
            raise BadParquetError(
                f'has two columns that are both called "{name}"; give each a name of its own and upload the file again'
            )
        seen.add(name)


_NESTED = (
    (types.is_dictionary, _dictionary),
    (types.is_struct, _struct),
    (types.is_map, _map),
    (types.is_fixed_size_list, _fixed_size_list),
    (types.is_list, _list),
    (types.is_large_list, _list),
)
_LEAVES = (
    (types.is_null, _nulls),
    (types.is_boolean, booleans),
    (types.is_integer, plain),
    (types.is_floating, floats),
    (types.is_decimal, decimals),
    (types.is_string, texts),
    (types.is_large_string, texts),
    (types.is_binary, _binary),
    (types.is_large_binary, _binary),
    (types.is_fixed_size_binary, _fixed_size_binary),
    (types.is_date, dates),
    (types.is_time, times),
    (types.is_timestamp, timestamps),
    (types.is_duration, durations),
)
