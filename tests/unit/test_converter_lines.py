"""What becomes of good lines: the text and type of each value, the order of keys, and the numbers of the lines."""

import pytest

from ndjson_converter.lines import parse
from ndjson_converter.parsed import MAX_DEPTH, JsonType, ParsedFile, Rules
from tests.parsed_columns import columns_of

STRICT = Rules()
GOOD_BEFORE, GOOD_AFTER = b'{"good":"before"}', b'{"good":"after"}'


def nested(depth: int) -> bytes:
    """An object whose deepest bracket is at `depth`."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def cells(parsed: ParsedFile) -> dict[tuple[int, str], tuple[JsonType, str | None]]:
    """(row, key) -> (type, text) of every value."""
    return {
        (row, key): (JsonType(kind), text)
        for key, column in columns_of(parsed).items()
        for row, kind, text in zip(column.rows.tolist(), column.types.tolist(), column.texts.to_pylist(), strict=True)
    }


ACCEPTED = {
    "empty object": (b"{}", {}),
    "space everywhere": (b' \t{ "a" :\t[ 1 , 2 ] ,\r"b" : "x" } \r', {"a": "[ 1 , 2 ]", "b": "x"}),
    "trailing zero": (b'{"a":1.10}', {"a": "1.10"}),
    "minus zero": (b'{"a":-0}', {"a": "-0"}),
    "exponent": (b'{"a":1E+400,"b":-1.5e-07}', {"a": "1E+400", "b": "-1.5e-07"}),
    "many digits": (b'{"a":0.1234567890123456789}', {"a": "0.1234567890123456789"}),
    "more digits than Python converts": (b'{"a":' + b"9" * 5000 + b"}", {"a": "9" * 5000}),
    "nested with many digits": (b'{"a":[' + b"9" * 5000 + b"]}", {"a": "[" + "9" * 5000 + "]"}),
    "nested numbers": (b'{"a":{"b":[1.0,1e2,-0.0]}}', {"a": '{"b":[1.0,1e2,-0.0]}'}),
    "booleans": (b'{"a":true,"b":false}', {"a": "true", "b": "false"}),
    "null": (b'{"a":null}', {"a": None}),
    "escapes": (b'{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t"}', {"a": '"\\/\b\f\n\r\t'}),
    "NUL": (b'{"a":"x\\u0000y"}', {"a": "x\0y"}),
    "surrogate pair": (b'{"a":"\\uD83D\\uDE00"}', {"a": "\U0001f600"}),
    "escaped backslash before u": (b'{"a":"\\\\ud800"}', {"a": "\\ud800"}),
    "nested escapes stay": (b'{"a":["\\u00e9\\ud83d\\ude00"]}', {"a": '["\\u00e9\\ud83d\\ude00"]'}),
    "raw Unicode": ('{"ключ":"значение \u2028 \U0001f600"}'.encode(), {"ключ": "значение \u2028 \U0001f600"}),
    "noncharacter": ('{"a":"\uffff"}'.encode(), {"a": "\uffff"}),
    "DEL": (b'{"a":"\x7f"}', {"a": "\x7f"}),
    "empty key": (b'{"":1}', {"": "1"}),
    "escaped key": (b'{"\\u0061\\n":1}', {"a\n": "1"}),
    "string that looks like JSON": (b'{"a":"{\\"b\\":[1,2]}"}', {"a": '{"b":[1,2]}'}),
    "as deep as allowed": (nested(MAX_DEPTH), {"a": "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)}),
    "objects as deep as allowed": (
        b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH,
        {"a": '{"a":' * (MAX_DEPTH - 1) + "1" + "}" * (MAX_DEPTH - 1)},
    ),
    "wide, not deep": (b'{"a":[' + b",".join([b"[]"] * 3000) + b"]}", {"a": "[" + ",".join(["[]"] * 3000) + "]"}),
    "brackets in a string": (b'{"a":"' + b"[" * 3000 + b'"}', {"a": "[" * 3000}),
    "same key at two levels": (b'{"a":{"a":{"a":1}}}', {"a": '{"a":{"a":1}}'}),
}


@pytest.mark.parametrize(("line", "expected"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_good_line_keeps_the_text_of_every_value(line: bytes, expected: dict[str, str | None]) -> None:
    parsed = parse(b"\n".join([GOOD_BEFORE, line, GOOD_AFTER]), "s3://b/k", STRICT)

    assert not parsed.rejects
    assert {key: text for (row, key), (_, text) in cells(parsed).items() if row == 1} == expected


def test_each_value_carries_its_json_type() -> None:
    line = b'{"s":"","n":0,"t":true,"f":false,"o":{},"a":[],"z":null}'

    types = {key: kind.label for (_, key), (kind, _) in cells(parse(line, "s3://b/k", STRICT)).items()}

    assert types == {
        "s": "string",
        "n": "number",
        "t": "boolean",
        "f": "boolean",
        "o": "object",
        "a": "array",
        "z": "null",
    }


def test_blank_lines_line_ends_and_the_byte_order_mark() -> None:
    data = b'\xef\xbb\xbf{"a":1}\r\n\n \t\r\n{"a":2}\n\n{"a":3}'

    parsed = parse(data, "s3://b/k", STRICT)

    assert [text for _, text in cells(parsed).values()] == ["1", "2", "3"]
    assert (parsed.lines_in, parsed.lines_blank, parsed.row_count) == (3, 3, 3)


def test_line_numbers_and_offsets_count_blank_lines_and_the_byte_order_mark() -> None:
    parsed = parse(b'\xef\xbb\xbf\n{"a":1}\r\nbad\n', "s3://b/k", STRICT)

    (reject,) = parsed.rejects
    assert (reject.line_number, reject.byte_offset, reject.raw) == (3, 13, b"bad")


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf \r\n\n"])
def test_a_file_without_records(data: bytes) -> None:
    parsed = parse(data, "s3://b/k", STRICT)

    assert (parsed.row_count, parsed.lines_in, len(parsed.rejects), tuple(parsed.keys)) == (0, 0, 0, ())


def test_the_last_value_counts_when_the_rule_says_so() -> None:
    line = b'{"a":1,"b":{"x":1,"x":2},"a":"two"}'

    parsed = parse(line, "s3://b/k", Rules(on_duplicate_key="last"))

    assert tuple(parsed.keys) == ("a", "b")
    assert cells(parsed) == {
        (0, "a"): (JsonType.STRING, "two"),
        (0, "b"): (JsonType.OBJECT, '{"x":1,"x":2}'),
    }


def test_keys_are_in_order_of_first_appearance() -> None:
    parsed = parse(b'{"b":1}\n{"a":1,"b":2}\nbad {"z":1}\n{"c":1}\n', "s3://b/k", STRICT)

    assert tuple(parsed.keys) == ("b", "a", "c")
    assert [column.rows.tolist() for column in columns_of(parsed).values()] == [[0, 1], [1], [2]]


def test_a_rejected_line_leaves_no_key_behind() -> None:
    parsed = parse(b'{"a":1,"b":NaN}\n{"c":1}', "s3://b/k", STRICT)

    assert tuple(parsed.keys) == ("c",)
