"""python -m benchmarks.latency [--rounds 5] [--picture FILE.svg] [--json FILE]

Sends a manifest's worth of files at once and follows the first of them; with function processes that are killed before
(cold), and with those that are there (warm).
"""

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.latency.steps import STEPS, Seen, medians, seconds_by_step, until_queryable
from benchmarks.request_log import read
from benchmarks.staging import Stage, staged
from local.deployment import REPOSITORY
from local.faults import kill_workers
from local.generate import LANDING, Recipe, generate
from local.reconcile import SentFile
from local.sending import from_generator, put, send
from ndjson_parquet.manifests import parse_time

HOME = REPOSITORY / ".local" / "latency"
FILES = 20
"""A manifest's worth with the settings of local.tfvars."""
SETTINGS: Mapping[str, Any] = {
    "max_files_per_manifest": FILES,
    # Two writers would fill two batches, and neither would be full.
    "num_status_shards": 1,
    "enable_schedule": False,
}
POLL_SECONDS = 0.5
PATIENCE_SECONDS = 180.0


def follow(stage: Stage, run: str, file_bytes: int) -> dict[str, float]:
    """Send the files, wait for them, and tell the first one's steps.

    Raises:
        RuntimeError: they were not completed in time.
    """
    pipeline, folder = stage.pipeline, stage.home / "files"
    shutil.rmtree(folder, ignore_errors=True)
    recipe = Recipe(seed=1, files=FILES, file_bytes=file_bytes, dates=Recipe().dates[:1], run=run, refused=())
    first, *others = from_generator(generate(folder, recipe))
    began = time.time()
    file = put(pipeline.clients.s3, pipeline.outputs.input_bucket, first)
    ended = time.time()
    files = [file, *send(pipeline.clients.s3, pipeline.outputs.input_bucket, others)]
    item = _completed(stage, files)
    [glue_run] = [
        one
        for one in pipeline.clients.glue.get_job_runs(JobName=pipeline.outputs.glue_job)["JobRuns"]
        if one.get("Arguments", {}).get("--batch_id") == item["batch_id"]
    ]
    return seconds_by_step(
        Seen(
            put_began=began,
            put_ended=ended,
            requests=[one for one in read(stage.requests) if one.at >= began],
            run_started=glue_run["StartedOn"].timestamp(),
            run_ended=glue_run["CompletedOn"].timestamp(),
            completed=parse_time(item["updated_at"]).timestamp(),
            manifest_bucket=pipeline.outputs.manifest_bucket,
            landing_prefix=LANDING,
        )
    )


def _completed(stage: Stage, files: list[SentFile]) -> dict[str, Any]:
    """The first file's item, when everything is done."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (now := stage.pipeline.snapshot(files)).is_done:
        if time.monotonic() > deadline:
            raise RuntimeError(
                f"the files were not completed within {PATIENCE_SECONDS:g} s: {', '.join(now.waiting[:3])}"
            )
        time.sleep(POLL_SECONDS)
    return next(one for one in stage.pipeline.items(files) if one.get("object_key") == files[0].key)


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Manifests to follow, of each kind.")] = 5,
    file_bytes: Annotated[int, typer.Option(help="Size of each of the 20 files.")] = 250_000,
    home: Annotated[Path, typer.Option(help="Where the embedded AWS and Terraform keep their state.")] = HOME,
    picture: Annotated[Path | None, typer.Option(help="Draw the medians there, as SVG.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything that was measured there.")] = None,
) -> None:
    """Seconds from PUT to a row that can be queried, by step."""
    console = Console(highlight=False)
    found: dict[str, list[dict[str, float]]] = {"cold": [], "warm": []}
    with staged(home, SETTINGS, console) as stage:
        # Not counted: whatever is compiled or read from disk once.
        follow(stage, f"latency-{time.time():.0f}", file_bytes)
        for number in range(rounds):
            for kind, kept in found.items():
                if kind == "cold":
                    kill_workers(stage.aws)
                with console.status(f"{kind} {number + 1} of {rounds}"):
                    kept.append(follow(stage, f"latency-{time.time():.0f}", file_bytes))
    bars = {kind: medians(kept) for kind, kept in found.items()}
    console.print(_table(bars))
    if json_file:
        json_file.write_text(json.dumps({"rounds": found, "medians": bars}, indent=2) + "\n")
    if picture:
        from benchmarks.latency.picture import draw  # noqa: PLC0415  # needs matplotlib

        draw(bars, picture)


def _table(bars: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(title=f"One file of {FILES} that land together, seconds", box=box.SIMPLE_HEAD)
    table.add_column("step")
    for kind in bars:
        table.add_column(kind, justify="right")
    for name in STEPS:
        table.add_row(name, *(f"{steps[name]:.2f}" for steps in bars.values()))
    table.add_row("[bold]until rows can be queried", *(f"[bold]{until_queryable(one):.2f}" for one in bars.values()))
    table.add_row("[bold]until the file is completed", *(f"[bold]{sum(one.values()):.2f}" for one in bars.values()))
    return table


if __name__ == "__main__":
    typer.run(main)
