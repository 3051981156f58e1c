"""Parquet to JSON on this machine, without AWS: `python -m ndjson_export --help`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from ndjson_export.errors import ExportError, StorageError
from ndjson_export.export import Progress, export
from ndjson_export.framing import GZIP, NONE, Framing
from ndjson_export.sinks import replacing
from ndjson_export.source import Source

app = typer.Typer(add_completion=False, help=__doc__)

# Messages go to standard error, so that nothing but what was asked for comes from standard output.
_console = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def main(
    file: Annotated[Path, typer.Argument(help="Parquet file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write; it is replaced when it is there.")],
    format: Annotated[  # noqa: A002  # the option's name
        Literal["ndjson", "json"], typer.Option(help="One object a line, or one array.")
    ] = "ndjson",
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress the output with gzip.")] = False,
    threads: Annotated[int, typer.Option(min=1, help="Threads.")] = os.cpu_count() or 1,
) -> None:
    """Write the rows of a Parquet file as JSON objects, in the file's order."""
    framing = Framing(format, GZIP if gzip else NONE)
    try:
        done = _export(file, output, framing, threads)
    except ExportError as error:
        _console.print(f"[bold red]error:[/] {escape(str(error))}")
        raise typer.Exit(1) from error
    _console.print(f"{done.rows:,} rows, {done.output_bytes / 1e6:,.1f} MB -> {escape(output.as_posix())}")


def _export(file: Path, output: Path, framing: Framing, threads: int) -> Progress:
    if output.resolve() == file.resolve():
        raise StorageError(f"--output {output} is the file to read; name another one")
    columns = (TextColumn("{task.description:>6}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=_console) as bar:
        task = bar.add_task("rows", total=None)

        def report(progress: Progress) -> None:
            bar.update(task, total=progress.total_rows, completed=progress.rows)

        try:
            source = file.open("rb")
        except OSError as error:
            raise StorageError(f"cannot read {file}: {error.strerror}") from error
        with source, replacing(output) as sink:
            return export(Source(source), sink, framing, report, threads)


if __name__ == "__main__":
    app()
