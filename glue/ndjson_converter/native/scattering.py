"""Values to columns: each value of the tape to the next place of its key."""

import numpy as np

from ndjson_converter.kernel import IN_DATA, IN_UNESCAPED, INLINE, Bytes, Columns, Tape
from ndjson_converter.native.grammar import unescape
from ndjson_converter.native.operations import integer, native, native_entry, word
from ndjson_converter.native.splitting import IS_ESCAPED, TYPE
from ndjson_converter.parsed import JsonType

_NULL = int(JsonType.NULL)
_HALF = np.uint64(32)
# What of the first four, and of the next eight bytes belongs to a text that the view itself holds, by its length.
_HEAD = np.array([(1 << 8 * min(4, length)) - 1 for length in range(INLINE + 1)], dtype=np.uint64)
_TAIL = np.array([(1 << 8 * max(0, length - 4)) - 1 for length in range(INLINE + 1)], dtype=np.uint64)


@native_entry
def scatter(data: Bytes, tape: Tape, row_count: int, columns: Columns) -> None:
    """Fill `columns` with the values of the tape; their places are used up."""
    value = integer(0)
    written = integer(0)
    for row in range(row_count):
        while value < tape.row_ends[row]:
            kind, length, position = tape.types[value], integer(tape.lengths[value]), integer(tape.starts[value])
            place = columns.places[tape.keys[value]]
            columns.places[tape.keys[value]] = place + 1
            columns.rows[place] = row
            columns.types[place] = kind & TYPE
            if kind & IS_ESCAPED:
                unescape(columns.unescaped, written, data, position, length)
                head, tail = _view(columns.unescaped, written, length, IN_UNESCAPED)
                written += length
            else:
                head, tail = _view(data, position, length, IN_DATA)
            columns.views[2 * place], columns.views[2 * place + 1] = head, tail
            value += 1


@native
def _view(texts: Bytes, position: int, length: int, buffer: int) -> tuple[np.uint64, np.uint64]:
    """The view of a text in the buffer with that number; that of a null has the length 0."""
    first = word(texts, position)
    if length <= INLINE:
        head = first & _HEAD[length]
        tail = (first >> _HALF | word(texts, position + 8) << _HALF) & _TAIL[length]
    else:
        head = first & _HEAD[4]
        tail = np.uint64(buffer) | np.uint64(position) << _HALF
    return np.uint64(length) | head << _HALF, tail
