"""`dlq peek|redrive|discard`: messages that were given up."""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer
from rich.console import RenderableType

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.landing import landed_files
from ndjson_parquet_cli.actions import Request
from ndjson_parquet_cli.commands.confirming import Change, DryRun, carry_out
from ndjson_parquet_cli.errors import RefusedError
from ndjson_parquet_cli.output import line, pairs
from ndjson_parquet_cli.text import moment, plural, shortened
from ndjson_parquet_cli.tool import tool_of
from ndjson_parquet_cli.values import DeadLetter

QueueName = Literal["file-events", "stream", "events"]
Queue = Annotated[
    QueueName, typer.Option("--queue", help="Whose dead letters; stream and events exist with their flags.")
]
_LONGEST_BODY = 300


@dataclass(frozen=True, slots=True)
class Peeked:
    """A dead letter, and what it announces or why it cannot be read."""

    letter: DeadLetter
    about: str


def register(app: typer.Typer) -> None:
    dlq = typer.Typer(no_args_is_help=True, help="Dead letters: messages that were given up.")
    dlq.command(epilog="Example: ndjson-parquet dlq peek --limit 5")(peek)
    dlq.command(epilog="Example: ndjson-parquet dlq redrive --all")(redrive)
    dlq.command(epilog="Example: ndjson-parquet dlq discard 5a0b2c1e-6f43-4a3e-9a76-1f5f0c1f7a10")(discard)
    app.add_typer(dlq, name="dlq")


def peek(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Messages shown at most.")] = 10,
    queue: Queue = "file-events",
) -> None:
    """Show dead letters and what they are about; they stay in the queue."""
    tool = tool_of(context)
    of = tool.pipeline.deployment
    letters = tool.pipeline.services.dead_letters(of.dead_letter_queues[queue], limit)
    shown = [Peeked(letter, about(letter.body, queue, of.landing_prefix)) for letter in letters]
    views: list[RenderableType] = []
    for one in shown:
        views += [pairs(_facts(one)), line("")]
    if shown:
        views.append(line("when the cause is gone: dlq redrive; what nobody can take: dlq discard", "dim"))
    tool.output.show({"queue": queue, "messages": shown}, *(views or [line(f"no dead letters of {queue}", "green")]))


def redrive(
    context: typer.Context,
    message_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of messages, from peek.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every message that is there now.")] = False,
    queue: Queue = "file-events",
    dry_run: Annotated[bool, DryRun] = False,
) -> None:
    """Send dead letters to work once more; do it when their cause is gone."""
    if bool(message_ids) == every:
        raise RefusedError("name messages, or --all", "ndjson-parquet dlq peek lists them")
    which = plural(len(message_ids), "message") if message_ids else "every message"
    change = Change(
        Request("redrive", {"message_ids": message_ids or None, "queue": queue}),
        f"send {which} of the dead letters of {queue} to work once more",
        ("redriven",),
        "ndjson-parquet status: no dead letters, and the queue empties",
    )
    carry_out(tool_of(context), change, dry_run=dry_run)


def discard(
    context: typer.Context,
    message_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of messages, from peek.")],
    queue: Queue = "file-events",
    dry_run: Annotated[bool, DryRun] = False,
) -> None:
    """Take dead letters off the queue; each is kept in the quarantine bucket under dead-letters/."""
    change = Change(
        Request("discard", {"message_ids": message_ids, "queue": queue}),
        f"keep {plural(len(message_ids), 'message')} in quarantine and take it off the dead letters of {queue}",
        ("discarded",),
        "ndjson-parquet status: no dead letters",
    )
    carry_out(tool_of(context), change, dry_run=dry_run)


def about(body: str, queue: QueueName, landing_prefix: str) -> str:
    """What a dead letter announces, or why nothing can be made of it."""
    if queue != "file-events":
        return "a manifest that was not started; the sweep starts it"
    try:
        files = landed_files(body, landing_prefix)
    except MalformedEventError as error:
        return f"cannot be taken: {error}; discard it"
    if not files:
        return "announces no file; discard it"
    return "announces " + ", ".join(file.key for file in files)


def _facts(one: Peeked) -> list[tuple[str, str]]:
    letter = one.letter
    return [
        ("message", letter.message_id),
        ("sent", f"{moment(letter.sent_at)} UTC, received {plural(letter.receive_count, 'time')}"),
        ("about", one.about),
        ("body", shortened(letter.body, _LONGEST_BODY)),
    ]
