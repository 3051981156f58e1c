"""What is printed: the answer to standard output, as views or as JSON; everything else to standard error."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Literal

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ndjson_parquet_cli.errors import CommandError
from ndjson_parquet_cli.text import iso

STATE_STYLES = {
    "open": "bright_black",
    "pending": "yellow",
    "manifested": "blue",
    "processing": "blue",
    "released": "yellow",
    "completed": "green",
    "failed": "red",
    "quarantined": "magenta",
    "untracked": "red",
}


class Output:
    """Prints for a person, or JSON for a program."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Console(highlight=False)
        self.errors = Console(stderr=True, highlight=False)

    def show(self, document: Any, *views: RenderableType) -> None:
        """The document where JSON is wanted, else the views."""
        if self.as_json:
            sys.stdout.write(json.dumps(plain(document), indent=2, ensure_ascii=False) + "\n")
            return
        for view in views:
            self.console.print(view)

    def say(self, text: str, style: str = "") -> None:
        """A remark that is no part of the answer."""
        self.errors.print(Text(text, style))

    def fail(self, error: CommandError) -> None:
        """The error and what to do about it."""
        if self.as_json:
            content = {"kind": type(error).__name__, "message": str(error), "remedy": error.remedy}
            sys.stderr.write(json.dumps({"error": content}, ensure_ascii=False) + "\n")
            return
        self.errors.print(Text.assemble(("error: ", "bold red"), str(error)))
        self.errors.print(Text.assemble(("do:    ", "bold"), error.remedy))


def plain(value: Any) -> Any:
    """What JSON can hold of a value: dataclasses as objects, times as ISO 8601 UTC."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(entry) for entry in value]
    return value


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[str] = (), whole: Sequence[str] = ()
) -> Table:
    """A table whose cells fold rather than vanish, but for columns in `numbers`, set to the right, and in `whole`."""
    made = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name in columns:
        justify: Literal["left", "right"] = "right" if name in numbers else "left"
        made.add_column(name, justify=justify, no_wrap=name in (*numbers, *whole), overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    return made


def pairs(entries: Iterable[tuple[str, str | Text]], gap: int = 2) -> Table:
    """Names with their values, one line each."""
    made = Table.grid(padding=(0, gap, 0, 0))
    made.add_column(no_wrap=True, style="dim")
    made.add_column(overflow="fold")
    for name, value in entries:
        made.add_row(name, value if isinstance(value, Text) else Text(value))
    return made


def state(name: str) -> Text:
    """A state in its colour."""
    return Text(name, STATE_STYLES.get(name, ""))


def heading(text: str) -> RenderableType:
    return Padding(Text(text, "bold"), (1, 0, 0, 0))


def line(text: str, style: str = "") -> Text:
    return Text(text, style)
