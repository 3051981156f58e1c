"""What a file of NDJSON holds, by Python's `json` on whole lines with number text kept: it shares no code with the
converter's reader.
"""

import json
from typing import Any, NamedTuple, Never


class Number(NamedTuple):
    """A number as it was written."""

    text: str


class RefusedError(ValueError):
    """Not a record in the second opinion."""


def refuse_constant(name: str) -> Never:
    raise RefusedError(name)


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise RefusedError("key twice")
    return dict(pairs)


def loads(text: str) -> Any:
    """The value with numbers as text; strict where Python's `json` is not."""
    value = json.loads(
        text, parse_int=Number, parse_float=Number, parse_constant=refuse_constant, object_pairs_hook=unique
    )
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # UnicodeEncodeError, a ValueError, for a lone surrogate
    return value


def second_opinion(data: bytes) -> list[dict[str, Any] | None]:
    """One entry per line that is not blank: the object, or None for a reject."""
    opinions: list[dict[str, Any] | None] = []
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if line.strip(b" \t\r"):
            try:
                value = loads(line.decode("utf-8"))
            except ValueError:
                value = None
            opinions.append(value if isinstance(value, dict) else None)
    return opinions
