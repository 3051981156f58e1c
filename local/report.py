"""The demo's last page: the reconciliation, the seconds of each step, an example query, the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local.reconcile import FATES, Reconciliation

_PROBLEMS_SHOWN = 10
_CELL = 34
SALES = """SELECT currency, count(*) AS orders, sum(amount::DECIMAL(20, 2)) AS revenue,
       arg_max(order_id, amount::DECIMAL(20, 2)) AS largest_order
FROM records WHERE amount IS NOT NULL GROUP BY currency ORDER BY currency"""


@dataclass(frozen=True)
class Answer:
    """A query with its answer as text."""

    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def query(parts: Sequence[Path], sql: str) -> Answer:
    """Ask DuckDB; the Parquet files are the table `records`."""
    with duckdb.connect() as connection:
        files = connection.read_parquet([str(path) for path in parts], union_by_name=True)
        files.create_view("records")
        result = connection.execute(sql)
        columns = tuple(column[0] for column in result.description or ())
        rows = tuple(tuple(_cell(value) for value in row) for row in result.fetchall())
    return Answer(sql, columns, rows)


def first_columns(commit: Mapping[str, Any]) -> str:
    """A query for data of unknown shape: a few columns of a few rows."""
    quoted = ['"' + str(name).replace('"', '""') + '"' for name in commit["columns"][:4]]
    return f"SELECT {', '.join(quoted)}\nFROM records LIMIT 5"


def show_reconciliation(console: Console, result: Reconciliation, seconds: Mapping[str, float]) -> None:
    """Everything that went in beside everything that came out."""
    console.print("[bold]Reconciliation[/]")
    table = Table(box=box.HORIZONTALS, show_header=False, width=60)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_row("[bold]files in", f"[bold]{len(result.files):,}")
    for fate in FATES:
        if result.count(fate) or fate in ("completed", "quarantined"):
            table.add_row(f"  {fate}", f"{result.count(fate):,}")
    table.add_row("  unaccounted for", _verdict_number(len(result.unaccounted_files)), end_section=True)
    table.add_row("[bold]lines in", f"[bold]{result.lines_in:,}")
    table.add_row("  rows out, compared value by value", f"{result.rows_out:,}")
    table.add_row("  rejected", f"{result.lines_rejected:,}")
    table.add_row("  unaccounted for", _verdict_number(result.unaccounted_lines), end_section=True)
    table.add_row("manifests, Parquet parts", f"{result.manifests:,}, {result.parts:,}")
    table.add_row("bytes in, bytes out", f"{size(result.bytes_in)}, {size(result.bytes_out)}", end_section=True)
    for title, duration in seconds.items():
        table.add_row(f"[dim]{title}", f"[dim]{duration:.1f} s")
    table.add_row("[bold]total", f"[bold]{sum(seconds.values()):.1f} s")
    console.print(table)


def show_refused(console: Console, result: Reconciliation, reasons: Mapping[str, str]) -> None:
    """Which files lie in quarantine, and why."""
    for file in (entry.file for entry in result.files if entry.fate == "quarantined"):
        text = Text.assemble(("  quarantined ", "magenta"), f"{reasons.get(file.key, '?')}: {Path(file.key).name}")
        console.print(text, no_wrap=True, overflow="ellipsis")


def show_answer(console: Console, answer: Answer) -> None:
    """The query and its rows."""
    console.print("\n[bold]Example query on the Parquet[/] (DuckDB)")
    console.print(Padding(Text(answer.sql, style="cyan"), (0, 2)))
    table = Table(box=box.SIMPLE_HEAD)
    for name in answer.columns:
        table.add_column(escape(name), overflow="ellipsis", no_wrap=True)
    for row in answer.rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def show_verdict(console: Console, result: Reconciliation) -> None:
    """One line, and what is wrong if anything is."""
    for text in result.problems[:_PROBLEMS_SHOWN]:
        console.print(f"  [red]•[/] {escape(text)}", soft_wrap=True)
    if len(result.problems) > _PROBLEMS_SHOWN:
        console.print(f"  [red]•[/] and {len(result.problems) - _PROBLEMS_SHOWN} more")
    silent = [entry for entry in result.files if entry.fate in ("unfinished", "untracked")]
    for entry in silent[:_PROBLEMS_SHOWN]:
        console.print(f"  [red]•[/] {escape(entry.file.key)}: {entry.fate}", soft_wrap=True)
    if result.ok:
        console.print("[bold green]Every file and every record is accounted for, value by value.[/]")
    else:
        console.print("[bold red]Not everything is accounted for.[/] The embedded AWS's log: make local-logs")


def size(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{count / 1024:.1f} KB"


def _verdict_number(count: int) -> str:
    return f"[bold {'red' if count else 'green'}]{count:,}"


def _cell(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"
