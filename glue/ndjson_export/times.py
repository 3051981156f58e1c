"""Dates and times as ISO 8601 text, with as many digits of the second as their unit has."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ndjson_export.errors import BadParquetError
from ndjson_export.numbers import DIGITS_OF_UNIT
from ndjson_export.texts import Tokens, contents, from_contents, in_quotes

_DATE_CHARACTERS = len("YYYY-MM-DD")
# How Arrow writes a moment that its calendar does not have.
_NO_DATE = "<"


def dates(array: pa.Array) -> Tokens:
    """YYYY-MM-DD, as a JSON string."""
    return in_quotes(_checked(pc.cast(array, pa.string())))


def times(array: pa.Array) -> Tokens:
    """HH:MM:SS with the digits of the unit, as a JSON string."""
    return in_quotes(pc.cast(array, pa.string()))


def timestamps(array: pa.Array) -> Tokens:
    """YYYY-MM-DDTHH:MM:SS with the digits of the unit, as a JSON string; with Z when it is an instant, which Parquet
    keeps in UTC, and without when it is a clock somewhere.
    """
    kind = array.type
    local = pa.Array.from_buffers(pa.timestamp(kind.unit), len(array), array.buffers(), array.null_count, array.offset)
    texts = _with_t(_checked(pc.cast(local, pa.string())), kind.unit)
    return Tokens(texts, '"', '"' if kind.tz is None else 'Z"')


def _with_t(texts: pa.Array, unit: str) -> pa.Array:
    """The date and the time with a T between them."""
    offsets, raw = contents(texts)
    width = _DATE_CHARACTERS + len("T00:00:00") + (DIGITS_OF_UNIT[unit] + 1 if DIGITS_OF_UNIT[unit] else 0)
    if len(raw) != width * (len(texts) - texts.null_count):
        return pc.replace_substring(texts, " ", "T", max_replacements=1)
    grid = raw.reshape(-1, width).copy()
    grid[:, _DATE_CHARACTERS] = ord("T")
    return from_contents(offsets, grid.reshape(-1), texts)


def _checked(texts: pa.Array) -> pa.Array:
    _, raw = contents(texts)
    if np.any(raw == ord(_NO_DATE)):
        raise BadParquetError("holds a date outside of the years -32767 to 32767")
    return texts
