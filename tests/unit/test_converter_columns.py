"""Column names, order, types, overflow, and the way back from a table to the objects."""

import json

import pyarrow as pa
import pytest

from ndjson_converter.columns import KeyCounts, Schema, unite
from ndjson_converter.lines import parse
from ndjson_converter.parsed import ParsedFile, Rules
from ndjson_converter.restore import restore
from ndjson_converter.tables import to_tables


def read(*objects: str) -> ParsedFile:
    return parse("\n".join(objects).encode(), "s3://b/k", Rules())


def schema_of(*files: ParsedFile, max_columns: int = 1000) -> Schema:
    return unite([KeyCounts.of(file, max_columns) for file in files], max_columns)


def table_of(file: ParsedFile, schema: Schema) -> pa.Table:
    return pa.concat_tables(to_tables(file, schema, "2026-11-20T16:10:00.000000Z"))


def test_columns_are_in_order_of_first_appearance_over_the_files() -> None:
    schema = schema_of(read('{"b":1}'), read('{"a":1,"b":1}', '{"c":1}'))

    assert schema.arrow.names == ["b", "a", "c", "_processing_timestamp", "_source_file", "_json_types"]
    assert {field.type for field in schema.arrow} == {pa.string()}
    assert all(field.nullable for field in schema.arrow)


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["name", "Name", "NAME"], ["name", "name__2", "name__3"]),
        (["Name", "name"], ["Name", "name__2"]),
        (["a", "A", "a__2"], ["a", "a__2", "a__2__2"]),
        (["a", "a__2", "A"], ["a", "a__2", "a__3"]),
        (["", "_empty"], ["_empty", "_empty__2"]),
        (["_source_file", "_JSON_TYPES"], ["_source_file__2", "_json_types__2"]),
        (["_overflow", "_processing_timestamp"], ["_overflow__2", "_processing_timestamp__2"]),
        (["Date_Prefix"], ["date_prefix__2"]),
        (["Straße", "STRASSE", "ÄRGER", "ärger"], ["Straße", "STRASSE", "ÄRGER", "ärger__2"]),
        (["a.b", "a b", "a\n"], ["a.b", "a b", "a\n"]),
    ],
    ids=",".join,
)
def test_names_never_collide_in_the_catalog(keys: list[str], names: list[str]) -> None:
    schema = schema_of(read(json.dumps(dict.fromkeys(keys, 1))))

    assert [column.name for column in schema.columns] == names
    assert schema.renamed == {key: name for key, name in zip(keys, names, strict=True) if key != name}


def test_field_metadata_says_type_meaning_of_null_and_key() -> None:
    schema = schema_of(read('{"a":1,"A":"x","n":null}', '{"a":"s","A":"y"}', '{"a":2,"n":null}'))

    assert {field.name: field.metadata for field in schema.arrow if field.metadata} == {
        "a": {b"json_type": b"number", b"json_null": b"absent"},
        "a__2": {b"json_type": b"string", b"json_null": b"absent", b"json_key": b"A"},
        "n": {b"json_type": b"string", b"json_null": b"null"},
    }


def test_json_types_names_only_what_differs_from_the_columns() -> None:
    file = read('{"a":1,"n":null}', '{"a":"s","n":null}', '{"a":2}', '{"a":null,"n":null}', "{}", '{"a":3,"n":null}')

    remarks = table_of(file, schema_of(file)).column("_json_types").to_pylist()

    assert [text and json.loads(text) for text in remarks] == [
        None,
        {"a": "string"},
        {"n": "absent"},
        {"a": "null"},
        {"n": "absent"},
        None,
    ]


def test_every_row_carries_source_and_timestamp() -> None:
    file = read('{"a":1}', '{"b":2}')

    table = table_of(file, schema_of(file))

    assert table.column("_source_file").to_pylist() == ["s3://b/k"] * 2
    assert table.column("_processing_timestamp").to_pylist() == ["2026-11-20T16:10:00.000000Z"] * 2


def test_keys_beyond_the_limit_go_to_overflow_as_json() -> None:
    file = read('{"a":1.10,"b":"x","c":"y\\n","d":[1, 2.0],"e":null}', '{"a":2}', '{"e":true,"c":"z"}')

    schema = schema_of(file, max_columns=2)
    table = table_of(file, schema)

    assert table.column_names[:3] == ["a", "b", "_overflow"]
    assert schema.overflow_keys == 3
    assert table.column("_overflow").to_pylist() == [
        '{"c": "y\\n", "d": [1, 2.0], "e": null}',
        None,
        '{"c": "z", "e": true}',
    ]


def test_a_key_that_a_file_reports_late_keeps_its_column() -> None:
    first, second = read('{"z":1}'), read('{"a":1,"b":2,"z":"3"}')

    schema = schema_of(first, second, max_columns=2)

    assert [column.key for column in schema.columns] == ["z", "a"]
    assert list(restore(table_of(second, schema))) == ['{"z": "3", "a": 1, "b": 2}']


OBJECTS = [
    '{"id": 12345678901234567890123456789, "amount": 1.10, "on": true}',
    '{"id": "x", "amount": -0, "on": false, "Id": {"b": [1,  2.50], "a": "\\u00e9"}}',
    '{"": null, "id": null, "_source_file": "mine", "text": "a\\"b\\\\c\\u0000"}',
    "{}",
    '{"late": [], "id": {}}',
]


@pytest.mark.parametrize("max_columns", [1, 2, 3, 1000])
def test_the_objects_come_back_token_for_token(max_columns: int) -> None:
    file = read(*OBJECTS)

    restored = list(restore(table_of(file, schema_of(file, max_columns=max_columns))))

    assert [exact(text) for text in restored] == [exact(text) for text in OBJECTS]


def test_a_wide_sparse_file_is_cut_into_bounded_tables() -> None:
    rows = ['{"a":1}'] * 30_000
    file = read(json.dumps({f"k{number}": number for number in range(999)}), *rows)

    tables = list(to_tables(file, schema_of(file), "now"))

    assert sum(table.num_rows for table in tables) == 30_001
    assert max(table.num_rows * table.num_columns for table in tables) < 10_000_000


def exact(text: str) -> object:
    return json.loads(text, parse_int=lambda digits: ("number", digits), parse_float=lambda digits: ("number", digits))
