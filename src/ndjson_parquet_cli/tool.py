"""What every command has: the global options, the pipeline they lead to, and the way to print and to ask."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import typer

from ndjson_parquet_cli.errors import RefusedError
from ndjson_parquet_cli.output import Output

if TYPE_CHECKING:
    from ndjson_parquet_cli.pipeline import Pipeline

    Connect = Callable[[str, str | None, str | None], Pipeline]


def utc_now() -> datetime:
    return datetime.now(UTC)


def _connect(environment: str, region: str | None, profile: str | None) -> "Pipeline":
    from ndjson_parquet_cli.pipeline import connect  # noqa: PLC0415  # it brings the AWS SDK, which --help can do without

    return connect(environment, region, profile)


def _both_are_terminals() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


@dataclass(frozen=True)
class Surroundings:
    """The world around a command: tests put another in its place."""

    connect: "Connect" = _connect
    clock: Callable[[], datetime] = utc_now
    is_terminal: Callable[[], bool] = _both_are_terminals


@dataclass
class Tool:
    """One call of the command line."""

    environment: str
    yes: bool
    region: str | None
    profile: str | None
    output: Output
    surroundings: Surroundings = field(default_factory=Surroundings)

    @cached_property
    def pipeline(self) -> "Pipeline":
        return self.surroundings.connect(self.environment, self.region, self.profile)

    @property
    def now(self) -> datetime:
        return self.surroundings.clock()

    def confirm(self, question: str) -> None:
        """Go on only when the person says yes, or said --yes.

        Raises:
            RefusedError: no, or nobody is there to ask.
        """
        if self.yes:
            return
        if self.output.as_json or not self.surroundings.is_terminal():
            raise RefusedError(
                "this changes something, and nobody can be asked here", "add --yes, or look with --dry-run"
            )
        if not typer.confirm(question, err=True):
            raise RefusedError("nothing was changed", "run it again when you want it done")


def tool_of(context: typer.Context) -> Tool:
    """The tool that the callback put into the context."""
    tool = context.find_object(Tool)
    if tool is None:
        raise RuntimeError("the callback did not run")
    return tool


def dates(values: list[str] | None, option: str) -> list[str]:
    """Calendar dates as they were given.

    Raises:
        RefusedError: one is none.
    """
    return [_date(value, option) for value in values or []]


def one_date(value: str | None, option: str = "--date") -> str | None:
    """As `dates`, for an option that may be left out."""
    return _date(value, option) if value else None


def _date(value: str, option: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise RefusedError(f"{option} is {value!r}, which is no date", "write it as 2026-11-20") from error
