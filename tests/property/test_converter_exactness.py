"""For any input, each line is a row or a reject, and every value is the text that was sent.

The second opinion is Python's `json` on whole lines with number text kept. It shares no code with the reader: values
are compared as parsed objects, and the text of generated values is known because the test wrote it.
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ndjson_converter.columns import KeyCounts, unite
from ndjson_converter.lines import parse
from ndjson_converter.parsed import ParsedFile, Rules
from ndjson_converter.restore import restore
from ndjson_converter.tables import to_tables
from tests.second_opinion import Number, loads, second_opinion

SOURCE = "s3://bucket/key"
# A busy machine is no reason to fail.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def convert(data: bytes, max_columns: int = 1000) -> tuple[ParsedFile, pa.Table]:
    parsed = parse(data, SOURCE, Rules())
    schema = unite([KeyCounts.of(parsed, max_columns)], max_columns)
    tables = list(to_tables(parsed, schema, "now"))
    return parsed, pa.concat_tables(tables) if tables else schema.arrow.empty_table()


def as_column(value: Any) -> str | None:
    """What a column must hold for a value that has no text of its own in the test."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.text if isinstance(value, Number) else value


SPACE = st.sampled_from(["", "", "", " ", "\t", " \t "])
CHARACTERS = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from(["\0", "\x1f", '"', "\\", "/", "\n", "\u2028", "\U0001f600", "\u0301", "\ufeff"]),
)
NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)


@st.composite
def string_tokens(draw: st.DrawFn) -> str:
    """A JSON string in one of the ways to write it."""
    return json.dumps(draw(st.text(CHARACTERS, max_size=8)), ensure_ascii=draw(st.booleans()))


LEAVES = st.one_of(string_tokens(), NUMBERS, st.sampled_from(["true", "false", "null"]))


@st.composite
def containers(draw: st.DrawFn, children: st.SearchStrategy[str]) -> str:
    space = draw(SPACE)
    if draw(st.booleans()):
        return "[" + space + f"{space},".join(draw(st.lists(children, max_size=3))) + space + "]"
    return object_text(draw(members(children)), space)


def members(values: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    """Key -> token of its value; the keys are few, so that files share them."""
    keys = st.one_of(
        st.sampled_from(["a", "b", "A", "", "id", "_source_file", "a__2"]), st.text(CHARACTERS, max_size=6)
    )
    return st.dictionaries(keys, values, max_size=4)


def object_text(fields: dict[str, str], space: str = "") -> str:
    pairs = (f"{space}{json.dumps(key)}{space}:{space}{value}{space}" for key, value in fields.items())
    return "{" + ",".join(pairs) + "}"


VALUES = st.recursive(LEAVES, containers, max_leaves=6)
OBJECTS = members(VALUES)


@patient
@given(objects=st.lists(OBJECTS, max_size=5), space=SPACE, max_columns=st.sampled_from([1, 3, 1000]))
def test_every_value_is_the_text_that_was_sent(objects: list[dict[str, str]], space: str, max_columns: int) -> None:
    data = "\n".join(object_text(fields, space) for fields in objects).encode("utf-8")

    parsed, table = convert(data, max_columns)

    assert not parsed.rejects
    assert table.num_rows == len(objects)
    names = {key_of(field): field.name for field in table.schema if field.metadata}
    for fields, row in zip(objects, table.to_pylist(), strict=True):
        kept = {key: token for key, token in fields.items() if key in names}
        assert {key: row[names[key]] for key in kept} == {key: column_text(token) for key, token in kept.items()}
        assert all(row[name] is None for key, name in names.items() if key not in fields)


@patient
@given(objects=st.lists(OBJECTS, max_size=5), max_columns=st.sampled_from([1, 3, 1000]))
def test_the_objects_can_be_written_again(objects: list[dict[str, str]], max_columns: int) -> None:
    lines = [object_text(fields) for fields in objects]

    _, table = convert("\n".join(lines).encode("utf-8"), max_columns)

    assert [loads(text) for text in restore(table)] == [loads(line) for line in lines]


STRUCTURE = [b"{", b"}", b"[", b"]", b'"', b":", b",", b'"a"', b'"b"']
LITERALS = [b"1", b"0", b"-", b".", b"e", b"true", b"null", b"NaN"]
ESCAPES = [b"\\", b"\\u", b"d800", b"dc00", b"\\ud83d\\ude00"]
ODD_BYTES = [b" ", b"\t", b"\r", b"\n", b"\0", b"\xff", b"\xc3\xa9", b"\xef\xbb\xbf"]
BYTES_OF_JSON = st.sampled_from([*STRUCTURE, *LITERALS, *ESCAPES, *ODD_BYTES])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Good lines with a few bytes put in, taken out or repeated."""
    data = bytearray("\n".join(object_text(fields) for fields in draw(st.lists(OBJECTS, max_size=4))).encode())
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 3)))
        data[start:end] = draw(BYTES_OF_JSON)
    return bytes(data)


@settings(patient, max_examples=600)
@given(data=st.one_of(st.lists(BYTES_OF_JSON, max_size=30).map(b"".join), mutated(), st.binary(max_size=40)))
@example(b'{"a":1}{"a":1}')
@example(b"\xef\xbb\xbf{}")
@example(b'{"a":"\\ud83d\\ude00"}')
def test_any_bytes_are_rows_or_rejects_as_the_second_opinion_says(data: bytes) -> None:
    expected = second_opinion(data)

    parsed, table = convert(data)

    assert parsed.lines_in == len(expected) == parsed.row_count + len(parsed.rejects)
    assert [loads(text) for text in restore(table)] == [value for value in expected if value is not None]
    rows = list(offsets(data))
    assert [(reject.byte_offset, reject.raw) for reject in parsed.rejects] == [
        row for row, value in zip(rows, expected, strict=True) if value is None
    ]


def offsets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(byte offset, line) of the lines that are not blank."""
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    for line in data[start:].split(b"\n"):
        if line.strip(b" \t\r"):
            yield start, line
        start += len(line) + 1


def column_text(token: str) -> str | None:
    """A string's value, null, or the token itself."""
    token = token.strip(" \t")
    value = loads(token)
    return as_column(value) if value is None or isinstance(value, str) else token


def key_of(field: pa.Field) -> str:
    key: bytes = field.metadata.get(b"json_key", field.name.encode())
    return key.decode()
