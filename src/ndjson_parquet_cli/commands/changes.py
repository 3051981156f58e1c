"""`retry`, `flush`, `replay`, `sweep`, `reconcile`, `reconvert`, `rebuild`: what moves work on."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ndjson_parquet_cli.actions import Answer, Request
from ndjson_parquet_cli.commands.confirming import Change, DryRun, carry_out
from ndjson_parquet_cli.commands.cost import read_usage
from ndjson_parquet_cli.commands.finding import find_manifest
from ndjson_parquet_cli.costs import replay_estimate
from ndjson_parquet_cli.errors import RefusedError
from ndjson_parquet_cli.output import pairs
from ndjson_parquet_cli.prices import read_prices
from ndjson_parquet_cli.text import dollars, plural, size
from ndjson_parquet_cli.tool import Tool, dates, tool_of

_RECENT_DAYS = 7
_STATUS = "ndjson-parquet status --watch"


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: ndjson-parquet retry 20261120T161000-00-a1b2c3d400")(retry)
    app.command(epilog="Example: ndjson-parquet flush --dry-run")(flush)
    app.command(
        epilog="Example: ndjson-parquet replay --prefix landing/ndjson/2026-11-20/shop/ --from 2026-11-20T08:00 --again"
    )(replay)
    app.command(epilog="Example: ndjson-parquet sweep --yes")(sweep)
    app.command(epilog="Example: ndjson-parquet reconcile --date 2026-11-19 --date 2026-11-20")(reconcile)
    app.command(epilog="Example: ndjson-parquet reconvert --date 2026-11-20 --limit 20")(reconvert)
    app.command(epilog="Example: ndjson-parquet rebuild --since 2026-11-20T08:00 --dry-run")(rebuild)


def retry(
    context: typer.Context,
    manifests: Annotated[
        list[str] | None, typer.Argument(metavar="[BATCH]...", help="Ids of failed manifests.")
    ] = None,
    all_failed: Annotated[bool, typer.Option("--all-failed", help="Every failed manifest.")] = False,
    dry_run: Annotated[bool, DryRun] = False,
) -> None:
    """Give failed manifests another attempt now, however many they have had."""
    if bool(manifests) == all_failed:
        raise RefusedError("name manifests, or --all-failed", "ndjson-parquet failures lists them")
    tool = tool_of(context)
    found = [find_manifest(tool, batch_id) for batch_id in manifests or []]
    named = [{"date_prefix": manifest.date_prefix, "batch_id": manifest.batch_id} for manifest in found]
    request = Request("retry", {"all_failed": True} if all_failed else {"manifests": named})
    which = "every failed manifest" if all_failed else plural(len(found), "manifest")
    carry_out(tool, Change(request, f"start another attempt of {which}", ("retried",), _STATUS), dry_run=dry_run)


def flush(context: typer.Context, dry_run: Annotated[bool, DryRun] = False) -> None:
    """Seal and publish every open batch now, full or not. The schedule does it when they are old enough."""
    change = Change(Request("flush"), "seal every open batch and start its conversion", ("flushed",), _STATUS)
    carry_out(tool_of(context), change, dry_run=dry_run)


def replay(  # noqa: PLR0913, PLR0917  # one per option
    context: typer.Context,
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY]...", help="Object keys or s3 URIs of landed files.")
    ] = None,
    prefix: Annotated[str | None, typer.Option(help="Every object below this prefix of the landing bucket.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Landed at this time or later, ISO 8601, UTC.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Landed before this time, ISO 8601, UTC.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Convert files that have ended once more: their rows come twice.")
    ] = False,
    old: Annotated[
        bool, typer.Option("--old", help="Objects older than tracking remembers too, unless a manifest names them.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Objects announced at most.")] = 10_000,
    dry_run: Annotated[bool, DryRun] = False,
) -> None:
    """Announce landed objects again, through the same queue and path as new ones.

    A file that is tracked adds nothing, unless --again is given. The dry run says how many, how large, and the cost.
    """
    if bool(keys) == bool(prefix):
        raise RefusedError("name keys, or a --prefix", "ndjson-parquet replay --help has an example")
    if keys and (since or until):
        raise RefusedError("--from and --to go with --prefix", "leave them out, or name a --prefix")
    tool = tool_of(context)
    where = {"keys": keys or None, "prefix": prefix, "from": _time(since, "--from"), "to": _time(until, "--to")}
    request = Request("replay", {**where, "again": again, "old": old or None, "limit": limit})
    which = plural(len(keys), "object") if keys else f"what lies below {prefix}"
    mode = "; files that have ended are converted once more" if again else ""
    change = Change(request, f"announce {which} again, at most {limit:,}{mode}", ("objects",), _STATUS)
    carry_out(tool, change, dry_run=dry_run, remarks=lambda planned: _price(tool, planned))


def sweep(context: typer.Context) -> None:
    """Run the sweep now: it does what is due, as the schedule has it do every few minutes."""
    tool = tool_of(context)
    tool.confirm("Run the sweep? It publishes, retries and finishes what is due.")
    report = tool.pipeline.actions.sweep()
    tool.output.show(report, pairs((name.replace("_", " "), f"{value:,}") for name, value in report.items()))


def reconcile(
    context: typer.Context,
    date: Annotated[
        list[str] | None, typer.Option(help="Date, as 2026-11-20; may be repeated. Yesterday and today when left out.")
    ] = None,
    min_age: Annotated[
        int, typer.Option(min=0, help="Minutes an object must have lain, for its event to be late.")
    ] = 15,
    dry_run: Annotated[bool, DryRun] = False,
) -> None:
    """Compare the landing bucket with tracking, and announce every object that tracking never saw."""
    request = Request("reconcile", {"dates": dates(date, "--date") or None, "min_age_minutes": min_age})
    which = ", ".join(date) if date else "yesterday and today"
    change = Change(
        request, f"announce the objects of {which} that tracking never saw", ("enqueued",), "ndjson-parquet health"
    )
    carry_out(tool_of(context), change, dry_run=dry_run)


def reconvert(  # noqa: PLR0913, PLR0917  # one per option
    context: typer.Context,
    manifests: Annotated[
        list[str] | None, typer.Argument(metavar="[BATCH]...", help="Ids of completed manifests.")
    ] = None,
    date: Annotated[
        list[str] | None, typer.Option(help="Every completed manifest of this date, as 2026-11-20; may be repeated.")
    ] = None,
    before: Annotated[
        str | None, typer.Option(help="Only those completed before this time, ISO 8601, UTC; so a day can go on.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Manifests started at most.")] = None,
    dry_run: Annotated[bool, DryRun] = False,
) -> None:
    """Convert completed manifests once more, into the same Parquet parts: no row comes twice.

    Until a conversion has succeeded its old rows stay. It fails, and they stay, when a source file is gone by now.
    """
    if bool(manifests) == bool(date):
        raise RefusedError("name manifests, or a --date", "ndjson-parquet manifests lists them")
    tool = tool_of(context)
    found = [find_manifest(tool, batch_id) for batch_id in manifests or []]
    named = [{"date_prefix": manifest.date_prefix, "batch_id": manifest.batch_id} for manifest in found]
    which_ones = {"manifests": named or None, "dates": dates(date, "--date") or None}
    request = Request("reconvert", {**which_ones, "at": _time(before, "--before"), "limit": limit})
    which = f"the manifests of {', '.join(date)}" if date else plural(len(found), "manifest")
    change = Change(request, f"convert {which} once more, in place of their rows", ("reconverted",), _STATUS)
    carry_out(tool, change, dry_run=dry_run, remarks=lambda planned: _price(tool, planned))


def rebuild(
    context: typer.Context,
    date: Annotated[
        list[str] | None, typer.Option(help="Only manifests of this date, as 2026-11-20; may be repeated.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Only manifests written since then, ISO 8601, UTC.")] = None,
    dry_run: Annotated[bool, DryRun] = False,
) -> None:
    """Tell a restored tracking table, from manifests and commit records, what it has forgotten.

    Without it what was converted since the backup would be taken for new, and converted twice.
    """
    request = Request("rebuild", {"dates": dates(date, "--date") or None, "since": _time(since, "--since")})
    work = ("manifest_rebuilt", "batch_closed", "batch_undone", "file_forgotten")
    change = Change(request, "write what tracking has forgotten of its manifests", work, "ndjson-parquet reconcile")
    carry_out(tool_of(context), change, dry_run=dry_run)


def _price(tool: Tool, planned: Answer) -> dict[str, str]:
    """How much a replay or a reconversion is, and what about Glue bills for it."""
    files, total = planned.counts.get("objects", 0) + planned.counts.get("files", 0), planned.counts.get("bytes", 0)
    if not files:
        return {}
    dpus, execution_class = tool.pipeline.services.glue_capacity()
    price = read_prices()["glue_flex_dpu_hour" if execution_class == "FLEX" else "glue_dpu_hour"]
    found = replay_estimate(files, total, read_usage(tool, _RECENT_DAYS), dpus, price)
    told = f"about {dollars(found.usd)} of Glue, {plural(found.manifests, 'manifest')} ({found.assumption})"
    return {"size": f"{plural(files, 'file')}, {size(total)}", "cost": told}


def _time(text: str | None, option: str) -> str | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusedError(f"{option} is {text!r}, which is no time", "write it as 2026-11-20T08:00, UTC") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).isoformat()
