"""Strict NDJSON to columns of text, in machine code: one pass over the bytes and one over the values found.

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

from ndjson_converter.grammar import (
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
    REFUSED,
    SPACE,
    hash_of,
    read_literal,
    read_number,
    read_string,
    skip_space,
    unescape,
)
from ndjson_converter.native import (
    PADDING,
    WIDTH,
    Bytes,
    byte,
    copy_block,
    difference,
    integer,
    native,
    native_entry,
    native_rare,
)
from ndjson_converter.nesting import Nesting, new_nesting, read_nested
from ndjson_converter.parsed import VALUE_TYPES, JsonType

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

# What `split` answers beside REFUSED: everything is read, or the keys must grow first.
DONE, FULL = 0, -2

# The fields of the state. POSITION is in bytes, the others are numbers of things so far.
POSITION, LINES, BLANKS, ROWS, VALUES, KEYS, KEY_BYTES = range(7)
STATE_FIELDS = 7

# Room for the keys at first; it is doubled as often as that is not enough.
_FIRST_KEYS, _FIRST_KEY_BYTES = 1024, 64 * 1024

# A member takes at least five bytes ("":0 and a comma or bracket), a line at least two.
_SHORTEST_MEMBER, _SHORTEST_LINE = 5, 2

_STRING, _NUMBER, _BOOLEAN = int(JsonType.STRING), int(JsonType.NUMBER), int(JsonType.BOOLEAN)
_OBJECT, _ARRAY, _NULL = int(JsonType.OBJECT), int(JsonType.ARRAY), int(JsonType.NULL)
# Beside the type of a string on the tape: its text is not its bytes.
_ESCAPED, _TYPE = 8, 7


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


class Work(NamedTuple):
    """What `split` works with: the lines, with a line feed and PADDING behind them, and where it is with them."""

    data: Bytes
    keys: Keys
    tape: Tape
    nesting: Nesting
    state: Int64s


class Spans(NamedTuple):
    """Per key the place of its next value, that of its next text, and the end of its texts."""

    values: Int64s
    texts: Int64s
    ends: Int64s


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
    for field in keys._fields:
        if field != "slots":
            old: Int64s = getattr(keys, field)
            getattr(larger, field)[: old.size] = old
    last = larger.slots.size - 1
    for key in range(known):
        slot = int(keys.hashes[key]) & last
        while larger.slots[slot] >= 0:
            slot = (slot + 1) & last
        larger.slots[slot] = key
    return larger


def new_tape(size: int) -> Tape:
    """Room for whatever `size` bytes can hold; the system gives the memory only as it is used."""
    values, rows = size // _SHORTEST_MEMBER + 1, size // _SHORTEST_LINE + 1
    return Tape(
        starts=np.empty(values, dtype=np.int32),
        lengths=np.empty(values, dtype=np.int32),
        keys=np.empty(values, dtype=np.int32),
        types=np.empty(values, dtype=np.uint8),
        row_ends=np.empty(rows, dtype=np.int32),
    )


class Room:
    """Arrays for one file of up to `size` bytes at a time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._data = np.empty(size + PADDING, dtype=np.uint8)
        self._tape = new_tape(size)
        self._nesting = new_nesting(size)

    def work(self, data: bytes, repeats: bool) -> Work:
        """The data to be read from their start; `repeats` says whether an object may repeat keys. It ends the use of
        any work before.
        """
        self._data[: len(data)] = np.frombuffer(data, dtype=np.uint8)
        self._data[len(data)] = LINE_FEED
        return Work(
            data=self._data,
            keys=new_keys(_FIRST_KEYS, _FIRST_KEY_BYTES),
            tape=self._tape,
            nesting=self._nesting._replace(repeats=repeats),
            state=np.zeros(STATE_FIELDS, dtype=np.int64),
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
def split(work: Work, end: int) -> int:
    """Read the lines from state[POSITION] on that start before `end`.

    When repeats are allowed, the last value of a key counts. A line that is refused leaves no trace, and POSITION stays
    at its start.
    """
    data, state = work.data, work.state
    while state[POSITION] < end:
        position = skip_space(data, state[POSITION])
        if byte(data, position) == LINE_FEED:
            position += 1
            state[BLANKS] += 1
        else:
            position = _line(work, position)
            if position < 0:
                return position
        state[LINES] += 1
        state[POSITION] = position
    return DONE


@native
def _line(work: Work, position: int) -> int:
    """Read the record at `position`: the start of the next line, REFUSED or FULL."""
    state = work.state
    values, keys, key_bytes = state[VALUES], state[KEYS], state[KEY_BYTES]
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
    state[VALUES], state[KEYS], state[KEY_BYTES] = values, keys, key_bytes
    return position


@native
def _members(work: Work, position: int) -> int:
    """Put the members of the object at `position` on the tape: the position after it, REFUSED or FULL."""
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
            return REFUSED
        position = skip_space(data, position)
        separator = byte(data, position)
        if separator == CLOSE_OBJECT:
            return position + 1
        if separator != COMMA:
            return REFUSED
        position = skip_space(data, position + 1)


@native
def _member(work: Work, position: int, key: int, first: int) -> int:
    """Put the value at `position` on the tape as that of `key`: the position after it, or REFUSED. The values of the
    line start with number `first`.
    """
    keys, tape, state = work.keys, work.tape, work.state
    start, length, kind, position = _value(work.data, position, work.nesting)
    place = keys.newest[key]
    if place >= first:
        if not work.nesting.repeats:
            return REFUSED
        keys.sizes[key] -= tape.lengths[place]
    else:
        place = state[VALUES]
        state[VALUES] += 1
        keys.newest[key] = place
        keys.counts[key] += 1
    keys.sizes[key] += length
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
        keys.counts[key] -= 1
        keys.sizes[key] -= tape.lengths[place]
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
    """Start, length and type of the text of the value at `position`, and the position after it, REFUSED when it is
    none.
    """
    first = byte(data, position)
    if first == QUOTE:
        end, saved = read_string(data, position + 1)
        kind = _STRING | _ESCAPED if saved else _STRING
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


@native_entry
def count_types(tape: Tape, values: int, counts: Int64s) -> None:
    """Count the values of the tape: per key an element for each type of value."""
    for value in range(values):
        counts[tape.keys[value] * VALUE_TYPES + (tape.types[value] & _TYPE)] += 1


@native_entry
def scatter(data: Bytes, tape: Tape, row_count: int, spans: Spans, columns: Columns) -> None:
    """Copy the values of the tape to `columns`; `spans` are used up."""
    value = 0
    for row in range(row_count):
        while value < tape.row_ends[row]:
            key, kind, length, position = tape.keys[value], tape.types[value], tape.lengths[value], tape.starts[value]
            place, start = spans.values[key], spans.texts[key]
            columns.rows[place] = row
            columns.types[place] = kind & _TYPE
            columns.offsets[place] = start
            if kind & _ESCAPED:
                unescape(columns.texts, start, data, position, length)
            elif start + length + WIDTH <= spans.ends[key]:
                _copy_blocks(columns.texts, start, data, position, length)
            else:
                _copy_bytes(columns.texts, start, data, position, length)
            spans.values[key] = place + 1
            spans.texts[key] = start + length
            value += 1


@native
def _copy_blocks(target: Bytes, at: int, data: Bytes, position: int, length: int) -> None:
    """Copy `length` bytes and up to WIDTH more."""
    for index in range(0, length, WIDTH):
        copy_block(target, at + index, data, position + index)


@native
def _copy_bytes(target: Bytes, at: int, data: Bytes, position: int, length: int) -> None:
    for index in range(length):
        target[at + index] = byte(data, position + index)
