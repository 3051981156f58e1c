"""`python -m benchmarks.lake`: the four jobs at several sizes, the model for Glue, and what pruning saves."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from shutil import rmtree
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.lake import model
from benchmarks.lake.data import DAY, DAYS_BEFORE, write_day
from benchmarks.lake.measure import JOBS, Measured, fill_month, measure, session
from benchmarks.lake.pruning import Scan, scans

console = Console(highlight=False, width=120)


def main(
    data: Annotated[Path, typer.Option(help="Folder for raw files and tables; it is emptied.")],
    sizes: Annotated[str, typer.Option(help="Megabytes of raw files of a day, with commas between.")] = "100,400,1000",
    cores: int = 2,
    month: Annotated[Path | None, typer.Option(help="Folder of a month, for the bytes that readers read.")] = None,
    report: Annotated[Path | None, typer.Option(help="File for all numbers, as JSON.")] = None,
) -> None:
    """Measure the lake's jobs on this machine, and compute the days of the original plan from that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))
    measured = _measure_all(data, [int(size) * 1_000_000 for size in sizes.split(",")], cores)
    _print_measured(measured)
    jobs = {name: model.fit(_points(measured, name)) for name in JOBS}
    days = [model.day(size, minutes, jobs, model.Assumptions()) for size, minutes, _ in model.ORIGINAL_PLAN]
    _print_days(jobs, days)
    if month and not (month / "processed").exists():
        with session(cores) as spark:
            fill_month(spark, month)
    read = _scans(month) if month else []
    if report:
        about = {"python": platform.python_version(), "cores": cores, "pyspark": metadata.version("pyspark")}
        runs = {str(size): [asdict(run) for run in found] for size, found in measured.items()}
        fitted = {name: asdict(cost) for name, cost in jobs.items()}
        days_as_data, read_as_data = [asdict(day) for day in days], [asdict(scan) for scan in read]
        content = {"about": about, "runs": runs, "fitted": fitted, "days": days_as_data, "scans": read_as_data}
        report.write_text(json.dumps(content, indent=2) + "\n")


def _measure_all(data: Path, sizes: Sequence[int], cores: int) -> dict[int, list[Measured]]:
    """By bytes of raw files. The first size is run once more before, so that none pays for the JVM's warming up."""
    measured: dict[int, list[Measured]] = {}
    with session(cores) as spark:
        for number, size in enumerate([sizes[0], *sizes]):
            rmtree(data, ignore_errors=True)
            written = [write_day(data, day, size) for day in (*DAYS_BEFORE, DAY)][-1]
            found = measure(spark, data)
            if number:
                measured[written] = found
    return measured


def _points(measured: Mapping[int, Sequence[Measured]], name: str) -> list[tuple[float, float]]:
    """Gigabytes of raw files and CPU seconds of the job."""
    return [
        (size / model.GIGABYTE, run.cpu_seconds) for size, runs in measured.items() for run in runs if run.job == name
    ]


def _print_measured(measured: Mapping[int, Sequence[Measured]]) -> None:
    table = Table("raw MB", "job", "wall s", "CPU s", "rows in", "read MB", "written MB", title="measured here")
    for size, runs in measured.items():
        for run in runs:
            megabytes = (f"{run.bytes_in / 1e6:,.0f}", f"{run.bytes_out / 1e6:,.1f}")
            figures = (f"{run.seconds:.1f}", f"{run.cpu_seconds:.1f}", f"{run.rows_in:,}", *megabytes)
            table.add_row(f"{size / 1e6:,.0f}", run.job, *figures)
    console.print(table)


def _print_days(jobs: Mapping[str, model.Fixed], days: Sequence[model.Day]) -> None:
    fitted = Table("job", "CPU s per run", "CPU s per GB", title="fitted")
    for name, cost in jobs.items():
        fitted.add_row(name, f"{cost.per_run:.1f}", f"{cost.per_gigabyte:.1f}")
    console.print(fitted)
    table = Table("raw GB", "workers", "minutes", "plan", "USD", "Flex", "plan", title="modelled: Glue, G.1X")
    for day, (size, minutes, usd) in zip(days, model.ORIGINAL_PLAN, strict=True):
        dollars = (f"{price:.2f}" for price in (day.usd, day.flex_usd, usd))
        table.add_row(f"{size:,}", str(day.workers), f"{day.minutes:.1f}", str(minutes), *dollars)
    console.print(table)


def _scans(lake: Path) -> list[Scan]:
    days = sorted(path.name.removeprefix("date=") for path in (lake / "processed" / "transactions").glob("date=*"))
    found = scans(lake, days[len(days) // 2])
    table = Table("query", "table", "table MB", "read MB", "share", title="bytes that DuckDB reads")
    for scan in found:
        megabytes = (f"{scan.table_bytes / 1e6:.2f}", f"{scan.bytes_read / 1e6:.3f}")
        table.add_row(scan.query, scan.table, *megabytes, f"{scan.bytes_read / scan.table_bytes:.1%}")
    console.print(table)
    return found


if __name__ == "__main__":
    typer.run(main)
