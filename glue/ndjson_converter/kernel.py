"""Strict NDJSON to columns of text, in machine code: one pass over the bytes and one over the values found.

`split` reads lines by the grammar of RFC 8259 and notes on a tape where each value of a record stands. It expects each
key to be followed by the one that followed it last, so that a name costs one comparison. A line whose nested objects
look as if a key stood twice stops it: the caller decides, and lets it go on.
`scatter` sorts the values by key, as Arrow views of the bytes read: a text is copied only when it is written with
escapes. `look`, `spread`, `remark_sizes` and `remark` make columns of them that have a cell in every row.

What they work on is defined here. They themselves are in `native`, and compiled by `machine_code`. No index leaves its
array: every line, the last one too, ends with a line feed, which no token goes past, and PADDING bytes follow it,
because blocks are read WIDTH bytes at a time.
"""

import threading
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ndjson_converter.arena import Arena
from ndjson_converter.machine_code import Library
from ndjson_converter.parsed import MAX_DEPTH

Bytes = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

WIDTH = 32
PADDING = 2 * WIDTH

# What `split` answers: everything is read, the keys must grow first, or whether the line at POSITION is a record cannot
# be told. REFUSED is for the parts of a line.
DONE, REFUSED, FULL, UNSURE = 0, -1, -2, -3

# The fields of the state. POSITION is in bytes, ESCAPED is the size of all texts that are written with escapes, the
# others are numbers of things so far.
POSITION, LINES, BLANKS, ROWS, REJECTS, VALUES, KEYS, KEY_BYTES, ESCAPED = range(9)
STATE_FIELDS = 9

# The numbers of values by type that a key has, in a line of its own.
KINDS = 8

# Keys that one nested object, and all objects around it, may have; beyond them the value is refused.
MOST_KEYS, MOST_OPEN_KEYS = 1024, 16 * 1024

# An Arrow view is two words. It holds a text of up to so many bytes itself; else it says where the text is: in the
# bytes read, or among the texts that were written with escapes.
INLINE = 12
IN_DATA, IN_UNESCAPED = 0, 1

# Room for the keys at first; it is doubled as often as that is not enough.
_FIRST_KEYS, _FIRST_KEY_BYTES = 512, 16 * 1024

# A member takes at least five bytes ("":0 and a comma or bracket), a line at least two.
_SHORTEST_MEMBER, _SHORTEST_LINE = 5, 2


@dataclass(frozen=True, slots=True)
class Lines:
    """The first `size` bytes of `memory`, which has PADDING bytes more."""

    memory: Bytes
    size: int

    def __len__(self) -> int:
        return self.size


Data = bytes | bytearray | memoryview | Lines


class Keys(NamedTuple):
    """The keys in order of first appearance; arrays have an element per key.

    `texts` holds the names, each with the quote and colon that may follow it: `spelled` is the length of that, or 0
    when the name is written with escapes. `followers` has two guesses for the start of a line and for each key.
    `newest` is the place of the key's last value on the tape. `kinds` has KINDS elements per key, the number of its
    values of each type. `slots` is a hash table of keys, -1 where it is free.
    """

    texts: Bytes
    starts: Int32s
    lengths: Int32s
    spelled: Int32s
    hashes: Words
    followers: Int32s
    newest: Int32s
    kinds: Int32s
    slots: Int32s


class Tape(NamedTuple):
    """The values in order: where the text starts, its length as text, its key and its type; `row_ends` has the number
    of values up to and with each row. For each rejected line where it starts, and the number of lines before it.
    """

    starts: Int32s
    lengths: Int32s
    keys: Int32s
    types: Bytes
    row_ends: Int32s
    reject_starts: Int32s
    reject_lines: Int32s


class Nesting(NamedTuple):
    """Whether an object may repeat keys, and room for what is open while a value is read: the closing bracket and the
    number of keys before, per depth; the hashes of the keys; the bytes of a key that is written with escapes.
    """

    repeats: int
    brackets: Bytes
    before: Int64s
    hashes: Words
    unescaped: Bytes


class Work(NamedTuple):
    """What `split` works with: the lines, with a line feed and PADDING behind them, and where it is with them."""

    data: Bytes
    keys: Keys
    tape: Tape
    nesting: Nesting
    state: Int64s


class Columns(NamedTuple):
    """The values key after key, each with its row, type and view; and the texts that were written with escapes.
    `places` has the place of the next value of each key.
    """

    places: Int64s
    rows: Int32s
    types: Bytes
    views: Words
    unescaped: Bytes


class Values(NamedTuple):
    """The values of a file, as Columns has them, and where those of each column stand that lie in the rows wanted:
    from its element of `firsts` to its element of `ends`.
    """

    rows: Int32s
    types: Bytes
    views: Words
    firsts: Int64s
    ends: Int64s


class Wanted(NamedTuple):
    """The rows wanted, and the type and the meaning of null that each column has."""

    start: int
    size: int
    types: Bytes
    nulls: Bytes


class Looks(NamedTuple):
    """Per column the number of nulls, and whether a cell needs a remark."""

    nulls: Int64s
    odd: Bytes


class Cells(NamedTuple):
    """For the columns that have both nulls and texts, one after the other: the validity bits, and the views when some
    row has no value.
    """

    validity: Bytes
    views: Words


class Fragments(NamedTuple):
    """What a remark says of a cell: the bytes from element to element of `offsets`; one fragment per column and type,
    in this order.
    """

    texts: Bytes
    offsets: Int64s


class Remarks(NamedTuple):
    """Per row where its remark, which is a JSON object, goes on and where it ends; and the bytes of all of them."""

    places: Int64s
    ends: Int64s
    texts: Bytes


native = Library("ndjson_converter.native")
split = native.function("splitting.split", Work, int)
scatter = native.function("scattering.scatter", Bytes, Tape, int, Columns)
look = native.function("spreading.look", Values, Wanted, Looks)
spread = native.function("spreading.spread", Values, Wanted, Looks, Cells)
remark_sizes = native.function("spreading.remark_sizes", Values, Wanted, Fragments, Int64s)
remark = native.function("spreading.remark", Values, Wanted, Fragments, Remarks)


def new_keys(capacity: int, text_bytes: int) -> Keys:
    """Room for `capacity` keys (a power of two)."""
    return Keys(
        texts=np.zeros(text_bytes + PADDING, dtype=np.uint8),
        starts=np.zeros(capacity, dtype=np.int32),
        lengths=np.zeros(capacity, dtype=np.int32),
        spelled=np.zeros(capacity, dtype=np.int32),
        hashes=np.zeros(capacity, dtype=np.uint64),
        followers=np.zeros(2 * (capacity + 1), dtype=np.int32),
        newest=np.full(capacity, -1, dtype=np.int32),
        kinds=np.zeros(KINDS * capacity, dtype=np.int32),
        slots=np.full(2 * capacity, -1, dtype=np.int32),
    )


def grown(keys: Keys, known: int) -> Keys:
    """The `known` keys with room for twice as many, and for twice as many bytes."""
    larger = new_keys(2 * keys.starts.size, 2 * keys.texts.size)
    for field in keys._fields:
        if field != "slots":
            old: Int32s = getattr(keys, field)
            getattr(larger, field)[: old.size] = old
    last = larger.slots.size - 1
    for key, code in enumerate(keys.hashes[:known].tolist()):
        slot = code & last
        while larger.slots[slot] >= 0:
            slot = (slot + 1) & last
        larger.slots[slot] = key
    return larger


class Room:
    """Arrays to split up to `size` bytes at a time, used again each time, and the memory for what is kept of them."""

    def __init__(self, size: int, arena: Arena) -> None:
        self.size = size
        self.arena = arena
        values, rows = size // _SHORTEST_MEMBER + 1, size // _SHORTEST_LINE + 1
        # For whatever so many bytes can hold; the system gives the memory only as it is used.
        self._tape = Tape(
            starts=np.empty(values, dtype=np.int32),
            lengths=np.empty(values, dtype=np.int32),
            keys=np.empty(values, dtype=np.int32),
            types=np.empty(values, dtype=np.uint8),
            row_ends=np.empty(rows, dtype=np.int32),
            reject_starts=np.empty(rows, dtype=np.int32),
            reject_lines=np.empty(rows, dtype=np.int32),
        )
        self._nesting = Nesting(
            repeats=False,
            brackets=np.empty(MAX_DEPTH + 1, dtype=np.uint8),
            before=np.empty(MAX_DEPTH + 1, dtype=np.int64),
            hashes=np.empty(MOST_OPEN_KEYS, dtype=np.uint64),
            unescaped=np.empty(size + PADDING, dtype=np.uint8),
        )

    def lines(self, data: bytes | bytearray | memoryview) -> Lines:
        """A copy of the data."""
        memory: Bytes = self.arena.take(len(data) + PADDING, np.uint8)
        memory[: len(data)] = np.frombuffer(data, dtype=np.uint8)
        return Lines(memory, len(data))

    def work(self, data: Data, repeats: bool) -> Work:
        """The data to be read from their start; `repeats` says whether an object may repeat keys. It ends the use of
        any work before.
        """
        lines = data if isinstance(data, Lines) else self.lines(data)
        lines.memory[lines.size] = ord("\n")
        return Work(
            data=lines.memory[: lines.size + PADDING],
            keys=new_keys(_FIRST_KEYS, _FIRST_KEY_BYTES),
            tape=self._tape,
            nesting=self._nesting._replace(repeats=repeats),
            state=np.zeros(STATE_FIELDS, dtype=np.int64),
        )

    def columns(self, counts: Int64s, escaped_bytes: int) -> Columns:
        """Columns with so many values per key, and so many bytes of texts with escapes, without their content."""
        values = int(counts.sum())
        return Columns(
            places=np.cumsum(counts) - counts,
            rows=self.arena.take(values, np.int32),
            types=self.arena.take(values, np.uint8),
            views=self.arena.take(2 * values, np.uint64),
            unescaped=self.arena.take(escaped_bytes + PADDING, np.uint8),
        )

    def cells(self, filled: int, viewed: int, rows: int) -> Cells:
        """Cells of `filled` columns, of which `viewed` have views of their own, without their content."""
        return Cells(
            validity=self.arena.take(filled * bytes_of_bits(rows), np.uint8),
            views=self.arena.take(viewed * rows * 2, np.uint64),
        )


def bytes_of_bits(bits: int) -> int:
    """The bytes that hold so many bits."""
    return (bits + 7) // 8


class _Rooms(threading.local):
    """The room of each thread."""

    room: Room | None = None


_rooms = _Rooms()


def room_for(size: int) -> Room:
    """This thread's room, for `size` bytes at least."""
    room = _rooms.room
    if room is None or room.size < size:
        room = _rooms.room = Room(size + size // 4, room.arena if room else Arena())
    return room
