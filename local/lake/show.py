"""What the lake's demo shows: days, quality and answers, as tables and bars."""

from collections.abc import Collection, Mapping, Sequence
from textwrap import fill
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from local.lake.generate import Planted
from local.lake.runs import Answer, DayRun

# Cells of the bar of the largest amount.
_LONGEST_BAR, _SHORTEST_BAR = 24, 6
# Cells between two columns.
_BETWEEN = 3
_ROWS_SHOWN = 12
_HEADING_CELLS = 10


def show_days(console: Console, runs: Sequence[DayRun], results: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """How each day ended, and which rules stopped it."""
    table = Table("day", "run", "seconds", "rules that failed", title="Days", title_justify="left", box=box.HORIZONTALS)
    for run in runs:
        failed = ", ".join(failed_rules(results[run.date]))
        state = "[green]merged[/]" if run.status == "SUCCEEDED" else f"[red]{run.error}[/]"
        table.add_row(run.date, state, f"{run.seconds:.1f}", failed)
    console.print(table)


def failed_rules(results: Sequence[Mapping[str, Any]]) -> list[str]:
    return [result["rule"] for result in results if result["outcome"] == "failed"]


def show_quality(
    console: Console,
    results: Mapping[str, Sequence[Mapping[str, Any]]],
    quarantined: Collection[str],
    left_out: Collection[str],
    planted: Sequence[Planted],
) -> bool:
    """Each planted defect and what found it; whether all were found, and nothing that was not planted."""
    table = Table("day", "defect", "to be found by", "", title="Planted", title_justify="left", box=box.HORIZONTALS)
    expected: dict[str, set[str]] = {}
    good = True
    for one in planted:
        if one.rule:
            expected.setdefault(one.date, set()).add(one.rule)
            found = one.rule in failed_rules(results[one.date])
        else:
            found = one.file in left_out
        good = good and found
        table.add_row(
            one.date, one.defect, one.rule or f"validator: {one.reason}", "[green]✓[/]" if found else "[red]✗[/]"
        )
    console.print(table)
    for date, day in results.items():
        for rule in sorted(set(failed_rules(day)) - expected.get(date, set())):
            console.print(f"[red]{date}: {rule} failed, and nobody planted that[/]")
            good = False
    files = {one.file for one in planted if one.file}
    for key in sorted(set(left_out) - files):
        console.print(f"[red]{key} was left out, and nobody planted that[/]")
        good = False
    console.print(f"files in quarantine: {len(quarantined)}")
    return good


def show_answer(console: Console, answer: Answer) -> None:
    """A query's first rows, or the newest of a series of days; beside each amount a bar, where there is room."""
    by_day = answer.columns[:1] == ("date",)
    shown = answer.rows[-_ROWS_SHOWN:] if by_day else answer.rows[:_ROWS_SHOWN]
    rows = [[cell or "" for cell in row] for row in shown]
    table = Table(title=answer.title, title_justify="left", caption_justify="left", box=box.HORIZONTALS)
    table.collapse_padding = True
    if len(rows) < len(answer.rows):
        table.caption = f"the {'last' if by_day else 'first'} {len(rows)} of {len(answer.rows)} rows"
    room = console.width
    for name, *cells in zip((_heading(name) for name in answer.columns), *rows, strict=True):
        # Texts may be broken where there is no room; figures and what a row begins with may not.
        figures = all(_is_number(cell) for cell in cells)
        whole = figures or not table.columns
        table.add_column(name, justify="right" if figures else "left", no_wrap=whole, overflow="fold")
        room -= max(len(line) for text in (name, *cells) for line in text.split("\n")) + _BETWEEN
    amount = _amount(answer)
    if amount and room >= _SHORTEST_BAR:
        column = answer.columns.index(amount)
        table.add_column("", no_wrap=True)
        for row, bar in zip(rows, _bars([row[column] for row in rows], min(room, _LONGEST_BAR)), strict=True):
            row.append(bar)
    for row in rows:
        table.add_row(*row)
    console.print()
    console.print(table)


def _heading(name: str) -> str:
    return fill(name.replace("_", " "), _HEADING_CELLS)


def _amount(answer: Answer) -> str | None:
    """The column that is worth a bar."""
    wanted = ("revenue_usd", "sessions", "reviews")
    return next((name for name in wanted if name in answer.columns), None)


def _bars(amounts: Sequence[str], cells: int) -> list[str]:
    largest = max((float(amount or 0) for amount in amounts), default=0.0)
    return ["█" * round(cells * float(amount or 0) / largest) if largest else "" for amount in amounts]


def _is_number(text: str) -> bool:
    try:
        float(text or 0)
    except ValueError:
        return False
    return True
