"""What the demo shows while it works: timed steps and states as bars; plain lines where there is no terminal."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from local.pipeline import FILE_STATES, MANIFEST_STATES, Snapshot

PLAIN_INTERVAL_SECONDS = 5.0
_BAR_CELLS = 14
_COLOURS = {
    "landed": "bright_black",
    "open": "bright_black",
    "pending": "yellow",
    "manifested": "blue",
    "processing": "blue",
    "running": "blue",
    "completed": "green",
    "succeeded": "green",
    "quarantined": "magenta",
    "failed": "red",
}
_RUN_STATES = ("running", "succeeded", "failed", "timed_out", "aborted", "stopped", "timeout", "error")


class Steps:
    """Announces each step and remembers how many seconds it took."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, title: str) -> Iterator["Step"]:
        """Run one step; its `summary` is shown when it is done."""
        started = time.monotonic()
        with Step(self._console, title) as step:
            yield step
        self.seconds[title] = time.monotonic() - started
        line = f"[green]✓[/] {title:<22}[dim]{self.seconds[title]:6.1f} s[/]  {escape(step.summary)}"
        self._console.print(line, no_wrap=True, overflow="ellipsis")


class Step:
    """One step on its way: a bar in a terminal, a line every few seconds elsewhere."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._progress = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            BarColumn(bar_width=_BAR_CELLS),
            MofNCompleteColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None
        self._said = time.monotonic()
        self.summary = ""

    def __enter__(self) -> "Step":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        self._progress.stop()
        if kind is not None:
            self._console.print(f"[red]✗[/] {self._title}")

    def advance(self, done: int, total: int, note: str = "") -> None:
        """Show how far the step is."""
        if self._task is None:
            self._progress.start()
            self._task = self._progress.add_task(f"{self._title:<22}", note="")
        self._progress.update(self._task, completed=done, total=total, note=escape(note[-34:]))
        now = time.monotonic()
        if total and not self._console.is_terminal and now - self._said >= PLAIN_INTERVAL_SECONDS:
            self._said = now
            self._console.print(f"  {self._title} {done}/{total}", markup=False)


class View:
    """The pipeline at work: redrawn in place in a terminal, a line per change elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._started = self._said = time.monotonic()
        self._last: Snapshot | None = None

    def __enter__(self) -> "View":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, snapshot: Snapshot, note: str = "") -> None:
        """Show where everything stands. `note`: what else is to be said now."""
        now = time.monotonic()
        if self._console.is_terminal:
            shown = render(snapshot, now - self._started)
            self._live.update(Group(shown, Text(f"  {note}", style="dim")) if note else shown, refresh=True)
        elif snapshot != self._last and now - self._said >= PLAIN_INTERVAL_SECONDS:
            self._said, self._last = now, snapshot
            self._console.print("  " + "; ".join(filter(None, (plain(snapshot), note))), markup=False, soft_wrap=True)


def render(snapshot: Snapshot, seconds: float) -> RenderableType:
    """The snapshot as four bars, each cut into its states."""
    table = Table.grid(padding=(0, 2))
    for title, states, counts in _lines(snapshot):
        table.add_row(f"  {title}", _bar(states, counts), Text(str(sum(counts.values()))), _legend(states, counts))
    return Group(Text(f"  the pipeline at work, {seconds:.0f} s", style="dim"), table)


def plain(snapshot: Snapshot) -> str:
    """The snapshot as one line of text."""
    return "; ".join(
        f"{title}: {', '.join(f'{counts[state]} {state}' for state in states if counts.get(state)) or 'none'}"
        for title, states, counts in _lines(snapshot)
    )


def _lines(snapshot: Snapshot) -> Iterator[tuple[str, tuple[str, ...], Mapping[str, int]]]:
    yield "files", FILE_STATES, snapshot.files
    yield "manifests", MANIFEST_STATES, snapshot.manifests
    yield "executions", _RUN_STATES, _lower(snapshot.executions)
    yield "Glue runs", _RUN_STATES, _lower(snapshot.glue_runs)


def _lower(counts: Mapping[str, int]) -> dict[str, int]:
    """AWS writes run states in capitals; what it calls starting or waiting is shown as running."""
    shown: dict[str, int] = {}
    for state, count in counts.items():
        name = state.lower() if state.lower() in _RUN_STATES else "running"
        shown[name] = shown.get(name, 0) + count
    return shown


def _bar(states: tuple[str, ...], counts: Mapping[str, int]) -> Text:
    """Cells in proportion to the counts, finished states first."""
    total = sum(counts.values())
    bar = Text()
    reached = drawn = 0
    for state in reversed(states):
        reached += counts.get(state, 0)
        cells = round(_BAR_CELLS * reached / total) - drawn if total else 0
        drawn += cells
        bar.append("━" * cells, style=_COLOURS.get(state, "red"))
    return bar.append("━" * (_BAR_CELLS - drawn), style="bright_black")


def _legend(states: tuple[str, ...], counts: Mapping[str, int]) -> Text:
    parts = [Text(f"{counts[state]} {state}", _COLOURS.get(state, "red")) for state in states if counts.get(state)]
    return Text(" · ", style="dim").join(parts)
