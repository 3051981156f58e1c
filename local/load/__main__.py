"""Files at a rate, or a soak with faults: `python -m local.load steady|soak`, from `make load` and `make soak`."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from local import report as pages
from local.deployment import REPOSITORY, DeploymentError
from local.embedded_aws import EmulatorError
from local.load import report
from local.load.arrivals import Mix
from local.load.run import LoadRun, write
from local.load.schedule import Fault, Planned, schedule
from local.load.traffic import NotSentError

HOME = REPOSITORY / ".local"
_WIDTH = 110

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
Home = Annotated[
    Path, typer.Option(help="Where the embedded AWS and Terraform keep their state.", show_default=".local")
]
Reports = Annotated[Path, typer.Option(help="Folder for load.json and load.txt.", show_default=".local/reports")]
Percent = typer.Option(min=0, max=100, help="Percent of the files.")


@app.command()
def steady(  # noqa: PLR0913 - one per option
    *,
    files: Annotated[int, typer.Option(min=1, help="Good files, each under a name of its own.")] = 200,
    rate: Annotated[float, typer.Option(help="Arrivals a second.")] = 5.0,
    duplicates: Annotated[float, Percent] = 5,
    overwrites: Annotated[float, Percent] = 5,
    bad: Annotated[float, Percent] = 2,
    file_bytes: Annotated[int, typer.Option(help="Size of a good file.")] = 20_000,
    seed: Annotated[int | None, typer.Option(help="Make the same files and arrivals again.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to settle in after the last arrival.")] = 600.0,
    home: Home = HOME,
    reports: Reports = HOME / "reports",
) -> None:
    """Files arrive at a rate; then every record is reconciled. Exit code 1 if one is unaccounted for."""
    mix = Mix(files, rate, duplicates, overwrites, bad)
    _run(mix, (), file_bytes, seed, timeout, home, reports)


@app.command()
def soak(  # noqa: PLR0913 - one per option
    *,
    minutes: Annotated[float, typer.Option(min=0.5, help="How long files arrive.")] = 30.0,
    rate: Annotated[float, typer.Option(help="Arrivals a second.")] = 2.0,
    faults: Annotated[
        str, typer.Option(help="Those of a round, by name, such as kill_workers,drop_events; all when left out.")
    ] = ",".join(one.name.lower() for one in Fault),
    duplicates: Annotated[float, Percent] = 5,
    overwrites: Annotated[float, Percent] = 5,
    bad: Annotated[float, Percent] = 2,
    file_bytes: Annotated[int, typer.Option(help="Size of a good file.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Other files and arrivals.")] = 1,
    timeout: Annotated[float, typer.Option(help="Seconds to settle in after the last arrival.")] = 1200.0,
    home: Home = HOME,
    reports: Reports = HOME / "reports",
) -> None:
    """Files arrive for a while, faults happen on a schedule; then every record is reconciled."""
    chosen = _faults(faults)
    share = 1 + (duplicates + overwrites + bad) / 100
    mix = Mix(max(1, round(minutes * 60 * rate / share)), rate, duplicates, overwrites, bad)
    _run(mix, schedule(minutes * 60, chosen), file_bytes, seed, timeout, home, reports)


def _faults(names: str) -> list[Fault]:
    known = {one.name.lower(): one for one in Fault}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in known]:
        raise typer.BadParameter(f"{', '.join(unknown)}: there is no such fault; there are {', '.join(known)}")
    return [known[name] for name in wanted]


def _run(  # noqa: PLR0913, PLR0917 - one per option
    mix: Mix,
    faults: tuple[Planned, ...],
    file_bytes: int,
    seed: int | None,
    timeout: float,
    home: Path,
    reports: Path,
) -> None:
    console = Console(emoji=False, highlight=False, width=_WIDTH)
    run = LoadRun(console, home, mix, file_bytes, int(time.time()) if seed is None else seed)
    try:
        found = run.run(faults, timeout)
    except (EmulatorError, DeploymentError, NotSentError) as error:
        console.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        raise typer.Exit(1) from error
    finally:
        run.stop()
    kept = write(reports, found)
    console.print(report.text(found))
    pages.show_verdict(console, found.result)
    if not found.is_flat:
        console.print("[bold red]A function's memory grows.[/]")
    console.print(f"[dim]kept: {', '.join(str(path) for path in kept)}[/]")
    raise typer.Exit(0 if found.ok else 1)


if __name__ == "__main__":
    app()
