"""The first rows of a result: exact text, types, and bounds."""

import gzip
import json

import pytest

from export_api.preview import CUT, MAX_BYTES, MAX_CELL, MAX_COLUMNS, READ_BYTES, Column, Table, table_of


def table(content: bytes, *, is_gzip: bool = False, is_whole: bool = True, limit: int = 100) -> Table:
    return table_of(content, is_gzip=is_gzip, is_whole=is_whole, limit=limit)


def lines(*rows: object) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_cells_are_the_text_of_the_file() -> None:
    content = b'{"n": 1.10, "big": 12345678901234567890123, "e": 1E400, "s": "\\u00e9\\n", "t": true, "z": null}\n'
    assert table(content).rows == (("1.10", "12345678901234567890123", "1E400", "é\n", "true", None),)


def test_numbers_inside_of_values_keep_their_text() -> None:
    content = b'{"o": {"p": 0.10, "q": [1.0, "x", null, {"deep": -0}]}}'
    assert table(content).rows == (('{"p": 0.10, "q": [1.0, "x", null, {"deep": -0}]}',),)


def test_columns_are_the_union_in_order_and_their_type_is_that_of_all_values() -> None:
    content = lines({"a": 1, "b": "x"}, {"b": None, "c": []}, {"a": "1", "d": {}, "e": True, "f": None})
    found = table(content)
    assert found.columns == (
        Column("a", "mixed"),
        Column("b", "string"),
        Column("c", "array"),
        Column("d", "object"),
        Column("e", "boolean"),
        Column("f", "null"),
    )
    assert found.rows[1] == (None, None, "[]", None, None, None)


@pytest.mark.parametrize(
    "content",
    [b'[\n{"a": 1},\n{"a": 2}\n]\n', b'[{"a":1},{"a":2}]', b'{"a": 1}\n{"a": 2}\n', b'{"a": 1}\r\n{"a": 2}'],
)
def test_ndjson_and_one_array_are_the_same_rows(content: bytes) -> None:
    found = table(content)
    assert (found.rows, found.is_cut) == ((("1",), ("2",)), False)


@pytest.mark.parametrize("content", [b"", b"[]", b"[\n]\n", b"\n"])
def test_an_empty_result_is_an_empty_table(content: bytes) -> None:
    assert table(content) == Table((), (), is_cut=False)


def test_more_rows_than_asked_for_are_cut() -> None:
    content = lines(*({"a": number} for number in range(5)))
    assert [len(table(content, limit=limit).rows) for limit in (1, 4, 5, 6)] == [1, 4, 5, 5]
    assert [table(content, limit=limit).is_cut for limit in (1, 4, 5, 6)] == [True, True, False, False]


def test_the_end_of_what_was_read_may_be_anywhere() -> None:
    content = '{"a": "ä1"}\n{"a": "ä2"}\n'.encode()
    for end in range(len(content)):
        found = table(content[:end], is_whole=False)
        assert found.is_cut
        assert found.rows in ((), (("ä1",),), (("ä1",), ("ä2",)))


def test_a_compressed_result_is_opened_as_far_as_it_was_read() -> None:
    content = gzip.compress(lines({"a": 1}, {"a": 2}))
    assert table(content, is_gzip=True) == Table((Column("a", "number"),), (("1",), ("2",)), is_cut=False)
    assert table(content[:-9], is_gzip=True, is_whole=False).is_cut
    bomb = gzip.compress(b'{"a": "' + b"x" * 50 * READ_BYTES + b'"}')
    assert table(bomb, is_gzip=True) == Table((), (), is_cut=True)


def test_a_table_never_outgrows_its_bounds() -> None:
    wide = lines(*({f"c{number}": "x" * 2 * MAX_CELL for number in range(2 * MAX_COLUMNS)} for _ in range(10)))
    found = table(wide)
    assert (len(found.columns), found.rows, found.is_cut) == (MAX_COLUMNS, (), True)
    tall = table(lines(*({"a": "ü" * MAX_CELL} for _ in range(100 * MAX_CELL))))
    assert 0 < sum(len((cell or "").encode()) for row in tall.rows for cell in row) <= MAX_BYTES


def test_a_long_cell_is_cut_visibly() -> None:
    [[cell]] = table(lines({"a": "x" * (MAX_CELL + 1)})).rows
    assert cell == "x" * MAX_CELL + CUT
    [[whole]] = table(lines({"a": "x" * MAX_CELL})).rows
    assert whole == "x" * MAX_CELL


def test_what_is_no_object_is_left_out() -> None:
    assert table(b'1\n{"a": 1}\n"x"\n').rows == (("1",),)
