"""One file's journey: the steps behind it with their times, where it stands and why, and what comes next. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ndjson_parquet.manifests import parse_time
from ndjson_parquet_cli.retries import RetryRules, outlook
from ndjson_parquet_cli.text import duration, moment, plural, size
from ndjson_parquet_cli.values import Batch, BreakerState, ExecutionView, GlueRun, Manifest, StoredObject, TrackedFile

EVENT_IS_LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened. `seconds`: since the step before it."""

    name: str
    at: datetime | None
    detail: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Traces:
    """All that was found of one file. `file` is absent when tracking never saw it, `object` when it is gone."""

    uri: str
    file: TrackedFile | None
    object: StoredObject | None
    batch: Batch | None = None
    manifest: Manifest | None = None
    manifest_object: StoredObject | None = None
    executions: Sequence[ExecutionView] = ()
    glue_runs: Sequence[GlueRun] = ()
    commit: Mapping[str, Any] | None = None
    rejects: Mapping[str, int] = field(default_factory=dict)
    breaker: BreakerState | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """`state` is the file's own, or `untracked`; `stands` is about now, `next` about what comes or what to do."""

    uri: str
    state: str
    batch_id: str | None
    steps: tuple[Step, ...]
    stands: str
    next: str
    parts: tuple[Mapping[str, Any], ...] = ()
    rejects: Mapping[str, int] = field(default_factory=dict)


def journey(traces: Traces, rules: RetryRules, max_wait: timedelta, now: datetime) -> Journey:
    """Put the traces of one file in order and say what they mean."""
    stands, coming = _outlook(traces, rules, max_wait, now)
    parts = tuple(traces.commit["parts"]) if traces.commit and _is_converted(traces) else ()
    return Journey(
        uri=traces.uri,
        state=traces.file.state if traces.file else "untracked",
        batch_id=traces.file.batch_id if traces.file else None,
        steps=tuple(_timed([*_beginning(traces), *_conversion(traces)])),
        stands=stands,
        next=coming,
        parts=parts,
        rejects=dict(traces.rejects),
    )


def _is_converted(traces: Traces) -> bool:
    return traces.file is not None and traces.file.state in ("completed", "manifested")


def _timed(steps: Sequence[Step]) -> Iterator[Step]:
    before: datetime | None = None
    for step in steps:
        # S3's times are whole seconds, so a later step can seem to be a little earlier.
        seconds = max(0.0, (step.at - before).total_seconds()) if step.at and before else None
        yield Step(step.name, step.at, step.detail, seconds)
        before = step.at or before


def _beginning(traces: Traces) -> Iterator[Step]:
    """From landing to the manifest, which is always this order."""
    file, manifest = traces.file, traces.manifest
    if traces.object:
        yield Step("landed", traces.object.modified_at, size(traces.object.size_bytes))
    if file is None:
        return
    if file.state == "quarantined":
        yield Step("set aside", parse_time(file.created_at), file.error_message or "")
        return
    yield Step("tracked", parse_time(file.created_at), f"batch {file.batch_id or 'none'}")
    if manifest is None:
        return
    sealed = f"{plural(manifest.file_count, 'file')}, {size(manifest.total_bytes)}"
    yield Step("sealed", parse_time(manifest.created_at), sealed)
    if traces.manifest_object:
        yield Step("published", traces.manifest_object.modified_at, traces.manifest_object.key)


def _conversion(traces: Traces) -> list[Step]:
    """Executions, runs, the commit and the file's end: in the order in which they happened."""
    steps = [*_executions(traces), *_runs(traces)]
    if traces.commit:
        steps.append(Step("rows committed", parse_time(traces.commit["committed_at"]), _committed(traces.commit)))
    if traces.manifest and traces.file and traces.file.state in ("completed", "failed"):
        steps.append(Step(f"file {traces.file.state}", parse_time(traces.file.updated_at)))
    return sorted(steps, key=lambda step: step.at.timestamp() if step.at else 0.0)


def _executions(traces: Traces) -> Iterator[Step]:
    for execution in traces.executions:
        if execution.started_at:
            yield Step("execution started", execution.started_at, execution.name)
        if execution.stopped_at:
            yield Step("execution ended", execution.stopped_at, execution.status)


def _runs(traces: Traces) -> Iterator[Step]:
    for run in traces.glue_runs:
        if run.started_at:
            yield Step("Glue run started", run.started_at, run.run_id)
        if run.completed_at:
            yield Step("Glue run ended", run.completed_at, f"{run.state}, {plural(run.seconds, 'second')}")


def _committed(commit: Mapping[str, Any]) -> str:
    rejected = f", {plural(commit['lines_rejected'], 'line')} rejected" if commit["lines_rejected"] else ""
    return f"{plural(commit['rows_out'], 'row')} in {plural(len(commit['parts']), 'part')} of the manifest{rejected}"


def _outlook(traces: Traces, rules: RetryRules, max_wait: timedelta, now: datetime) -> tuple[str, str]:
    """Where the file stands and why, and what comes next."""
    file = traces.file
    if file is None:
        return _untracked(traces, now)
    match file.state:
        case "quarantined":
            return (
                f"set aside: {file.error_message or 'no reason is recorded'}",
                "nothing happens by itself. To have it converted all the same: "
                f"ndjson-parquet quarantine release '{file.object_key}'",
            )
        case "released":
            return (
                "released: its next event is taken as if it were new",
                "it is announced through the queue of file events",
            )
        case "completed":
            return f"converted; {_rejected(traces)}", "nothing: it is done"
    if traces.manifest is None:
        return _in_open_batch(traces, max_wait, now)
    return _in_manifest(file, traces.manifest, traces, rules, now)


def _untracked(traces: Traces, now: datetime) -> tuple[str, str]:
    if traces.object is None:
        return "neither S3 nor tracking knows it", "check the name, and the environment with --env"
    age = now - traces.object.modified_at
    if age < EVENT_IS_LATE:
        waited = duration(age.total_seconds())
        return f"landed {waited} ago, its event has not been taken yet", "its event is taken within minutes; look again"
    return (
        f"landed {duration(age.total_seconds())} ago, and tracking never saw it: its event is lost, or in a queue",
        "ndjson-parquet status shows the queue and the dead letters; ndjson-parquet reconcile announces it again",
    )


def _in_open_batch(traces: Traces, max_wait: timedelta, now: datetime) -> tuple[str, str]:
    if traces.batch is None:
        return "its batch is neither open nor a manifest", "look again: the batch was being sealed"
    due = parse_time(traces.batch.opened_at) + max_wait
    wait = f"at {moment(due)}, in {duration((due - now).total_seconds())}" if due > now else "with the next sweep"
    return (
        f"waits in an open batch of {plural(traces.batch.file_count, 'file')} for more",
        f"the batch is sealed when it is full, or {wait}; now: ndjson-parquet flush",
    )


def _in_manifest(
    file: TrackedFile, manifest: Manifest, traces: Traces, rules: RetryRules, now: datetime
) -> tuple[str, str]:
    match manifest.state:
        case "pending":
            if traces.breaker and traces.breaker.state != "closed":
                return "its manifest is sealed; starting is suspended by the breaker", "docs/runbooks/breaker-open.md"
            return "its manifest is sealed, and nobody converts it yet", "the sweep starts what was not started"
        case "processing":
            # Not simply the last run: while this attempt waits for one, that is the run of the attempt before.
            wanted = traces.executions[-1].glue_run_id if traces.executions else None
            run = next((run for run in traces.glue_runs if run.run_id == wanted), None)
            doing = f"Glue run {run.run_id} is {run.state}" if run else "its execution waits for Glue"
            return f"is being converted, attempt {manifest.attempts}: {doing}", "it is done when the run has committed"
        case "failed":
            said = manifest.error_message or file.error_message or "no error is recorded"
            return f"attempt {manifest.attempts} failed: {said}", outlook(manifest, rules, now).text
    if file.state == "failed":
        return (
            f"its manifest was converted without it: {file.error_message or 'no reason is recorded'}",
            "nothing happens by itself: send the file again",
        )
    return "its rows are visible; its own status is not told yet", "status_updater tells it, or else the next sweep"


def _rejected(traces: Traces) -> str:
    if not traces.rejects:
        return "none of its lines were rejected"
    count = sum(traces.rejects.values())
    reasons = ", ".join(f"{number} {reason}" for reason, number in sorted(traces.rejects.items()))
    return f"{plural(count, 'line')} rejected ({reasons})"
