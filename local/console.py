"""The web console on this machine: deploys the export service onto the embedded AWS and serves the pages.

python -m local.console [--port PORT] [--home FOLDER]
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from local.access import HOST
from local.console_site import ConsoleSite, config_of, require_free
from local.deployment import REPOSITORY, Deployment, DeploymentError
from local.embedded_aws import EmbeddedAws, EmulatorError
from local.exporting import ExportError, ExportOutputs, People, Person
from local.live import Steps
from scripts.console import ConsoleError, build

HOME = REPOSITORY / ".local"
PORT = 8080
EMAIL = "demo@example.com"
GROUP = "operators"


def prepare(console: Console, aws: EmbeddedAws, home: Path, port: int) -> tuple[ConsoleSite, Person]:
    """Everything that the pages need.

    Raises:
        ConsoleError: they cannot be built here.
        EmulatorError, DeploymentError, ExportError: the service cannot be started.
        OSError: the port is taken.
    """
    require_free(port)
    steps = Steps(console)
    with steps.step("build") as step:
        step.summary = str(build().relative_to(REPOSITORY))
    with steps.step("embedded AWS") as step:
        step.summary = aws.start().endpoint
    with steps.step("terraform apply") as step:
        settings = {"enable_export_api": True, "export_allowed_origin": f"http://{HOST}:{port}"}
        deployment = Deployment(aws.environment(), home / "terraform", settings)
        deployment.apply(lambda progress: step.advance(progress.done, progress.total, progress.resource))
        step.summary = "the pipeline and the export service"
    with steps.step("sign up") as step:
        outputs = deployment.outputs_json()
        person = People(aws.access, ExportOutputs.parse(outputs)).add(EMAIL, GROUP)
        step.summary = f"{person.email}, of the group {GROUP}"
    return ConsoleSite(config_of(outputs, aws.access), aws.access.endpoint, port), person


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the pages, on this machine only.")] = PORT,
    home: Annotated[Path, typer.Option(help="Where the embedded AWS and Terraform keep their state.")] = HOME,
) -> None:
    """Serve the web console against the embedded AWS, until Ctrl-C; the embedded AWS keeps running."""
    console = Console(emoji=False, highlight=False)
    try:
        site, person = prepare(console, EmbeddedAws(home / "aws"), home, port)
    except (ConsoleError, EmulatorError, DeploymentError, ExportError, OSError) as error:
        console.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        raise typer.Exit(1) from error
    console.print(f"\nConsole   [bold]{site.address}[/]")
    console.print(f"Sign in   {person.email}  {person.password}", markup=False)
    console.print("[dim]Ctrl-C ends it; the embedded AWS keeps running: make local-down[/]")
    try:
        site.serve()
    except KeyboardInterrupt:
        console.print()


if __name__ == "__main__":
    app()
