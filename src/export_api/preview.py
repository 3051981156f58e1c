"""The first rows of a result, as a table of text. No I/O.

A cell is what the file says: the characters of a string, and of anything else its JSON text, number for number. So
`1.10` stays `1.10`, which a JSON number in an answer would not. Null, or a key that a row does not have, is null.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MAX_ROWS = 100
MAX_BYTES = 256 * 1024
MAX_COLUMNS = 500
MAX_CELL = 1_000
READ_BYTES = 1024 * 1024
"""Bytes of the result that are read, and the most that a compressed one is opened to."""
CUT = "…"

ColumnType = Literal["string", "number", "boolean", "object", "array", "mixed", "null"]


@dataclass(frozen=True, slots=True)
class Column:
    """A key of the rows; `type` is the one JSON type of its values, `mixed` for several, `null` for none."""

    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by position of the columns. `is_cut`: the result has more than is shown."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str | None, ...], ...]
    is_cut: bool


class _Number(str):
    """The text of a number."""

    __slots__ = ()


def table_of(content: bytes, *, is_gzip: bool, is_whole: bool, limit: int) -> Table:
    """The first rows of a result's beginning.

    Args:
        is_whole: whether the content is all of the result.
        limit: rows, at most.
    """
    text, is_opened = _text(content, is_gzip=is_gzip)
    is_complete = is_whole and is_opened
    objects = _objects(text)
    rows: list[Mapping[str, Any]] = []
    for row in objects:
        if len(rows) == limit:
            return _table(rows, is_cut=True)
        rows.append(row)
    return _table(rows, is_cut=not is_complete)


def _text(content: bytes, *, is_gzip: bool) -> tuple[str, bool]:
    """The characters that the bytes begin with, and whether nothing more is in them."""
    is_opened = True
    if is_gzip:
        opener = zlib.decompressobj(wbits=31)
        content = opener.decompress(content, READ_BYTES)
        is_opened = opener.eof and not opener.unused_data
    # The last character may be cut in two.
    return content.decode(errors="ignore"), is_opened


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """The objects of NDJSON, or of one array, as far as they are whole."""
    decoder = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number)
    position = _skip(text, 0)
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except ValueError:
            return
        if isinstance(value, dict):
            yield value
        position = _skip(text, position)


def _skip(text: str, position: int) -> int:
    """The next position where a value can begin: past white space, and the array's own brackets and commas."""
    while position < len(text) and text[position] in " \t\r\n[],":
        position += 1
    return position


def _table(rows: Sequence[Mapping[str, Any]], *, is_cut: bool) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    shown = names[:MAX_COLUMNS]
    cells, size = list[tuple[str | None, ...]](), sum(len(name.encode()) for name in shown)
    for row in rows:
        line = tuple(_cell(row.get(name)) for name in shown)
        size += sum(len((cell or "null").encode()) + 3 for cell in line)
        if size > MAX_BYTES:
            return Table(_columns(shown, rows), tuple(cells), is_cut=True)
        cells.append(line)
    return Table(_columns(shown, rows), tuple(cells), is_cut=is_cut or len(shown) < len(names))


def _columns(names: Iterable[str], rows: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(name[:MAX_CELL], _type_of_all(row.get(name) for row in rows)) for name in names)


def _type_of_all(values: Iterable[Any]) -> ColumnType:
    kinds = {_type_of(value) for value in values if value is not None}
    return "null" if not kinds else kinds.pop() if len(kinds) == 1 else "mixed"


def _type_of(value: Any) -> ColumnType:
    if isinstance(value, _Number):
        return "number"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else _json(value)
    return text if len(text) <= MAX_CELL else text[:MAX_CELL] + CUT


def _json(value: Any) -> str:
    """JSON text with the numbers as they were written."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json(name)}: {_json(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
