"""What a file holds according to Python's `json`, number text kept: the opinion that the Parquet is checked against.

It shares no code with the converter. A record is compared as a whole: for each key its JSON type and its text, where
the text of a string is unescaped and that of every other value is the source text.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, NoReturn

Value = tuple[str, str | None]
Record = dict[str, Value]

MAX_DEPTH = 1_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON_SPACE = b" \t\r\n"
_SPACE = re.compile(r"[ \t\r\n]*")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]')
_TYPES = {'"': "string", "{": "object", "[": "array", "t": "boolean", "f": "boolean", "n": "null"}


class NotARecordError(ValueError):
    """The line is not one strict JSON object."""


@dataclass(frozen=True)
class Opinion:
    """The records of one file as digests, each with how often it occurs, and the numbers (from 1) of other lines."""

    records: Counter[bytes]
    rejected: frozenset[int]

    @property
    def lines(self) -> int:
        """Lines that are not blank."""
        return self.records.total() + len(self.rejected)


def opinion(path: Path) -> Opinion:
    """Read one NDJSON file, line by line."""
    records: Counter[bytes] = Counter()
    rejected = set()
    for number, line in _lines(path):
        try:
            records[digest(parse(line))] += 1
        except NotARecordError:
            rejected.add(number)
    return Opinion(records, frozenset(rejected))


def digest(record: Record) -> bytes:
    """16 bytes that stand for a record; the order of its keys does not matter."""
    return blake2b(json.dumps(sorted(record.items())).encode(), digest_size=16).digest()


def parse(line: bytes) -> Record:
    """One line as a record.

    Raises:
        NotARecordError: the line is not UTF-8, not one strict JSON object, has a key twice or a lone surrogate, or
            nests too deep.
    """
    try:
        with _deep_stack():
            return dict(_fields(_valid_object(line.decode("utf-8").strip(" \t\r\n"))))
    except ValueError as error:
        raise NotARecordError(str(error)) from error


def _valid_object(text: str) -> str:
    """The text itself, when it is one strict JSON object."""
    if _depth(text) > MAX_DEPTH:
        raise NotARecordError(f"nested deeper than {MAX_DEPTH}")
    values = _DECODER.decode(text)
    if not isinstance(values, dict):
        raise NotARecordError("not an object")
    if "\\u" in text:
        # Nested strings are compared as source text: a lone surrogate in one shows only here.
        json.dumps(values, ensure_ascii=False).encode("utf-8")
    return text


def _fields(text: str) -> Iterator[tuple[str, Value]]:
    """The top-level keys of an object that is known to be valid, each with the type and text of its value."""
    position = _skip_space(text, text.index("{") + 1)
    while text[position] != "}":
        key, position = _DECODER.raw_decode(text, position)
        start = _skip_space(text, text.index(":", position) + 1)
        value, end = _DECODER.raw_decode(text, start)
        yield key, _typed(text[start:end], value)
        position = _skip_space(text, end)
        if text[position] == ",":
            position = _skip_space(text, position + 1)


def _typed(source: str, value: Any) -> Value:
    kind = _TYPES.get(source[0], "number")
    if kind == "null":
        return kind, None
    return kind, value if kind == "string" else source


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            content = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
            if content.strip(_JSON_SPACE):
                yield number, content


def _depth(text: str) -> int:
    """How deep the text nests; counting is skipped when it cannot matter."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for match in _BRACKETS.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match.group(), 0)
        deepest = max(deepest, depth)
    return deepest


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


@contextmanager
def _deep_stack() -> Iterator[None]:
    """Python's scanner takes a stack frame per level of nesting."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 4 * MAX_DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise NotARecordError("a key twice")
    return values


def _not_json(constant: str) -> NoReturn:
    raise NotARecordError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=_not_json, object_pairs_hook=_unique_keys, strict=True
)
