"""NDJSON -> the pipeline's Parquet -> JSON: the same objects in the same order, each value token for token."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from local.generate import Recipe, generate
from ndjson_converter.__main__ import app
from ndjson_converter.columns import Column
from ndjson_converter.parsed import JsonType
from ndjson_export import pipeline
from tests.deep import DEEP
from tests.export_reading import export_bytes
from tests.property.test_converter_exactness import patient
from tests.property.test_converter_round_trip import LINES, ONE_COLUMN, Members, good_members, members
from tests.second_opinion import second_opinion


def converted(folder: Path, files: Sequence[bytes], max_columns: int) -> list[bytes]:
    """The parts of the files that have rows."""
    sent = folder / "sent"
    sent.mkdir()
    for number, content in enumerate(files):
        (sent / f"{number:02d}.ndjson").write_bytes(content)
    options = ["--max-reject-percent", "100", "--max-columns", str(max_columns)]
    ended = CliRunner().invoke(app, ["convert", str(sent), "--output", str(folder / "out"), *options])
    assert ended.exit_code == 0, ended.output
    parts = [part for part in sorted((folder / "out").iterdir()) if pq.read_metadata(part).num_rows]
    return [part.read_bytes() for part in parts]


def there_and_back(folder: Path, files: Sequence[bytes], max_columns: int, batch_bytes: int) -> list[Members]:
    parts = converted(folder, files, max_columns)
    texts = [export_bytes(part, batch_bytes=batch_bytes).decode() for part in parts]
    return [members(line) for text in texts for line in text.split("\n")[:-1]]


@settings(patient, max_examples=2000 if DEEP else 60)
@given(
    files=st.lists(st.lists(LINES, max_size=4), min_size=1, max_size=3),
    max_columns=st.sampled_from([1, 2, 4, 1000]),
    batch_bytes=st.sampled_from([1, 100, 1024**2]),
)
@example(files=ONE_COLUMN, max_columns=1000, batch_bytes=1)
@example(files=ONE_COLUMN, max_columns=1000, batch_bytes=1024**2)
@example(files=ONE_COLUMN, max_columns=1, batch_bytes=1024**2)
@example(files=[['{"z":1}'], *ONE_COLUMN], max_columns=1, batch_bytes=100)
@example(files=[["{}", "{}"]], max_columns=1000, batch_bytes=1024**2)
@example(files=[['{"a":null}', '{"a":null}', '{"a":1}', "{}"]], max_columns=1000, batch_bytes=1024**2)
def test_generated_objects(files: list[list[str]], max_columns: int, batch_bytes: int) -> None:
    sent = [line for lines in files for line in lines]
    is_kept = [value is not None for line in sent for value in second_opinion(line.encode())]
    expected = [members(line) for line, kept in zip(sent, is_kept, strict=True) if kept]
    with tempfile.TemporaryDirectory() as folder:
        content = ["\n".join(lines).encode() for lines in files]

        assert there_and_back(Path(folder), content, max_columns, batch_bytes) == expected


@pytest.mark.parametrize("max_columns", [2, 7, 1000])
def test_lifelike_files(tmp_path: Path, max_columns: int) -> None:
    recipe = Recipe(files=16, file_bytes=15_000, broken_every=4, refused=())
    contents = [file.path.read_bytes() for file in generate(tmp_path / "generated", recipe)]

    back = there_and_back(tmp_path, contents, max_columns, 1024**2)

    assert back == [row for content in contents for row in good_members(content)]


def test_the_contract_has_the_names_that_the_converter_writes() -> None:
    field = Column("Key", "key__2", JsonType.STRING, JsonType.ABSENT).field

    assert field.metadata == {
        pipeline.TYPE_FIELD: pipeline.STRING.encode(),
        pipeline.NULL_FIELD: pipeline.ABSENT.encode(),
        pipeline.KEY_FIELD: b"Key",
    }
