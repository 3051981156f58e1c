"""Objects and arrays that are values, in machine code: their text is kept as it is, so only its end must be found, and
that it is JSON.
"""

from ndjson_converter.kernel import MOST_KEYS, MOST_OPEN_KEYS, REFUSED, UNSURE, Bytes, Nesting
from ndjson_converter.native.grammar import (
    CLOSE_OBJECT,
    COLON,
    COMMA,
    LOWER_F,
    LOWER_N,
    LOWER_T,
    OPEN_ARRAY,
    OPEN_OBJECT,
    QUOTE,
    hash_of,
    read_literal,
    read_number,
    read_string,
    skip_space,
    unescape,
)
from ndjson_converter.native.operations import byte, native
from ndjson_converter.parsed import MAX_DEPTH


@native
def read_nested(data: Bytes, position: int, nesting: Nesting) -> int:
    """The position after the object or array at `position`, REFUSED, or UNSURE when keys look as if they repeat."""
    depth = 1
    open_keys = 0
    while True:
        first = byte(data, position)
        if first in (OPEN_OBJECT, OPEN_ARRAY):
            if depth == MAX_DEPTH:
                return REFUSED
            depth += 1
            # In ASCII each closing bracket is two after its opening one.
            nesting.brackets[depth] = first + 2
            nesting.before[depth] = open_keys
            position = skip_space(data, position + 1)
            more = byte(data, position) != first + 2
        else:
            position = _read_scalar(data, position)
            if position < 0:
                return REFUSED
            position, more = _after_value(data, position)
        while not more:
            if byte(data, position) != nesting.brackets[depth]:
                return REFUSED
            open_keys = nesting.before[depth]
            depth -= 1
            if depth == 1:
                return position + 1
            position, more = _after_value(data, position + 1)
        if nesting.brackets[depth] == CLOSE_OBJECT:
            position = _read_key(data, position, nesting, nesting.before[depth], open_keys)
            if position < 0:
                return position
            open_keys += 1


@native
def _after_value(data: Bytes, position: int) -> tuple[int, bool]:
    """The position of what follows a value that ends at `position`, and whether it is one more member or element."""
    position = skip_space(data, position)
    if byte(data, position) != COMMA:
        return position, False
    return skip_space(data, position + 1), True


@native
def _read_scalar(data: Bytes, position: int) -> int:
    """The position after the string, literal or number at `position`, or REFUSED."""
    first = byte(data, position)
    if first == QUOTE:
        end, _ = read_string(data, position + 1)
        return end + 1 if end >= 0 else REFUSED
    if first in (LOWER_T, LOWER_F, LOWER_N):
        return read_literal(data, position)
    return read_number(data, position)


@native
def _read_key(data: Bytes, position: int, nesting: Nesting, first: int, open_keys: int) -> int:
    """The position of the value of the key at `position`, REFUSED, or UNSURE for a key that looks like one of those
    from `first` to `open_keys`, which are the earlier ones of its object.
    """
    if byte(data, position) != QUOTE:
        return REFUSED
    end, saved = read_string(data, position + 1)
    if end < 0:
        return REFUSED
    if not nesting.repeats:
        if open_keys - first == MOST_KEYS or open_keys == MOST_OPEN_KEYS:
            return UNSURE
        length = end - position - 1 - saved
        if saved:
            unescape(nesting.unescaped, 0, data, position + 1, length)
            code = hash_of(nesting.unescaped, 0, length)
        else:
            code = hash_of(data, position + 1, length)
        seen = False
        for other in range(first, open_keys):
            seen |= nesting.hashes[other] == code
        if seen:
            return UNSURE
        nesting.hashes[open_keys] = code
    position = skip_space(data, end + 1)
    if byte(data, position) != COLON:
        return REFUSED
    return skip_space(data, position + 1)
