"""How everything that changes something goes: a dry run that is shown, a question, the work, a summary."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import typer
from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from ndjson_parquet_cli.actions import Answer, Item, Request
from ndjson_parquet_cli.errors import ActionError
from ndjson_parquet_cli.output import line, pairs
from ndjson_parquet_cli.text import plural, size, without_middle
from ndjson_parquet_cli.tool import Tool

_ITEMS_SHOWN = 10
_LONGEST_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Change:
    """A request, and the words around it.

    `does`: what it does, as `seal and publish every open batch`. `work`: the counts that say that there is something to
    do. `then`: what to look at afterwards.
    """

    request: Request
    does: str
    work: tuple[str, ...]
    then: str

    def amount(self, answer: Answer) -> int:
        return sum(answer.counts.get(name, 0) for name in self.work)


def carry_out(
    tool: Tool, change: Change, *, dry_run: bool, remarks: Callable[[Answer], Mapping[str, str]] = lambda _: {}
) -> None:
    """Do it, or only show it. Without --yes the dry run comes first.

    Raises:
        RefusedError: the person said no, or nobody is there to ask; nothing was changed.
        ActionError: some of what was asked for was not done.
    """
    planned: Answer | None = None
    if dry_run or not tool.yes:
        planned = tool.pipeline.actions.run(change.request, dry_run=True)
        said = remarks(planned)
        plan = _plan(change, planned, said)
        if dry_run:
            tool.output.show(_document(planned, said), *plan)
            return
        if not change.amount(planned):
            tool.output.show(_document(planned, said), *plan, line("nothing to do"))
            _complain(planned)
            return
        tool.output.errors.print(*plan, line(""), sep="\n")
        tool.confirm("Do it?")
    done = _run(tool, change, planned)
    tool.output.show(_document(done, {}), *_summary(change, done))
    _complain(done)


def _run(tool: Tool, change: Change, planned: Answer | None) -> Answer:
    total = change.amount(planned) if planned else None
    console = tool.output.errors
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(change.request.action, total=total)

        def report(answer: Answer) -> None:
            progress.update(task, completed=change.amount(answer))

        return tool.pipeline.actions.run(change.request, dry_run=False, report=report)


def _complain(answer: Answer) -> None:
    if answer.problems:
        raise ActionError(
            f"{plural(answer.problems, 'thing')} of what was asked for could not be done",
            "mend what the details say, and run the same again: what is done stays done",
        )


def _document(answer: Answer, remarks: Mapping[str, str]) -> dict[str, object]:
    return {
        "action": answer.action,
        "dry_run": answer.dry_run,
        "by": answer.by,
        "counts": answer.counts,
        "items": answer.items,
        **({"remarks": remarks} if remarks else {}),
    }


def _plan(change: Change, planned: Answer, remarks: Mapping[str, str]) -> list[RenderableType]:
    facts = [("will", change.does), ("as", planned.by), ("counts", _counts(planned)), *remarks.items()]
    return [pairs(facts), *_items(planned.items)]


def _summary(change: Change, done: Answer) -> list[RenderableType]:
    others = [item for item in done.items if item.outcome not in change.work]
    return [pairs([("done", _counts(done)), ("by", done.by), ("then", change.then)]), *_items(others)]


def _counts(answer: Answer) -> str:
    return ", ".join(_count(name, count) for name, count in answer.counts.items() if count) or "nothing"


def _count(name: str, count: int) -> str:
    if name == "bytes":
        return size(count)
    words = name.replace("_", " ")
    if count == 1:
        words = words.removesuffix("s")
    return f"{words}: there are more" if name == "limit_reached" else f"{count:,} {words}"


def _items(items: list[Item]) -> list[RenderableType]:
    """Each on lines of its own: keys are long."""
    if not items:
        return []
    told = [
        (item.outcome, Text.assemble(item.subject, (f"\n{without_middle(item.detail, _LONGEST_DETAIL)}", "dim")))
        for item in items[:_ITEMS_SHOWN]
    ]
    more = len(items) - _ITEMS_SHOWN
    note = [line(f"and {more:,} more", "dim")] if more > 0 else []
    return [line(""), pairs(told), *note]


DryRun = typer.Option("--dry-run", help="Only show what would be done.")
