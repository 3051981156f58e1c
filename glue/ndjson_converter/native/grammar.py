"""The tokens of RFC 8259 in machine code: where one ends, or REFUSED when it is none.

No function looks past a line feed, which is part of no token, except by blocks and words, for which the caller keeps
PADDING bytes behind the last line.
"""

import numpy as np

from ndjson_converter.kernel import REFUSED, WIDTH, Bytes
from ndjson_converter.native.operations import byte, digits_end, integer, native, native_rare, text_end, word

LINE_FEED, _RETURN, _TAB, SPACE = 10, 13, 9, 32
QUOTE, BACKSLASH, COMMA, COLON, _MINUS, _PLUS, _POINT, _ZERO = b'"\\,:-+.0'
OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY = b"{}["
_LOWER_E, _UPPER_E, LOWER_F, LOWER_N, LOWER_T, _LOWER_U = b"eEfntu"
_TRUE, _FALSE_TAIL, _NULL = (int.from_bytes(text, "little") for text in (b"true", b"alse", b"null"))
_FOUR_BYTES = np.uint64(0xFFFFFFFF)
_MIX, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)

_HEX = np.full(256, -1, dtype=np.int64)
for _digit, _character in enumerate("0123456789abcdef"):
    _HEX[[ord(_character), ord(_character.upper())]] = _digit
_PLAIN_ESCAPES = np.zeros(256, dtype=np.uint8)
for _written, _meant in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
    _PLAIN_ESCAPES[_written] = _meant


@native
def skip_space(data: Bytes, position: int) -> int:
    while True:
        found = byte(data, position)
        if found > SPACE or found not in (SPACE, _TAB, _RETURN):
            return position
        position += 1


@native
def read_literal(data: Bytes, position: int) -> int:
    """The position after true, false or null, or REFUSED."""
    tail = word(data, position) & _FOUR_BYTES
    if tail == np.uint64(_TRUE) or tail == np.uint64(_NULL):
        return position + 4
    if byte(data, position) == LOWER_F and word(data, position + 1) & _FOUR_BYTES == np.uint64(_FALSE_TAIL):
        return position + 5
    return REFUSED


@native
def read_number(data: Bytes, position: int) -> int:
    """The position after the number at `position`, or REFUSED."""
    if byte(data, position) == _MINUS:
        position += 1
    end = position + 1 if byte(data, position) == _ZERO else _after_digits(data, position)
    if end == position:
        return REFUSED
    if byte(data, end) == _POINT:
        position = end + 1
        end = _after_digits(data, position)
        if end == position:
            return REFUSED
    if byte(data, end) == _LOWER_E or byte(data, end) == _UPPER_E:
        position = end + 1
        if byte(data, position) == _MINUS or byte(data, position) == _PLUS:
            position += 1
        end = _after_digits(data, position)
        if end == position:
            return REFUSED
    return end


@native
def _after_digits(data: Bytes, position: int) -> int:
    while True:
        step = digits_end(data, position)
        position += step
        if step < WIDTH:
            return position


@native
def read_string(data: Bytes, position: int) -> tuple[int, int]:
    """The position of the quote that ends the string whose text starts at `position`, or REFUSED, and how many bytes
    its text is shorter than that.
    """
    saved = 0
    while True:
        step = text_end(data, position)
        position += step
        if step == WIDTH:
            continue
        found = byte(data, position)
        while found == BACKSLASH or found > 0x7F:
            if found == BACKSLASH:
                size, character = _escape(data, position)
                saved += size - _utf8_size(character)
            else:
                size = _check_utf8(data, position)
            if size == 0:
                return REFUSED, 0
            position += size
            found = byte(data, position)
        if found == QUOTE:
            return position, saved
        if found < SPACE:
            return REFUSED, 0


@native_rare
def _escape(data: Bytes, position: int) -> tuple[int, int]:
    """The length of the escape at `position` (a surrogate pair is one) and the character it stands for; 0 and 0 when it
    is none.
    """
    kind = byte(data, position + 1)
    if kind != _LOWER_U:
        plain = integer(_PLAIN_ESCAPES[kind])
        return (2, plain) if plain else (0, 0)
    character = _code_unit(data, position + 2)
    if character < 0xD800 or character > 0xDFFF:
        return (6, character) if character >= 0 else (0, 0)
    if character > 0xDBFF or byte(data, position + 6) != BACKSLASH or byte(data, position + 7) != _LOWER_U:
        return 0, 0
    low = _code_unit(data, position + 8)
    if low < 0xDC00 or low > 0xDFFF:
        return 0, 0
    return 12, 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00)


@native_rare
def _code_unit(data: Bytes, position: int) -> int:
    """The value of the four hexadecimal digits at `position`, negative when they are not."""
    # One digit after the other: what follows the first that is none may stand in the next line.
    value = integer(0)
    for index in range(4):
        digit = integer(_HEX[byte(data, position + index)])
        if digit < 0:
            return -1
        value = value * 16 + digit
    return value


@native
def _utf8_size(character: int) -> int:
    if character < 0x80:
        return 1
    if character < 0x800:
        return 2
    return 3 if character < 0x10000 else 4


@native_rare
def _check_utf8(data: Bytes, position: int) -> int:
    """The length of the UTF-8 sequence at `position`, whose first byte is not ASCII; 0 when it is none."""
    first, second = byte(data, position), byte(data, position + 1)
    if second & 0xC0 != 0x80 or first < 0xC2 or first > 0xF4:
        return 0
    if first < 0xE0:
        return 2
    if byte(data, position + 2) & 0xC0 != 0x80:
        return 0
    if first < 0xF0:
        # Neither longer than needed nor half of a surrogate pair.
        return 0 if (first == 0xE0 and second < 0xA0) or (first == 0xED and second > 0x9F) else 3
    if byte(data, position + 3) & 0xC0 != 0x80:
        return 0
    return 0 if (first == 0xF0 and second < 0x90) or (first == 0xF4 and second > 0x8F) else 4


@native_rare
def unescape(target: Bytes, at: int, data: Bytes, position: int, length: int) -> None:
    """Write the text, `length` bytes, of the string that starts at `position` to `target`."""
    end = at + length
    while at < end:
        found = byte(data, position)
        if found != BACKSLASH:
            target[at] = found
            at, position = at + 1, position + 1
            continue
        size, character = _escape(data, position)
        at = _write_utf8(target, at, character)
        position += size


@native
def _write_utf8(target: Bytes, at: int, character: int) -> int:
    """Write the character to `target`: the position after it."""
    size = _utf8_size(character)
    if size == 1:
        target[at] = character
        return at + 1
    for index in range(size - 1, 0, -1):
        target[at + index] = 0x80 | (character & 0x3F)
        character >>= 6
    target[at] = (0xF00 >> size) & 0xFF | character
    return at + size


@native
def hash_of(name: Bytes, position: int, length: int) -> np.uint64:
    """A number that equal names share, and different ones hardly ever."""
    code = np.uint64(length)
    while length > 0:
        piece = word(name, position)
        if length < 8:
            piece &= (np.uint64(1) << np.uint64(8 * length)) - np.uint64(1)
        code = (code ^ piece) * _MIX
        code ^= code >> _SHIFT
        position, length = position + 8, length - 8
    return code
