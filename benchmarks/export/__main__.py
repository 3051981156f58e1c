"""`python -m benchmarks.export`: every engine on every shape and size, interleaved, the median of several rounds."""

import json
import os
import platform
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.export.engines import ENGINES
from benchmarks.export.measure import Run, run
from benchmarks.export.shapes import SHAPES, write_shape

console = Console(highlight=False, width=130)


def main(  # noqa: PLR0913, PLR0917  # one per option
    data: Annotated[Path, typer.Option(help="Folder for input and output; what is there is used again.")],
    rows: Annotated[list[int] | None, typer.Option(help="Rows of each file; once per size.")] = None,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    shapes: Annotated[list[str] | None, typer.Option("--shape")] = None,
    engines: Annotated[list[str] | None, typer.Option("--engine")] = None,
    cores: int = 2,
    report: Annotated[Path | None, typer.Option(help="File for all numbers, as JSON.")] = None,
) -> None:
    """Compare the export with what people would pick instead."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))
    data.mkdir(parents=True, exist_ok=True)
    results = {}
    for shape in shapes or list(SHAPES):
        for size in rows or [1_000_000]:
            source = write_shape(data / f"{shape}-{size}.parquet", shape, size)
            title = f"{shape}, {size:,} rows"
            results[title] = _compare(source, engines or list(ENGINES), rounds, cores)
            _print(title, results[title])
    if report:
        libraries = {name: metadata.version(name) for name in ("duckdb", "polars", "pyarrow", "numpy")}
        about = {"python": platform.python_version(), "cores": cores, **libraries}
        runs = {
            title: {name: list(map(asdict, each)) for name, each in found.items()} for title, found in results.items()
        }
        report.write_text(json.dumps({"about": about, "results": runs}, indent=2))


def _compare(source: Path, engines: list[str], rounds: int, cores: int) -> dict[str, list[Run]]:
    """The runs of each engine, which take turns; one that fails has no further turn."""
    output, pandas_folder = source.with_suffix(".out"), source.parent / "pandas"
    runs: dict[str, list[Run]] = {engine: [] for engine in engines}
    for _ in range(rounds):
        for engine, done in runs.items():
            if not (done and done[-1].error):
                done.append(run(engine, source, output, cores, pandas_folder))
    return runs


def _print(title: str, results: dict[str, list[Run]]) -> None:
    table = Table("engine", "wall s", "CPU s", "MB/s", "peak MB", "output MB", title=title)
    for engine, runs in results.items():
        if runs[-1].error:
            table.add_row(engine, "failed", str(runs[-1].error)[:60])
            continue
        wall, cpu = (median(getattr(one, name) for one in runs) for name in ("wall_seconds", "cpu_seconds"))
        peak, output = (median(getattr(one, name) for one in runs) / 1e6 for name in ("peak_bytes", "output_bytes"))
        table.add_row(engine, f"{wall:.2f}", f"{cpu:.2f}", f"{output / wall:,.0f}", f"{peak:,.0f}", f"{output:,.0f}")
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
