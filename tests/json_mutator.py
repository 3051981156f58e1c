"""Makes lines that are nearly JSON: good ones with tokens and bytes put in, taken out, repeated and swapped."""

import json
from collections.abc import Iterator
from random import Random

TOKENS = [
    *(b"{", b"}", b"[", b"]", b":", b",", b'"', b"\\", b" ", b"\t", b"\r", b"\n", b"\0", b"\x1f", b"\x7f", b"\xff"),
    *(b"-", b"+", b".", b"e", b"E", b"0", b"1", b"9" * 40, b"01", b"-0", b"1.", b".5", b"1e", b"1E+400", b"0.10"),
    *(b"true", b"false", b"null", b"tru", b"nul", b"True", b"NaN", b"Infinity", b"-Infinity", b"undefined"),
    *(b'"a"', b'"a":', b'"b":1', b'"\\u0061":', b'"":', b'{"a":1}', b"[1]", b"[]", b"{}", b'""', b"[[[[[[[["),
    *(b"\\u", b"\\u00e9", b"\\ud83d\\ude00", b"\\ud800", b"\\udc00", b"\\u12", b"\\u+123", b'\\"', b"\\\\", b"\\x"),
    *(
        b"\xc3\xa9",
        b"\xe2\x82\xac",
        b"\xf0\x9f\x98\x80",
        b"\xc0\xaf",
        b"\xe0\x80\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    ),
    *(b"\xef\xbb\xbf", b"\xc2\xa0", b"\xf0\x80\x80\x80", b"\xe2\x82", b"x" * 31, b"x" * 33, b"\xc3\xa9" * 20),
]
KEYS = ["a", "b", "A", "", "id", "naïve", 'q"', "back\\slash", "tab\t", "x" * 29, "x" * 30, "x" * 31, "y" * 64, "😀"]
TEXTS = ["", "x", "é", "😀", 'say "hi"', "\\", "\n", "\0", "a" * 31 + "é", "\u2028", "0.10", "{}", "ab" * 40]
NUMBERS = ["0", "-0", "1.10", "12345678901234567890123456789012345", "1e5", "-1.5E-07", "6.02E+23"]


class JsonMutator:
    """The same lines for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def lines(self, count: int) -> Iterator[bytes]:
        """`count` lines without line feeds, about half of them JSON objects."""
        for _ in range(count):
            line = self._object(0).encode("utf-8")
            for _ in range(self._random.choice((0, 0, 0, 1, 1, 1, 2, 5))):
                line = self._mutated(line)
            yield line.replace(b"\n", b" ")

    def _mutated(self, line: bytes) -> bytes:
        random = self._random
        start = random.randint(0, len(line))
        end = min(len(line), start + random.choice((0, 0, 1, 1, 2, 8)))
        match random.randint(0, 5):
            case 0:
                return line[:start] + line[end:]
            case 1:
                return line[:start] + line[start:end] * 2 + line[end:]
            case 2:
                return line[:start]
            case 3:
                return line[:start] + bytes([random.randint(0, 255)]) + line[end:]
            case 4:
                other = self._object(0).encode("utf-8")
                return line[:start] + other[random.randint(0, len(other)) :]
            case _:
                return line[:start] + random.choice(TOKENS) + line[end:]

    def _object(self, depth: int) -> str:
        keys = self._random.sample(KEYS, self._random.randint(0, 4))
        members = [f"{self._string(key)}{self._space()}:{self._space()}{self._value(depth)}" for key in keys]
        return "{" + self._space() + f",{self._space()}".join(members) + self._space() + "}"

    def _value(self, depth: int) -> str:
        random = self._random
        match random.randint(0, 5 if depth < 3 else 3):
            case 0:
                return self._string(random.choice(TEXTS))
            case 1:
                return random.choice(NUMBERS)
            case 2:
                return random.choice(("true", "false", "null"))
            case 3:
                return self._string("".join(random.choice(TEXTS) for _ in range(random.randint(0, 3))))
            case 4:
                return self._object(depth + 1)
            case _:
                return (
                    "[" + ", ".join(self._value(depth + 1) for _ in range(random.randint(0, 3))) + self._space() + "]"
                )

    def _string(self, text: str) -> str:
        return json.dumps(text, ensure_ascii=self._random.random() < 0.5)

    def _space(self) -> str:
        return self._random.choice(("", "", "", "", " ", "\t", " \r "))
