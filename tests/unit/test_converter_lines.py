"""Each class of input that RFC 8259 decides on, as one line between two good ones: the good ones always survive."""

import pytest

from ndjson_converter.lines import parse
from ndjson_converter.parsed import MAX_DEPTH, JsonType, ParsedFile, Rules

STRICT = Rules()
GOOD_BEFORE, GOOD_AFTER = b'{"good":"before"}', b'{"good":"after"}'


def nested(depth: int) -> bytes:
    """An object whose deepest bracket is at `depth`."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def cells(parsed: ParsedFile) -> dict[tuple[int, str], tuple[JsonType, str | None]]:
    """(row, key) -> (type, text) of every value."""
    return {
        (row, key): (JsonType(kind), text)
        for key, column in parsed.select(parsed.keys).items()
        for row, kind, text in zip(column.rows.tolist(), column.types.tolist(), column.texts.to_pylist(), strict=True)
    }


REJECTED = {
    "not UTF-8": (b'{"a":"\xff"}', "not_utf8"),
    "UTF-8 of a surrogate": (b'{"a":"\xed\xa0\x80"}', "not_utf8"),
    "overlong UTF-8": (b'{"a":"\xc0\xaf"}', "not_utf8"),
    "truncated UTF-8": (b'{"a":"\xe2\x82', "not_utf8"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "not_utf8"),
    "array": (b"[1]", "not_an_object"),
    "string": (b'"text"', "not_an_object"),
    "number": (b"1.5", "not_an_object"),
    "null": (b"null", "not_an_object"),
    "NaN alone": (b"NaN", "not_json"),
    "two objects": (b'{"a":1}{"b":2}', "not_json"),
    "two objects with a space": (b'{"a":1} {"b":2}', "not_json"),
    "two objects with a CR": (b'{"a":1}\r{"b":2}', "not_json"),
    "text after the object": (b'{"a":1} x', "not_json"),
    "truncated after key": (b'{"a"', "not_json"),
    "truncated after colon": (b'{"a":', "not_json"),
    "truncated after value": (b'{"a":1', "not_json"),
    "truncated after comma": (b'{"a":1,', "not_json"),
    "truncated string": (b'{"a":"x', "not_json"),
    "trailing comma": (b'{"a":1,}', "not_json"),
    "leading comma": (b'{,"a":1}', "not_json"),
    "single quotes": (b"{'a':1}", "not_json"),
    "key without quotes": (b"{a:1}", "not_json"),
    "key that is a number": (b"{1:1}", "not_json"),
    "missing colon": (b'{"a" 1}', "not_json"),
    "comment": (b'{"a":1} // x', "not_json"),
    "NaN": (b'{"a":NaN}', "not_json"),
    "Infinity": (b'{"a":Infinity}', "not_json"),
    "-Infinity": (b'{"a":-Infinity}', "not_json"),
    "nested NaN": (b'{"a":[{"b":NaN}]}', "not_json"),
    "nested -Infinity": (b'{"a":[-Infinity]}', "not_json"),
    "leading zero": (b'{"a":01}', "not_json"),
    "nested leading zero": (b'{"a":[01]}', "not_json"),
    "negative leading zero": (b'{"a":-01}', "not_json"),
    "plus sign": (b'{"a":+1}', "not_json"),
    "no digit after the point": (b'{"a":1.}', "not_json"),
    "no digit before the point": (b'{"a":.5}', "not_json"),
    "empty exponent": (b'{"a":1e}', "not_json"),
    "minus alone": (b'{"a":-}', "not_json"),
    "hexadecimal": (b'{"a":0x1F}', "not_json"),
    "digits of another script": ('{"a":\u0661}'.encode(), "not_json"),
    "True": (b'{"a":True}', "not_json"),
    "tru": (b'{"a":tru}', "not_json"),
    "truex": (b'{"a":truex}', "not_json"),
    "raw tab in a string": (b'{"a":"x\ty"}', "not_json"),
    "raw NUL in a string": (b'{"a":"x\x00y"}', "not_json"),
    "raw control character in a key": (b'{"a\x01":1}', "not_json"),
    "raw CR in a nested string": (b'{"a":["x\ry"]}', "not_json"),
    "unknown escape": (b'{"a":"\\x41"}', "not_json"),
    "short unicode escape": (b'{"a":"\\u12"}', "not_json"),
    "unicode escape with a sign": (b'{"a":"\\u+123"}', "not_json"),
    "space that is not JSON's": ('{"a":\u00a01}'.encode(), "not_json"),
    "form feed": (b'{"a":1}\x0c', "not_json"),
    "byte order mark in the middle of the file": (b'\xef\xbb\xbf{"a":1}', "not_json"),
    "lone high surrogate": (b'{"a":"\\ud800"}', "lone_surrogate"),
    "lone low surrogate": (b'{"a":"\\uDC00"}', "lone_surrogate"),
    "surrogates the wrong way round": (b'{"a":"\\udc00\\ud800"}', "lone_surrogate"),
    "high surrogate before another escape": (b'{"a":"\\ud800\\u0041"}', "lone_surrogate"),
    "lone surrogate after a pair": (b'{"a":"\\ud83d\\ude00\\ude00"}', "lone_surrogate"),
    "lone surrogate in a key": (b'{"\\ud800":1}', "lone_surrogate"),
    "lone surrogate in a nested value": (b'{"a":{"b":["\\ud800"]}}', "lone_surrogate"),
    "lone surrogate in a nested key": (b'{"a":{"\\ud800":1}}', "lone_surrogate"),
    "key twice": (b'{"a":1,"a":1}', "duplicate_key"),
    "key twice, once escaped": (b'{"a":1,"\\u0061":1}', "duplicate_key"),
    "empty key twice": (b'{"":1,"":2}', "duplicate_key"),
    "nested key twice": (b'{"a":[{"x":1,"y":2,"x":3}]}', "duplicate_key"),
    "key with a lone surrogate twice": (b'{"a":{"\\ud800":1,"\\ud800":1}}', "duplicate_key"),
    "nested too deep": (nested(MAX_DEPTH + 1), "too_deep"),
    "objects nested too deep": (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "too_deep"),
    "brackets without end": (b'{"a":' + b"[" * 1_000_000, "too_deep"),
}


@pytest.mark.parametrize(("line", "reason"), REJECTED.values(), ids=REJECTED.keys())
def test_a_bad_line_is_rejected_and_its_neighbours_survive(line: bytes, reason: str) -> None:
    parsed = parse(b"\n".join([GOOD_BEFORE, line, GOOD_AFTER]), "s3://b/k", STRICT)

    assert [text for _, text in cells(parsed).values()] == ["before", "after"]
    assert parsed.lines_in == 3
    (reject,) = parsed.rejects
    assert (reject.line_number, reject.byte_offset, reject.reason) == (2, len(GOOD_BEFORE) + 1, reason)
    assert reject.raw == line
    assert reject.detail.isprintable()


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

    assert (parsed.row_count, parsed.lines_in, len(parsed.rejects), parsed.keys) == (0, 0, 0, ())


def test_the_last_value_counts_when_the_rule_says_so() -> None:
    line = b'{"a":1,"b":{"x":1,"x":2},"a":"two"}'

    parsed = parse(line, "s3://b/k", Rules(on_duplicate_key="last"))

    assert parsed.keys == ("a", "b")
    assert cells(parsed) == {
        (0, "a"): (JsonType.STRING, "two"),
        (0, "b"): (JsonType.OBJECT, '{"x":1,"x":2}'),
    }


def test_keys_are_in_order_of_first_appearance() -> None:
    parsed = parse(b'{"b":1}\n{"a":1,"b":2}\nbad {"z":1}\n{"c":1}\n', "s3://b/k", STRICT)

    assert parsed.keys == ("b", "a", "c")
    assert [column.rows.tolist() for column in parsed.select(parsed.keys).values()] == [[0, 1], [1], [2]]


def test_a_rejected_line_leaves_no_key_behind() -> None:
    parsed = parse(b'{"a":1,"b":NaN}\n{"c":1}', "s3://b/k", STRICT)

    assert parsed.keys == ("c",)
