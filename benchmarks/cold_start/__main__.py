"""python -m benchmarks.cold_start [--runs 9] [--json FILE]

Exit code 1 when a function's import or zip is over its budget.
"""

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.cold_start.budget import MAX_IMPORT_MILLISECONDS, MAX_ZIP_BYTES, ColdStart
from benchmarks.cold_start.measure import measure, slowest_modules
from local.embedded_aws import EMULATOR_PYTHON
from scripts.package import ROOT

ZIPS = ROOT / "build" / "lambda"
MEGABYTE = 1024 * 1024


def main(
    runs: Annotated[int, typer.Option(min=1, help="Interpreters started for each function.")] = 9,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything that was measured there.")] = None,
) -> None:
    """Import each function as a cold start does, and hold it and its zip against their budgets."""
    zips = sorted(ZIPS.glob("*.zip"))
    if not zips:
        raise typer.BadParameter(f"{ZIPS} holds no zip: run make package")
    console = Console(highlight=False)
    with TemporaryDirectory() as name, console.status("starting functions"):
        found = [measure(one, EMULATOR_PYTHON, Path(name), runs) for one in zips]
        modules = {one.stem: slowest_modules(one, EMULATOR_PYTHON, Path(name)) for one in zips}
    console.print(_table(found))
    for function, slowest in modules.items():
        said = ", ".join(f"{module} {milliseconds:.0f}" for module, milliseconds in slowest)
        console.print(f"[dim]{function}, ms by package: {said}[/]", soft_wrap=True)
    if json_file:
        content = [
            {**asdict(one), "cpu": one.cpu, "wall": one.wall, "packages": modules[one.function]} for one in found
        ]
        json_file.write_text(json.dumps(content, indent=2) + "\n")
    raise typer.Exit(0 if all(one.within_budget for one in found) else 1)


def _table(found: list[ColdStart]) -> Table:
    budget = f"at most {MAX_IMPORT_MILLISECONDS:g} ms of CPU, {MAX_ZIP_BYTES / MEGABYTE:g} MB; export_api more"
    table = Table(title=f"Cold starts: {budget}", box=box.SIMPLE_HEAD)
    for heading in ("function", "import, ms of CPU", "ms", "zip, MB", ""):
        table.add_column(heading, justify="left" if heading in ("function", "") else "right")
    for one in found:
        verdict = "[green]within budget" if one.within_budget else "[bold red]OVER BUDGET"
        table.add_row(one.function, f"{one.cpu:.0f}", f"{one.wall:.0f}", f"{one.zip_bytes / MEGABYTE:.1f}", verdict)
    return table


if __name__ == "__main__":
    typer.run(main)
