"""The command line on real files: what stands in the folder afterwards, what is said, and the way back."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from local.generate import Recipe, generate
from ndjson_converter.__main__ import app
from tests.second_opinion import loads, second_opinion


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def rows(folder: Path) -> list[dict[str, Any]]:
    tables = [pq.read_table(part) for part in sorted(folder.glob("*.parquet"))]
    return [row for table in tables for row in table.to_pylist()]


def lines_of(path: Path) -> list[Any]:
    return [loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def records(paths: Iterable[Path]) -> list[Any]:
    found = [value for path in paths for value in second_opinion(path.read_bytes())]
    return [value for value in found if value is not None]


@pytest.fixture
def lifelike(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "in"
    recipe = Recipe(files=8, file_bytes=20_000, broken_every=4, refused=())
    return sorted(file.path for file in generate(folder, recipe))


def test_lifelike_files_come_back_as_the_same_objects(tmp_path: Path, lifelike: list[Path]) -> None:
    converted = run("convert", tmp_path / "in", "--output", tmp_path / "out", "--workers", 3)
    parts = sorted((tmp_path / "out").iterdir())
    restored = run("restore", *parts, "--output", tmp_path / "back.ndjson")

    assert (converted.exit_code, restored.exit_code) == (0, 0), converted.output
    assert [part.name for part in parts] == ["part-00000.parquet", "part-00001.parquet", "part-00002.parquet"]
    assert len({str(pq.read_schema(part)) for part in parts}) == 1
    assert lines_of(tmp_path / "back.ndjson") == records(lifelike)


def test_a_part_holds_text_source_and_timestamp(tmp_path: Path) -> None:
    source = tmp_path / "a.ndjson"
    source.write_bytes(b'{"id":1,"amount":1.10}\n{"id":"x","tags":["a", 2.0]}\n{"id":3}')

    result = run("convert", source, "-o", tmp_path / "out")

    assert result.exit_code == 0, result.output
    table = pq.read_table(tmp_path / "out" / "part-00000.parquet")
    assert set(table.schema.types) == {pa.string()}
    first, second, _ = table.to_pylist()
    assert (first["id"], first["amount"], first["_source_file"]) == ("1", "1.10", source.as_posix())
    assert (second["tags"], second["_json_types"]) == ('["a", 2.0]', '{"id": "string"}')
    assert first["_processing_timestamp"].endswith("Z")


def test_files_of_one_row_group_are_told_apart(tmp_path: Path) -> None:
    sources = [tmp_path / f"{name}.ndjson" for name in ("b", "c", "a")]
    for source in sources:
        source.write_bytes(b'{"id":"%s"}\n' % source.stem.encode() * 3000)

    assert run("convert", *sources, "-o", tmp_path / "out", "--workers", 1).exit_code == 0

    part = tmp_path / "out" / "part-00000.parquet"
    assert [Path(row["_source_file"]).stem for row in rows(part.parent)] == [row["id"] for row in rows(part.parent)]
    group = pq.ParquetFile(part).metadata.row_group(0)
    column = group.column(pq.read_schema(part).names.index("_source_file"))
    found = column.statistics
    assert (found.min, found.max, found.null_count) == (sources[2].as_posix(), sources[1].as_posix(), 0)
    assert (group.num_rows, column.total_uncompressed_size < 1000) == (9000, True)


def test_gzip_files_are_read(tmp_path: Path, lifelike: list[Path]) -> None:
    folder = tmp_path / "zipped"
    folder.mkdir()
    for number, path in enumerate(lifelike):
        ending = "NDJSON.GZ" if number % 2 else "ndjson.gz"
        (folder / f"{number}.{ending}").write_bytes(gzip.compress(path.read_bytes()))

    assert run("convert", folder, "-o", tmp_path / "out").exit_code == 0
    parts = sorted((tmp_path / "out").iterdir())
    assert run("restore", *parts, "-o", tmp_path / "back.ndjson").exit_code == 0

    assert lines_of(tmp_path / "back.ndjson") == records(lifelike)


def test_a_large_file_is_read_in_pieces_and_lines_keep_their_numbers(tmp_path: Path) -> None:
    """Large enough for three pieces, with bad lines in the first and in the last of them."""
    source = tmp_path / "large.ndjson"
    good = b'{"id":1,"text":"%s"}\n' % (b"x" * 1000)
    count = 40_000
    lines = [b"\xef\xbb\xbf{}\n", b"first\n", *[good] * count, b"\n", b"last\n", b"\xef\xbb\xbf{}\n", good]
    source.write_bytes(b"".join(lines))
    for path, content in ((source, None), (tmp_path / "large.ndjson.gz", gzip.compress(source.read_bytes(), 1))):
        if content:
            path.write_bytes(content)
        output = tmp_path / f"out of {path.name}"

        result = run("convert", path, "-o", output, "--rejects", tmp_path / "rejects", "--workers", 2)

        assert result.exit_code == 0, result.output
        assert sum(pq.read_metadata(part).num_rows for part in output.iterdir()) == count + 2
        rejects = [json.loads(line) for line in (tmp_path / "rejects").read_bytes().splitlines()]
        numbers = [2, count + 4, count + 5]
        offsets = [sum(map(len, lines[: number - 1])) for number in numbers]
        assert [(reject["line_number"], reject["byte_offset"]) for reject in rejects] == list(
            zip(numbers, offsets, strict=True)
        )
        assert [reject["raw"] for reject in rejects] == ["first", "last", "\ufeff{}"]


def test_too_many_rejects_end_with_1_and_leave_only_the_rejects(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b'{"a":1}\nbad\n{"a":2}\n{"a":NaN}\n')
    arguments = ("convert", tmp_path / "a.ndjson", "-o", tmp_path / "out", "--rejects", tmp_path / "rejects.ndjson")

    refused = run(*arguments, "--report", tmp_path / "report.json", "--max-reject-percent", 49)

    assert refused.exit_code == 1
    assert "2 of 4 lines (50.0 %) were rejected, more than max_reject_percent = 49" in refused.output
    assert f"{tmp_path}/a.ndjson line 2: not_json" in refused.output
    assert list((tmp_path / "out").iterdir()) == []
    assert len((tmp_path / "rejects.ndjson").read_bytes().splitlines()) == 2
    assert json.loads((tmp_path / "report.json").read_bytes())["outcome"] == "failed"

    assert run(*arguments, "--max-reject-percent", 50).exit_code == 0
    assert [row["a"] for row in rows(tmp_path / "out")] == ["1", "2"]


def test_the_report_says_what_was_done(tmp_path: Path, lifelike: list[Path]) -> None:
    run("convert", tmp_path / "in", "-o", tmp_path / "out", "--report", tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["outcome"] == "committed"
    assert report["files"] == len(lifelike)
    assert report["bytes_in"] == sum(path.stat().st_size for path in lifelike)
    assert report["lines_in"] == report["rows_out"] + report["lines_rejected"]
    assert report["rows_out"] == sum(part["rows"] for part in report["parts"]) == len(rows(tmp_path / "out"))


def test_keys_that_come_late_are_columns_of_every_part(tmp_path: Path) -> None:
    for number in range(4):
        late = b'{"late %d":1}\n' % number
        (tmp_path / f"{number}.ndjson").write_bytes(b'{"a":"%s"}\n' % (b"x" * 1000) * 300 + late)

    run("convert", tmp_path, "-o", tmp_path / "out", "--workers", 4)

    parts = sorted((tmp_path / "out").iterdir())
    assert len(parts) == 4
    for part in parts:
        assert pq.read_schema(part).names[:5] == ["a", "late 0", "late 1", "late 2", "late 3"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.ndjson"], "absent.ndjson does not exist"),
        (["empty"], "holds no file that ends with .ndjson"),
        (["broken.ndjson.gz"], "cannot read"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.ndjson.gz").write_bytes(gzip.compress(b'{"a":1}\n' * 1000)[:-10])

    result = run("convert", *[tmp_path / name for name in arguments], "-o", tmp_path / "out")

    assert result.exit_code == 1
    assert message in result.output
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_holds_parts_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b'{"a":1}\n')
    assert run("convert", tmp_path / "a.ndjson", "-o", tmp_path / "out").exit_code == 0

    again = run("convert", tmp_path / "a.ndjson", "-o", tmp_path / "out")

    assert again.exit_code == 1
    assert "exists already; choose an empty folder" in again.output


def test_nothing_to_write_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"\n \n")

    result = run("convert", tmp_path / "a.ndjson", "-o", tmp_path / "out")

    assert result.exit_code == 0, result.output
    assert list((tmp_path / "out").iterdir()) == []


def test_restore_refuses_what_the_converter_did_not_write(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["x"]}), tmp_path / "foreign.parquet")

    result = run("restore", tmp_path / "foreign.parquet", "-o", tmp_path / "back.ndjson")

    assert result.exit_code == 1
    assert "is not a Parquet file of this converter" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["foreign.parquet"]


def test_restore_writes_gzip_when_the_name_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b'{"a":1.10}\n')
    run("convert", tmp_path / "a.ndjson", "-o", tmp_path / "out")

    result = run("restore", tmp_path / "out" / "part-00000.parquet", "-o", tmp_path / "back.ndjson.gz")

    assert result.exit_code == 0, result.output
    assert gzip.decompress((tmp_path / "back.ndjson.gz").read_bytes()) == b'{"a": 1.10}\n'
