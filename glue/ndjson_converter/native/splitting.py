"""Lines to values: the members of each record, noted on a tape."""

import numpy as np

from ndjson_converter.kernel import (
    BLANKS,
    DONE,
    ESCAPED,
    FULL,
    KEY_BYTES,
    KEYS,
    KINDS,
    LINES,
    PADDING,
    POSITION,
    REFUSED,
    REJECTS,
    ROWS,
    VALUES,
    WIDTH,
    Bytes,
    Keys,
    Nesting,
    Work,
)
from ndjson_converter.native.grammar import (
    BACKSLASH,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    LINE_FEED,
    LOWER_F,
    LOWER_N,
    LOWER_T,
    OPEN_ARRAY,
    OPEN_OBJECT,
    QUOTE,
    SPACE,
    hash_of,
    read_literal,
    read_number,
    read_string,
    skip_space,
    unescape,
)
from ndjson_converter.native.nesting import read_nested
from ndjson_converter.native.operations import byte, difference, integer, native, native_entry, native_rare
from ndjson_converter.parsed import JsonType

_STRING, _NUMBER, _BOOLEAN = int(JsonType.STRING), int(JsonType.NUMBER), int(JsonType.BOOLEAN)
_OBJECT, _ARRAY, _NULL = int(JsonType.OBJECT), int(JsonType.ARRAY), int(JsonType.NULL)
# Beside the type of a value on the tape: its text is not its bytes.
IS_ESCAPED, TYPE = 8, 7


@native_entry
def split(work: Work, end: int) -> int:
    """Read the lines from state[POSITION] on that start before `end`.

    When repeats are allowed, the last value of a key counts. POSITION stays at the start of a line that is not decided,
    of which there is no trace.
    """
    data, state = work.data, work.state
    while state[POSITION] < end:
        position = skip_space(data, state[POSITION])
        if byte(data, position) == LINE_FEED:
            position += 1
            state[BLANKS] += 1
        else:
            position = _line(work, position)
            if position == REFUSED:
                position = _reject(work)
            elif position < 0:
                return position
        state[LINES] += 1
        state[POSITION] = position
    return DONE


@native_rare
def _reject(work: Work) -> int:
    """Note the line at POSITION as rejected: the start of the next one."""
    state = work.state
    work.tape.reject_starts[state[REJECTS]] = state[POSITION]
    work.tape.reject_lines[state[REJECTS]] = state[LINES]
    state[REJECTS] += 1
    position = integer(state[POSITION])
    while byte(work.data, position) != LINE_FEED:
        position += 1
    return position + 1


@native
def _line(work: Work, position: int) -> int:
    """Read the record at `position`: the start of the next line, REFUSED, FULL or UNSURE."""
    state = work.state
    values, keys, key_bytes, escaped = state[VALUES], state[KEYS], state[KEY_BYTES], state[ESCAPED]
    position = _members(work, position)
    if position >= 0:
        position = skip_space(work.data, position)
        if byte(work.data, position) == LINE_FEED:
            work.tape.row_ends[state[ROWS]] = state[VALUES]
            state[ROWS] += 1
            return position + 1
        position = REFUSED
    _forget_values(work, values)
    _forget_keys(work, keys)
    state[VALUES], state[KEYS], state[KEY_BYTES], state[ESCAPED] = values, keys, key_bytes, escaped
    return position


@native
def _members(work: Work, position: int) -> int:
    """Put the members of the object at `position` on the tape: the position after it, REFUSED, FULL or UNSURE."""
    data = work.data
    if byte(data, position) != OPEN_OBJECT:
        return REFUSED
    position = skip_space(data, position + 1)
    if byte(data, position) == CLOSE_OBJECT:
        return position + 1
    first = work.state[VALUES]
    before = 0
    while True:
        key, position = _key(work, position, before)
        if key < 0:
            return key
        before = key + 1
        position = _member(work, skip_space(data, position), key, first)
        if position < 0:
            return position
        position = skip_space(data, position)
        separator = byte(data, position)
        if separator == CLOSE_OBJECT:
            return position + 1
        if separator != COMMA:
            return REFUSED
        position = skip_space(data, position + 1)


@native
def _member(work: Work, position: int, key: int, first: int) -> int:
    """Put the value at `position` on the tape as that of `key`: the position after it, REFUSED or UNSURE. The values of
    the line start with number `first`.
    """
    keys, tape, state = work.keys, work.tape, work.state
    start, length, kind, position = _value(work.data, position, work.nesting)
    place = keys.newest[key]
    if place >= first:
        if not work.nesting.repeats:
            return REFUSED
        keys.kinds[key * KINDS + (tape.types[place] & TYPE)] -= 1
    else:
        place = state[VALUES]
        state[VALUES] += 1
        keys.newest[key] = place
    keys.kinds[key * KINDS + (kind & TYPE)] += 1
    if kind & IS_ESCAPED:
        state[ESCAPED] += length
    tape.starts[place] = start
    tape.lengths[place] = length
    tape.keys[place] = key
    tape.types[place] = kind
    return position


@native_rare
def _forget_values(work: Work, first: int) -> None:
    """Take the values from `first` on out of the statistics."""
    keys, tape = work.keys, work.tape
    for place in range(first, work.state[VALUES]):
        key = tape.keys[place]
        keys.kinds[key * KINDS + (tape.types[place] & TYPE)] -= 1
        keys.newest[key] = -1


@native_rare
def _forget_keys(work: Work, known: int) -> None:
    """Take all but the first `known` keys out of the hash table, the last one first, so that it is as it was."""
    keys = work.keys
    for key in range(work.state[KEYS] - 1, known - 1, -1):
        slot = _first_slot(keys, keys.hashes[key])
        while keys.slots[slot] != key:
            slot = _next_slot(keys, slot)
        keys.slots[slot] = -1
        keys.spelled[key] = 0


@native
def _key(work: Work, position: int, before: int) -> tuple[int, int]:
    """The key at `position` and the position after its colon; REFUSED or FULL instead of a key.

    `before` is 0 at the start of the line, else the number of the key before plus one.
    """
    data, keys = work.data, work.keys
    if byte(data, position) != QUOTE:
        return REFUSED, REFUSED
    position += 1
    guess = 2 * before
    key = integer(keys.followers[guess])
    if _is_spelled(data, position, keys, key):
        return key, position + keys.spelled[key]
    other = integer(keys.followers[guess + 1])
    keys.followers[guess + 1] = key
    if _is_spelled(data, position, keys, other):
        keys.followers[guess] = other
        return other, position + keys.spelled[other]
    end, saved = read_string(data, position)
    if end < 0:
        return REFUSED, REFUSED
    key = _look_up(work, position, end, saved)
    position = skip_space(data, end + 1)
    if key < 0 or byte(data, position) != COLON:
        return min(key, REFUSED), REFUSED
    keys.followers[guess] = key
    return key, position + 1


@native
def _is_spelled(data: Bytes, position: int, keys: Keys, key: int) -> bool:
    """Whether the name, the quote and the colon of `key` stand at `position`."""
    length, start = integer(keys.spelled[key]), integer(keys.starts[key])
    while length > WIDTH:
        if difference(data, position, keys.texts, start) < WIDTH:
            return False
        position, start, length = position + WIDTH, start + WIDTH, length - WIDTH
    return 0 < length <= difference(data, position, keys.texts, start)


@native_rare
def _look_up(work: Work, position: int, end: int, saved: int) -> int:
    """The key whose name is written from `position` to `end`, a new one if it is not known; FULL when that has no room.

    `saved` is how much shorter the name is than it is written.
    """
    name, keys = work.data, work.keys
    length = end - position - saved
    if saved:
        unescape(work.nesting.unescaped, 0, name, position, length)
        name, position = work.nesting.unescaped, 0
    code = hash_of(name, position, length)
    slot = _first_slot(keys, code)
    while keys.slots[slot] >= 0:
        key = integer(keys.slots[slot])
        if keys.hashes[key] == code and keys.lengths[key] == length and _is_named(name, position, keys, key):
            return key
        slot = _next_slot(keys, slot)
    key, start = integer(work.state[KEYS]), integer(work.state[KEY_BYTES])
    after = start + length + 2
    if key == keys.starts.size or after + PADDING > keys.texts.size:
        return FULL
    plain = _write_name(keys.texts, start, name, position, length)
    keys.starts[key], keys.lengths[key], keys.hashes[key] = start, length, code
    keys.spelled[key] = length + 2 if plain else 0
    keys.slots[slot] = key
    work.state[KEYS], work.state[KEY_BYTES] = key + 1, after
    return key


@native
def _write_name(texts: Bytes, start: int, name: Bytes, position: int, length: int) -> bool:
    """Copy the name to `texts`, with a quote and a colon behind it; whether it is written without escapes."""
    plain = True
    for index in range(length):
        character = byte(name, position + index)
        texts[start + index] = character
        plain &= character >= SPACE and character not in (QUOTE, BACKSLASH)
    texts[start + length] = QUOTE
    texts[start + length + 1] = COLON
    return plain


@native
def _first_slot(keys: Keys, code: np.uint64) -> int:
    return integer(code & np.uint64(keys.slots.size - 1))


@native
def _next_slot(keys: Keys, slot: int) -> int:
    return (slot + 1) & (keys.slots.size - 1)


@native
def _is_named(name: Bytes, position: int, keys: Keys, key: int) -> bool:
    different = 0
    for index in range(keys.lengths[key]):
        different |= byte(name, position + index) ^ byte(keys.texts, keys.starts[key] + index)
    return different == 0


@native
def _value(data: Bytes, position: int, nesting: Nesting) -> tuple[int, int, int, int]:
    """Start, length and type of the text of the value at `position`, and the position after it, REFUSED or UNSURE when
    it is none.
    """
    first = byte(data, position)
    if first == QUOTE:
        end, saved = read_string(data, position + 1)
        kind = _STRING | IS_ESCAPED if saved else _STRING
        return position + 1, end - position - 1 - saved, kind, end + 1 if end >= 0 else REFUSED
    length = 0
    if first in (OPEN_OBJECT, OPEN_ARRAY):
        end = read_nested(data, position, nesting)
        kind = _OBJECT if first == OPEN_OBJECT else _ARRAY
    elif first in (LOWER_T, LOWER_F, LOWER_N):
        end = read_literal(data, position)
        kind = _NULL if first == LOWER_N else _BOOLEAN
    else:
        end = read_number(data, position)
        kind = _NUMBER
    if kind != _NULL:
        length = end - position
    return position, length, kind, end
