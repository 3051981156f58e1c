"""`python -m local up|down|status|logs|kill-workers|kill-glue`: the embedded AWS from the command line."""

import subprocess
from typing import Annotated

import typer
from rich.console import Console

from local import faults
from local.embedded_aws import EmbeddedAws, EmulatorError

app = typer.Typer(help="The embedded AWS of this project.", no_args_is_help=True, add_completion=False)
console = Console(highlight=False, soft_wrap=True)


@app.command()
def up(
    port: Annotated[int | None, typer.Option(help="Port to listen on; 4566, or a free one, when left out.")] = None,
    auth: Annotated[bool, typer.Option(help="Enforce IAM.")] = False,
    tls: Annotated[bool, typer.Option(help="Speak https with a certificate of its own.")] = False,
) -> None:
    """Start it and wait until it is ready."""
    aws = EmbeddedAws()
    before = aws.running()
    with console.status("starting the embedded AWS"):
        running = aws.start(port=port, auth=auth, tls=tls)
    state = "runs already" if before else "is ready"
    console.print(f"[green]the embedded AWS {state}[/green] at [bold]{running.endpoint}[/bold] (process {running.pid})")
    console.print(
        f"  use it    [dim]AWS_ENDPOINT_URL={running.endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test[/dim]"
    )
    console.print("  follow it [dim]make local-logs[/dim]    stop it [dim]make local-down[/dim] (its state is kept)")


@app.command()
def down() -> None:
    """Stop it and keep its state."""
    with console.status("stopping the embedded AWS and saving its state"):
        stopped = EmbeddedAws().stop()
    console.print("the embedded AWS is stopped, its state is kept" if stopped else "the embedded AWS does not run")


@app.command()
def status() -> None:
    """Say where it runs; exit code 1 when it does not."""
    running = EmbeddedAws().running()
    if running is None:
        console.print("the embedded AWS does not run: make local-up starts it")
        raise typer.Exit(1)
    console.print(f"the embedded AWS runs at [bold]{running.endpoint}[/bold] (process {running.pid})")
    console.print(f"  log [dim]{running.log}[/dim]")


@app.command()
def logs(lines: Annotated[int, typer.Option(help="Lines to begin with.")] = 50) -> None:
    """Follow its log until Ctrl-C."""
    log = EmbeddedAws().log
    if not log.exists():
        raise EmulatorError(f"there is no log yet ({log}): make local-up starts the embedded AWS")
    try:
        subprocess.run(["tail", "-n", str(lines), "-F", str(log)], check=False)
    except KeyboardInterrupt:
        console.print()


@app.command()
def kill_workers(
    function: Annotated[str | None, typer.Option(help="Only those of this function; all when left out.")] = None,
) -> None:
    """For fault drills: kill the processes of Lambda functions."""
    killed = faults.kill_workers(EmbeddedAws(), function)
    console.print(f"killed {len(killed)} Lambda processes")


@app.command()
def kill_glue() -> None:
    """For fault drills: kill the Glue runs that go on, with their JVMs."""
    killed = faults.kill_glue_runs(EmbeddedAws())
    console.print(f"killed {len(killed)} Glue runs")


def main() -> None:
    try:
        app()
    except EmulatorError as error:
        console.print(f"[red]error:[/red] {error}", markup=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
