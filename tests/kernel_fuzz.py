"""Compares the reader with the second opinion on mutated lines: the same lines accepted, with the same values.

`python -m tests.kernel_fuzz FIRST_SEED SEEDS` does it for a range of seeds, 100 lines each.
"""

import sys
from collections.abc import Iterable
from typing import Any

from ndjson_converter.lines import parse
from ndjson_converter.parsed import JsonType, ParsedFile, Rules
from tests.json_mutator import JsonMutator
from tests.parsed_columns import columns_of
from tests.second_opinion import Number, loads, second_opinion

LINES_PER_SEED = 100


def check_seeds(seeds: Iterable[int]) -> None:
    """Raise AssertionError, naming the seed, when the two differ."""
    for seed in seeds:
        lines = list(JsonMutator(seed).lines(LINES_PER_SEED))
        check(lines, f"seed {seed}")


def check(lines: list[bytes], where: str) -> None:
    """Read the lines as one file and compare each with the second opinion. None may be blank."""
    lines = [line for line in lines if line.strip(b" \t\r")]
    data = b"\n".join(lines)
    parsed = parse(data, "s3://b/k", Rules())
    expected = second_opinion(data)
    accepted = [line for line, value in zip(lines, expected, strict=True) if value is not None]
    rejected = [line for line, value in zip(lines, expected, strict=True) if value is None]
    assert [reject.raw for reject in parsed.rejects] == rejected, where
    parsed.texts(slice(None)).validate(full=True)
    objects = [value for value in expected if value is not None]
    for line, value, row in zip(accepted, objects, rows_of(parsed), strict=True):
        assert row.keys() == value.keys(), (where, line)
        for key, (kind, text) in row.items():
            assert is_same(kind, text, value[key], line), (where, line, key)


def rows_of(parsed: ParsedFile) -> list[dict[str, tuple[JsonType, str | None]]]:
    """Row by row the type and the text of each key."""
    rows: list[dict[str, tuple[JsonType, str | None]]] = [{} for _ in range(parsed.row_count)]
    for key, column in columns_of(parsed).items():
        for row, kind, text in zip(column.rows.tolist(), column.types.tolist(), column.texts.to_pylist(), strict=True):
            assert key not in rows[row]
            rows[row][key] = JsonType(kind), text
    return rows


def is_same(kind: JsonType, text: str | None, expected: Any, line: bytes) -> bool:
    """Whether a value of this type and text is what the second opinion found; other than strings, as it was written."""
    match expected:
        case None:
            return kind == JsonType.NULL and text is None
        case bool():
            return kind == JsonType.BOOLEAN and text == ("true" if expected else "false")
        case Number():
            return kind == JsonType.NUMBER and text == expected.text
        case str():
            return kind == JsonType.STRING and text == expected
    wanted = JsonType.OBJECT if isinstance(expected, dict) else JsonType.ARRAY
    return kind == wanted and text is not None and text.encode() in line and loads(text) == expected


if __name__ == "__main__":
    first, count = int(sys.argv[1]), int(sys.argv[2])
    check_seeds(range(first, first + count))
