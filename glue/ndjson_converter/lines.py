"""Strict NDJSON reading on Python's own JSON scanner: `parse` is the seam behind which a faster reader can take its
place.

Python's scanner is laxer than RFC 8259 in four places that are closed here: NaN and Infinity, lone surrogate escapes,
repeated keys, and depth, which it bounds by the interpreter's stack. Numbers are never converted, so no digit is lost
and no length is too long.
"""

import json
import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Never

import numpy as np
import pyarrow as pa

from ndjson_converter.parsed import MAX_DEPTH, JsonType, ParsedFile, Reject, RejectReason, Rules

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON_SPACE = " \t\r"
_BLANK = _JSON_SPACE.encode()
_TEXTS_PER_CHUNK = 65536
_SHOWN_CHARACTERS = 100
# The scanner takes one frame per level; the rest is room for the caller's own frames.
_RECURSION_LIMIT = MAX_DEPTH * 3

# A key without escapes, and its colon: nearly every key, in one step.
_plain_key = re.compile(rf'"([^"\\\x00-\x1f]*)"[{_JSON_SPACE}]*:[{_JSON_SPACE}]*').match
_skip_space = re.compile(f"[{_JSON_SPACE}]*").match
_token = re.compile(r'"(?>[^"\\]+|\\.?)*+(?:"|$)|[\[{]|[\]}]')
_surrogate_escape = re.compile(r"\\u[dD][89a-fA-F]")
_escape = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<lone>u[dD][89a-fA-F]..)|.)")
_TYPE_OF_FIRST_CHARACTER = {
    '"': JsonType.STRING,
    "t": JsonType.BOOLEAN,
    "f": JsonType.BOOLEAN,
    "n": JsonType.NULL,
    "{": JsonType.OBJECT,
    "[": JsonType.ARRAY,
}

_Members = tuple[list[str], list[int], list[str | None]]


class _RefusedError(Exception):
    """The line is not a record."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class _ConstantError(Exception):
    """NaN, Infinity or -Infinity."""


def parse(data: bytes, source: str, rules: Rules) -> ParsedFile:
    """Read a whole file: every line that is not blank is a row or a reject.

    Lines end at LF (a CR before it is JSON white space); a byte order mark is allowed at the very start only.
    """
    values = _Values()
    rejects: list[Reject] = []
    lines_in = lines_blank = 0
    with _room_for_nesting():
        for number, (offset, raw) in enumerate(_split(data), start=1):
            if not raw.strip(_BLANK):
                lines_blank += 1
                continue
            lines_in += 1
            try:
                values.add_row(*_parse_line(raw, rules))
            except _RefusedError as refused:
                rejects.append(Reject(number, offset, refused.reason, refused.detail, raw))
    return values.to_parsed_file(source, lines_in, lines_blank, rejects)


def _split(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(byte offset, line without its LF) of every line; nothing after the last LF is no line."""
    start = len(_BYTE_ORDER_MARK) if data.startswith(_BYTE_ORDER_MARK) else 0
    while start < len(data):
        end = data.find(b"\n", start)
        if end < 0:
            end = len(data)
        yield start, data[start:end]
        start = end + 1


def _parse_line(raw: bytes, rules: Rules) -> _Members:
    text = _decode(raw)
    _check_depth(text)
    keys, types, texts = _object_members(text, _DECODERS[rules.on_duplicate_key])
    _check_surrogates(text)
    if len(set(keys)) == len(keys):
        return keys, types, texts
    if rules.on_duplicate_key == "reject":
        _refuse_repeated(keys)
    last = dict(zip(keys, zip(types, texts, strict=True), strict=True))
    return list(last), [kind for kind, _ in last.values()], [value for _, value in last.values()]


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _RefusedError(RejectReason.NOT_UTF8, f"{error.reason} at byte {error.start + 1} of the line") from error


def _object_members(text: str, decoder: json.JSONDecoder) -> _Members:
    """The keys, types and exact texts of the object that is the whole line."""
    position = _after_space(text, 0)
    if text[position] != "{":
        _refuse_other_document(text, position, decoder)
    keys: list[str] = []
    types: list[int] = []
    texts: list[str | None] = []
    position = _after_space(text, position + 1)
    more = text[position : position + 1] != "}"
    while more:
        key, start = _key(text, position, decoder)
        value, position = _value(text, start, decoder)
        kind = _TYPE_OF_FIRST_CHARACTER.get(text[start], JsonType.NUMBER)
        keys.append(key)
        types.append(kind)
        texts.append(value if kind <= JsonType.NUMBER else None if kind == JsonType.NULL else text[start:position])
        position = _after_space(text, position)
        more = text[position : position + 1] == ","
        if more:
            position = _after_space(text, position + 1)
    _expect(text, position, "}")
    _expect_end(text, position + 1)
    return keys, types, texts


def _key(text: str, position: int, decoder: json.JSONDecoder) -> tuple[str, int]:
    """The key at `position` and the position of its value."""
    if plain := _plain_key(text, position):
        return plain[1], plain.end()
    _expect(text, position, '"')
    key, position = _value(text, position, decoder)
    position = _after_space(text, position)
    _expect(text, position, ":")
    return key, _after_space(text, position + 1)


def _value(text: str, position: int, decoder: json.JSONDecoder) -> tuple[Any, int]:
    try:
        return decoder.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise _RefusedError(RejectReason.NOT_JSON, _at(error.pos, error.msg)) from error
    except _ConstantError as error:
        raise _RefusedError(RejectReason.NOT_JSON, _at(position, f"{error} is not JSON")) from error


def _after_space(text: str, position: int) -> int:
    if text[position : position + 1] in _JSON_SPACE:
        return _skip_space(text, position).end()  # type: ignore[union-attr]  # the pattern matches everywhere
    return position


def _expect(text: str, position: int, character: str) -> None:
    if text[position : position + 1] != character:
        found = ascii(text[position]) if position < len(text) else "the end of the line"
        raise _RefusedError(RejectReason.NOT_JSON, _at(position, f"expected {character} but found {found}"))


def _expect_end(text: str, position: int) -> None:
    position = _after_space(text, position)
    if position < len(text):
        raise _RefusedError(RejectReason.NOT_JSON, _at(position, f"extra data after the value: {text[position]!a}"))


def _refuse_other_document(text: str, position: int, decoder: json.JSONDecoder) -> Never:
    _, end = _value(text, position, decoder)
    _expect_end(text, end)
    kind = _TYPE_OF_FIRST_CHARACTER.get(text[position], JsonType.NUMBER)
    raise _RefusedError(RejectReason.NOT_AN_OBJECT, _at(position, f"the line is a JSON {kind.label}"))


def _at(position: int, message: str) -> str:
    return f"column {position + 1}: {message}"


def _check_depth(text: str) -> None:
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    depth = 0
    for token in _token.finditer(text):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise _RefusedError(RejectReason.TOO_DEEP, _at(token.start(), f"nested deeper than {MAX_DEPTH}"))


def _check_surrogates(text: str) -> None:
    """Refuse half of a pair: it is no character, and no UTF-8 can hold it.

    `text` is valid JSON, so every backslash is an escape.
    """
    if not _surrogate_escape.search(text):
        return
    for escape in _escape.finditer(text):
        if escape["lone"]:
            detail = _at(escape.start(), f"\\{escape['lone']} is half of a surrogate pair")
            raise _RefusedError(RejectReason.LONE_SURROGATE, detail)


def _refuse_repeated(keys: list[str], where: str = "") -> Never:
    repeated = next(key for key, times in Counter(keys).items() if times > 1)
    # ASCII, because the key may hold a lone surrogate, with which the reject could not be written.
    shown = json.dumps(repeated[:_SHOWN_CHARACTERS], ensure_ascii=True)
    raise _RefusedError(RejectReason.DUPLICATE_KEY, f"key {shown} occurs twice{where}")


def _refuse_nested_repeats(pairs: list[tuple[str, Any]]) -> None:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        _refuse_repeated(keys, " in a nested object")


def _refuse_constant(name: str) -> Never:
    raise _ConstantError(name)


def _decoder(refuse_repeats: bool) -> json.JSONDecoder:
    hook = _refuse_nested_repeats if refuse_repeats else None
    return json.JSONDecoder(object_pairs_hook=hook, parse_float=str, parse_int=str, parse_constant=_refuse_constant)


_DECODERS = {"reject": _decoder(refuse_repeats=True), "last": _decoder(refuse_repeats=False)}


@contextmanager
def _room_for_nesting() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class _KeyNumbers(dict[str, int]):
    """Numbers keys in order of first appearance."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


class _Values:
    """Collects values row by row; gives them back key by key."""

    def __init__(self) -> None:
        self._numbers = _KeyNumbers()
        self._row_count = 0
        self._columns = array("i")
        self._rows = array("i")
        self._types = bytearray()
        self._texts: list[str | None] = []
        self._chunks: list[pa.StringArray] = []

    def add_row(self, keys: list[str], types: list[int], texts: list[str | None]) -> None:
        self._columns.extend([self._numbers[key] for key in keys])
        self._rows.extend([self._row_count] * len(keys))
        self._types.extend(types)
        self._texts.extend(texts)
        self._row_count += 1
        if len(self._texts) >= _TEXTS_PER_CHUNK:
            self._flush()

    def to_parsed_file(self, source: str, lines_in: int, lines_blank: int, rejects: list[Reject]) -> ParsedFile:
        self._flush()
        columns = np.frombuffer(self._columns, dtype=np.int32)
        order = np.argsort(columns, kind="stable")
        return ParsedFile(
            source=source,
            row_count=self._row_count,
            lines_in=lines_in,
            lines_blank=lines_blank,
            keys=tuple(self._numbers),
            counts=np.bincount(columns, minlength=len(self._numbers)),
            rows=np.frombuffer(self._rows, dtype=np.int32)[order],
            types=np.frombuffer(self._types, dtype=np.uint8)[order],
            texts=pa.concat_arrays(self._chunks).take(pa.array(order)),
            rejects=tuple(rejects),
        )

    def _flush(self) -> None:
        """Move the texts collected so far out of Python objects, which need several times the memory."""
        self._chunks.append(pa.array(self._texts, pa.string()))
        self._texts = []
