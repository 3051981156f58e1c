"""The lake on this machine: deploy, a month of history, days with known defects by the workflow, report and answers.

python -m local.lake.demo [--days N] [--runs N] [--scale X] [--keep] [--home FOLDER]
"""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from statistics import mean
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from local.deployment import REPOSITORY, Deployment, DeploymentError
from local.embedded_aws import EmbeddedAws, EmulatorError
from local.lake.generate import Month, Planted, day_files, planted_in
from local.lake.history import fill
from local.lake.runs import DayRun, DeployedLake
from local.lake.show import show_answer, show_days, show_quality
from local.lake.world import World
from local.live import Steps

HOME = REPOSITORY / ".local" / "lake"
SETTINGS = {
    "enable_lake": True,
    "enable_lake_schedule": False,
    "enable_lake_on_upload": False,
    "enable_schedule": False,
}
_WIDTH = 110


class LakeDemo:
    """One run: its steps in order, each shown and timed."""

    def __init__(self, console: Console, aws: EmbeddedAws, home: Path) -> None:
        self._console = console
        self._aws = aws
        self._home = home
        self._steps = Steps(console)

    def deploy(self) -> DeployedLake:
        """The lake, on an embedded AWS that runs."""
        with self._steps.step("embedded AWS") as step:
            step.summary = self._aws.start().endpoint
        with self._steps.step("terraform apply") as step:
            deployment = Deployment(self._aws.environment(), self._home / "terraform", SETTINGS)
            deployment.apply(lambda progress: step.advance(progress.done, progress.total, progress.resource))
            step.summary = "pipeline and lake"
        return DeployedLake(self._aws, deployment.output("lake"))

    def fill_history(self, lake: DeployedLake, month: Month) -> None:
        """The month's days by the jobs alone: nobody validates, nobody checks."""
        if not month.days:
            return
        with self._steps.step("history") as step:
            step.advance(0, month.days)
            fill(self._aws, lake, month, lambda done, day: step.advance(done, month.days, f"{day}"))
            step.summary = f"{month.days} days by the jobs in one Spark session, without the workflow"

    def run_days(self, lake: DeployedLake, month: Month) -> list[DayRun]:
        """Upload and run each day, in their order."""
        runs: list[DayRun] = []
        with self._steps.step("runs of the days") as step:
            for day in month.dates:
                lake.upload(day_files(month, day))
                step.advance(len(runs), len(month.dates), f"{day}{_time_left(runs, len(month.dates))}")
                runs.append(lake.run(day.isoformat()))
            step.summary = f"{len(runs)} days, {sum(run.status == 'SUCCEEDED' for run in runs)} merged"
        return runs

    def conclude(self, lake: DeployedLake, runs: Sequence[DayRun], planted: Sequence[Planted]) -> bool:
        """Show reports and answers; whether each planted defect was found by its rule and by no other."""
        results = {run.date: lake.results(run.date) for run in runs}
        quarantined = {key.removeprefix("quarantine/") for key in lake.keys("quarantine/")}
        self._console.print()
        show_days(self._console, runs, results)
        found = show_quality(self._console, results, quarantined, left_out(lake, {run.date for run in runs}), planted)
        for run in runs:
            if run.broke:
                self._console.print(f"[red]{run.date}: {run.error}[/] {escape(run.cause)}")
        for answer in lake.named_queries():
            show_answer(self._console, answer)
        return found and not any(run.broke for run in runs)


def left_out(lake: DeployedLake, days: Collection[str]) -> set[str]:
    """Keys of the raw files of these days that no list of accepted files has."""
    accepted = {key for name in lake.keys("reports/accepted/") for key in json.loads(lake.read(name))["keys"]}
    return {key for key in lake.keys("raw/") if key not in accepted and key.split("date=")[1].split("/")[0] in days}


def _time_left(runs: Sequence[DayRun], days: int) -> str:
    """What the days that are left will take if they are like those that were run; nothing before the first one."""
    if not runs:
        return ""
    left = mean(run.seconds for run in runs) * (days - len(runs))
    return f", about {ceil(left / 60)} min left"


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    *,
    days: Annotated[int, typer.Option(min=1, max=30, help="How many days, the last one yesterday.")] = 30,
    runs: Annotated[int, typer.Option(min=1, help="How many of them, the last ones, the workflow runs.")] = 10,
    scale: Annotated[float, typer.Option(min=0.05, help="1 is some 400 orders and 3,500 clicks a day.")] = 1.0,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the embedded AWS running.")] = False,
    home: Annotated[Path, typer.Option(help="Where everything is kept.")] = HOME,
) -> None:
    """Run days with planted defects through the lake, on top of a month of history.

    The exit code is 1 when a planted defect was not found, or something else was.
    """
    console = Console(width=min(Console().width, _WIDTH), highlight=False)
    aws = EmbeddedAws(home / "aws")
    runs = min(runs, days)
    first, world = datetime.now(UTC).date() - timedelta(days=days), World(scale=scale)
    history = Month(first, days - runs, world, defects=())
    month = Month(first + timedelta(days=history.days), runs, world)
    demo = LakeDemo(console, aws, home)
    try:
        lake = demo.deploy()
        demo.fill_history(lake, history)
        ok = demo.conclude(lake, demo.run_days(lake, month), list(planted_in(month)))
    except (DeploymentError, EmulatorError) as error:
        Console(stderr=True, highlight=False).print(f"[red]error:[/] {error}")
        raise typer.Exit(1) from error
    finally:
        if not keep:
            aws.stop()
    raise typer.Exit(0 if ok else 1)


if __name__ == "__main__":
    app()
