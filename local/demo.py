"""The whole pipeline on this machine: deploy, send files, watch, and prove that nothing was lost, repeated or altered.

python -m local.demo [--data FOLDER] [--files N] [--seed N] [--timeout SECONDS] [--keep | --down]
                     [--home FOLDER]
"""

import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from local import report
from local.deployment import REPOSITORY, Deployment, DeploymentError, Outputs
from local.embedded_aws import EmbeddedAws, EmulatorError
from local.evidence import gather, read_uri
from local.generate import Recipe, generate
from local.live import Step, Steps, View
from local.pipeline import Clients, Pipeline, Snapshot
from local.reconcile import Evidence, SentFile, reconcile
from local.sending import NoDataError, Outgoing, from_folder, from_generator, send

HOME = REPOSITORY / ".local"
_WIDTH = 100
_POLL_SECONDS = 0.5
_FLUSH_EVERY_SECONDS = 3.0
_WAITING_SHOWN = 8
_ERROR_CHARACTERS = 2_000


class StuckError(RuntimeError):
    """The pipeline did not finish in time; the text says what waits."""


class Demo:
    """One run: its steps in order, each shown and timed."""

    def __init__(self, console: Console, aws: EmbeddedAws, home: Path, run: str) -> None:
        self._console = console
        self._aws = aws
        self._home = home
        self._run = run
        self._steps = Steps(console)

    def prepare(self, data: Path | None, files: int, seed: int) -> list[Outgoing]:
        """The files to send: the user's own, else generated ones."""
        if data is not None:
            with self._steps.step("find files") as step:
                outgoing = from_folder(data, self._run, datetime.now(UTC).date())
                step.summary = f"{len(outgoing)} files in {data}"
            return outgoing
        with self._steps.step("generate files") as step:
            folder = self._home / "demo"
            shutil.rmtree(folder, ignore_errors=True)
            outgoing = from_generator(generate(folder, Recipe(seed=seed, files=files, run=self._run)))
            step.summary = f"{len(outgoing)} files, {_total_size(outgoing)}, seed {seed}"
        return outgoing

    def deploy(self) -> Pipeline:
        """The pipeline, on an embedded AWS that runs."""
        with self._steps.step("embedded AWS") as step:
            step.summary = self._aws.start().endpoint
        with self._steps.step("terraform apply") as step:
            outputs = self._apply(step)
        return Pipeline(Clients.of(self._aws), outputs)

    def send(self, pipeline: Pipeline, files: Sequence[Outgoing]) -> list[SentFile]:
        """Upload everything."""
        with self._steps.step("upload") as step:
            done = 0

            def count(file: SentFile) -> None:
                nonlocal done
                done += 1
                step.advance(done, len(files), file.key)

            sent = send(pipeline.clients.s3, pipeline.outputs.input_bucket, files, count)
            step.summary = f"{len(sent)} files into the input bucket"
        return sent

    def watch(self, pipeline: Pipeline, sent: Sequence[SentFile], timeout: float) -> None:
        """Show every state until nothing waits.

        Raises:
            StuckError: something still waits after `timeout` seconds.
        """
        with self._steps.step("convert") as step, View(self._console) as view:
            last_flush = started = time.monotonic()
            while not (snapshot := pipeline.snapshot(sent)).is_done:
                view.show(snapshot)
                now = time.monotonic()
                if now - started > timeout:
                    raise StuckError(_stuck(snapshot, timeout))
                if snapshot.needs_flush and now - last_flush > _FLUSH_EVERY_SECONDS:
                    pipeline.flush()
                    last_flush = now
                time.sleep(_POLL_SECONDS)
            view.show(snapshot)
            step.summary = _ended(snapshot)

    def conclude(self, pipeline: Pipeline, sent: Sequence[SentFile]) -> bool:
        """Compare, show, and say whether everything is accounted for."""
        with self._steps.step("compare") as step:
            evidence = gather(pipeline, sent)
            result = reconcile(sent, evidence)
            step.summary = f"{result.rows_out:,} rows against the files, value by value"
        self._console.print()
        report.show_reconciliation(self._console, result, self._steps.seconds)
        report.show_refused(self._console, result, evidence.quarantined)
        is_generated = any(file.expected for file in sent)
        if answer := _example(pipeline, evidence, is_generated=is_generated):
            report.show_answer(self._console, answer)
        report.show_verdict(self._console, result)
        return result.ok

    def _apply(self, step: Step) -> Outputs:
        deployment = Deployment(self._aws.environment(), self._home / "terraform")
        changes = 0

        def show(done: int, total: int, resource: str) -> None:
            nonlocal changes
            changes = total
            step.advance(done, total, resource)

        outputs = deployment.apply(lambda progress: show(progress.done, progress.total, progress.resource))
        step.summary = f"{changes} resources changed" if changes else "nothing to change"
        return outputs


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(  # noqa: PLR0913 - one per option
    *,
    data: Annotated[Path | None, typer.Option(help="A folder of your own *.ndjson files; else files are made.")] = None,
    files: Annotated[int, typer.Option(min=1, help="How many good files to make.")] = 64,
    seed: Annotated[int | None, typer.Option(help="Make the same files again.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that the conversion may take.")] = 300.0,
    keep: Annotated[
        bool | None, typer.Option("--keep/--down", help="Keep or stop the embedded AWS; else as it was found.")
    ] = None,
    home: Annotated[
        Path, typer.Option(help="Where the embedded AWS and Terraform keep their state.", show_default=".local")
    ] = HOME,
) -> None:
    """Run the whole pipeline here and reconcile every record. Exit code 1 if one is unaccounted for."""
    terminal = Console(emoji=False, highlight=False)
    console = Console(emoji=False, highlight=False, width=min(terminal.width, _WIDTH))
    now = datetime.now(UTC)
    aws = EmbeddedAws(home / "aws")
    was_running = aws.running() is not None
    demo = Demo(console, aws, home, f"demo-{now:%Y%m%dT%H%M%S}")
    console.print("[bold]ndjson-parquet[/]: NDJSON in, Parquet out, each record exactly once\n")
    try:
        outgoing = demo.prepare(data, files, int(now.timestamp()) if seed is None else seed)
        pipeline = demo.deploy()
        sent = demo.send(pipeline, outgoing)
        demo.watch(pipeline, sent, timeout)
        is_ok = demo.conclude(pipeline, sent)
    except (NoDataError, EmulatorError, DeploymentError, StuckError) as error:
        console.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        raise typer.Exit(1) from error
    finally:
        _leave(console, aws, keep=was_running if keep is None else keep)
    raise typer.Exit(0 if is_ok else 1)


def _leave(console: Console, aws: EmbeddedAws, *, keep: bool) -> None:
    if aws.running() is None:
        return
    if keep:
        console.print("[dim]The embedded AWS keeps running; stop it with: make local-down[/]")
    else:
        aws.stop()
        console.print("[dim]The embedded AWS is stopped and its state kept; start it with: make local-up[/]")


def _example(pipeline: Pipeline, evidence: Evidence, *, is_generated: bool) -> report.Answer | None:
    """A query over this run's Parquet, downloaded; None when there is no Parquet."""
    commits = [commit for commit in evidence.commits.values() if commit["parts"]]
    if not commits:
        return None
    uris = [part["uri"] for commit in commits for part in commit["parts"]]
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.parquet" for number in range(len(uris))]
        for path, uri in zip(paths, uris, strict=True):
            path.write_bytes(read_uri(pipeline.clients.s3, uri))
        return report.query(paths, report.SALES if is_generated else report.first_columns(commits[0]))


def _stuck(snapshot: Snapshot, timeout: float) -> str:
    lines = [f"{len(snapshot.waiting)} files or manifests still wait after {timeout:.0f} s:"]
    lines += [f"  {text}" for text in snapshot.waiting[:_WAITING_SHOWN]]
    if len(snapshot.waiting) > _WAITING_SHOWN:
        lines.append(f"  and {len(snapshot.waiting) - _WAITING_SHOWN} more")
    lines += [f"  why: {text[:_ERROR_CHARACTERS]}" for text in snapshot.errors[:1]]
    lines.append(f"executions: {dict(snapshot.executions) or 'none'}; Glue runs: {dict(snapshot.glue_runs) or 'none'}")
    lines.append("Look at the embedded AWS's log (make local-logs), or allow more time with --timeout.")
    return "\n".join(lines)


def _ended(snapshot: Snapshot) -> str:
    files = ", ".join(f"{count} {state}" for state, count in sorted(snapshot.files.items()))
    return f"{files}; {sum(snapshot.manifests.values())} manifests"


def _total_size(files: Sequence[Outgoing]) -> str:
    return report.size(sum(file.path.stat().st_size for file in files))


if __name__ == "__main__":
    app()
