"""`python -m benchmarks.converter`: every engine on every shape, interleaved, the median of several rounds."""

import json
import os
import platform
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.converter.engines import ENGINES
from benchmarks.converter.job import Job
from benchmarks.converter.measure import Run, changed_values, keys_of, run
from benchmarks.converter.shapes import DISTINCT_FILES, SHAPES, write_shape

console = Console(highlight=False, width=130)


def main(  # noqa: PLR0913, PLR0917  # one per option
    data: Annotated[Path, typer.Option(help="Folder for input and output; what is there is used again.")],
    megabytes: Annotated[int, typer.Option(help="Size of each shape.")] = 700,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    shapes: Annotated[list[str] | None, typer.Option("--shape")] = None,
    engines: Annotated[list[str] | None, typer.Option("--engine")] = None,
    cores: int = 2,
    report: Annotated[Path | None, typer.Option(help="File for all numbers, as JSON.")] = None,
) -> None:
    """Compare the converter with what people would pick instead."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))
    results = {}
    for shape in shapes or list(SHAPES):
        files = [str(path) for path in write_shape(data / shape, shape, megabytes * 1_000_000)]
        keys = keys_of(files[:DISTINCT_FILES])
        jobs = {
            engine: Job(files, keys, str(data / "out" / f"{shape}-{engine}"), cores)
            for engine in engines or list(ENGINES)
        }
        results[shape] = _compare(jobs, rounds, data)
        _print(shape, results[shape])
    if report:
        libraries = {name: metadata.version(name) for name in ("duckdb", "polars", "pyarrow", "numba", "numpy")}
        about = {"python": platform.python_version(), "cores": cores, "megabytes": megabytes, **libraries}
        report.write_text(json.dumps({"about": about, "results": results}, indent=2))


def _compare(jobs: dict[str, Job], rounds: int, folder: Path) -> dict[str, dict[str, Any]]:
    """Per engine the median of each measure. A first round, with two files, warms up and counts changed values."""
    changed: dict[str, int | None] = {}
    for engine, job in jobs.items():
        files = job.files[:2] + job.files[5:6]
        small = Job(files, keys_of(files), job.output, job.cores)
        changed[engine] = None if run(engine, small, folder).error else changed_values(small)
    runs: dict[str, list[Run]] = {engine: [] for engine in jobs}
    for _ in range(rounds):
        for engine, job in jobs.items():
            if not (runs[engine] and runs[engine][-1].error):
                runs[engine].append(run(engine, job, folder))
    return {
        engine: {**_medians(measured), "changed_values": changed[engine], "runs": [asdict(one) for one in measured]}
        for engine, measured in runs.items()
    }


def _medians(runs: list[Run]) -> dict[str, Any]:
    failed = runs[-1].error
    if failed:
        return {"error": failed}
    measures = ("wall_seconds", "work_seconds", "cpu_seconds", "peak_bytes", "output_bytes")
    return {measure: median(getattr(one, measure) for one in runs) for measure in measures}


def _print(shape: str, results: dict[str, dict[str, Any]]) -> None:
    table = Table(
        "engine", "wall s", "work s", "CPU s", "peak MB", "output MB", "changed", "wall, ours = 1", title=shape
    )
    own = results.get("ours", {}).get("wall_seconds")
    for engine, found in results.items():
        if "error" in found:
            table.add_row(engine, "failed", str(found["error"])[:60])
            continue
        ratio = f"{found['wall_seconds'] / own:.2f}" if own else ""
        numbers = [f"{found[name]:.2f}" for name in ("wall_seconds", "work_seconds", "cpu_seconds")]
        sizes = [f"{found[name] / 1e6:,.0f}" for name in ("peak_bytes", "output_bytes")]
        table.add_row(engine, *numbers, *sizes, str(found["changed_values"]), ratio)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
