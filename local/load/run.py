"""One load from beginning to end: deploy, send at a rate, let faults happen, settle, compare every record."""

import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from local import report as pages
from local.deployment import Deployment
from local.embedded_aws import EmbeddedAws
from local.evidence import gather
from local.generate import Recipe, Refusal, generate
from local.live import Steps, View
from local.load import report
from local.load.arrivals import Arrival, Kind, Mix, arrivals
from local.load.injection import Injection
from local.load.memory import growth
from local.load.schedule import Planned
from local.load.traffic import Sent, Traffic
from local.load.watching import answered, backlog, watching
from local.pipeline import Clients, Pipeline, Snapshot
from local.reconcile import SentFile, reconcile
from local.sending import Outgoing, from_generator
from ndjson_parquet.manifests import parse_time

SETTINGS: Mapping[str, Any] = {
    # Spark starts once for a manifest here and takes ten seconds: with 20 files in each, Spark alone would be measured.
    "max_files_per_manifest": 200,
    # A backlog waits for the one Spark run that this machine has room for.
    "glue_retry_interval_seconds": 2,
    "glue_retry_max_attempts": 300,
    # What a killed function was given comes again after a minute.
    "sqs_visibility_timeout_seconds": 60,
    # A soak kills Spark, restarts the server and throttles: one manifest may meet more than three of them.
    "max_manifest_attempts": 10,
}
REFUSALS: tuple[Refusal, ...] = ("wrong_extension", "empty")
LONG_SECONDS = 600
POLL_SECONDS = 2.0
HELP_SECONDS = 60.0
"""How often, while it settles, what an operator's schedule would do is done: reconcile, and redrive dead letters."""


def settings_of(mix: Mix) -> dict[str, Any]:
    """Settings for a load: a long one fills larger manifests, of which there are as many as one Spark run can take."""
    is_long = mix.files / mix.rate > LONG_SECONDS
    return {**SETTINGS, "max_wait_minutes": 5 if is_long else 1}


class LoadRun:
    """One run below `home`. `file_bytes` is the size of a good file."""

    def __init__(self, console: Console, home: Path, mix: Mix, file_bytes: int, seed: int) -> None:
        self._console = console
        self._home = home
        self._mix = mix
        self._settings = settings_of(mix)
        self._file_bytes = file_bytes
        self._seed = seed
        self._steps = Steps(console)
        self._aws = EmbeddedAws(home / "aws")
        self._most_waiting = 0
        self._helped = {"reconcile": 0, "redrive": 0}

    def run(self, faults: Sequence[Planned], timeout: float) -> report.Report:
        """Do all of it.

        Args:
            timeout: seconds to settle in, after the last arrival.
        """
        started = datetime.now(UTC)
        plan = self._generate(f"load-{started:%Y%m%dT%H%M%S}")
        pipeline = self._deploy()
        traffic = Traffic(pipeline.clients.s3, pipeline.outputs.input_bucket, plan)
        injection = Injection(self._aws, pipeline, self._deployment)
        with watching(self._aws, lambda: traffic.seconds) as watched:
            with self._steps.step("load") as step:
                self._load(pipeline, traffic, injection, faults)
                load_seconds = traffic.seconds
                step.summary = f"{len(traffic.sent):,} arrivals, {len(injection.produced)} faults"
            with self._steps.step("settle"):
                self._settle(pipeline, traffic.files, timeout)
                settle_seconds = traffic.seconds - load_seconds
        with self._steps.step("compare") as step:
            evidence = gather(pipeline, traffic.files)
            result = reconcile(traffic.files, evidence)
            step.summary = f"{result.rows_out:,} rows against the files, value by value"
        pages.show_reconciliation(self._console, result, self._steps.seconds)
        sent = traffic.sent
        return report.Report(
            started_at=f"{started:%Y-%m-%dT%H:%M:%SZ}",
            settings={**asdict(self._mix), "file_bytes": self._file_bytes, "seed": self._seed, **self._settings},
            arrived=traffic.counts(),
            offered=round(len(plan) / plan[-1].at, 3),
            held=round(len(sent) / max(one.landed for one in sent), 3),
            lateness=report.Percentiles.of([one.late for one in sent]),
            sent_again=traffic.retries,
            load_seconds=round(load_seconds, 1),
            settle_seconds=round(settle_seconds, 1),
            most_waiting=self._most_waiting,
            latency=report.Percentiles.of(list(_latencies(sent, evidence.items, traffic.started_at))),
            faults=injection.produced,
            reconciled=self._helped["reconcile"],
            redriven=self._helped["redrive"],
            growth=growth(watched.samples),
            samples=watched.samples,
            machine_load=watched.load_average,
            result=result,
        )

    def stop(self) -> None:
        """Stop the embedded AWS and keep its state."""
        self._aws.stop()

    def _generate(self, run: str) -> list[Arrival[Outgoing]]:
        with self._steps.step("generate files") as step:
            folder = self._home / "load"
            shutil.rmtree(folder, ignore_errors=True)
            refused = tuple(REFUSALS[number % len(REFUSALS)] for number in range(self._mix.count("bad")))
            recipe = Recipe(self._seed, self._mix.files, self._file_bytes, run=run, refused=refused)
            made = from_generator(generate(folder / "first", recipe))
            good = [one for one in made if one.expected and not one.expected.refused]
            files: dict[Kind, list[Outgoing]] = {
                "new": good,
                "bad": [one for one in made if one.expected and one.expected.refused],
                "duplicate": good[: self._mix.count("duplicate")],
                "overwrite": [],
            }
            if overwrites := self._mix.count("overwrite"):
                # The same names, other bytes.
                again = replace(recipe, seed=self._seed + 1, files=overwrites, refused=())
                files["overwrite"] = from_generator(generate(folder / "again", again))
            plan = arrivals(self._mix.rate, files, self._seed)
            step.summary = f"{len(plan):,} arrivals in {plan[-1].at:.0f} s, seed {self._seed}"
        return plan

    def _deploy(self) -> Pipeline:
        with self._steps.step("embedded AWS") as step:
            step.summary = self._aws.start().endpoint
        with self._steps.step("terraform apply"):
            outputs = self._deployment({}).apply()
        return Pipeline(Clients.of(self._aws), outputs)

    def _deployment(self, flags: Mapping[str, bool]) -> Deployment:
        return Deployment(self._aws.environment(), self._home / "terraform", {**self._settings, **flags})

    def _load(self, pipeline: Pipeline, traffic: Traffic, injection: Injection, faults: Sequence[Planned]) -> None:
        """Send everything while the faults happen, and show it. What went wrong in either of them is raised at once."""
        with ThreadPoolExecutor(2) as pool, View(self._console) as view:
            going = [pool.submit(traffic.run), pool.submit(injection.run, faults, lambda: traffic.seconds)]
            try:
                while wait(going, POLL_SECONDS, FIRST_EXCEPTION).not_done:
                    _raise_failures(going)
                    self._look(pipeline, traffic, view, injection)
            finally:
                traffic.stop()
                injection.stop()
        _raise_failures(going)

    def _look(self, pipeline: Pipeline, traffic: Traffic, view: View, injection: Injection) -> None:
        snapshot = answered(lambda: pipeline.snapshot(traffic.files))
        self._most_waiting = max(self._most_waiting, backlog(snapshot.files))
        last = f"; last fault: {injection.produced[-1].fault.value}" if injection.produced else ""
        rate = len(traffic.sent) / max(1.0, traffic.seconds)
        view.show(snapshot, f"{traffic.seconds:.0f} s, {rate:.1f} arrivals a second of {self._mix.rate:g}{last}")

    def _settle(self, pipeline: Pipeline, files: Sequence[SentFile], timeout: float) -> None:
        """Wait for the pipeline to bring everything home by itself, but for what an operator's schedule does."""
        deadline = time.monotonic() + timeout
        next_help = time.monotonic()
        with View(self._console) as view:
            while not _is_home(now := answered(lambda: pipeline.snapshot(files))) and time.monotonic() < deadline:
                view.show(now)
                if time.monotonic() >= next_help and now.files.get("landed"):
                    self._help(pipeline)
                    next_help = time.monotonic() + HELP_SECONDS
                time.sleep(POLL_SECONDS)
            view.show(now)

    def _help(self, pipeline: Pipeline) -> None:
        """Files that nobody heard of are announced, and dead letters sent to work again."""
        dates = sorted({f"{day:%Y-%m-%d}" for day in Recipe().dates})
        self._helped["reconcile"] += pipeline.operate("reconcile", dates=dates, min_age_minutes=1).get("enqueued", 0)
        self._helped["redrive"] += pipeline.operate("redrive").get("redriven", 0)


def write(folder: Path, found: report.Report) -> tuple[Path, Path]:
    """Keep the report as JSON and as text; both files."""
    folder.mkdir(parents=True, exist_ok=True)
    as_json, as_text = folder / "load.json", folder / "load.txt"
    as_json.write_text(json.dumps(found.as_dict(), indent=2) + "\n")
    with as_text.open("w") as file:
        Console(file=file, width=120).print(report.text(found))
    return as_json, as_text


def _raise_failures(going: Sequence[Future[None]]) -> None:
    for one in going:
        if one.done():
            one.result()


def _is_home(snapshot: Snapshot) -> bool:
    return snapshot.is_done and not snapshot.files.get("failed")


def _latencies(sent: Sequence[Sent], items: Sequence[Mapping[str, Any]], started_at: float) -> Iterator[float]:
    """Seconds from the first landing of each completed file to the time at which its item says so."""
    landed: dict[tuple[str, str], float] = {}
    for one in sent:
        key = (one.file.key, one.file.etag)
        landed[key] = min(one.landed, landed.get(key, one.landed))
    for item in items:
        key = (str(item.get("object_key")), str(item.get("etag")))
        if key in landed and str(item["status"]).startswith("completed"):
            yield parse_time(cast(str, item["updated_at"])).timestamp() - started_at - landed[key]
