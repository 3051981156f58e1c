"""What can go wrong around the command line: one line says it, the exit code tells it, and nothing is left behind."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from ndjson_converter.__main__ import app
from tests.unprivileged import unprivileged

ROOT = Path(__file__).resolve().parents[2]
TEN_LINES = b'{"a":"x"}\n' * 10


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def check_error(result: Result, message: str) -> None:
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    error = result.stderr.splitlines()[-1]
    assert error.startswith("error: "), result.output
    assert message in error
    assert isinstance(result.exception, SystemExit)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "a.ndjson"
    path.parent.mkdir()
    path.write_bytes(TEN_LINES)
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_an_input_that_may_not_be_read(source: Path, out: Path) -> None:
    source.chmod(0)
    with unprivileged():
        result = run("convert", source, "-o", out)
    check_error(result, f"cannot read {source}: [Errno 13] Permission denied")
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("given", ["in", "in/closed", "in/closed/b.ndjson"])
def test_a_folder_that_may_not_be_read_is_not_left_out(tmp_path: Path, source: Path, out: Path, given: str) -> None:
    closed = source.parent / "closed"
    closed.mkdir()
    (closed / "b.ndjson").write_bytes(TEN_LINES)
    closed.chmod(0)
    with unprivileged():
        result = run("convert", tmp_path / given, "-o", out)
    closed.chmod(0o700)
    check_error(result, "Permission denied")
    assert not out.exists()


def test_a_report_that_may_not_be_written_over(tmp_path: Path, source: Path, out: Path) -> None:
    report = tmp_path / "report.json"
    report.touch(0o444)
    with unprivileged():
        result = run("convert", source, "-o", out, "--report", report)
    check_error(result, f"Permission denied: '{report}'")
    assert not out.exists()


def test_an_output_folder_that_may_not_be_written_to(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "closed"
    target.mkdir()
    target.chmod(0o555)
    with unprivileged():
        result = run("convert", source, "-o", target)
    check_error(result, f"cannot write to {target}: [Errno 13] Permission denied")


def test_an_output_folder_that_is_a_file(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").touch()
    check_error(run("convert", source, "-o", tmp_path / "file"), "cannot write to")
    check_error(run("convert", source, "-o", tmp_path / "file" / "below"), "cannot write to")


@pytest.mark.parametrize("option", ["--rejects", "--report"])
@pytest.mark.parametrize(("target", "message"), [("no/such/file", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_written_is_said_before_the_work(
    tmp_path: Path, source: Path, out: Path, option: str, target: str, message: str
) -> None:
    check_error(run("convert", source, "-o", out, option, tmp_path / target), message)
    assert not out.exists()


@pytest.mark.parametrize("option", ["--rejects", "--report"])
def test_no_input_is_overwritten(source: Path, out: Path, option: str) -> None:
    for given in (source, source.parent):
        check_error(run("convert", given, "-o", out, option, source), "is one of the files to convert")
    assert source.read_bytes() == TEN_LINES


def test_rejects_and_report_are_not_one_file(tmp_path: Path, source: Path, out: Path) -> None:
    same = tmp_path / "same"
    check_error(run("convert", source, "-o", out, "--rejects", same, "--report", same), "cannot be both")
    assert not same.exists()


def test_a_run_that_fails_leaves_its_report_and_no_empty_file(tmp_path: Path, out: Path) -> None:
    report = tmp_path / "report.json"
    arguments = ("convert", tmp_path / "absent.ndjson", "-o", out, "--rejects", tmp_path / "rejects")
    check_error(run(*arguments, "--report", report), "absent.ndjson does not exist")
    assert list(tmp_path.iterdir()) == [report]
    assert "absent.ndjson does not exist" in json.loads(report.read_bytes())["error"]


def test_a_full_disk_under_the_parts(source: Path, out: Path) -> None:
    """The size that a file may have stands for what is free: the error is raised by the same calls."""
    source.write_bytes(b"".join(b'{"a":"%s"}\n' % os.urandom(600).hex().encode() for _ in range(2000)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        result = run("convert", source, "-o", out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    check_error(result, "File too large")
    assert list(out.iterdir()) == []


def test_a_full_disk_under_the_rejects(source: Path, out: Path) -> None:
    source.write_bytes(TEN_LINES * 10 + b"bad\n")
    check_error(run("convert", source, "-o", out, "--rejects", "/dev/full"), "No space left on device")
    assert list(out.iterdir()) == []


def test_a_full_disk_under_the_report_does_not_undo_the_parts(source: Path, out: Path) -> None:
    result = run("convert", source, "-o", out, "--report", "/dev/full")
    check_error(result, "the parts are written, but not the report: [Errno 28] No space left on device")
    assert pq.read_metadata(out / "part-00000.parquet").num_rows == 10


def test_a_failed_run_is_told_by_its_own_error_when_the_report_fails_too(tmp_path: Path, out: Path) -> None:
    result = run("convert", tmp_path / "absent.ndjson", "-o", out, "--report", "/dev/full")
    check_error(result, "absent.ndjson does not exist")


def test_files_of_the_same_name_are_two_files(tmp_path: Path, source: Path, out: Path) -> None:
    other = tmp_path / "in" / "below" / "a.ndjson"
    other.parent.mkdir()
    other.write_bytes(TEN_LINES)
    assert run("convert", source.parent, "-o", out).exit_code == 0
    rows = [row for part in sorted(out.iterdir()) for row in pq.read_table(part, use_threads=False).to_pylist()]
    assert [row["_source_file"] for row in rows] == [source.as_posix()] * 10 + [other.as_posix()] * 10


def test_one_file_twice_is_refused(tmp_path: Path, source: Path, out: Path) -> None:
    link = tmp_path / "link.ndjson"
    link.symlink_to(source)
    for given in ([source, source], [source.parent, source], [source, link], [source, source.parent / ".." / "in"]):
        check_error(run("convert", *given, "-o", out), "is named twice; its rows would be written twice")
    assert not out.exists()


def test_standard_input_is_refused(out: Path) -> None:
    check_error(run("convert", "-", "-o", out), "standard input cannot be converted")


def test_a_pipe_is_refused(tmp_path: Path, out: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    check_error(run("convert", tmp_path / "pipe", "-o", out), "is a device or a pipe")
    check_error(run("convert", "/dev/null", "-o", out), "is a device or a pipe")


@pytest.mark.parametrize("given", [[], ["a.ndjson"], ["a.ndjson", "-o", "out", "--workers", "0"]], ids=" ".join)
def test_a_wrong_call_ends_with_2(given: list[str]) -> None:
    result = run("convert", *given)
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("part", "target", "message"),
    [
        ("absent.parquet", "back.ndjson", "No such file"),
        ("in/a.ndjson", "back.ndjson", "is not a Parquet file of this converter"),
        ("out/part-00000.parquet", "no/such/back.ndjson", "No such file"),
        ("out/part-00000.parquet", "in", "Is a directory"),
    ],
)
def test_what_cannot_be_restored(tmp_path: Path, source: Path, out: Path, part: str, target: str, message: str) -> None:
    assert run("convert", source, "-o", out).exit_code == 0
    before = sorted(tmp_path.rglob("*"))
    check_error(run("restore", tmp_path / part, "-o", tmp_path / target), message)
    assert sorted(tmp_path.rglob("*")) == before


def test_ctrl_c_ends_with_130_and_leaves_nothing(source: Path, out: Path) -> None:
    converting = (
        "import sys; from ndjson_converter import convert; from ndjson_converter.__main__ import app; "
        "parse = convert.parse; convert.parse = lambda *block, **at: sys.stdin.read() or parse(*block, **at); app()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", converting, "convert", str(source), "-o", str(out), "--workers", "2"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "glue")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not list(out.glob(".converting-*/*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    # Until its standard input ends it goes on converting: the signal cannot come too late.
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert (stdout, "Traceback" in stderr) == ("", False)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("name", ["part-00000.parquet", "part-00007.parquet"])
def test_parts_of_an_earlier_run_are_neither_replaced_nor_mixed_with_new_ones(
    source: Path, tmp_path: Path, name: str
) -> None:
    earlier = tmp_path / "out" / name
    earlier.parent.mkdir()
    earlier.write_text("earlier")

    check_error(run("convert", source, "-o", tmp_path / "out"), f"{earlier} exists already")

    assert [path.name for path in earlier.parent.iterdir()] == [name]
    assert earlier.read_text() == "earlier"
