"""One line read exactly, on Python's own JSON scanner: whether it is a record, and if not, why not.

Python's scanner is laxer than RFC 8259 in four places that are closed here: NaN and Infinity, lone surrogate escapes,
repeated keys, and depth, which it bounds by the interpreter's stack. Numbers are never converted, so no digit is lost
and no length is too long.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Never

from ndjson_converter.parsed import MAX_DEPTH, JsonType, RejectReason, Rules

_JSON_SPACE = " \t\r"
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


class RefusedError(Exception):
    """The line is not a record."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class _ConstantError(Exception):
    """NaN, Infinity or -Infinity."""


def check_record(raw: bytes, rules: Rules) -> None:
    """Raise RefusedError when the line, without its LF, is not a record."""
    with _room_for_nesting():
        text = _decode(raw)
        _check_depth(text)
        keys = _object_keys(text, _DECODERS[rules.on_duplicate_key])
        _check_surrogates(text)
        if rules.on_duplicate_key == "reject" and len(set(keys)) < len(keys):
            _refuse_repeated(keys)


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RefusedError(RejectReason.NOT_UTF8, f"{error.reason} at byte {error.start + 1} of the line") from error


def _object_keys(text: str, decoder: json.JSONDecoder) -> list[str]:
    """The keys of the object that is the whole line."""
    position = _after_space(text, 0)
    if text[position] != "{":
        _refuse_other_document(text, position, decoder)
    keys: list[str] = []
    position = _after_space(text, position + 1)
    more = text[position : position + 1] != "}"
    while more:
        key, start = _key(text, position, decoder)
        keys.append(key)
        _, end = _value(text, start, decoder)
        position = _after_space(text, end)
        more = text[position : position + 1] == ","
        if more:
            position = _after_space(text, position + 1)
    _expect(text, position, "}")
    _expect_end(text, position + 1)
    return keys


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
        raise RefusedError(RejectReason.NOT_JSON, _at(error.pos, error.msg)) from error
    except _ConstantError as error:
        raise RefusedError(RejectReason.NOT_JSON, _at(position, f"{error} is not JSON")) from error


def _after_space(text: str, position: int) -> int:
    if text[position : position + 1] in _JSON_SPACE:
        return _skip_space(text, position).end()  # type: ignore[union-attr]  # the pattern matches everywhere
    return position


def _expect(text: str, position: int, character: str) -> None:
    if text[position : position + 1] != character:
        found = ascii(text[position]) if position < len(text) else "the end of the line"
        raise RefusedError(RejectReason.NOT_JSON, _at(position, f"expected {character} but found {found}"))


def _expect_end(text: str, position: int) -> None:
    position = _after_space(text, position)
    if position < len(text):
        raise RefusedError(RejectReason.NOT_JSON, _at(position, f"extra data after the value: {text[position]!a}"))


def _refuse_other_document(text: str, position: int, decoder: json.JSONDecoder) -> Never:
    _, end = _value(text, position, decoder)
    _expect_end(text, end)
    kind = _TYPE_OF_FIRST_CHARACTER.get(text[position], JsonType.NUMBER)
    raise RefusedError(RejectReason.NOT_AN_OBJECT, _at(position, f"the line is a JSON {kind.label}"))


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
            raise RefusedError(RejectReason.TOO_DEEP, _at(token.start(), f"nested deeper than {MAX_DEPTH}"))


def _check_surrogates(text: str) -> None:
    """Refuse half of a pair: it is no character, and no UTF-8 can hold it.

    `text` is valid JSON, so every backslash is an escape.
    """
    if not _surrogate_escape.search(text):
        return
    for escape in _escape.finditer(text):
        if escape["lone"]:
            detail = _at(escape.start(), f"\\{escape['lone']} is half of a surrogate pair")
            raise RefusedError(RejectReason.LONE_SURROGATE, detail)


def _refuse_repeated(keys: list[str], where: str = "") -> Never:
    repeated = next(key for key, times in Counter(keys).items() if times > 1)
    # ASCII, because the key may hold a lone surrogate, with which the reject could not be written.
    shown = json.dumps(repeated[:_SHOWN_CHARACTERS], ensure_ascii=True)
    raise RefusedError(RejectReason.DUPLICATE_KEY, f"key {shown} occurs twice{where}")


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
