"""The converter on one machine, without Spark and without AWS: `python -m ndjson_converter convert --help`."""

import atexit
import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from ndjson_converter import convert as conversion
from ndjson_converter.blocks import find_files
from ndjson_converter.errors import ConversionError, RejectLimitError, StorageError, one_line
from ndjson_converter.parsed import OnDuplicateKey, Rules
from ndjson_converter.report import RunReport
from ndjson_converter.restore import restore_files

# At its end the interpreter would search all that was imported for cycles, which go with the process anyway.
atexit.register(gc.freeze)

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)

# Messages go to standard error, so that nothing but what was asked for comes from standard output.
_console = Console(stderr=True, highlight=False, soft_wrap=True)


class _Bar(conversion.Progress):
    """A bar per phase, on a terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = TaskID(0)

    def begin(self, phase: str, total_bytes: int) -> None:
        self._task = self._progress.add_task(phase, total=total_bytes)

    def advance(self, size_bytes: int) -> None:
        self._progress.advance(self._task, size_bytes)


@app.command()
def convert(  # noqa: PLR0913, PLR0917  # one per option
    inputs: Annotated[list[Path], typer.Argument(help="NDJSON files, plain or .gz, or folders of them.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the Parquet parts.")],
    workers: Annotated[int, typer.Option(min=1, help="Threads.")] = os.cpu_count() or 1,
    rejects: Annotated[Path | None, typer.Option(help="File for the rejected lines, as NDJSON.")] = None,
    report: Annotated[Path | None, typer.Option(help="File for the run report, as JSON.")] = None,
    max_reject_percent: Annotated[
        float, typer.Option(min=0, max=100, help="Rejected lines, in percent, above which nothing is written.")
    ] = 10.0,
    max_columns: Annotated[int, typer.Option(min=1, help="Keys that become columns; the rest overflows.")] = 1000,
    on_duplicate_key: Annotated[OnDuplicateKey, typer.Option(help="A key twice in one object.")] = "reject",
) -> None:
    """Convert NDJSON to Parquet: one text column per key, every value as it was written."""
    request = conversion.Request(
        inputs=inputs,
        output=output,
        workers=workers,
        rules=Rules(on_duplicate_key),
        max_columns=max_columns,
        max_reject_percent=max_reject_percent,
        rejects=rejects,
    )
    run = RunReport(inputs=[path.as_posix() for path in inputs], output=output.as_posix(), workers=workers)
    failure: ConversionError | OSError | None = None
    try:
        _check_targets(rejects, report, inputs)
    except (ConversionError, OSError) as error:
        raise _failed(error) from error
    try:
        with Progress(
            TextColumn("{task.description:>6}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), console=_console
        ) as progress:
            conversion.convert(request, run, _Bar(progress))
    except (ConversionError, OSError) as error:
        failure = error
    if report:
        failure = _write_report(report, run, failure) or failure
    if failure:
        raise _failed(failure) from failure
    _print_summary(run)


@app.command()
def restore(
    parts: Annotated[list[Path], typer.Argument(help="Parquet files that the converter wrote.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="NDJSON file to write.")],
) -> None:
    """Write the objects again, each value as it was sent: the way back from Parquet to NDJSON."""
    try:
        rows = restore_files(parts, output)
    except ConversionError as error:
        raise _failed(error) from error
    _console.print(f"{rows:,} objects in {escape(str(output))}")


def _check_targets(rejects: Path | None, report: Path | None, inputs: list[Path]) -> None:
    """Raise OSError or StorageError now, and not after all the work, when these files cannot be written."""
    targets = [path for path in (rejects, report) if path]
    if len(targets) == 2 and targets[0].resolve() == targets[1].resolve():
        raise StorageError(f"{rejects} cannot be both --rejects and --report")
    sources = _sources(inputs) if targets else set()
    for path in targets:
        if path.resolve() in sources:
            raise StorageError(f"{path} is one of the files to convert; it would be overwritten")
        is_new = not path.exists()
        with path.open("ab"):
            pass
        if is_new:
            path.unlink()


def _sources(inputs: list[Path]) -> set[Path]:
    """The files to convert; none when the conversion is going to fail for want of one."""
    try:
        return {path.resolve() for path in find_files(inputs)}
    except StorageError:
        return set()


def _write_report(path: Path, run: RunReport, failure: Exception | None) -> StorageError | None:
    """The error of a report that could not be written after a run that was well."""
    content = run.to_json("failed", one_line(str(failure))) if failure else run.to_json("committed")
    try:
        path.write_bytes(content)
    except OSError as error:
        return None if failure else StorageError(f"the parts are written, but not the report: {error}")
    return None


def _failed(error: ConversionError | OSError) -> typer.Exit:
    kind = "rejected" if isinstance(error, RejectLimitError) else "error"
    _console.print(f"[bold red]{kind}:[/] {escape(one_line(str(error)))}")
    return typer.Exit(1)


def _print_summary(run: RunReport) -> None:
    facts = run.facts
    size = sum(part["size_bytes"] for part in facts["parts"])
    _console.print(
        f"{facts['files']:,} files, {facts['bytes_in'] / 1e6:,.1f} MB, {facts['lines_in']:,} lines -> "
        f"{facts['rows_out']:,} rows in {len(facts['parts'])} parts, {size / 1e6:,.1f} MB, "
        f"{len(facts['columns'])} columns"
    )
    if facts["lines_rejected"]:
        _console.print(f"[yellow]{facts['lines_rejected']:,} lines were rejected[/]")


if __name__ == "__main__":
    sys.exit(app())
