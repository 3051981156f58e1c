"""`rejects list|show`: lines that were not converted, with why."""

import base64
from collections import Counter
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from ndjson_parquet.manifests import commit_key
from ndjson_parquet_cli.commands.finding import find_files, find_manifest
from ndjson_parquet_cli.commands.trace import rejects_of
from ndjson_parquet_cli.errors import NotFoundError
from ndjson_parquet_cli.output import line, pairs, table
from ndjson_parquet_cli.reference import is_batch_id
from ndjson_parquet_cli.text import plural, shortened
from ndjson_parquet_cli.tool import Tool, one_date, tool_of
from ndjson_parquet_cli.values import Manifest

_LONGEST_LINE = 200


def register(app: typer.Typer) -> None:
    rejects = typer.Typer(no_args_is_help=True, help="Lines that were not converted.")
    rejects.command("list", epilog="Example: ndjson-parquet rejects list --date 2026-11-20")(list_manifests)
    rejects.command(epilog="Example: ndjson-parquet rejects show 20261120T161000-00-a1b2c3d400 --limit 5")(show)
    app.add_typer(rejects, name="rejects")


def list_manifests(
    context: typer.Context,
    date: Annotated[str | None, typer.Option(help="Date of the manifests, as 2026-11-20; today if left out.")] = None,
) -> None:
    """The manifests of a date with rejected lines, those with the largest share of them first."""
    tool = tool_of(context)
    day = one_date(date) or tool.now.date().isoformat()
    found = [one for one in tool.pipeline.tracking.manifests_of(day) if one.lines_rejected]
    found.sort(key=_share, reverse=True)
    rows = [[one.batch_id, f"{one.lines_rejected:,}", f"{_share(one):.1%}"] for one in found]
    view = table(["manifest", "rejected", "share"], rows, ("rejected", "share"), ("manifest",))
    tool.output.show(
        {"date": day, "manifests": found},
        *([view] if found else [line(f"no rejected lines in manifests of {day}", "green")]),
    )


def show(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="BATCH|FILE", help="A manifest's id, or a file as trace takes it.")],
    date: Annotated[str | None, typer.Option(help="Date of the manifest or file, as 2026-11-20.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Lines shown at most.")] = 20,
) -> None:
    """The rejected lines of a manifest or of one file: where, why, and the line as it was sent."""
    tool = tool_of(context)
    batch_id, uri, day = _subject(tool, subject, one_date(date))
    of = tool.pipeline.deployment
    commit = tool.pipeline.objects.document(of.manifest_bucket, commit_key(day, batch_id))
    if commit is None:
        raise NotFoundError(
            f"manifest {batch_id} of {day} is not committed, so nothing is rejected yet", "ndjson-parquet trace FILE"
        )
    entries = rejects_of(tool.pipeline, commit, uri)
    reasons = dict(Counter(entry["reason"] for entry in entries))
    shown = entries[:limit]
    document = {"batch_id": batch_id, "source": uri, "count": len(entries), "reasons": reasons, "rejects": shown}
    said = f"{plural(len(entries), 'rejected line')} of {uri or batch_id}"
    if reasons:
        said += ": " + ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    more = [line("there are more: --limit", "dim")] if len(entries) > limit else []
    tool.output.show(document, line(said, "bold"), *map(_shown, shown), *more)


def _share(manifest: Manifest) -> float:
    """Rejected lines of a manifest's lines."""
    rejected = manifest.lines_rejected or 0
    return rejected / max(rejected + (manifest.rows_out or 0), 1)


def _subject(tool: Tool, subject: str, date: str | None) -> tuple[str, str | None, str]:
    """Batch, source and date that a person means."""
    if is_batch_id(subject):
        return subject, None, find_manifest(tool, subject, date).date_prefix
    found = find_files(tool, subject, date)
    if len(found) != 1:
        remedy = "name one of " + ", ".join(f"{one.object_key}@{one.etag}" for one in found[:5])
        raise NotFoundError(
            f"{plural(len(found), 'file')} match {subject!r}", remedy if found else "ndjson-parquet files"
        )
    file = found[0]
    if file.batch_id is None:
        raise NotFoundError(f"{file.object_key} is {file.state} and in no manifest", "ndjson-parquet trace FILE")
    return file.batch_id, file.uri, file.date_prefix


def _shown(entry: dict[str, Any]) -> RenderableType:
    raw = entry.get("raw")
    text = raw if raw is not None else repr(base64.b64decode(entry.get("raw_base64", "")))
    where = f"line {entry['line_number']:,}, byte {entry['byte_offset']:,} of {entry['source']}"
    return Group(
        line(""),
        pairs(
            [
                ("where", where),
                ("why", f"{entry['reason']}: {entry['detail']}"),
                ("sent", Text(shortened(text, _LONGEST_LINE), "cyan")),
            ]
        ),
    )
