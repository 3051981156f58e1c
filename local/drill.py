"""A load with faults: Lambda workers and Spark runs are killed and both flags flipped while files arrive.

    python -m local.drill [--files N] [--kills N]

It ends when everything is completed or quarantined, and with the same reconciliation as the demo.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from local import faults, report
from local.deployment import Deployment
from local.embedded_aws import EmbeddedAws
from local.evidence import gather
from local.generate import Recipe, generate
from local.live import Steps, plain
from local.pipeline import Clients, Pipeline, Snapshot
from local.reconcile import SentFile, reconcile
from local.sending import Outgoing, from_generator, send

HOME = Path(".local")
FLIPS: tuple[dict[str, bool], ...] = (
    {"enable_stream_manifest_creation": True},
    {"enable_stream_manifest_creation": True, "enable_eventbridge_decoupling": True},
    {"enable_eventbridge_decoupling": True},
    {},
)


class Drill:
    """One run of it."""

    def __init__(self, console: Console, home: Path, files: int, kills: int) -> None:
        self._console = console
        self._home = home
        self._files = files
        self._kills = kills
        self._steps = Steps(console)
        self._aws = EmbeddedAws(home / "aws")
        self._killed = {"Lambda workers": 0, "Spark runs": 0}

    def run(self, timeout: float) -> bool:
        """Whether everything is accounted for."""
        with self._steps.step("deploy") as step:
            self._aws.start()
            pipeline = Pipeline(Clients.of(self._aws), self._deployment({}).apply())
            step.summary = self._aws.start().endpoint
        folder = self._home / "drill"
        run = f"drill-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        recipe = Recipe(
            seed=time.time_ns(), files=self._files, file_bytes=20_000, run=run, refused=("wrong_extension",)
        )
        outgoing = from_generator(generate(folder, recipe))
        sent: list[SentFile] = []
        with self._steps.step("load and faults") as step, self._traffic(pipeline, outgoing, sent):
            for flags in FLIPS:
                self._deployment(flags).apply()
                self._console.print(f"  flags now: {', '.join(flags) or 'none'}")
            step.summary = f"{len(FLIPS)} flips of the flags, {self._said()}"
        with self._steps.step("recover") as step:
            step.summary = plain(self._settle(pipeline, sent, timeout))
        with self._steps.step("compare"):
            result = reconcile(sent, gather(pipeline, sent))
        report.show_reconciliation(self._console, result, self._steps.seconds)
        self._console.print(f"  faults produced: {self._said()}, {len(FLIPS)} flips")
        report.show_verdict(self._console, result)
        return result.ok and result.count("completed") == self._files

    def stop(self) -> None:
        self._aws.stop()

    def _deployment(self, flags: dict[str, bool]) -> Deployment:
        return Deployment(self._aws.environment(), self._home / "terraform", flags)

    @contextmanager
    def _traffic(self, pipeline: Pipeline, outgoing: Sequence[Outgoing], sent: list[SentFile]) -> Iterator[None]:
        """Files arrive evenly and faults happen while the block runs; what is left is sent at its end."""
        hurry = threading.Event()

        def arrive() -> None:
            for file in outgoing:
                sent.extend(send(pipeline.clients.s3, pipeline.outputs.input_bucket, [file]))
                hurry.wait(timeout=1)

        def break_things() -> None:
            for _ in range(self._kills):
                self._killed["Lambda workers"] += len(faults.kill_workers(self._aws))
                self._killed["Spark runs"] += len(faults.kill_glue_runs(self._aws))
                if hurry.wait(timeout=8):
                    return

        threads = [threading.Thread(target=arrive), threading.Thread(target=break_things)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            hurry.set()
            for thread in threads:
                thread.join()

    def _settle(self, pipeline: Pipeline, sent: Sequence[SentFile], timeout: float) -> Snapshot:
        """Wait for the scheduled sweep to bring everything home; nobody helps it."""
        deadline = time.monotonic() + timeout
        said = ""
        while not _is_home(now := pipeline.snapshot(sent)) and time.monotonic() < deadline:
            if plain(now) != said:
                said = plain(now)
                self._console.print(f"  {said}", soft_wrap=True)
            time.sleep(2)
        return now

    def _said(self) -> str:
        return ", ".join(f"{count} {what} killed" for what, count in self._killed.items())


def _is_home(snapshot: Snapshot) -> bool:
    return snapshot.is_done and not snapshot.files.get("failed")


def main(
    *,
    files: Annotated[int, typer.Option(min=1, help="Good files to send.")] = 120,
    kills: Annotated[int, typer.Option(min=0, help="How often workers and Spark runs are killed.")] = 8,
    timeout: Annotated[float, typer.Option(help="Seconds to recover in.")] = 900.0,
    home: Annotated[Path, typer.Option(help="Where the embedded AWS and Terraform keep their state.")] = HOME,
) -> None:
    """Send files, kill processes, flip flags, and reconcile every record. Exit code 1 if one is unaccounted for."""
    drill = Drill(Console(emoji=False, highlight=False), home, files, kills)
    try:
        is_ok = drill.run(timeout)
    finally:
        drill.stop()
    raise typer.Exit(0 if is_ok else 1)


if __name__ == "__main__":
    typer.run(main)
