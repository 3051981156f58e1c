"""The generator, checked with Python's json; and the second opinion itself, on lines that are easy to get wrong."""

import json
from datetime import date
from pathlib import Path

import pytest

from local.generate import GeneratedFile, Recipe, generate
from local.second_opinion import NotARecordError, opinion, parse

DAYS = (date(2026, 11, 20), date(2026, 11, 19), date(2026, 11, 18))
SMALL = Recipe(seed=7, files=64, file_bytes=4_000, dates=DAYS, oversize_bytes=10_000)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[GeneratedFile]:
    return generate(tmp_path_factory.mktemp("generated"), SMALL)


@pytest.fixture(scope="module")
def lines(files: list[GeneratedFile]) -> list[str]:
    """Every record of every good file, as text."""
    return [
        line.decode("utf-8-sig")
        for file in files
        if not file.refused
        for number, line in enumerate(file.path.read_bytes().splitlines(), start=1)
        if line.strip() and number not in file.rejects
    ]


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    first, second = generate(tmp_path / "a", SMALL), generate(tmp_path / "b", SMALL)
    assert [file.key for file in first] == [file.key for file in second]
    assert all(one.path.read_bytes() == other.path.read_bytes() for one, other in zip(first, second, strict=True))


def test_another_seed_makes_other_bytes(tmp_path: Path) -> None:
    other = generate(tmp_path, Recipe(seed=8, files=1, dates=DAYS, refused=()))
    same_place = generate(tmp_path / "b", Recipe(seed=7, files=1, dates=DAYS, refused=()))
    assert other[0].path.read_bytes() != same_place[0].path.read_bytes()


def test_the_second_opinion_agrees_with_the_generator(files: list[GeneratedFile]) -> None:
    for file in files:
        if not file.refused:
            found = opinion(file.path)
            assert (found.records.total(), found.rejected) == (file.rows, frozenset(file.rejects)), file.key


def test_files_land_on_every_date_under_names_that_are_hard(files: list[GeneratedFile]) -> None:
    keys = "\n".join(file.key for file in files)
    assert all(f"landing/ndjson/{day}/" in keys for day in DAYS)
    assert all(text in keys for text in (" ", "+", "&", "=", "東京", "🎁"))
    assert len({file.key for file in files}) == len(files) == 67


def test_every_kind_of_refused_file_and_broken_line_is_there(files: list[GeneratedFile]) -> None:
    assert {file.refused for file in files} == {None, "wrong_extension", "too_large", "empty"}
    assert {kind for file in files for kind in file.rejects.values()} == {
        "truncated",
        "not_a_number",
        "duplicate_key",
        "two_objects",
        "invalid_utf8",
    }
    too_large = next(file for file in files if file.refused == "too_large")
    assert too_large.path.stat().st_size > SMALL.oversize_bytes


def test_no_file_exceeds_the_reject_limit_by_itself(files: list[GeneratedFile]) -> None:
    assert all(len(file.rejects) <= 0.05 * (file.rows + len(file.rejects)) for file in files)


@pytest.mark.parametrize("text", ["\\u00e9", "é", ".00", ".10", "1e2", "1E400", "null", "true", "[]", "-0,", "日本"])
def test_values_that_converters_alter_are_in_the_data(lines: list[str], text: str) -> None:
    assert any(text in line for line in lines)


def test_ids_have_30_digits_and_are_numbers(lines: list[str]) -> None:
    orders = [json.loads(line, parse_int=str) for line in lines if "order_id" in line]
    assert orders
    assert all(len(order["order_id"]) == 30 and order["order_id"].isdigit() for order in orders)
    assert '"order_id":"' not in "".join(lines).replace(" ", "")


def test_new_keys_appear_only_in_later_files(files: list[GeneratedFile]) -> None:
    has_new_key = [b"loyalty_points" in file.path.read_bytes() for file in files if not file.refused]
    assert not any(has_new_key[:32])
    assert any(has_new_key[32:])


@pytest.mark.parametrize(
    ("recipe", "message"),
    [({"files": 0}, "files=0"), ({"dates": ()}, r"dates=\(\)"), ({"file_bytes": 5_000_000}, "file_bytes=5000000")],
    ids=["no files", "no dates", "too large"],
)
def test_an_impossible_recipe_is_refused(recipe: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe(**recipe)  # type: ignore[arg-type]


def test_a_record_is_types_and_texts() -> None:
    line = b' {"a" : 1.10, "b":"x\\u00e9\\n", "c":{"d": [1, 2.0]}, "e":null,"f":true, "g":[ ] } \r\n'
    assert parse(line) == {
        "a": ("number", "1.10"),
        "b": ("string", "xé\n"),
        "c": ("object", '{"d": [1, 2.0]}'),
        "e": ("null", None),
        "f": ("boolean", "true"),
        "g": ("array", "[ ]"),
    }


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'{"a":1', id="truncated"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":-Infinity}', id="infinity"),
        pytest.param(b'{"a":01}', id="leading zero"),
        pytest.param(b'{"a":1.}', id="no fraction"),
        pytest.param(b"{'a':1}", id="single quotes"),
        pytest.param(b'{"a":"\t"}', id="raw control character"),
        pytest.param(b'{"a":1}{"a":2}', id="two objects"),
        pytest.param(b'{"a":1,"a":2}', id="key twice"),
        pytest.param(b'{"a":{"b":1,"b":2}}', id="key twice below"),
        pytest.param(b"[1]", id="array"),
        pytest.param(b'"{}"', id="string"),
        pytest.param(b'{"a":"\xe9"}', id="not UTF-8"),
        pytest.param(b'{"a":["\\ud800"]}', id="lone surrogate"),
        pytest.param(b'{"\\udc00":1}', id="lone surrogate in a key"),
        pytest.param(b'{"a":' + b"[" * 1_000 + b"]" * 1_000 + b"}", id="1,001 deep"),
    ],
)
def test_what_is_no_record(line: bytes) -> None:
    with pytest.raises(NotARecordError):
        parse(line)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"{}", id="empty object"),
        pytest.param(b'{"a":"\\ud83c\\udf81"}', id="surrogate pair"),
        pytest.param(b'{"a":"[[[{{{"}', id="brackets in a string"),
        pytest.param(b'{"a":' + b"[" * 999 + b"]" * 999 + b"}", id="1,000 deep"),
        pytest.param(b'{"a":' + b"9" * 5_000 + b"}", id="5,000 digits"),
    ],
)
def test_what_is_a_record(line: bytes) -> None:
    assert isinstance(parse(line), dict)


def test_blank_lines_and_a_byte_order_mark_are_no_records(tmp_path: Path) -> None:
    path = tmp_path / "file.ndjson"
    path.write_bytes(b'\xef\xbb\xbf{"a":1}\r\n\r\n  \n{"a":1}\noops')
    found = opinion(path)
    assert (found.records.total(), len(found.records), found.rejected, found.lines) == (2, 1, frozenset({5}), 3)
