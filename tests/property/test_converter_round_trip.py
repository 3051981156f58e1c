"""NDJSON -> Parquet on disk -> NDJSON: the same objects in the same order, each value token for token.

Of strings the value is compared, of everything else the text, blanks inside of nested values included.
"""

import gzip
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from local.generate import Recipe, generate
from ndjson_converter.__main__ import app
from ndjson_converter.job import Job
from ndjson_converter.restore import restore
from tests.converter_support import (
    PART_PREFIX,
    InProcessCluster,
    MemoryStore,
    arguments,
    put_batch,
    read_table,
)
from tests.deep import DEEP
from tests.property.test_converter_exactness import SPACE, VALUES, patient
from tests.second_opinion import second_opinion

Members = dict[str, str | tuple[str]]

KEYS = st.sampled_from(
    [
        "a",
        "A",
        "b",
        "B",
        "a__2",
        "b__2",
        "",
        "_empty",
        "Ä",
        "ä",
        "_overflow",
        "_json_types",
        "date_prefix",
        "k\0",
        "é\u0301",
    ]
)
LINES = st.tuples(st.lists(st.tuples(KEYS, VALUES), max_size=6), SPACE).map(
    lambda drawn: "{" + ",".join(f"{json.dumps(key)}:{drawn[1]}{token}{drawn[1]}" for key, token in drawn[0]) + "}"
)
EVERY_TYPE = [
    '"1"',
    "1",
    "true",
    "null",
    '{"a": 1.10}',
    "[ 1 ,2]",
    '""',
    "-0.0",
    "false",
    "{}",
    "[]",
    '"null"',
    "1E400",
]
ONE_COLUMN = [[f'{{"a":{token},"z":1}}' for token in EVERY_TYPE] + ["{}", '{"z":null}']]


def members(line: str) -> Members:
    """Key -> value of a string, or (text,) of any other value; of a key that comes twice the last one."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)
    found: Members = {}
    position = line.index("{") + 1
    while not (rest := line[position:].lstrip(" \t\r,")).startswith("}"):
        key, position = decoder.raw_decode(rest)
        line = rest[position:].lstrip(" \t\r").removeprefix(":").lstrip(" \t\r")
        value, position = decoder.raw_decode(line)
        found[key] = value if line.startswith('"') else (line[:position],)
    return found


def run(*given: object) -> None:
    ended = CliRunner().invoke(app, [str(argument) for argument in given])
    assert ended.exit_code == 0, ended.output


def there_and_back(folder: Path, files: Sequence[bytes], *options: object) -> list[Members]:
    for number, content in enumerate(files):
        (folder / f"{number:02d}.ndjson").write_bytes(content)
    run("convert", folder, "--output", folder / "out", "--max-reject-percent", 100, *options)
    parts = sorted((folder / "out").iterdir())
    if not parts:
        return []
    run("restore", *parts, "--output", folder / "back")
    return [members(line) for line in (folder / "back").read_text(encoding="utf-8").split("\n")[:-1]]


@settings(patient, max_examples=2000 if DEEP else 60)
@given(
    files=st.lists(st.lists(LINES, max_size=4), min_size=1, max_size=3),
    max_columns=st.sampled_from([1, 2, 4, 1000]),
    rule=st.sampled_from(["reject", "last"]),
    workers=st.integers(1, 3),
)
@example(files=ONE_COLUMN, max_columns=1000, rule="reject", workers=1)
@example(files=ONE_COLUMN, max_columns=1, rule="reject", workers=1)
@example(files=[['{"z":1}'], *ONE_COLUMN], max_columns=1, rule="reject", workers=2)
@example(files=[['{"a":1,"a":[ 2 ],"b":{"x":1,"x": 2},"A":null,"A":3}']], max_columns=2, rule="last", workers=1)
def test_generated_objects(files: list[list[str]], max_columns: int, rule: str, workers: int) -> None:
    sent = [line for lines in files for line in lines]
    is_kept = [value is not None for line in sent for value in second_opinion(line.encode())]
    expected = [members(line) for line, kept in zip(sent, is_kept, strict=True) if kept or rule == "last"]
    with tempfile.TemporaryDirectory() as folder:
        content = ["\n".join(lines).encode() for lines in files]
        options = ("--max-columns", max_columns, "--on-duplicate-key", rule, "--workers", workers)

        assert there_and_back(Path(folder), content, *options) == expected


@pytest.fixture
def lifelike(tmp_path: Path) -> dict[str, bytes]:
    recipe = Recipe(files=16, file_bytes=15_000, broken_every=4, refused=())
    return {f"{n:02d}.ndjson": file.path.read_bytes() for n, file in enumerate(generate(tmp_path / "sent", recipe))}


def good_members(content: bytes) -> list[Members]:
    lines = [line for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip(b" \t\r")]
    opinions = second_opinion(content)
    return [members(line.decode()) for line, opinion in zip(lines, opinions, strict=True) if opinion is not None]


@pytest.mark.parametrize("max_columns", [2, 7, 1000])
def test_lifelike_files_on_the_command_line(tmp_path: Path, lifelike: dict[str, bytes], max_columns: int) -> None:
    expected = [row for content in lifelike.values() for row in good_members(content)]
    (tmp_path / "in").mkdir()

    assert there_and_back(tmp_path / "in", list(lifelike.values()), "--max-columns", max_columns) == expected


@pytest.mark.parametrize("max_columns", [2, 7, 1000])
def test_lifelike_files_through_the_job(lifelike: dict[str, bytes], max_columns: int) -> None:
    """Every other one compressed, in several parts."""
    zipped = {f"{name}.gz": gzip.compress(content) for name, content in list(lifelike.items())[::2]}
    store = MemoryStore()
    put_batch(store, {**lifelike, **zipped}, target_part_bytes=40_000)

    Job(arguments(max_columns=max_columns), store, InProcessCluster()).run()

    parts = store.list_objects(PART_PREFIX)
    assert len(parts) > 2
    restored = [members(text) for uri in parts for text in restore(read_table(store, uri))]
    sent = [*lifelike.values(), *(gzip.decompress(content) for content in zipped.values())]
    assert restored == [row for content in sent for row in good_members(content)]
