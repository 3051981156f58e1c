"""Numbers as JSON numbers: integers and decimals with every digit, floats with the fewest that read back the same."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ndjson_export.texts import Bytes, Offsets, Tokens, check_size, contents, from_contents, insert, quote

# Digits of the second that a unit of time has.
DIGITS_OF_UNIT = {"s": 0, "ms": 3, "us": 6, "ns": 9}

_MINUS, _POINT, _ZERO = ord("-"), ord("."), ord("0")
_INT64_DIGITS = 19


def plain(array: pa.Array) -> Tokens:
    """Integers and booleans."""
    return Tokens(pc.cast(array, pa.string()))


def floats(array: pa.Array) -> Tokens:
    """JSON has no word for what is not finite: those are strings."""
    if pa.types.is_float16(array.type):
        array = pc.cast(array, pa.float32())
    texts = pc.cast(array, pa.string())
    if pc.all(pc.is_finite(array)).as_py() is not False:
        return Tokens(texts)
    named = pc.if_else(pc.is_nan(array), "NaN", pc.if_else(pc.greater(array, 0), "Infinity", "-Infinity"))
    return Tokens(pc.if_else(pc.is_finite(array), texts, quote(named)))


def decimals(array: pa.Array) -> Tokens:
    """All digits of the scale, zeros too, and never an exponent."""
    scale = array.type.scale
    if scale == 0:
        return Tokens(_unscaled(array))
    if scale < 0:
        # Nobody has them but old Hive tables: one value at a time.
        return Tokens(_one_by_one(array))
    offsets, raw = contents(_unscaled(array))
    sizes = np.diff(offsets)
    is_negative = np.zeros(len(sizes), dtype=np.bool_)
    has_digits = sizes > 0
    is_negative[has_digits] = raw[offsets[:-1][has_digits]] == _MINUS
    # Zeros before the digits so that one at least stands before the point.
    zeros = np.where(has_digits, np.maximum(scale + 1 - (sizes - is_negative), 0), 0)
    raw, offsets = _with_zeros(raw, offsets, offsets[:-1] + is_negative, zeros)
    ends = offsets[1:][has_digits] + np.arange(int(has_digits.sum()))
    check_size(len(raw) + len(ends))
    with_points = insert(raw, ends - scale, np.ones(len(ends), dtype=np.int64))
    with_points[ends - scale] = _POINT
    points = np.concatenate([[0], np.cumsum(has_digits)])
    return Tokens(from_contents(offsets + points, with_points, array))


def durations(array: pa.Array) -> Tokens:
    """Seconds, with the digits of the unit."""
    whole = pa.Array.from_buffers(pa.int64(), len(array), array.buffers(), array.null_count, array.offset)
    seconds = pc.cast(whole, pa.decimal128(_INT64_DIGITS, 0))
    kind = pa.decimal128(_INT64_DIGITS, DIGITS_OF_UNIT[array.type.unit])
    return decimals(pa.Array.from_buffers(kind, len(seconds), seconds.buffers(), seconds.null_count, seconds.offset))


def _unscaled(array: pa.Array) -> pa.Array:
    """The digits alone, with their sign."""
    kind = array.type
    make = pa.decimal256 if pa.types.is_decimal256(kind) else pa.decimal128
    whole = pa.Array.from_buffers(make(kind.precision, 0), len(array), array.buffers(), array.null_count, array.offset)
    try:
        return pc.cast(whole, pa.string())
    except pa.ArrowNotImplementedError:  # before pyarrow 8 or so
        return _one_by_one(whole)


def _one_by_one(array: pa.Array) -> pa.Array:
    return pa.array([None if value is None else format(value, "f") for value in array.to_pylist()], pa.string())


def _with_zeros(raw: Bytes, offsets: Offsets, starts: Offsets, zeros: Offsets) -> tuple[Bytes, Offsets]:
    """The texts with so many zeros in front of what begins at `starts`."""
    ends = np.cumsum(zeros)
    places = starts + ends - zeros
    padded = insert(raw, places, zeros)
    for byte in range(int(zeros.max(initial=0))):
        padded[places[zeros > byte] + byte] = _ZERO
    return padded, offsets + np.concatenate([[0], ends])
