"""Strict NDJSON to columns of text in one pass over the bytes and one over the values found, in machine code.

`split` reads lines by the grammar of RFC 8259 and notes on a tape where each value of a record stands. It expects each
key to be followed by the one that followed it last, so that a name costs one comparison. A line that is not a record,
or whose nested objects look as if a key stood twice, stops it: the caller decides, and lets it go on.
`scatter` then copies the values into one run of bytes per key.

No index leaves its array: every line, the last one too, ends with a line feed, which no token goes past, and PADDING
bytes follow it, because blocks are read 32 bytes at a time.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ndjson_converter.native import (
    PADDING,
    WIDTH,
    Bytes,
    byte,
    copy_block,
    difference,
    digits_end,
    native,
    native_entry,
    text_end,
    word,
)
from ndjson_converter.parsed import MAX_DEPTH, JsonType

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

# What `split` answers: everything is read, the line at POSITION was refused, or an array must grow first.
DONE, REFUSED, FULL = 0, -1, -2

# The fields of the state. POSITION is in bytes, the others are numbers of things so far.
POSITION, LINES, BLANKS, ROWS, VALUES, KEYS, KEY_BYTES = range(7)
STATE_FIELDS = 7

# A member takes at least five bytes ("":0 and a comma or bracket), a line at least two.
SHORTEST_MEMBER, SHORTEST_LINE = 5, 2
# Keys that one nested object, and all objects around it, may have; beyond them the line is refused.
MOST_NESTED_KEYS, MOST_OPEN_KEYS = 1024, 16 * 1024

_STRING, _NUMBER, _BOOLEAN = int(JsonType.STRING), int(JsonType.NUMBER), int(JsonType.BOOLEAN)
_OBJECT, _ARRAY, _NULL = int(JsonType.OBJECT), int(JsonType.ARRAY), int(JsonType.NULL)
# Beside the type of a string on the tape: its text is not its bytes.
_ESCAPED, _TYPE = 8, 7

_LINE_FEED, _RETURN, _TAB, _SPACE = 10, 13, 9, 32
_QUOTE, _BACKSLASH, _COMMA, _COLON, _MINUS, _PLUS, _POINT, _ZERO = b'"\\,:-+.0'
_OPEN_OBJECT, _CLOSE_OBJECT, _OPEN_ARRAY, _CLOSE_ARRAY = b"{}[]"
_LOWER_E, _UPPER_E, _LOWER_F, _LOWER_N, _LOWER_T, _LOWER_U = b"eEfntu"
_TRUE, _FALSE_TAIL, _NULL_WORD = (int.from_bytes(text, "little") for text in (b"true", b"alse", b"null"))
_FOUR_BYTES = np.uint64(0xFFFFFFFF)
_MIX, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)

_HEX = np.full(256, -1, dtype=np.int64)
for _digit, _character in enumerate("0123456789abcdef"):
    _HEX[[ord(_character), ord(_character.upper())]] = _digit
_PLAIN_ESCAPES = np.zeros(256, dtype=np.uint8)
for _written, _meant in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
    _PLAIN_ESCAPES[_written] = _meant


class Keys(NamedTuple):
    """The keys in order of first appearance; arrays have an element per key.

    `texts` holds the names, each with the quote and colon that may follow it: `spelled` is the length of that, or 0
    when the name is written with escapes. `followers` has two guesses for the start of a line and for each key.
    `newest` is the place of the key's last value on the tape. `slots` is a hash table of keys, -1 where it is free.
    """

    texts: Bytes
    starts: Int64s
    lengths: Int64s
    spelled: Int64s
    hashes: Hashes
    followers: Int64s
    newest: Int64s
    counts: Int64s
    sizes: Int64s
    slots: Int64s


class Tape(NamedTuple):
    """The values in order: where the text starts, its length as text, its key and its type; `row_ends` has the number
    of values up to and with each row.
    """

    starts: Int32s
    lengths: Int32s
    keys: Int32s
    types: Bytes
    row_ends: Int32s


class Nesting(NamedTuple):
    """Room for what is open while a nested value is read: the closing bracket and the number of keys before, per
    depth; the hashes of the keys; the bytes of a key that is written with escapes.
    """

    brackets: Bytes
    before: Int64s
    hashes: Hashes
    unescaped: Bytes


class Columns(NamedTuple):
    """The values key after key: as ParsedFile has them, with the bytes of all texts and their `offsets`."""

    rows: Int32s
    types: Bytes
    offsets: Int32s
    texts: Bytes


def new_keys(capacity: int, text_bytes: int) -> Keys:
    """Room for `capacity` keys (a power of two)."""
    return Keys(
        texts=np.zeros(text_bytes + PADDING, dtype=np.uint8),
        starts=np.zeros(capacity, dtype=np.int64),
        lengths=np.zeros(capacity, dtype=np.int64),
        spelled=np.zeros(capacity, dtype=np.int64),
        hashes=np.zeros(capacity, dtype=np.uint64),
        followers=np.zeros(2 * (capacity + 1), dtype=np.int64),
        newest=np.full(capacity, -1, dtype=np.int64),
        counts=np.zeros(capacity, dtype=np.int64),
        sizes=np.zeros(capacity, dtype=np.int64),
        slots=np.full(4 * capacity, -1, dtype=np.int64),
    )


def grown(keys: Keys, known: int) -> Keys:
    """The `known` keys with room for twice as many, and for twice as many bytes."""
    larger = new_keys(2 * keys.starts.size, 2 * keys.texts.size)
    for old, new in zip(keys[:-1], larger[:-1], strict=True):
        new[: old.size] = old
    for key in range(known):
        slot = int(keys.hashes[key]) & (larger.slots.size - 1)
        while larger.slots[slot] >= 0:
            slot = (slot + 1) & (larger.slots.size - 1)
        larger.slots[slot] = key
    return larger


def new_tape(size: int) -> Tape:
    """Room for whatever `size` bytes can hold; the system gives the memory only as it is used."""
    values, rows = size // SHORTEST_MEMBER + 1, size // SHORTEST_LINE + 1
    return Tape(
        starts=np.empty(values, dtype=np.int32),
        lengths=np.empty(values, dtype=np.int32),
        keys=np.empty(values, dtype=np.int32),
        types=np.empty(values, dtype=np.uint8),
        row_ends=np.empty(rows, dtype=np.int32),
    )


def new_nesting(size: int) -> Nesting:
    """Room for any line of `size` bytes."""
    return Nesting(
        brackets=np.empty(MAX_DEPTH + 1, dtype=np.uint8),
        before=np.empty(MAX_DEPTH + 1, dtype=np.int64),
        hashes=np.empty(MOST_OPEN_KEYS, dtype=np.uint64),
        unescaped=np.empty(size + PADDING, dtype=np.uint8),
    )


def new_columns(values: int, text_bytes: int) -> Columns:
    """Columns of together `values` values, without their content."""
    columns = Columns(
        rows=np.empty(values, dtype=np.int32),
        types=np.empty(values, dtype=np.uint8),
        offsets=np.empty(values + 1, dtype=np.int32),
        texts=np.empty(text_bytes, dtype=np.uint8),
    )
    columns.offsets[values] = text_bytes
    return columns


@native_entry
def split(
    data: Bytes, end: int, repeats: bool, keys: Keys, tape: Tape, nesting: Nesting, state: Int64s
) -> int:  # pragma: no cover
    """Read the lines from state[POSITION] on that start before `end`.

    With `repeats` the last value of a key counts, and nested objects may repeat keys. A line that is refused leaves no
    trace; POSITION stays at its start.
    """
    while state[POSITION] < end:
        position = _skip_space(data, state[POSITION])
        if byte(data, position) == _LINE_FEED:
            position += 1
            state[BLANKS] += 1
        else:
            position = _line(data, position, repeats, keys, tape, nesting, state)
            if position < 0:
                return position
        state[LINES] += 1
        state[POSITION] = position
    return DONE


@native
def _line(
    data: Bytes, position: int, repeats: bool, keys: Keys, tape: Tape, nesting: Nesting, state: Int64s
) -> int:
    """Read the record at `position`: the start of the next line, REFUSED or FULL."""
    first, known, key_bytes = state[VALUES], state[KEYS], state[KEY_BYTES]
    position = _members(data, position, repeats, keys, tape, nesting, state)
    if position >= 0:
        position = _skip_space(data, position)
        if byte(data, position) == _LINE_FEED:
            tape.row_ends[state[ROWS]] = state[VALUES]
            state[ROWS] += 1
            return position + 1
        position = REFUSED
    _forget_values(keys, tape, first, state[VALUES])
    _forget_keys(keys, known, state[KEYS])
    state[VALUES], state[KEYS], state[KEY_BYTES] = first, known, key_bytes
    return position


@native
def _members(
    data: Bytes, position: int, repeats: bool, keys: Keys, tape: Tape, nesting: Nesting, state: Int64s
) -> int:
    """Put the members of the object at `position` on the tape: the position after it, REFUSED or FULL."""
    if byte(data, position) != _OPEN_OBJECT:
        return REFUSED
    position = _skip_space(data, position + 1)
    if byte(data, position) == _CLOSE_OBJECT:
        return position + 1
    first = state[VALUES]
    before = 0
    while True:
        if byte(data, position) != _QUOTE:
            return REFUSED
        key, position = _key(data, position + 1, before, keys, nesting, state)
        if key < 0:
            return key
        before = key + 1
        start, length, kind, position = _value(data, _skip_space(data, position), repeats, nesting)
        if position < 0:
            return REFUSED
        place = state[VALUES]
        if keys.newest[key] >= first:
            if not repeats:
                return REFUSED
            place = keys.newest[key]
            keys.sizes[key] -= tape.lengths[place]
        else:
            state[VALUES] += 1
            keys.newest[key] = place
            keys.counts[key] += 1
        keys.sizes[key] += length
        tape.starts[place] = start
        tape.lengths[place] = length
        tape.keys[place] = key
        tape.types[place] = kind
        position = _skip_space(data, position)
        separator = byte(data, position)
        if separator == _CLOSE_OBJECT:
            return position + 1
        if separator != _COMMA:
            return REFUSED
        position = _skip_space(data, position + 1)


@native
def _forget_values(keys: Keys, tape: Tape, first: int, end: int) -> None:
    for place in range(first, end):
        key = tape.keys[place]
        keys.counts[key] -= 1
        keys.sizes[key] -= tape.lengths[place]
        keys.newest[key] = -1


@native
def _forget_keys(keys: Keys, known: int, end: int) -> None:
    """Take the newest keys out of the hash table, the last one first, so that it is as it was before them."""
    for key in range(end - 1, known - 1, -1):
        slot = _first_slot(keys, keys.hashes[key])
        while keys.slots[slot] != key:
            slot = (slot + 1) & (keys.slots.size - 1)
        keys.slots[slot] = -1
        keys.spelled[key] = 0


@native
def _skip_space(data: Bytes, position: int) -> int:
    while True:
        found = byte(data, position)
        if found > _SPACE or (found != _SPACE and found != _TAB and found != _RETURN):
            return position
        position += 1


@native
def _key(
    data: Bytes, position: int, before: int, keys: Keys, nesting: Nesting, state: Int64s
) -> tuple[int, int]:
    """The key whose name starts at `position` and the position after its colon; REFUSED or FULL instead of a key.

    `before` is 0 at the start of the line, else the number of the key before plus one.
    """
    guess = 2 * before
    key = keys.followers[guess]
    if _is_spelled(data, position, keys, key):
        return key, position + keys.spelled[key]
    other = keys.followers[guess + 1]
    keys.followers[guess + 1] = key
    if _is_spelled(data, position, keys, other):
        keys.followers[guess] = other
        return other, position + keys.spelled[other]
    end, saved = _string(data, position)
    if end < 0:
        return REFUSED, REFUSED
    key = _look_up(data, position, end, saved, keys, nesting, state)
    if key < 0:
        return key, REFUSED
    keys.followers[guess] = key
    position = _skip_space(data, end + 1)
    if byte(data, position) != _COLON:
        return REFUSED, REFUSED
    return key, position + 1


@native
def _is_spelled(data: Bytes, position: int, keys: Keys, key: int) -> bool:
    """Whether the name, the quote and the colon of `key` stand at `position`."""
    length, start = keys.spelled[key], keys.starts[key]
    while length > WIDTH:
        if difference(data, position, keys.texts, start) < WIDTH:
            return False
        position, start, length = position + WIDTH, start + WIDTH, length - WIDTH
    return 0 < length <= difference(data, position, keys.texts, start)


@native
def _look_up(
    data: Bytes, position: int, end: int, saved: int, keys: Keys, nesting: Nesting, state: Int64s
) -> int:
    """The key that is written from `position` to `end`, a new one if it is not known; FULL when that has no room."""
    length = end - position - saved
    name = data
    if saved:
        _unescape(nesting.unescaped, 0, data, position, length)
        name, position = nesting.unescaped, 0
    code = _hash(name, position, length)
    slot = _first_slot(keys, code)
    while keys.slots[slot] >= 0:
        key = keys.slots[slot]
        if keys.hashes[key] == code and keys.lengths[key] == length and _is_named(name, position, keys, key):
            return key
        slot = (slot + 1) & (keys.slots.size - 1)
    key, start = state[KEYS], state[KEY_BYTES]
    after = start + length + 2
    if key >= keys.starts.size or after + PADDING > keys.texts.size:
        return FULL
    plain = True
    for index in range(length):
        character = byte(name, position + index)
        keys.texts[start + index] = character
        plain = plain and character >= _SPACE and character != _QUOTE and character != _BACKSLASH
    keys.texts[start + length] = _QUOTE
    keys.texts[start + length + 1] = _COLON
    keys.starts[key], keys.lengths[key], keys.hashes[key] = start, length, code
    keys.spelled[key] = length + 2 if plain else 0
    keys.slots[slot] = key
    state[KEYS], state[KEY_BYTES] = key + 1, after
    return key


@native
def _first_slot(keys: Keys, code: np.uint64) -> int:
    return np.int64(code & np.uint64(keys.slots.size - 1))


@native
def _is_named(name: Bytes, position: int, keys: Keys, key: int) -> bool:
    start = keys.starts[key]
    for index in range(keys.lengths[key]):
        if byte(name, position + index) != byte(keys.texts, start + index):
            return False
    return True


@native
def _hash(name: Bytes, position: int, length: int) -> np.uint64:
    code = np.uint64(length)
    while length > 0:
        piece = word(name, position)
        if length < 8:
            piece &= (np.uint64(1) << np.uint64(8 * length)) - np.uint64(1)
        code = (code ^ piece) * _MIX
        code ^= code >> _SHIFT
        position, length = position + 8, length - 8
    return code


@native
def _value(data: Bytes, position: int, repeats: bool, nesting: Nesting) -> tuple[int, int, int, int]:
    """Start, length and type of the text of the value at `position`, and the position after it, REFUSED when it is
    none.
    """
    first = byte(data, position)
    if first == _QUOTE:
        end, saved = _string(data, position + 1)
        kind = _STRING | _ESCAPED if saved else _STRING
        return position + 1, end - position - 1 - saved, kind, end + 1 if end >= 0 else REFUSED
    if first == _OPEN_OBJECT or first == _OPEN_ARRAY:
        end = _nested(data, position, repeats, nesting)
        return position, end - position, _OBJECT if first == _OPEN_OBJECT else _ARRAY, end
    if first == _LOWER_N:
        return position, 0, _NULL, _literal(data, position)
    if first == _LOWER_T or first == _LOWER_F:
        end = _literal(data, position)
        return position, end - position, _BOOLEAN, end
    end = _number(data, position)
    return position, end - position, _NUMBER, end


@native
def _literal(data: Bytes, position: int) -> int:
    """The position after true, false or null, or REFUSED."""
    tail = word(data, position) & _FOUR_BYTES
    if tail == np.uint64(_TRUE) or tail == np.uint64(_NULL_WORD):
        return position + 4
    if byte(data, position) == _LOWER_F and word(data, position + 1) & _FOUR_BYTES == np.uint64(_FALSE_TAIL):
        return position + 5
    return REFUSED


@native
def _number(data: Bytes, position: int) -> int:
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
def _string(data: Bytes, position: int) -> tuple[int, int]:
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
        while found == _BACKSLASH or found > 0x7F:
            if found == _BACKSLASH:
                size, character = _escape(data, position)
                saved += size - _utf8_size(character)
            else:
                size = _check_utf8(data, position)
            if size == 0:
                return REFUSED, 0
            position += size
            found = byte(data, position)
        if found == _QUOTE:
            return position, saved
        if found < _SPACE:
            return REFUSED, 0


@native
def _escape(data: Bytes, position: int) -> tuple[int, int]:
    """The length of the escape at `position` (a surrogate pair is one) and the character it stands for; 0 and 0 when it
    is none.
    """
    kind = byte(data, position + 1)
    if kind != _LOWER_U:
        plain = np.int64(_PLAIN_ESCAPES[kind])
        return (2, plain) if plain else (0, 0)
    character = _code_unit(data, position + 2)
    if character < 0xD800 or character > 0xDFFF:
        return (6, character) if character >= 0 else (0, 0)
    if character > 0xDBFF or byte(data, position + 6) != _BACKSLASH or byte(data, position + 7) != _LOWER_U:
        return 0, 0
    low = _code_unit(data, position + 8)
    if low < 0xDC00 or low > 0xDFFF:
        return 0, 0
    return 12, 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00)


@native
def _code_unit(data: Bytes, position: int) -> int:
    """The value of the four hexadecimal digits at `position`, negative when they are not."""
    # One digit after the other: what follows the first that is none may stand in the next line.
    value = np.int64(0)
    for index in range(4):
        digit = _HEX[byte(data, position + index)]
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


@native
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


@native
def _nested(data: Bytes, position: int, repeats: bool, nesting: Nesting) -> int:
    """The position after the object or array at `position`, or REFUSED."""
    depth = 1
    open_keys = 0
    while True:
        first = byte(data, position)
        if first == _OPEN_OBJECT or first == _OPEN_ARRAY:
            if depth == MAX_DEPTH:
                return REFUSED
            depth += 1
            # In ASCII each closing bracket is two after its opening one.
            nesting.brackets[depth] = first + 2
            nesting.before[depth] = open_keys
            position = _skip_space(data, position + 1)
            is_value = byte(data, position) != first + 2
        else:
            position = _scalar(data, position)
            if position < 0:
                return REFUSED
            position = _skip_space(data, position)
            is_value = byte(data, position) == _COMMA
            if is_value:
                position = _skip_space(data, position + 1)
        while not is_value:
            if byte(data, position) != nesting.brackets[depth]:
                return REFUSED
            position += 1
            open_keys = nesting.before[depth]
            depth -= 1
            if depth == 1:
                return position
            position = _skip_space(data, position)
            is_value = byte(data, position) == _COMMA
            if is_value:
                position = _skip_space(data, position + 1)
        if nesting.brackets[depth] == _CLOSE_OBJECT:
            position = _nested_key(data, position, repeats, nesting, nesting.before[depth], open_keys)
            if position < 0:
                return REFUSED
            open_keys += 1


@native
def _scalar(data: Bytes, position: int) -> int:
    """The position after the string, literal or number at `position`, or REFUSED."""
    first = byte(data, position)
    if first == _QUOTE:
        end, _ = _string(data, position + 1)
        return end + 1 if end >= 0 else REFUSED
    if first == _LOWER_T or first == _LOWER_F or first == _LOWER_N:
        return _literal(data, position)
    return _number(data, position)


@native
def _nested_key(
    data: Bytes, position: int, repeats: bool, nesting: Nesting, first: int, open_keys: int
) -> int:
    """Read the key at `position` of an object whose earlier keys are those from `first` to `open_keys`: the position of
    its value, or REFUSED, also for a key that looks like an earlier one.
    """
    if byte(data, position) != _QUOTE:
        return REFUSED
    start = position + 1
    end, saved = _string(data, start)
    if end < 0 or not (repeats or _is_new(data, start, end, saved, nesting, first, open_keys)):
        return REFUSED
    position = _skip_space(data, end + 1)
    if byte(data, position) != _COLON:
        return REFUSED
    return _skip_space(data, position + 1)


@native
def _is_new(
    data: Bytes, position: int, end: int, saved: int, nesting: Nesting, first: int, open_keys: int
) -> bool:
    """Whether the key from `position` to `end` is surely none of those from `first` to `open_keys`; it is put behind
    them.
    """
    if open_keys - first == MOST_NESTED_KEYS or open_keys == MOST_OPEN_KEYS:
        return False
    length = end - position - saved
    if saved:
        _unescape(nesting.unescaped, 0, data, position, length)
        code = _hash(nesting.unescaped, 0, length)
    else:
        code = _hash(data, position, length)
    nesting.hashes[open_keys] = code
    seen = False
    for other in range(first, open_keys):
        seen |= nesting.hashes[other] == code
    return not seen


@native
def _unescape(target: Bytes, at: int, data: Bytes, position: int, length: int) -> None:
    """Write the text, `length` bytes, of the string that starts at `position` to `target`."""
    end = at + length
    while at < end:
        found = byte(data, position)
        if found != _BACKSLASH:
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


@native_entry
def scatter(
    data: Bytes, tape: Tape, row_count: int, places: Int64s, starts: Int64s, ends: Int64s, columns: Columns
) -> None:
    """Copy the values of the tape to `columns`: those of a key from its element of `places` on, and their texts from
    its element of `starts` to its element of `ends`. The former two are used up.
    """
    value = 0
    for row in range(row_count):
        while value < tape.row_ends[row]:
            key, kind, length = tape.keys[value], tape.types[value], tape.lengths[value]
            place, start = places[key], starts[key]
            columns.rows[place] = row
            columns.types[place] = kind & _TYPE
            columns.offsets[place] = start
            if kind & _ESCAPED:
                _unescape(columns.texts, start, data, tape.starts[value], length)
            else:
                _copy(columns.texts, start, data, tape.starts[value], length, ends[key])
            places[key] = place + 1
            starts[key] = start + length
            value += 1


@native
def _copy(target: Bytes, at: int, data: Bytes, position: int, length: int, limit: int) -> None:
    """Copy `length` bytes; what stands behind them up to `limit` may be overwritten."""
    while length > 0 and at + WIDTH <= limit:
        copy_block(target, at, data, position)
        at, position, length = at + WIDTH, position + WIDTH, length - WIDTH
    for index in range(length):
        target[at + index] = byte(data, position + index)
