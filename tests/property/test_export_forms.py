"""Any Parquet, whatever its types, batches and nulls: the JSON is what an independent reading of the file says."""

import gzip
import io
import json
from datetime import date, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ndjson_export.framing import GZIP, JSON, Framing
from ndjson_export.source import Source, coded_columns
from ndjson_export.weights import BATCH_BYTES
from tests.deep import DEEP
from tests.export_reading import check_lines, export_bytes, lines_of, to_parquet

EXAMPLES = 2_000 if DEEP else 120

INT64 = st.integers(-(2**63), 2**63 - 1)
# From year 1 on, and for the unit ns within 64 bits.
SECONDS = st.integers(-62_135_596_800, 253_402_300_799)
NANOSECONDS = st.integers(-(2**63) + 1, 2**63 - 1)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(['"', "\\", "a\nb", "\0\x1f\x7f", "ü€😀"])
UNITS = {"s": 1, "ms": 10**3, "us": 10**6}


def _decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    most = 10**precision - 1
    return st.integers(-most, most).map(lambda number: Decimal(f"{number}E-{scale}"))


def _leaves() -> dict[pa.DataType, st.SearchStrategy[Any]]:
    leaves: dict[pa.DataType, st.SearchStrategy[Any]] = {
        pa.bool_(): st.booleans(),
        pa.int8(): st.integers(-128, 127),
        pa.int64(): INT64,
        pa.uint64(): st.integers(0, 2**64 - 1),
        pa.float32(): st.floats(width=32),
        pa.float64(): st.floats(),
        pa.string(): TEXTS,
        pa.large_string(): TEXTS,
        pa.binary(): st.binary(max_size=10),
        pa.large_binary(): st.binary(max_size=10),
        pa.binary(5): st.binary(min_size=5, max_size=5),
        pa.date32(): st.dates(date(1, 1, 1)),
        pa.time32("ms"): st.times().map(_milliseconds),
        pa.time64("us"): st.times(),
        pa.timestamp("ns", "UTC"): NANOSECONDS,
        pa.timestamp("ns"): NANOSECONDS,
        pa.duration("us"): INT64,
        pa.dictionary(pa.int32(), pa.string()): TEXTS,
        pa.decimal128(38, 18): _decimals(38, 18),
        pa.decimal128(9, 9): _decimals(9, 9),
        pa.decimal128(12, 2): _decimals(12, 2),
        pa.decimal128(20, 0): _decimals(20, 0),
        pa.decimal256(70, 30): _decimals(70, 30),
        pa.decimal256(40, 3): _decimals(17, 3) | _decimals(40, 3),
        pa.decimal64(18, 2): _decimals(18, 2),
        pa.decimal32(9, 4): _decimals(9, 4),
    }
    for unit, per_second in UNITS.items():
        for zone in (None, "UTC", "Europe/Berlin"):
            leaves[pa.timestamp(unit, zone)] = SECONDS.map(per_second.__mul__)
    return leaves


def _milliseconds(value: time) -> time:
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


LEAVES = _leaves()
MAP_KEYS = [pa.string(), pa.int64(), pa.date32(), pa.bool_()]
NAMES = st.lists(TEXTS.filter(bool), min_size=1, max_size=3, unique=True)


def _nested(inner: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.DataType]:
    fields = NAMES.flatmap(lambda names: st.tuples(*[st.tuples(st.just(name), inner) for name in names]))
    return st.one_of(
        inner.map(pa.list_),
        inner.map(pa.large_list),
        fields.map(lambda found: pa.struct(list(found))),
        st.builds(pa.map_, st.sampled_from(MAP_KEYS), inner),
    )


KINDS = st.recursive(st.sampled_from(list(LEAVES)), _nested, max_leaves=4)


def _values(kind: pa.DataType) -> st.SearchStrategy[Any]:
    values: st.SearchStrategy[Any]
    if pa.types.is_struct(kind):
        fields = [kind[place] for place in range(kind.num_fields)]
        values = st.fixed_dictionaries({field.name: _values(field.type) for field in fields})
    elif pa.types.is_map(kind):
        keys = LEAVES[kind.key_type]
        values = st.lists(st.tuples(keys, _values(kind.item_type)), max_size=3)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        values = st.lists(_values(kind.value_type), max_size=3)
    else:
        values = LEAVES[kind]
    return st.none() | values


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    names = draw(NAMES)
    rows = draw(st.integers(1, 12))
    columns = []
    for _ in names:
        kind = draw(KINDS)
        column = draw(st.lists(_values(kind), min_size=rows, max_size=rows))
        columns.append(pa.array(column, kind))
    return pa.table(columns, names=names)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables(), row_group_size=st.integers(1, 12), batch_bytes=st.sampled_from([1, 100, 1024**2]))
def test_every_value_has_its_documented_form(table: pa.Table, row_group_size: int, batch_bytes: int) -> None:
    parquet = to_parquet(table, row_group_size=row_group_size)
    check_lines(lines_of(parquet, batch_bytes), parquet)


@pytest.mark.parametrize("kind", LEAVES, ids=str)
@settings(max_examples=EXAMPLES // 12, deadline=None)
@given(data=st.data())
def test_each_leaf_in_many_rows(kind: pa.DataType, data: st.DataObject) -> None:
    column = data.draw(st.lists(_values(kind), min_size=1, max_size=40))
    parquet = to_parquet(pa.table({"value": pa.array(column, kind), "all": pa.array([1] * len(column))}))
    check_lines(lines_of(parquet), parquet)


@settings(max_examples=EXAMPLES // 6, deadline=None)
@given(texts=st.lists(st.none() | TEXTS, min_size=1, max_size=3), batch_bytes=st.sampled_from([100, 1024**2]))
def test_texts_that_repeat(texts: list[str | None], batch_bytes: int) -> None:
    """Such columns are read as places in a dictionary."""
    column = pa.array(texts * 200, pa.string())
    parquet = to_parquet(pa.table({"text": column, "bytes": column.cast(pa.binary())}))
    assert coded_columns(pq.read_metadata(io.BytesIO(parquet))) == ["text", "bytes"]
    check_lines(lines_of(parquet, batch_bytes), parquet)


@settings(max_examples=EXAMPLES // 12, deadline=None)
@given(
    lists=st.lists(st.none() | st.lists(st.none() | TEXTS, max_size=3), min_size=1, max_size=4),
    batch_bytes=st.sampled_from([1, 100, 1024**2]),
)
def test_texts_that_repeat_inside_of_others(lists: list[list[str | None] | None], batch_bytes: int) -> None:
    """Also as places in a dictionary, that of a list in a group, and those of a map."""
    kind = pa.struct([("list", pa.list_(pa.string())), ("map", pa.map_(pa.string(), pa.string()))])
    maps = [None if texts is None else [(text or "", text) for text in texts] for texts in lists]
    groups = [{"list": texts, "map": entries} for texts, entries in zip(lists, maps, strict=True)]
    parquet = to_parquet(pa.table({"group": pa.array([None, *groups] * 60, kind)}))
    coded = coded_columns(pq.read_metadata(io.BytesIO(parquet)))
    assert coded == ["group.list.list.element", "group.map.key_value.key", "group.map.key_value.value"]
    check_lines(lines_of(parquet, batch_bytes), parquet)


def test_a_text_that_repeats_counts_each_time_it_is_written() -> None:
    """In the file it is there once; a batch must not grow beyond memory when it is written out."""
    long = pa.array(["x" * 10_000] * 3_000)
    parquet = to_parquet(pa.table({"list": pa.ListArray.from_arrays(pa.array(range(3_001), pa.int32()), long)}))
    sizes = [batch.num_rows * 10_000 for batch in Source(io.BytesIO(parquet)).batches()]
    assert sum(sizes) == 30_000_000
    assert max(sizes) <= 2 * BATCH_BYTES


@settings(max_examples=EXAMPLES // 6, deadline=None)
@given(rows=st.lists(st.tuples(TEXTS, st.none() | TEXTS), min_size=1, max_size=20))
def test_lists_of_a_fixed_size(rows: list[tuple[str, str | None]]) -> None:
    parquet = to_parquet(pa.table({"pair": pa.array(rows, pa.list_(pa.string(), 2))}))
    check_lines(lines_of(parquet), parquet)


@settings(max_examples=EXAMPLES // 6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables(), batch_bytes=st.sampled_from([1, 100, 1024**2]), threads=st.integers(1, 3))
def test_an_array_and_gzip_hold_the_same_rows(table: pa.Table, batch_bytes: int, threads: int) -> None:
    parquet = to_parquet(table)
    lines = lines_of(parquet)
    array = export_bytes(parquet, Framing(JSON), batch_bytes=batch_bytes, threads=threads)
    assert array.decode() == "[\n" + ",\n".join(lines) + "\n]\n"
    assert json.loads(array) == [json.loads(line) for line in lines]
    assert gzip.decompress(export_bytes(parquet, Framing(JSON, GZIP), batch_bytes=batch_bytes)) == array
