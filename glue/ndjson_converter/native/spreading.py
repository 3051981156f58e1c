"""From the values of a key to a column that has a cell in every row: nulls where there is no value, and the remarks on
cells that are not as their column says.
"""

from ndjson_converter.kernel import Bytes, Cells, Fragments, Int64s, Looks, Remarks, Values, Wanted, Words
from ndjson_converter.native.operations import byte, integer, native, native_entry
from ndjson_converter.parsed import JsonType

_NULL, _ABSENT = int(JsonType.NULL), int(JsonType.ABSENT)
_TYPES = len(JsonType)
_OPEN, _CLOSE, _COMMA, _SPACE = b"{}, "


@native_entry
def look(values: Values, rows: Wanted, columns: Looks) -> None:
    """See what the columns need."""
    for column in range(values.firsts.size):
        first, end = values.firsts[column], values.ends[column]
        kind, null = rows.types[column], rows.nulls[column]
        texts = integer(0)
        odd = end - first < rows.size and null != _ABSENT
        for value in range(first, end):
            found = values.types[value]
            texts += found != _NULL
            odd |= (found != kind) & (found != null)
        columns.odd[column] = odd
        columns.nulls[column] = rows.size - texts


@native_entry
def spread(values: Values, rows: Wanted, columns: Looks, cells: Cells) -> None:
    """Fill `cells`."""
    filled, viewed = integer(0), integer(0)
    for column in range(values.firsts.size):
        if 0 < columns.nulls[column] < rows.size:
            _fill_validity(values, rows, cells.validity, filled, column)
            filled += (rows.size + 7) >> 3
            if values.ends[column] - values.firsts[column] < rows.size:
                _fill_views(values, rows, cells.views, viewed, column)
                viewed += 2 * rows.size


@native
def _fill_validity(values: Values, rows: Wanted, validity: Bytes, at: int, column: int) -> None:
    """Write the validity of a column that has both texts and nulls."""
    for index in range(at, at + ((rows.size + 7) >> 3)):
        validity[index] = 0
    for value in range(values.firsts[column], values.ends[column]):
        row = values.rows[value] - rows.start
        validity[at + (row >> 3)] |= (values.types[value] != _NULL) << (row & 7)


@native
def _fill_views(values: Values, rows: Wanted, views: Words, at: int, column: int) -> None:
    """Write the views of a column that has no value in some rows."""
    for index in range(at, at + 2 * rows.size):
        views[index] = 0
    for value in range(values.firsts[column], values.ends[column]):
        place = at + 2 * (values.rows[value] - rows.start)
        views[place], views[place + 1] = values.views[2 * value], values.views[2 * value + 1]


@native_entry
def remark_sizes(values: Values, rows: Wanted, fragments: Fragments, sizes: Int64s) -> None:
    """Add up the size of each row's remark, 0 for none: an object with a member per odd cell."""
    for column in range(values.firsts.size):
        value = values.firsts[column]
        for row in range(rows.size):
            kind, value = _cell(values, rows, column, row, value)
            if kind not in (rows.types[column], rows.nulls[column]):
                number = column * _TYPES + kind
                sizes[row] += 2 + fragments.offsets[number + 1] - fragments.offsets[number]


@native_entry
def remark(values: Values, rows: Wanted, fragments: Fragments, remarks: Remarks) -> None:
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
def _cell(values: Values, rows: Wanted, column: int, row: int, value: int) -> tuple[int, int]:
    """The type of a cell and the column's next value, where `value` is the next one so far."""
    if value < values.ends[column] and values.rows[value] == rows.start + row:
        return integer(values.types[value]), value + 1
    return _ABSENT, value
