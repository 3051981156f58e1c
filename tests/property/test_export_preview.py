"""A preview says what the file says, whatever rows it holds and wherever the reading stopped."""

import json
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from export_api.preview import table_of

texts = st.text(st.characters(codec="utf-8"), max_size=20)
scalars = (
    st.none() | st.booleans() | st.integers() | texts | st.decimals(allow_nan=False, allow_infinity=False).map(float)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
rows = st.lists(st.dictionaries(texts, values, max_size=4), max_size=8)


def said(value: Any) -> str | None:
    """Python's own JSON text, which writes each of these numbers as the file has it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


@given(rows)
def test_every_cell_is_in_its_place(content: list[dict[str, Any]]) -> None:
    for text in ("".join(json.dumps(row) + "\n" for row in content), json.dumps(content)):
        table = table_of(text.encode(), is_gzip=False, is_whole=True, limit=100)
        names = list(dict.fromkeys(name for row in content for name in row))
        assert [column.name for column in table.columns] == names
        assert [list(row) for row in table.rows] == [[said(row.get(name)) for name in names] for row in content]


@given(rows, st.integers(0, 400))
def test_a_cut_file_shows_a_beginning_of_its_rows(content: list[dict[str, Any]], end: int) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content).encode()
    cut = table_of(text[:end], is_gzip=False, is_whole=False, limit=100)
    whole = [json.loads(line) for line in text.decode().split("\n") if line]
    shown = len(cut.rows)
    assert shown <= len(whole)
    names = [column.name for column in cut.columns]
    assert [list(row) for row in cut.rows] == [[said(row.get(name)) for name in names] for row in whole[:shown]]
