"""`query`: SQL on the output."""

from typing import Annotated

import typer
from rich.console import RenderableType

from ndjson_parquet_cli.athena import RESULTS_PREFIX, Result, query_here
from ndjson_parquet_cli.costs import query_cost
from ndjson_parquet_cli.errors import RefusedError
from ndjson_parquet_cli.output import line, table
from ndjson_parquet_cli.prices import read_prices
from ndjson_parquet_cli.text import dollars, duration, plural, size
from ndjson_parquet_cli.tool import dates, tool_of


def register(app: typer.Typer) -> None:
    app.command(
        epilog="Example: ndjson-parquet query \"SELECT count(*) FROM records WHERE date_prefix = '2026-11-20'\"",
    )(query)


def query(  # noqa: PLR0913, PLR0917  # one per option
    context: typer.Context,
    sql: Annotated[str, typer.Argument(help="SQL; the table is records, all its columns are text.")],
    local: Annotated[bool, typer.Option("--local", help="Download the Parquet of --date and ask DuckDB here.")] = False,
    date: Annotated[list[str] | None, typer.Option(help="Date for --local, as 2026-11-20; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows shown at most.")] = 100,
    workgroup: Annotated[str, typer.Option(help="Athena workgroup.")] = "primary",
) -> None:
    """Ask the Parquet with SQL, through Athena, which bills what it scans: name the date in the WHERE clause.

    Results stay in the manifest bucket under query-results/. The embedded AWS has DuckDB's SQL for Athena's, and no
    column date_prefix; --local has it.
    """
    tool = tool_of(context)
    days = dates(date, "--date")
    if local != bool(days):
        raise RefusedError(
            "--local reads the dates that --date names" if local else "--date is for --local",
            "add --date 2026-11-20" if local else "write WHERE date_prefix = '2026-11-20', or add --local",
        )
    pipeline = tool.pipeline
    of = pipeline.deployment
    if local:
        result = query_here(sql, pipeline.objects, of.output_bucket, days, limit)
        price = None
    else:
        place = f"s3://{of.manifest_bucket}/{RESULTS_PREFIX}"
        result = pipeline.athena.query(sql, of.database, workgroup, place, limit)
        price = query_cost(result.scanned_bytes, read_prices())
    document = {
        "columns": result.columns,
        "rows": result.rows,
        "is_cut": result.is_cut,
        "scanned_bytes": result.scanned_bytes,
        "seconds": result.seconds,
        "usd": price,
    }
    tool.output.show(document, *_rendered(result, price))


def _rendered(result: Result, price: float | None) -> list[RenderableType]:
    rows = [[line("null", "dim") if cell is None else line(cell) for cell in row] for row in result.rows]
    cut = "; there are more: --limit" if result.is_cut else ""
    scanned = f"{size(result.scanned_bytes)} {'read from S3' if price is None else 'scanned'}"
    billed = "" if price is None else f", {dollars(price)} at list price"
    facts = f"{plural(len(rows), 'row')}{cut}; {scanned}{billed}, {duration(result.seconds)}"
    return [table(result.columns, rows), line(""), line(facts, "dim")]
