"""`trace`: one file's whole journey."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from ndjson_parquet.manifests import commit_key, manifest_key
from ndjson_parquet_cli.commands.finding import find_files, found_in_s3
from ndjson_parquet_cli.errors import NotFoundError
from ndjson_parquet_cli.journey import Journey, Step, Traces, journey
from ndjson_parquet_cli.listing import Listing
from ndjson_parquet_cli.output import heading, line, pairs, state, table
from ndjson_parquet_cli.retries import RetryRules
from ndjson_parquet_cli.text import duration, moment, size
from ndjson_parquet_cli.tool import one_date, tool_of
from ndjson_parquet_cli.values import ExecutionView, Manifest, TrackedFile

if TYPE_CHECKING:
    from ndjson_parquet_cli.pipeline import Pipeline


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: ndjson-parquet trace landing/ndjson/2026-11-20/shop/0001.ndjson")(trace)


def trace(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="Object key, s3 URI or file name; with @etag for one of several.")],
    date: Annotated[str | None, typer.Option(help="Date to look for a name without one, as 2026-11-20.")] = None,
) -> None:
    """One file's journey: each step with its time, where it stands and why, and what comes next.

    A whole key is found with one read; a bare name is looked for in all files of its date, or of today and yesterday.
    """
    tool = tool_of(context)
    pipeline, now = tool.pipeline, tool.now
    found = find_files(tool, file, one_date(date))
    if len(found) > 1:
        tool.output.show({"matches": found}, _matches(found))
        raise typer.Exit(1)
    traces = read_traces(pipeline, found[0]) if found else _untracked(pipeline, file)
    of = pipeline.deployment
    rules = RetryRules(of.max_attempts, timedelta(minutes=of.retry_backoff_minutes))
    told = journey(traces, rules, timedelta(minutes=of.max_wait_minutes), now)
    tool.output.show(told, rendered(told))


def read_traces(pipeline: "Pipeline", file: TrackedFile) -> Traces:
    """All that is known of a tracked file: ten calls or so."""
    stored = pipeline.objects.head(file.bucket, file.object_key, file.version_id)
    if file.batch_id is None:
        return Traces(file.uri, file, stored)
    manifest = pipeline.tracking.manifest(file.date_prefix, file.batch_id)
    if manifest is None:
        batches = pipeline.tracking.open_batches()
        batch = next((batch for batch in batches if batch.batch_id == file.batch_id), None)
        return Traces(file.uri, file, stored, batch)
    bucket = pipeline.deployment.manifest_bucket
    executions = _executions(pipeline, manifest)
    run_ids = dict.fromkeys([*(one.glue_run_id for one in executions), manifest.glue_job_run_id])
    commit = pipeline.objects.document(bucket, commit_key(manifest.date_prefix, manifest.batch_id))
    return Traces(
        uri=file.uri,
        file=file,
        object=stored,
        manifest=manifest,
        manifest_object=pipeline.objects.head(bucket, manifest_key(manifest.date_prefix, manifest.batch_id)),
        executions=executions,
        glue_runs=[run for run_id in run_ids if run_id and (run := pipeline.services.glue_run(run_id))],
        commit=commit,
        rejects=Counter(entry["reason"] for entry in rejects_of(pipeline, commit, file.uri)),
        breaker=pipeline.tracking.breaker() if manifest.state == "pending" else None,
    )


def rejects_of(pipeline: "Pipeline", commit: Any, uri: str | None) -> list[dict[str, Any]]:
    """Rejected lines of a commit, of one source or of all."""
    if not commit or not commit.get("rejects_uri"):
        return []
    bucket, _, key = commit["rejects_uri"].removeprefix("s3://").partition("/")
    entries = (json.loads(text) for text in pipeline.objects.lines(bucket, key) if text)
    return [entry for entry in entries if uri is None or entry["source"] == uri]


def rendered(told: Journey) -> RenderableType:
    """The journey as a person reads it."""
    about: list[tuple[str, str | Text]] = [("file", told.uri), ("state", state(told.state))]
    if told.batch_id:
        about.append(("batch", told.batch_id))
    views: list[RenderableType] = [pairs(about)]
    if told.steps:
        views += [line(""), _steps(told.steps)]
    if told.parts:
        rows = [[f"{part['rows']:,}", size(part["size_bytes"]), part["uri"]] for part in told.parts]
        views += [heading("Parquet of its manifest"), Listing(["rows", "size", "part"], rows, ("rows", "size"))]
    views += [line(""), pairs([("stands", told.stands), ("next", told.next)])]
    return Group(*views)


def _steps(steps: Sequence[Step]) -> RenderableType:
    """With the date in the head where all are of one day."""
    times = [moment(step.at) if step.at else "" for step in steps]
    days = {time[:10] for time in times if time}
    when = f"{min(days)}, UTC" if len(days) == 1 else "UTC"
    rows = [
        [time[11:] if len(days) == 1 else time, _since(step.seconds), step.name, step.detail]
        for time, step in zip(times, steps, strict=True)
    ]
    return table([when, "after", "step", ""], rows, (when, "after"), whole=("step",))


def _since(seconds: float | None) -> str:
    return "" if seconds is None else f"+{duration(max(0.0, seconds))}"


def _executions(pipeline: "Pipeline", manifest: Manifest) -> list[ExecutionView]:
    """Those of every attempt whose execution has the name that a direct start gives, and the one of the item."""
    names = [f"{manifest.batch_id}-{attempt}" for attempt in range(1, manifest.attempts + 1)]
    found = {view.arn: view for name in names if (view := pipeline.services.execution_named(name))}
    if manifest.execution_arn and manifest.execution_arn not in found:
        view = pipeline.services.execution(manifest.execution_arn)
        found |= {view.arn: view} if view else {}
    return sorted(found.values(), key=lambda view: view.started_at.timestamp() if view.started_at else 0.0)


def _untracked(pipeline: "Pipeline", text: str) -> Traces:
    uri, stored = found_in_s3(pipeline, text)
    if stored is None:
        raise NotFoundError(
            f"no file {text!r} is tracked in {pipeline.deployment.environment}, and none lies in "
            f"{pipeline.deployment.input_bucket}",
            "give the whole object key, or the date with --date; ndjson-parquet files lists them",
        )
    return Traces(uri, None, stored)


def _matches(found: list[TrackedFile]) -> RenderableType:
    rows = [[state(file.state), f"{file.object_key}@{file.etag}"] for file in found]
    return Group(line(f"{len(found)} files match; name one of them:"), line(""), Listing(["state", "file"], rows))
