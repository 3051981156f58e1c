"""python -m benchmarks.capacity [--multiples 1,10,100,1000] [--prices FILE] [--json FILE] [--pictures FOLDER]

Computes; nothing is deployed or measured. Where every number comes from: --sources.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.capacity import report
from benchmarks.capacity.assumptions import Assumptions, read_assumptions
from benchmarks.capacity.model import storage
from benchmarks.capacity.scenario import as_dict, simulated
from benchmarks.capacity.settings import Settings, environment_settings
from ndjson_parquet_cli.prices import Prices, read_prices

WIDTH = 160
RETENTION_DAYS = 7
"""prod's input_retention_days."""


def multiples(text: str) -> list[float]:
    """Raises typer.BadParameter when the text is not numbers above 0, separated by commas."""
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) <= 0:
        raise typer.BadParameter(f"{text!r} is not numbers above 0, separated by commas, such as 1,10,100")
    return found


def _answers(
    known: Assumptions, loads: Iterable[float], prod: Settings, prices: Prices, freshness: float
) -> list[report.Answer]:
    """Raises typer.BadParameter when no manifest size is fresh enough."""
    try:
        return [report.answer(known, one, prod, prices, freshness * 60) for one in loads]
    except ValueError as error:
        raise typer.BadParameter(f"{error}; ask for more minutes", param_hint="--freshness") from None


def main(  # noqa: PLR0913, PLR0917  # one per option
    loads: Annotated[str, typer.Option("--multiples", help="Of the reference load.")] = "1,10,100,1000",
    freshness: Annotated[float, typer.Option(min=1, help="Minutes in which a file's rows are wanted.")] = 30,
    own_prices: Annotated[Path | None, typer.Option("--prices", help="As of `ndjson-parquet cost`.")] = None,
    simulate: Annotated[bool, typer.Option(help="Simulate days, which takes half a minute.")] = True,
    sources: Annotated[bool, typer.Option("--sources", help="Show where every number comes from.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything there.")] = None,
    pictures: Annotated[Path | None, typer.Option(help="Folder for cost.svg and backlog.svg.")] = None,
) -> None:
    """What a day costs, what is full first, where a backlog forms: beside the replaced design, Firehose and Fargate."""
    console = Console(width=WIDTH, highlight=False)
    known, prices, prod = read_assumptions(), read_prices(own_prices), environment_settings("prod")
    answers = _answers(known, multiples(loads), prod, prices, freshness)
    found = report.limits(known, prod)
    console.print(report.cost_table(answers), report.service_table(answers), report.settings_table(answers))
    console.print(report.size_table(known.reference, prod, known, prices))
    console.print(report.limits_table(found))
    kept = storage(known.reference, known.figures, prices, RETENTION_DAYS)
    console.print(f"Not in it, at 1x: {', '.join(f'{name} {usd:,.2f} $ a day' for name, usd in kept.items())}")
    days = {}
    if simulate or pictures:
        with console.status("simulating days"):
            days = simulated(known, prod, prices)
        console.print(report.simulation_table({title: figures for title, (_, figures) in days.items()}))
    if sources:
        console.print(report.sources_table(known))
    if json_file:
        content = {"answers": [one.as_dict() for one in answers], "storage": kept, "simulated": as_dict(days)}
        json_file.write_text(json.dumps(content, indent=2) + "\n")
    if pictures:
        from benchmarks.capacity.picture import draw_backlog, draw_costs  # noqa: PLC0415  # needs matplotlib

        draw_costs(answers, pictures / "cost.svg")
        draw_backlog({title: outcome for title, (outcome, _) in days.items()}, pictures / "backlog.svg")


if __name__ == "__main__":
    typer.run(main)
