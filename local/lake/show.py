"""What the lake's demo shows: days, quality and answers, as tables and bars."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from local.lake.generate import Planted
from local.lake.runs import Answer, DayRun

BAR_CELLS = 24
_ROWS_SHOWN = 12


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
    console.print(f"quarantined: {len(quarantined)} files")
    return good


def show_answer(console: Console, answer: Answer) -> None:
    """A query's first rows; its first number that is not a whole one as bars."""
    column = _bar_column(answer)
    table = Table(*answer.columns, *([""] if column is not None else []), title=answer.title, title_justify="left")
    table.box = box.HORIZONTALS
    rows = answer.rows[-_ROWS_SHOWN:] if answer.columns[:1] == ("date",) else answer.rows[:_ROWS_SHOWN]
    largest = max((_number(row[column]) for row in rows), default=0.0) if column is not None else 0.0
    for row in rows:
        cells = ["" if cell is None else cell for cell in row]
        if column is not None:
            cells.append("█" * round(BAR_CELLS * _number(row[column]) / largest) if largest else "")
        table.add_row(*cells)
    console.print()
    console.print(table)


def _bar_column(answer: Answer) -> int | None:
    wanted = ("revenue_usd", "sessions", "reviews")
    return next((answer.columns.index(name) for name in wanted if name in answer.columns), None)


def _number(text: str | None) -> float:
    return float(text) if text else 0.0
