"""`health`: one line per check, and an exit code for scripts."""

from collections.abc import Sequence
from datetime import timedelta

import typer
from rich.table import Table
from rich.text import Text

from ndjson_parquet_cli.commands.status import read_dead_letter_queues, read_triggers, read_waiting, to_backlog
from ndjson_parquet_cli.health import Check, Signs, checks, is_healthy, last_reconciled
from ndjson_parquet_cli.output import line
from ndjson_parquet_cli.tool import Tool, tool_of

RECONCILER_REPORTS_WITHIN = timedelta(hours=26)
_MARKS = {True: Text("ok", "green"), False: Text("FAIL", "bold red"), None: Text("?", "yellow")}


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: ndjson-parquet --env prod health || page-somebody")(health)


def health(context: typer.Context) -> None:
    """Is the pipeline well? One line per check; exit code 0 when all is well, 1 when not, 3 without an answer."""
    tool = tool_of(context)
    found = checks(read_signs(tool), tool.now)
    well = is_healthy(found)
    verdict = line("healthy", "bold green") if well else line("NOT HEALTHY", "bold red")
    document = {"environment": tool.environment, "healthy": well, "checks": found}
    tool.output.show(document, _shown(found), verdict)
    if not well:
        raise typer.Exit(1)


def read_signs(tool: Tool) -> Signs:
    """What the checks need: 20 calls or so."""
    pipeline, now = tool.pipeline, tool.now
    letters = read_dead_letter_queues(pipeline)
    unaccounted = pipeline.services.metric("FilesUnaccounted", now, RECONCILER_REPORTS_WITHIN, 60, "Maximum")
    return Signs(
        alarms=pipeline.services.alarms(),
        dead_letter_queues=letters,
        backlog=to_backlog(pipeline, pipeline.tracking.open_batches(), read_waiting(pipeline), now),
        breaker=pipeline.tracking.breaker(),
        sweep=pipeline.services.schedule(now),
        triggers=read_triggers(pipeline, letters),
        reconciled=last_reconciled(unaccounted),
        max_wait_minutes=pipeline.deployment.max_wait_minutes,
    )


def _shown(found: Sequence[Check]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for is_whole in (True, True, False):
        table.add_column(no_wrap=is_whole, overflow="fold")
    for check in found:
        table.add_row(_MARKS[check.ok], Text(check.name, "bold"), Text(check.detail))
        if check.ok is not True and check.remedy:
            table.add_row("", "", Text(f"do: {check.remedy}", "dim"))
    return table
