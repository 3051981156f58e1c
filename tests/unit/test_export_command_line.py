"""`python -m ndjson_export`: what it writes, and that nothing is written or replaced when it fails."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner, Result

from ndjson_export.__main__ import app
from tests.export_reading import to_parquet

TABLE = pa.table({"id": [1, 2], "name": ["a", None]})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.parquet"
    path.write_bytes(to_parquet(TABLE))
    return path


def run(*given: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in given])


def test_ndjson(file: Path, tmp_path: Path) -> None:
    ended = run(file, "--output", tmp_path / "out.ndjson")

    assert ended.exit_code == 0, ended.output
    assert (tmp_path / "out.ndjson").read_text() == '{"id":1,"name":"a"}\n{"id":2,"name":null}\n'
    assert "2 rows" in ended.stderr
    assert not ended.stdout


def test_a_compressed_array(file: Path, tmp_path: Path) -> None:
    ended = run(file, "-o", tmp_path / "out", "--format", "json", "--gzip", "--threads", 1)

    assert ended.exit_code == 0, ended.output
    assert json.loads(gzip.decompress((tmp_path / "out").read_bytes())) == TABLE.to_pylist()


@pytest.mark.parametrize("content", [b"no parquet", to_parquet(TABLE)[:-1]], ids=["not Parquet", "cut off"])
def test_a_bad_file_leaves_the_output_as_it_was(file: Path, tmp_path: Path, content: bytes) -> None:
    file.write_bytes(content)
    output = tmp_path / "out.ndjson"
    output.write_text("earlier")

    ended = run(file, "--output", output)

    assert ended.exit_code == 1
    assert "error: The file is" in ended.stderr
    assert output.read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.ndjson", "some.parquet"]


def test_no_such_file(tmp_path: Path) -> None:
    ended = run(tmp_path / "absent.parquet", "--output", tmp_path / "out")

    assert ended.exit_code == 1
    assert "absent.parquet: No such file or directory" in ended.stderr


def test_the_file_is_not_its_own_output(file: Path) -> None:
    before = file.read_bytes()

    ended = run(file, "--output", file)

    assert ended.exit_code == 1
    assert "is the file to read; name another one" in ended.stderr
    assert file.read_bytes() == before


def test_a_folder_that_is_not_there(file: Path, tmp_path: Path) -> None:
    ended = run(file, "--output", tmp_path / "absent" / "out")

    assert ended.exit_code == 1
    assert "cannot write" in ended.stderr
