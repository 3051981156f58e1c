"""`status`: where everything stands, once or live."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from ndjson_parquet.manifests import parse_time
from ndjson_parquet_cli.output import pairs, table
from ndjson_parquet_cli.standing import STATES, Backlog, DayCounts, Status, backlog, day_counts, last_days
from ndjson_parquet_cli.text import duration, moment, plural
from ndjson_parquet_cli.tool import Tool, tool_of
from ndjson_parquet_cli.triggers import remedy, told, verdict
from ndjson_parquet_cli.values import Batch, Manifest, QueueDepth, Trigger

if TYPE_CHECKING:
    from ndjson_parquet_cli.pipeline import Pipeline

READ_AT_MOST = 1000
"""Manifests of one state that are read of all dates."""


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: ndjson-parquet --env prod status --days 7")(status)


def status(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Show it live until Ctrl-C.")] = False,
    days: Annotated[int, typer.Option(min=1, max=90, help="Dates shown: today and those before it.")] = 3,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks of --watch.")] = 5.0,
) -> None:
    """Files and manifests by day and state, queues, breaker, executions, last sweep.

    Files are counted by what their manifests say, which is two reads a day where counting them one by one would be 200.
    Dates on which something has not ended are shown however old they are.
    """
    tool = tool_of(context)
    if not watch:
        found = read_status(tool, days)
        tool.output.show(found, rendered(found, tool.environment))
        return
    if tool.output.as_json:
        while True:
            tool.output.show(read_status(tool, days))
            time.sleep(every)
    with Live(console=tool.output.console, auto_refresh=False) as live, suppress(KeyboardInterrupt):
        while True:
            live.update(rendered(read_status(tool, days), tool.environment), refresh=True)
            time.sleep(every)


def read_status(tool: Tool, days: int) -> Status:
    """Everything that is shown: 30 calls or so, and three for every date."""
    pipeline, now = tool.pipeline, tool.now
    batches, waiting = pipeline.tracking.open_batches(), read_waiting(pipeline)
    standing = {batch.date_prefix for batch in batches} | {
        one.date_prefix for found in waiting.values() for one in found
    }
    shown = sorted({*last_days(now.date(), days), *standing}, reverse=True)
    events = pipeline.services.queue(pipeline.deployment.file_events_queue)
    letters = read_dead_letter_queues(pipeline)
    return Status(
        at=now.isoformat(),
        days=tuple(read_day(pipeline, day, batches) for day in shown),
        backlog=to_backlog(pipeline, batches, waiting, now),
        queues=(*([events] if events else []), *letters),
        breaker=pipeline.tracking.breaker(),
        running_executions=pipeline.services.running_executions(),
        sweep=pipeline.services.schedule(now),
        triggers=tuple(read_triggers(pipeline, letters)),
    )


def read_day(pipeline: "Pipeline", day: str, batches: Sequence[Batch]) -> DayCounts:
    return day_counts(day, pipeline.tracking.manifests_of(day), batches, pipeline.tracking.count_quarantined(day))


def read_waiting(pipeline: "Pipeline") -> dict[str, list[Manifest]]:
    """Manifests that have not ended, of all dates; at most READ_AT_MOST of each state."""
    states = ("pending", "processing", "failed")
    return {state: list(islice(pipeline.tracking.manifests_in(state), READ_AT_MOST)) for state in states}


def to_backlog(
    pipeline: "Pipeline", batches: Sequence[Batch], waiting: Mapping[str, Sequence[Manifest]], now: datetime
) -> Backlog:
    is_cut = any(len(found) == READ_AT_MOST for found in waiting.values())
    return backlog(batches, waiting, pipeline.deployment.max_attempts, now, is_cut=is_cut)


def read_dead_letter_queues(pipeline: "Pipeline") -> list[QueueDepth]:
    """The queue of file events' dead letters, and those of the stream and the events where they are deployed."""
    names = pipeline.deployment.dead_letter_queues.values()
    return [depth for name in names if (depth := pipeline.services.queue(name))]


def read_triggers(pipeline: "Pipeline", letters: Sequence[QueueDepth]) -> list[Trigger]:
    """What makes the functions run. The stream path is in use where its dead letters have a queue."""
    stream = pipeline.deployment.dead_letter_queues["stream"]
    return pipeline.services.triggers(has_stream=any(queue.name == stream for queue in letters))


def rendered(found: Status, environment: str) -> RenderableType:
    """The status as a person reads it."""
    return Group(
        Text.assemble((f"{environment}", "bold"), f"  {moment(parse_time(found.at))} UTC"),
        Text(""),
        _days(found.days),
        Text(""),
        pairs(_facts(found)),
    )


def _days(days: Sequence[DayCounts]) -> RenderableType:
    rows: list[list[str | Text]] = []
    for day in days:
        rows.append([day.day, "files", *(_number(day.files, state) for state in STATES)])
        rows.append(["", "manifests", *(_number(day.manifests, state) for state in STATES)])
    return table(["date", "", *STATES], rows, STATES)


def _number(counts: object, name: str) -> Text:
    count = counts.get(name, 0) if isinstance(counts, dict) else 0
    return Text("·", "dim") if not count else Text(f"{count:,}", "red" if name == "failed" else "")


def _facts(found: Status) -> list[tuple[str, str | Text]]:
    waits = found.backlog
    more = "at least " if waits.is_cut else ""
    facts: list[tuple[str, str | Text]] = [
        ("open batches", f"{waits.open_batches:,} with {plural(waits.open_files, 'file')}"),
        ("not ended", f"{more}{waits.pending:,} pending, {waits.processing:,} processing, {waits.failed:,} failed"),
        ("oldest waiting", _oldest(waits)),
        ("executions", f"{plural(found.running_executions, 'execution')} running"),
    ]
    facts += [(_queue_name(queue), _depth(queue)) for queue in found.queues]
    facts += [("breaker", _breaker(found)), ("sweep", _sweep(found))]
    facts += [("attention", _trouble(trigger)) for trigger in found.triggers if not trigger.enabled]
    if waits.exhausted:
        exhausted = f"{plural(waits.exhausted, 'manifest')} without attempts left: ndjson-parquet failures"
        facts.append(("attention", Text(exhausted, "red")))
    return facts


def _trouble(trigger: Trigger) -> Text:
    style = "red" if verdict(trigger) is False else "yellow"
    return Text(f"{trigger.name}: {told(trigger)}: {remedy(trigger)}", style)


def _oldest(waits: Backlog) -> str:
    if waits.oldest_waiting is None:
        return "nothing waits"
    return f"{duration(waits.oldest_waiting_seconds)}: {waits.oldest_waiting}"


def _queue_name(queue: QueueDepth) -> str:
    if "-file-events-" in queue.name:
        return "file events"
    kind = next((f"{kind} " for kind in ("stream", "events") if f"-{kind}-dlq-" in queue.name), "")
    return f"{kind}dead letters"


def _depth(queue: QueueDepth) -> Text:
    is_bad = queue.waiting and "-file-events-" not in queue.name
    return Text(f"{queue.waiting:,} waiting, {queue.in_flight:,} in work", "red" if is_bad else "")


def _breaker(found: Status) -> Text:
    if found.breaker.state == "closed":
        return Text("closed")
    return Text(f"{found.breaker.state} since {found.breaker.opened_at}, {found.breaker.failures} failures", "red")


def _sweep(found: Status) -> Text:
    every = f"every {plural(found.sweep.interval_minutes, 'minute')}"
    if found.sweep.enabled is None:
        every = "its schedule cannot be told: events:DescribeRule is not allowed"
    elif not found.sweep.enabled:
        return Text("its schedule is disabled: docs/runbooks/sweep-not-running.md", "red")
    if found.sweep.last_run_at is None:
        return Text(f"{every}; not seen in the last 3 hours", "yellow")
    age = (parse_time(found.at) - parse_time(found.sweep.last_run_at)).total_seconds()
    return Text(f"{duration(max(age, 0))} ago, {every}")
