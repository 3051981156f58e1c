"""From the values of a key to a column that has a cell in every row, in machine code: nulls where there is no value,
and the remarks on cells that are not as their column says.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ndjson_converter.native import Bytes, byte, integer, native, native_entry
from ndjson_converter.parsed import JsonType

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

_NULL, _ABSENT = int(JsonType.NULL), int(JsonType.ABSENT)
_TYPES = len(JsonType)
_OPEN, _CLOSE, _COMMA, _SPACE = b"{}, "


class Values(NamedTuple):
    """The values of a file, as ParsedFile has them, and where those of each column stand that lie in the rows wanted:
    from its element of `firsts` to its element of `ends`.
    """

    rows: Int32s
    types: Bytes
    offsets: Int32s
    firsts: Int64s
    ends: Int64s


class Rows(NamedTuple):
    """The rows wanted, and the type and the meaning of null that each column has."""

    start: int
    size: int
    types: Bytes
    nulls: Bytes


class Cells(NamedTuple):
    """Per column the number of nulls and, when neither 0 nor all, the Arrow offsets and validity bits; and whether
    a cell needs a remark.
    """

    nulls: Int64s
    odd: Bytes
    offsets: npt.NDArray[np.int32]
    validity: npt.NDArray[np.uint8]


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


@native_entry
def spread(values: Values, rows: Rows, cells: Cells) -> None:
    """Fill `cells`."""
    for column in range(values.firsts.size):
        first, end = values.firsts[column], values.ends[column]
        kind, null = rows.types[column], rows.nulls[column]
        texts = 0
        odd = end - first < rows.size and null != _ABSENT
        for value in range(first, end):
            found = values.types[value]
            texts += found != _NULL
            odd |= (found != kind) & (found != null)
        cells.odd[column] = odd
        cells.nulls[column] = rows.size - texts
        if 0 < texts < rows.size:
            _fill(values, rows, cells, column)


@native
def _fill(values: Values, rows: Rows, cells: Cells, column: int) -> None:
    """Write offsets and validity of a column that has both texts and nulls."""
    offsets, validity = cells.offsets[column], cells.validity[column]
    validity[:] = 0
    value, end = values.firsts[column], values.ends[column]
    for row in range(rows.size):
        offsets[row] = values.offsets[value]
        if value < end and values.rows[value] == rows.start + row:
            validity[row >> 3] |= (values.types[value] != _NULL) << (row & 7)
            value += 1
    offsets[rows.size] = values.offsets[value]


@native_entry
def remark_sizes(values: Values, rows: Rows, fragments: Fragments, sizes: Int64s) -> None:
    """Add up the size of each row's remark, 0 for none: an object with a member per odd cell."""
    for column in range(values.firsts.size):
        value = values.firsts[column]
        for row in range(rows.size):
            kind, value = _cell(values, rows, column, row, value)
            if kind not in (rows.types[column], rows.nulls[column]):
                number = column * _TYPES + kind
                sizes[row] += 2 + fragments.offsets[number + 1] - fragments.offsets[number]


@native_entry
def remark(values: Values, rows: Rows, fragments: Fragments, remarks: Remarks) -> None:
    """Write the remarks; their places are used up."""
    places, ends, texts = remarks.places, remarks.ends, remarks.texts
    for row in range(rows.size):
        if places[row] < ends[row]:
            texts[places[row]] = _OPEN
            texts[ends[row] - 1] = _CLOSE
            places[row] += 1
    for column in range(values.firsts.size):
        value = values.firsts[column]
        for row in range(rows.size):
            kind, value = _cell(values, rows, column, row, value)
            if kind not in (rows.types[column], rows.nulls[column]):
                place, number = places[row], column * _TYPES + kind
                for source in range(fragments.offsets[number], fragments.offsets[number + 1]):
                    texts[place] = byte(fragments.texts, source)
                    place += 1
                if place + 1 < ends[row]:
                    texts[place], texts[place + 1] = _COMMA, _SPACE
                places[row] = place + 2


@native
def _cell(values: Values, rows: Rows, column: int, row: int, value: int) -> tuple[int, int]:
    """The type of a cell and the column's next value, where `value` is the next one so far."""
    if value < values.ends[column] and values.rows[value] == rows.start + row:
        return integer(values.types[value]), value + 1
    return _ABSENT, value
