"""`files`, `manifests`, `failures`: lists of what is tracked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Annotated, Literal, TypeVar

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from ndjson_parquet_cli.listing import Listing
from ndjson_parquet_cli.output import line, pairs, state, table
from ndjson_parquet_cli.retries import Outlook, RetryRules, outlook
from ndjson_parquet_cli.text import plural, size, without_middle
from ndjson_parquet_cli.tool import Tool, one_date, tool_of
from ndjson_parquet_cli.values import Manifest, TrackedFile

Entry = TypeVar("Entry")
FileState = Literal["pending", "manifested", "completed", "failed", "quarantined", "released"]
ManifestState = Literal["pending", "processing", "completed", "failed"]
_LONGEST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed manifest and what will become of it."""

    manifest: Manifest
    outlook: Outlook


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: ndjson-parquet files --state failed --limit 20")(files)
    app.command(epilog="Example: ndjson-parquet manifests --date 2026-11-20 --state processing")(manifests)
    app.command(epilog="Example: ndjson-parquet failures --json")(failures)


def files(
    context: typer.Context,
    in_state: Annotated[
        FileState | None, typer.Option("--state", help="Only files of this state, of all dates.")
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="Only files of this date, as 2026-11-20; today without --state.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Files shown at most.")] = 50,
) -> None:
    """List tracked files: of a date in the order of their names, or of a state."""
    tool = tool_of(context)
    day = one_date(date) or (None if in_state else tool.now.date().isoformat())
    tracking = tool.pipeline.tracking
    found = tracking.files_in(in_state, day) if in_state else tracking.files_of(day or "")
    shown, is_cut = _cut(found, limit)
    rows = [[state(file.state), size(file.size_bytes), _time(file.updated_at), file.object_key] for file in shown]
    view = Listing(["state", "size", "changed, UTC", "key"], rows, ("size", "changed, UTC"))
    tool.output.show({"files": shown, "is_cut": is_cut}, view, _footer(len(shown), "file", is_cut))


def manifests(
    context: typer.Context,
    in_state: Annotated[
        ManifestState | None, typer.Option("--state", help="Only manifests of this state, of all dates.")
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="Only manifests of this date, as 2026-11-20; today without --state.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Manifests shown at most.")] = 50,
) -> None:
    """List manifests: of a date, or of a state."""
    tool = tool_of(context)
    day = one_date(date) or (None if in_state else tool.now.date().isoformat())
    tracking = tool.pipeline.tracking
    found = tracking.manifests_in(in_state, day) if in_state else tracking.manifests_of(day or "")
    shown, is_cut = _cut(found, limit)
    numbers = ("files", "bytes", "try", "rows")
    rows = [
        [
            state(one.state),
            one.date_prefix,
            one.batch_id,
            f"{one.file_count:,}",
            size(one.total_bytes),
            str(one.attempts),
            "" if one.rows_out is None else f"{one.rows_out:,}",
        ]
        for one in shown
    ]
    view = table(["state", "date", "manifest", *numbers], rows, numbers, ("state", "date"))
    tool.output.show({"manifests": shown, "is_cut": is_cut}, view, _footer(len(shown), "manifest", is_cut))


def failures(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="Manifests and files shown at most, of each.")] = 20,
) -> None:
    """What failed, why, how often it was tried, and when the sweep tries it again or what to do.

    Files that failed though their manifest was converted (gone, changed, unreadable) are listed on their own.
    """
    tool = tool_of(context)
    of, now = tool.pipeline.deployment, tool.now
    rules = RetryRules(of.max_attempts, timedelta(minutes=of.retry_backoff_minutes))
    failed, is_cut = _cut(tool.pipeline.tracking.manifests_in("failed"), limit)
    found = [Failure(manifest, outlook(manifest, rules, now)) for manifest in failed]
    lost, more_lost = _cut(_missing(tool, {manifest.batch_id for manifest in failed}), limit)
    document = {"manifests": found, "files": lost, "is_cut": is_cut or more_lost}
    tool.output.show(document, *_failures(found, lost, is_cut=is_cut or more_lost))


def _missing(tool: Tool, failed: set[str]) -> Iterator[TrackedFile]:
    """Failed files whose manifest is completed; a manifest is looked up once."""
    states: dict[str | None, str] = dict.fromkeys(failed, "failed")
    for file in islice(tool.pipeline.tracking.files_in("failed"), 1000):
        if file.batch_id not in states:
            manifest = tool.pipeline.tracking.manifest(file.date_prefix, file.batch_id) if file.batch_id else None
            states[file.batch_id] = manifest.state if manifest else "unknown"
        if states[file.batch_id] not in ("failed", "pending", "processing"):
            yield file


def _failures(found: list[Failure], lost: list[TrackedFile], *, is_cut: bool) -> Iterator[RenderableType]:
    for failure in found:
        manifest = failure.manifest
        yield pairs(
            [
                ("manifest", Text(manifest.batch_id, "bold red")),
                ("of", f"{manifest.date_prefix}, {plural(manifest.file_count, 'file')}, {size(manifest.total_bytes)}"),
                ("error", without_middle(manifest.error_message or "no error is recorded", _LONGEST_ERROR)),
                ("attempts", _attempts(manifest)),
                ("next", Text(failure.outlook.text, "red" if failure.outlook.retry_at is None else "")),
            ]
        )
        yield line("")
    if lost:
        yield line("failed though their manifest was converted; send them again:", "bold")
        for file in lost:
            yield line(file.object_key)
            yield Padding(Text(file.error_message or "no error is recorded", "dim"), (0, 0, 0, 2))
    if not found and not lost:
        yield line("nothing failed", "green")
    elif is_cut:
        yield line("there are more: --limit", "dim")


def _attempts(manifest: Manifest) -> str:
    refused = f" ({manifest.refusals} that Glue refused to start)" if manifest.refusals else ""
    return f"{manifest.attempts}{refused}, the last ended {_time(manifest.updated_at)} UTC"


def _cut(found: Iterable[Entry], limit: int) -> tuple[list[Entry], bool]:
    taken = list(islice(found, limit + 1))
    return taken[:limit], len(taken) > limit


def _time(text: str) -> str:
    return text[:19].replace("T", " ")


def _footer(count: int, noun: str, is_cut: bool) -> RenderableType:
    return Group(line(""), line(plural(count, noun) + ("; there are more: --limit" if is_cut else ""), "dim"))
