"""`cost`: what conversion costs at list prices."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from ndjson_parquet_cli.costs import Bill, Usage, bill, usage
from ndjson_parquet_cli.output import heading, line, pairs, table
from ndjson_parquet_cli.prices import read_prices
from ndjson_parquet_cli.standing import last_days
from ndjson_parquet_cli.text import dollars, duration, plural, size
from ndjson_parquet_cli.tool import Tool, tool_of


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: ndjson-parquet --env prod cost --days 30")(cost)


def cost(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=365, help="Days counted: today and those before it.")] = 7,
    prices: Annotated[
        Path | None, typer.Option(help="JSON file of your own prices, by the names of prices.json.")
    ] = None,
) -> None:
    """Dollars per TB and by service over the last days, at list prices, with every assumption.

    Glue's share is metered run by run, Lambda's by Lambda; the others are modelled from the numbers of files and runs.
    """
    tool = tool_of(context)
    listed = read_prices(prices)
    used = read_usage(tool, days)
    _, execution_class = tool.pipeline.services.glue_capacity()
    made = bill(used, listed, is_flex=execution_class == "FLEX")
    tool.output.show({"days": days, "usage": used, **_document(made)}, *_rendered(used, made, days))


def read_usage(tool: Tool, days: int) -> Usage:
    """What the runs of the last days used: a query a day, and Lambda's own counts."""
    pipeline = tool.pipeline
    runs = [run for day in last_days(tool.now.date(), days) for run in pipeline.tracking.run_metrics(day)]
    metered = pipeline.services.function_seconds(tool.now, days)
    memory = {name: pipeline.services.function_memory_mb(name) for name, (calls, _) in metered.items() if calls}
    gb_seconds = sum(metered[name][1] * megabytes / 1024 for name, megabytes in memory.items())
    return usage(runs, sum(calls for calls, _ in metered.values()), gb_seconds)


def _document(made: Bill) -> dict[str, object]:
    return {"usd": made.usd, "usd_per_tb": made.usd_per_tb, "services": made.lines, "assumptions": made.assumptions}


def _rendered(used: Usage, made: Bill, days: int) -> list[RenderableType]:
    if not used.runs:
        return [line(f"no run has ended in the last {plural(days, 'day')}: there is nothing to count")]
    failed = f", {used.failed_runs:,} of them failed" if used.failed_runs else ""
    facts = [
        ("days", f"the last {days}"),
        ("converted", f"{plural(used.files, 'file')}, {size(used.bytes_in)} of NDJSON, {plural(used.rows, 'row')}"),
        ("written", f"{size(used.bytes_out)} of Parquet"),
        ("runs", f"{used.runs:,}{failed}, {duration(used.run_seconds)} in all"),
    ]
    per_tb = made.usd_per_tb
    rows = [
        [
            part.service,
            dollars(part.usd),
            f"{part.usd / made.usd:.0%}" if made.usd else "",
            "" if per_tb is None or not made.usd else dollars(part.usd / made.usd * per_tb),
            part.basis,
            part.quantity,
        ]
        for part in made.lines
    ]
    rows.append(
        ["total", dollars(made.usd), "100%" if made.usd else "", "" if per_tb is None else dollars(per_tb), "", ""]
    )
    numbers = ("dollars", "share", "per TB")
    return [
        pairs(facts),
        line(""),
        table(["service", *numbers, "basis", "quantity"], rows, numbers),
        heading("assumptions"),
        pairs([("-", Text(text, "dim")) for text in made.assumptions], gap=1),
    ]
