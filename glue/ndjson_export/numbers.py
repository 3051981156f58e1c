"""Numbers as JSON numbers: integers and decimals with every digit, floats with the fewest that read back the same."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ndjson_export.texts import (
    Bytes,
    Coded,
    Offsets,
    Tokens,
    Words,
    check_size,
    contents,
    from_contents,
    insert,
    join,
    quote,
    validity,
)

# Digits of the second that a unit of time has.
DIGITS_OF_UNIT = {"s": 0, "ms": 3, "us": 6, "ns": 9}

_MINUS, _POINT, _ZERO = ord("-"), ord("."), ord("0")
_INT64_DIGITS = 19
# So many digits have few enough values to write all of them once.
_FEW_DIGITS = 3
_WORD = 8
_SIGNS = pa.array(["", "-"])
_FALSE_TRUE = pa.array(["false", "true"])
_BOOLEANS = Words(_FALSE_TRUE, Tokens(_FALSE_TRUE))


def plain(array: pa.Array) -> Tokens:
    """Integers."""
    return Tokens(pc.cast(array, pa.string()))


def booleans(array: pa.Array) -> Coded:
    """The words false and true."""
    return Coded(_BOOLEANS, pc.cast(array, pa.int8()))


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
    small = _as_int64(array) if 0 <= scale < _INT64_DIGITS else None
    if small is not None:
        return fixed_point(small, scale)
    if scale == 0:
        return Tokens(_unscaled(array))
    if scale < 0:
        # Nobody has them but old Hive tables: one value at a time.
        return Tokens(_one_by_one(array))
    return Tokens(_with_point(_unscaled(array), scale))


def durations(array: pa.Array) -> Tokens:
    """Seconds, with the digits of the unit."""
    whole = pa.Array.from_buffers(pa.int64(), len(array), array.buffers(), array.null_count, array.offset)
    return fixed_point(whole, DIGITS_OF_UNIT[array.type.unit])


def fixed_point(array: pa.Array, scale: int) -> Tokens:
    """Integers of 64 bits of which the last `scale` digits, up to 18, stand behind a point."""
    if not scale:
        return plain(array)
    numbers = _values(array, np.int64)
    # The magnitude of the least integer has no place among those with a sign.
    magnitudes = np.abs(numbers).view(np.uint64)
    one = np.uint64(10**scale)
    whole = magnitudes // one
    texts = _texts_of(whole, array)
    if np.any(numbers < 0):
        texts = join([_SIGNS.take(pa.array((numbers < 0).view(np.int8))), texts])
    return Tokens(texts, rest=_fraction(magnitudes - whole * one, scale))


def _fraction(digits: npt.NDArray[np.uint64], scale: int) -> pa.Array:
    """A point and so many digits."""
    if scale <= _FEW_DIGITS:
        return _fractions(scale).take(pa.array(digits.astype(np.int32)))
    # Those of a number that begins with 1, in whose place the point is put.
    texts = _texts_of(digits + np.uint64(10**scale))
    offsets, raw = contents(texts)
    with_points = raw.copy()
    with_points[:: scale + 1] = _POINT
    return from_contents(offsets, with_points, texts)


@cache
def _fractions(scale: int) -> pa.Array:
    return pa.array([f".{number:0{scale}}" for number in range(10**scale)], pa.string())


def _texts_of(numbers: npt.NDArray[np.uint64], like: pa.Array | None = None) -> pa.Array:
    """The digits of the numbers, null where `like` is."""
    bits, nulls = (None, 0) if like is None else (validity(like), like.null_count)
    return pc.cast(pa.Array.from_buffers(pa.uint64(), len(numbers), [bits, pa.py_buffer(numbers)], nulls), pa.string())


def _as_int64(array: pa.Array) -> pa.Array | None:
    """The digits of decimals as integers; None when some have more than 64 bits."""
    width = array.type.byte_width
    words = _values(array, np.int32 if width < _WORD else np.int64).reshape(-1, max(1, width // _WORD))
    low, high = words[:, 0].astype(np.int64), words[:, 1:]
    if not np.array_equal(high, np.broadcast_to((low >> 63)[:, np.newaxis], high.shape)):
        return None
    return pa.Array.from_buffers(pa.int64(), len(low), [validity(array), pa.py_buffer(low)], array.null_count)


def _values(array: pa.Array, kind: type[np.signedinteger[Any]]) -> npt.NDArray[np.signedinteger[Any]]:
    """The numbers of which the array is, with anything where it is null."""
    size = array.type.bit_width // 8
    data = array.buffers()[1]
    raw = np.frombuffer(data, dtype=np.uint8) if data else np.empty(0, dtype=np.uint8)
    return raw[array.offset * size : (array.offset + len(array)) * size].view(kind)


def _with_point(digits: pa.Array, scale: int) -> pa.Array:
    """The texts of integers with a point before their last digits."""
    offsets, raw = contents(digits)
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
    return from_contents(offsets + points, with_points, digits)


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
