"""Bytes as text: base64, and UUIDs in their usual form."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ndjson_export.texts import Bytes, Tokens, contents, from_contents, in_quotes

_ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", dtype=np.uint8)
_PADDING = ord("=")
_HEXADECIMAL = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_UUID_BYTES, _UUID_CHARACTERS = 16, 36
_DASHES = (8, 13, 18, 23)


def base64(array: pa.Array) -> Tokens:
    """The standard alphabet of RFC 4648, padded."""
    offsets, raw = contents(array)
    sizes = np.diff(offsets)
    groups = (sizes + 2) // 3
    ends = np.cumsum(groups)
    padding = groups * 3 - sizes
    letters = _letters(_padded(raw, ends * 3, padding))
    for missing in (1, 2):
        letters[ends[padding >= missing] * 4 - missing] = _PADDING
    return in_quotes(from_contents(np.concatenate([[0], ends * 4]), letters, array))


def _padded(raw: Bytes, ends: np.ndarray, padding: np.ndarray) -> Bytes:
    """Every value filled up with zeros to a multiple of three bytes."""
    total = int(ends[-1]) if len(ends) else 0
    is_value = np.ones(total, dtype=np.bool_)
    for missing in (1, 2):
        is_value[ends[padding >= missing] - missing] = False
    padded = np.zeros(total, dtype=np.uint8)
    padded[is_value] = raw
    return padded


def _letters(padded: Bytes) -> Bytes:
    one, two, three = padded.reshape(-1, 3).T
    sextets = np.empty((len(padded) // 3, 4), dtype=np.uint8)
    sextets[:, 0] = one >> 2
    sextets[:, 1] = (one & 0x03) << 4 | two >> 4
    sextets[:, 2] = (two & 0x0F) << 2 | three >> 6
    sextets[:, 3] = three & 0x3F
    return _ALPHABET[sextets].reshape(-1)


def uuids(array: pa.Array) -> Tokens:
    """Values of 16 bytes as 8-4-4-4-12 hexadecimal digits."""
    size = len(array)
    data = array.buffers()[1]
    raw = np.frombuffer(data, dtype=np.uint8)[array.offset * _UUID_BYTES : (array.offset + size) * _UUID_BYTES]
    grid = np.full((size, _UUID_CHARACTERS), ord("-"), dtype=np.uint8)
    digits = np.stack([_HEXADECIMAL[raw >> 4], _HEXADECIMAL[raw & 0x0F]], axis=1).reshape(size, 2 * _UUID_BYTES)
    grid[:, [place for place in range(_UUID_CHARACTERS) if place not in _DASHES]] = digits
    offsets = np.arange(size + 1, dtype=np.int64) * _UUID_CHARACTERS
    return in_quotes(from_contents(offsets, grid.reshape(-1), array))
