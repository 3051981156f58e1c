"""Every class of input on which readers of JSON disagree, as data: what a line of NDJSON may hold, and why a line is
refused.

Each case is named `class: what it is`. Values are tried in several places of an object, lines as they stand.
"""

from collections.abc import Iterator

from ndjson_converter.parsed import MAX_DEPTH

PLACES = [
    b'{"a":%s}',
    b'{"a":%s,"z":1}',
    b'{"x":"y","a":%s}',
    b'{"a":[%s]}',
    b'{"a":[0,%s,{}]}',
    b'{"a":{"b":%s}}',
    b'{"a":[{"b":0,"c":[%s]}]}',
]
KEY_PLACES = [b"{%s:1}", b'{"a":0,%s:1}', b'{"a":{%s:1}}', b'{"a":[{"b":0,%s:1}]}']


def lines_with(name: str, token: bytes) -> list[bytes]:
    """A value of that name in every place that it can have in a line."""
    is_string = name.startswith(("string", "surrogate", "encoding"))
    return [place % token for place in (*PLACES, *(KEY_PLACES if is_string else ()))]


GOOD_NUMBERS = [
    *("0", "-0", "9", "10", "-1", "123", "0.0", "-0.0", "1.10", "0.5", "12.000", "0e1", "0e+1", "0E-0", "20e1"),
    *("1E22", "1E+2", "1E-2", "1e-2", "1e+2", "123e45", "123.456e78", "123.456789", "1e007", "-1.5E+300", "1e-400"),
    *("-123123e100000", "0.4e006699999999999999999999999", "1" * 400, "-" + "9" * 40, "0." + "0" * 80 + "1"),
]
BAD_NUMBERS = [
    *("01", "-01", "00", "-00", "012", "0123.5", "-012", "+1", "++1", "+0.5", "-", "--1", "- 1", "-a", "-.5", ".5"),
    *(".", "1.", "-2.", "0.", "1.0.", "0.1.2", "1..2", "2.e3", "2.e+3", "2.e-3", "0.e1", ".2e-3", ".-1", "1.-1"),
    *("0e", "0E", "0e+", "0E-", "1.0e", "1.0e+", "1.0e-", "0.3e", "9.e+", "1eE2", "1ee2", "1e+-1", "1e1.5", "1e 2"),
    *("1e", "1ea", "1 000", "1_000", "1,000", "0x1", "0x", "0b1", "0o7", "1a", "1.2a-3", "-1x", "1+2", "1-1", "1/2"),
    *("1f", "1L", "1n", "1.8H-308", "\uff11", "\u0661", "1\u0662", "\u22121", "1\u066b5", "#1", "$1", "1%"),
]
BAD_WORDS = [
    *("NaN", "nan", "-NaN", "Infinity", "-Infinity", "+Infinity", "Inf", "-inf", "undefined", "None", "nil", "yes"),
    *("True", "TRUE", "False", "Null", "NULL", "tru", "fals", "nul", "t", "f", "n", "truee", "truth", "falsey"),
    *("nulll", "nullx", "true1", "nul1", "true false", "1 true", "null null", "'x'", "x", "é", "*", "<a>", "<null>"),
    *("`x`", "\u201cx\u201d", "/x/", "b'x'", 'b"x"', "@", "?", ",", ":", "\\u0031", "\\u0022x\\u0022", "\ufeff1"),
]
GOOD_STRINGS = {
    "empty": '""',
    "ASCII": '"az AZ 09 ~"',
    "every short escape": r'"\"\\\/\b\f\n\r\t"',
    "a slash with and without its escape": r'"/\/"',
    "escapes of ASCII": r'"\u0041\u002c\u0022\u005c\u002F"',
    "escapes in both cases of letters": r'"\u00e9\u00E9\uabcd\uABCD"',
    "escapes of control characters": r'"\u0000\u0001\u001F\u007f\u0085"',
    "two, three and four bytes escaped": r'"\u0123\u0821\uD834\uDD1E"',
    "two, three and four bytes raw": '"\u0123\u0821\U0001d11e"',
    "the last characters of each length": '"\x7f\u07ff\uffff\U0010ffff"',
    "the first characters of each length": '"\u0080\u0800\U00010000"',
    "neighbours of the surrogates": '"\ud7ff\ue000"',
    "first and last pair": r'"\ud800\udc00\uDBFF\uDFFF"',
    "pairs in a row": r'"\ud83d\ude39\ud83d\udc8d"',
    "pair beside other escapes": r'"\u0041\ud83d\ude00\n"',
    "raw noncharacters": '"\ufdd0\ufffe\uffff\U0001fffe\U0010ffff"',
    "escaped noncharacters": r'"\uFDD0\uFFFE\uFFFF\uD83F\uDFFE\uDBFF\uDFFF"',
    "unassigned and private characters": '"\u0378\ue000\U000f0000\U0001bfff"',
    "line separators of Unicode": '"\u2028\u2029\u0085"',
    "spaces of Unicode": '"\u00a0\u200b\u2060\u3000\ufeff"',
    "combining characters stay apart": '"e\u0301 \u00e9"',
    "raw DEL": '"\x7f"',
    "escaped backslash before u": r'"\\u0061 \\\\uD800"',
    "escaped backslash at the end": r'"x\\"',
    "escaped quote at the end": r'"x\""',
    "what looks like JSON": r'"{\"a\":[1,2],}"',
    "what looks like a comment": '"a/*b*/c/*d//e"',
    "what looks like a number": '"-01.50"',
    "brackets": '"' + "[{" * 2000 + '"',
    "longer than any block": '"' + "x" * 70_000 + '"',
    "an escape at the end of a long one": '"' + "x" * 31 + r"\n" + "x" * 33 + r"\u00e9" + '"',
}
BAD_STRINGS = {
    "single quotes": "'x'",
    "not closed": '"x',
    "only a quote": '"',
    "closed by an escape": r'"x\"',
    "a backslash and nothing": '"\\',
    "text after the end": '"x"x',
    "two in a row": '"x""y"',
    "unescaped quote": '"x"y"',
    "escape of a letter": r'"\a"',
    "escape with x": r'"\x00"',
    "octal escape": r'"\012"',
    "capital U": r'"\U0061"',
    "escape of an apostrophe": r"""'"\'"'""",
    "escape of a line's end": '"\\\r"',
    "escape of a raw tab": '"\\\t"',
    "escape of a raw NUL": '"\\\0"',
    "escape of a character beyond ASCII": '"\\\U0001f300"',
    "braces in the escape": r'"\u{61}"',
    "no digits": r'"\u"',
    "one digit": r'"\u1"',
    "three digits": r'"\u00A"',
    "three digits and a quote": r'"\u00A" "',
    "letters that are no digits": r'"\uqqqq"',
    "a sign for a digit": r'"\u+123"',
    "a space for a digit": r'"\u 123"',
    "an underscore for a digit": r'"\u0_61"',
    "full-width digits": '"\\u\uff10\uff10\uff16\uff11"',
    "second half of a pair without digits": r'"\ud800\u"',
    "second half of a pair too short": r'"\ud800\u1"',
    "second half of a pair not hexadecimal": r'"\ud800\u1x00"',
    "escape outside": r'\u0020"x"',
    "escape sequence outside": r'\n"x"',
    **{f"raw control character {code:02x}": f'"x{chr(code)}y"' for code in range(32) if code != 10},
}
LONE_SURROGATES = {
    "first half alone": r'"\ud800"',
    "second half alone": r'"\uDFAA"',
    "first half before a letter": r'"\ud800abc"',
    "first half before another escape": r'"\uD800\n"',
    "first half before an escaped letter": r'"\uD800\u0041"',
    "first half twice": r'"\uD800\uD800"',
    "halves the wrong way round": r'"\uDd1e\uD834"',
    "first half before a pair": r'"\uD800\ud83d\ude00"',
    "second half after a pair": r'"\ud83d\ude00\ude00"',
    "first half before an escaped backslash": r'"\uD800\\udc00"',
}
NOT_UTF8 = {
    "a byte that never occurs": b"\xff",
    "lone continuation": b"\x81",
    "Latin-1": b"\xe9",
    "two bytes cut": b"\xc3",
    "three bytes cut": b"\xe2\x82",
    "four bytes cut": b"\xf0\x9f\x98",
    "lead byte, then ASCII": b"\xe2\x82x",
    "overlong 2": b"\xc0\xaf",
    "overlong quote": b"\xc0\xa2",
    "overlong 3": b"\xe0\x80\xaf",
    "overlong 4": b"\xf0\x80\x80\xaf",
    "overlong 5": b"\xf8\x80\x80\x80\xaf",
    "overlong 6": b"\xfc\x83\xbf\xbf\xbf\xbf",
    "overlong NUL": b"\xc0\x80",
    "first surrogate": b"\xed\xa0\x80",
    "last surrogate": b"\xed\xbf\xbf",
    "pair of surrogates": b"\xed\xa0\xb4\xed\xb4\x9e",
    "beyond the last character": b"\xf4\x90\x80\x80",
    "lead byte beyond the last": b"\xf5\x80\x80\x80",
    "byte order mark cut": b"\xef\xbb",
    "one bad byte after 64 good ones": b"x" * 64 + b"\xff",
}


def good_values() -> Iterator[tuple[str, bytes]]:
    """(name, token) of values that every reader takes."""
    yield from ((f"number: {text[:20]}", text.encode()) for text in GOOD_NUMBERS)
    yield from ((f"string: {name}", text.encode()) for name, text in GOOD_STRINGS.items())
    yield from ((f"literal: {text}", text.encode()) for text in ("true", "false", "null"))
    yield from ((f"array: {text}", text.encode()) for text in _GOOD_ARRAYS)
    yield from ((f"object: {text}", text.encode()) for text in _GOOD_OBJECTS)
    yield from ((f"space: {text!a}", text.encode()) for text in _GOOD_SPACES)


def bad_values() -> Iterator[tuple[str, bytes, str]]:
    """(name, token, reason) of what is no value anywhere."""
    yield from ((f"number: {text!a}", text.encode(), "not_json") for text in BAD_NUMBERS)
    yield from ((f"literal: {text!a}", text.encode(), "not_json") for text in BAD_WORDS)
    yield from ((f"string: {name}", text.encode(), "not_json") for name, text in BAD_STRINGS.items())
    yield from ((f"surrogate: {name}", text.encode(), "lone_surrogate") for name, text in LONE_SURROGATES.items())
    yield from ((f"encoding: {name}", b'"%s"' % raw, "not_utf8") for name, raw in NOT_UTF8.items())
    yield from ((f"array: {text}", text.encode(), "not_json") for text in _BAD_ARRAYS)
    yield from ((f"object: {text}", text.encode(), "not_json") for text in _BAD_OBJECTS)
    yield from ((f"space: {text!a}", text.encode(), "not_json") for text in _BAD_SPACES)


_GOOD_ARRAYS = ["[]", "[[]]", "[1]", '[null,1,"1",{}]', "[[[[0]]],[]]", "[" + "[]," * 2000 + "1]"]
_GOOD_OBJECTS = ["{}", '{"":0}', '{"a":{"a":{"a":[]}}}', '{"a":1,"A":2}', '{"\\u0000":1}', '{"a":"b","b":"a"}']
_GOOD_SPACES = [" 1", "1 ", "\t1\r", " [ 1 , 2 ] ", "[ ]", "{ }", '\r{\t"b" : 1 }', " " * 100 + "1" + "\t" * 100]
_BAD_ARRAYS = [
    *("[1", "[", "[[]", "[1,", '["x"', '["x', "[1,]", "[,1]", "[,]", "[1,,2]", "[1,,]", '[""],', "]", "[1]]", "[1 2]"),
    *("[1 true]", "[[1][2]]", "[1:2]", "[1;2]", '["a":1]', "[1}", "[{]", "[*]", "[-]", "[nul", "[true", "[1]x", "[']"),
    *("[1,\x0b2]", "[/**/]", "[1//]", "[a]", "[1,a]", "[1]2", "[1].", "[..1]", "(1)"),
]
_BAD_OBJECTS = [
    *('{"b"', '{"b":', '{"b":1', "{", '{"b', '{"b":1,', '{"b":1,}', '{"b":1,,}', '{,"b":1}', "{,}", '{"b":1,,"c":2}'),
    *('{"b" 1}', '{"b",1}', '{"b"::1}', '{"b":}', '{"b"}', '{:"b"}', '{"b":1 "c":2}', '{"b":1;"c":2}', "{b:1}"),
    *("{'b':1}", "{1:1}", "{null:1}", "{[1]:1}", '{{"b":1}:1}', "{true:1}", '{"b":1]', '{"b":1}}', '{"b":1}#'),
    *('{"b":1/**/}', '{/**/"b":1}', '{"b":1}//', '{"b"=1}', '{"b"=>1}', '{"b":1,c}', '{"b":1,"c"}', '{"\\u":1}'),
]
_BAD_SPACES = ["\x0b1", "1\x0c", "\x851", "\xa01", "1\u2028", "\u20601", "\ufeff1", "1\0", "\x1f1", "\x7f1", "\u30001"]


def bad_lines() -> Iterator[tuple[str, bytes, str]]:
    """(name, line, reason) of lines that are refused as a whole."""
    yield from ((f"not an object: {text}", text.encode(), "not_an_object") for text in _SCALARS)
    yield from ((f"structure: {text[:30]!a}", text.encode(), "not_json") for text in _BROKEN_LINES)
    for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
        reason = "not_utf8" if codec in ("utf-16", "utf-32") else "not_json"
        yield f"encoding: {codec}", '{"a":"x"}'.encode(codec), reason
    yield "encoding: byte order mark inside the file", b'\xef\xbb\xbf{"a":1}', "not_json"
    yield "encoding: a bad byte before the object", b'\xff{"a":1}', "not_utf8"
    yield "encoding: a bad byte after the object", b'{"a":1}\xe9', "not_utf8"
    yield "encoding: a bad byte in a key", b'{"\xb9":1}', "not_utf8"
    yield "surrogate: in a key", b'{"\\ud800":1}', "lone_surrogate"
    yield "surrogate: in a nested key", b'{"a":[{"\\udfff":1}]}', "lone_surrogate"
    yield from ((f"twice: {text}", text.encode(), "duplicate_key") for text in _TWICE)
    for name, opening, inner, closing in _NESTS:
        deep = b'{"a":' + opening * MAX_DEPTH + inner + closing * MAX_DEPTH + b"}"
        yield f"depth: {name} one too deep", deep, "too_deep"
        yield f"depth: {name} without end", b'{"a":' + opening * 100_000, "too_deep"


_SCALARS = ["1", "-0.5e3", '"x"', '""', "true", "false", "null", "[]", "[1]", '[{"a":1}]', " [] ", "[null]\r"]
_BROKEN_LINES = [
    *('{"a":1}{"a":2}', '{"a":1} {"a":2}', '{"a":1},{"a":2}', '{"a":1},', ',{"a":1}', '{"a":1};', '{"a":1}]'),
    *('[{"a":1}', '{"a":1}x', '{"a":1} #', '{"a":1} // x', '/**/{"a":1}', '{"a":1}\0', '\0{"a":1}', '{"a":1}\x0c'),
    *("{", "}", "[", "]", "[,", ",", ":", '"', "'", "-", "*", "é", "é{}", "\0", "\u2060", "\x0b", "\x0c", "<.>", "x"),
    *("{}x", "{}}", "{{}}", "{]", "[}", "{[", '{"a"', '{"a', '{"a":', '{"a":"x', '{"a":tru', '{"a":[1', '{"a":1,'),
    *("{'a'", '["a', "[fals", '{"a":}', '{"a":,"b":1}', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}', '{"a" 1}', "{:1}"),
    *("{1:2}", "{a:1}", '{"a"=1}', '"a":1', "a=1&b=2", "id,name", "--- a: 1", "<?xml?>", "\x1e{}", '{"a":1}\x1e'),
    '\ufeff\ufeff{"a":1}',
]
_TWICE = [
    *('{"a":1,"a":1}', '{"a":1,"a":2}', '{"a":1,"b":2,"a":null}', '{"":1,"":2}', '{"a":1,"\\u0061":2}'),
    *('{"é":1,"\\u00e9":2}', '{"a":{"b":1,"b":1}}', '{"a":[{"b":1,"c":2,"b":3}]}', '{"a":{"/":1,"\\/":2}}'),
    *('{"a":[[{"\\n":1,"\\u000a":2}]]}', '{"a":{"\\ud800":1,"\\ud800":1}}'),
]
_NESTS = [
    ("arrays", b"[", b"", b"]"),
    ("objects", b'{"a":', b"1", b"}"),
    ("arrays with values before", b"[0,", b"0", b"]"),
]
