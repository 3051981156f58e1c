"""`quarantine list|show|release`: files that the landing rules refused, and those that could not be read."""

from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import typer
from rich.text import Text

from ndjson_parquet.landing import date_in_key
from ndjson_parquet_cli.actions import Request
from ndjson_parquet_cli.commands.confirming import Change, DryRun, carry_out
from ndjson_parquet_cli.errors import NotFoundError
from ndjson_parquet_cli.listing import Listing
from ndjson_parquet_cli.output import line, pairs
from ndjson_parquet_cli.text import iso, moment, plural, size
from ndjson_parquet_cli.tool import one_date, tool_of

FOLDER = "files/"
_PREVIEW_BYTES = 400


@dataclass(frozen=True, slots=True)
class Refused:
    """A file in quarantine: its key there says why it is there."""

    key: str
    reason: str
    date: str
    size_bytes: int
    at: str

    @property
    def landed_as(self) -> str:
        """The key under which it landed; a hash for a very long one."""
        return self.key.split("/", 3)[3]


def register(app: typer.Typer) -> None:
    quarantine = typer.Typer(no_args_is_help=True, help="Files that were set aside, and the way back for them.")
    quarantine.command("list", epilog="Example: ndjson-parquet quarantine list --reason too_large")(list_files)
    quarantine.command(epilog="Example: ndjson-parquet quarantine show landing/ndjson/2026-11-20/big.ndjson")(show)
    quarantine.command(epilog="Example: ndjson-parquet quarantine release landing/ndjson/2026-11-20/big.ndjson")(
        release
    )
    app.add_typer(quarantine, name="quarantine")


def list_files(
    context: typer.Context,
    reason: Annotated[str | None, typer.Option(help="Only this reason, such as too_large.")] = None,
    date: Annotated[str | None, typer.Option(help="Only files of this date, as 2026-11-20.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Files shown at most.")] = 50,
) -> None:
    """List the files in quarantine, by reason and date."""
    tool = tool_of(context)
    bucket, day = tool.pipeline.deployment.quarantine_bucket, one_date(date)
    reasons = [reason] if reason else tool.pipeline.objects.folders(bucket, FOLDER)
    prefixes = [f"{FOLDER}{name}/{day}/" if day else f"{FOLDER}{name}/" for name in reasons]
    stored = (entry for prefix in prefixes for entry in tool.pipeline.objects.listed(bucket, prefix))
    taken = [_refused(entry.key, entry.size_bytes, iso(entry.modified_at)) for entry in islice(stored, limit + 1)]
    shown, is_cut = taken[:limit], len(taken) > limit
    rows = [[one.reason, size(one.size_bytes), one.at[:19].replace("T", " "), one.landed_as] for one in shown]
    foot = plural(len(shown), "file") + ("; there are more: --limit" if is_cut else "")
    view = Listing(["reason", "size", "set aside, UTC", "landed as"], rows, ("size", "set aside, UTC"))
    tool.output.show({"files": shown, "is_cut": is_cut}, view, line(""), line(foot, "dim"))


def show(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Key as it landed or as it lies in quarantine, or the s3 URI of either.")],
) -> None:
    """One file in quarantine: why it was set aside, and how it begins."""
    tool = tool_of(context)
    bucket = tool.pipeline.deployment.quarantine_bucket
    found = _locate(tool.pipeline.objects.folders(bucket, FOLDER), key)
    for candidate in found:
        if stored := tool.pipeline.objects.head(bucket, candidate):
            break
    else:
        raise NotFoundError(f"{key} is not in quarantine", "ndjson-parquet quarantine list; ndjson-parquet trace FILE")
    begin = tool.pipeline.objects.start_of(bucket, candidate, _PREVIEW_BYTES).decode("utf-8", "replace")
    about = dict(stored.metadata or {})
    document = {
        "key": candidate,
        "size_bytes": stored.size_bytes,
        "at": stored.modified_at,
        **{"metadata": about, "begin": begin},
    }
    facts = [("lies at", f"s3://{bucket}/{candidate}"), ("since", f"{moment(stored.modified_at)} UTC")]
    facts += [(name.replace("-", " "), value) for name, value in about.items() if value]
    facts += [("size", size(stored.size_bytes)), ("begins", begin)]
    facts.append(("to release", f"ndjson-parquet quarantine release '{candidate.split('/', 3)[3]}'"))
    tool.output.show(document, pairs((name, Text(value)) for name, value in facts))


def release(
    context: typer.Context,
    keys: Annotated[list[str], typer.Argument(help="Keys as they landed or lie in quarantine, or s3 URIs.")],
    dry_run: Annotated[bool, DryRun] = False,
) -> None:
    """Let files through although the landing rules refuse them: they are announced again and converted."""
    change = Change(
        Request("release", {"keys": keys}),
        f"convert {plural(len(keys), 'file')} although the landing rules refuse it",
        ("released",),
        f"ndjson-parquet trace '{keys[0]}'",
    )
    carry_out(tool_of(context), change, dry_run=dry_run)


def _refused(key: str, size_bytes: int, at: str) -> Refused:
    _, reason, day, _ = key.split("/", 3)
    return Refused(key, reason, day, size_bytes, at)


def _locate(reasons: list[str], text: str) -> list[str]:
    """Keys in quarantine under which a file may lie: its own, or one for each reason there is."""
    name = text.removeprefix("s3://").partition("/")[2] if text.startswith("s3://") else text
    if name.startswith(FOLDER):
        return [name]
    day = date_in_key(name)
    return [f"{FOLDER}{reason}/{day}/{name}" for reason in reasons] if day else []
