"""python -m benchmarks.control_plane [--files 1000] [--backlogs 0,10000,100000] [--json FILE]

Exit code 1 when a target is missed.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.control_plane.backlog import FILES_PER_MANIFEST, landed
from benchmarks.control_plane.baseline import Baseline
from benchmarks.control_plane.metering import Meter
from benchmarks.control_plane.ours import Ours
from benchmarks.control_plane.result import BASELINE, OURS, Design, Measurement, calls_table, table, targets
from benchmarks.control_plane.stage import Stage
from local.embedded_aws import EmbeddedAws

BASELINE_FILES = FILES_PER_MANIFEST
"""One full manifest is a whole cycle of the replaced design: every further one costs the same."""

WIDTH = 110
_FIRST_NEW_FILE = 5_000_000
_NOTHING_IS_KEPT = {"PERSIST_STATE": "0", "S3_PERSIST": "0"}


@contextmanager
def emulator() -> Iterator[EmbeddedAws]:
    """An embedded AWS of the benchmark's own."""
    with TemporaryDirectory() as home:
        aws = EmbeddedAws(Path(home), settings=_NOTHING_IS_KEPT)
        aws.start(port=0)
        try:
            yield aws
        finally:
            aws.stop()


def measure(aws: EmbeddedAws, design: Design, backlog_files: int, files: int) -> Measurement:
    """Land the files beside the backlog and follow them to `completed`.

    Raises:
        RuntimeError: not all of them got there.
    """
    stage = Stage(aws, backlog_files)
    meter = Meter(aws, stage.table)
    before = stage.files_completed()
    new = [landed(_FIRST_NEW_FILE + ordinal, stage.input_bucket) for ordinal in range(files)]
    (Ours if design == OURS else Baseline)(stage, meter).run(new)
    completed = stage.files_completed() - before
    stage.remove()
    if completed != files:
        raise RuntimeError(f"{design}, backlog {backlog_files}: {completed} of {files} files were completed")
    return Measurement(design, backlog_files, files, dict(meter.calls), meter.read_units, meter.write_units)


def measure_all(aws: EmbeddedAws, backlogs: Sequence[int], files: int, console: Console) -> list[Measurement]:
    measured: list[Measurement] = []
    for backlog_files in backlogs:
        for design, count in ((OURS, files), (BASELINE, BASELINE_FILES)):
            with console.status(f"{design}: {count:,} files, {backlog_files:,} already in the table"):
                measured.append(measure(aws, design, backlog_files, count))
    return measured


def backlog_sizes(text: str) -> list[int]:
    """Raises typer.BadParameter when the text is not whole numbers, separated by commas."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not whole numbers separated by commas, such as 0,10000") from None


def main(
    files: Annotated[int, typer.Option(min=FILES_PER_MANIFEST, help="Files to land; a multiple of 200.")] = 1000,
    backlogs: Annotated[str, typer.Option(help="Files already in the table, separated by commas.")] = "0,10000,100000",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything that was measured there.")] = None,
) -> None:
    """Count AWS calls and DynamoDB units per file, beside the design that this pipeline replaces."""
    if files % FILES_PER_MANIFEST:
        raise typer.BadParameter(f"{files} is not a multiple of {FILES_PER_MANIFEST}: a last manifest would stay open")
    sizes = backlog_sizes(backlogs)
    console = Console(width=WIDTH)
    with emulator() as aws:
        measured = measure_all(aws, sizes, files, console)
    reached = targets(measured)
    console.print(table(measured), calls_table([m for m in measured if m.design == OURS] + measured[-1:]))
    for target in reached:
        console.print(f"{'[green]met   ' if target.met else '[bold red]MISSED'}[/] {target.text}: {target.measured}")
    if json_file is not None:
        content = {"measurements": [m.as_dict() for m in measured], "targets": [asdict(target) for target in reached]}
        json_file.write_text(json.dumps(content, indent=2) + "\n")
    if not all(target.met for target in reached):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
