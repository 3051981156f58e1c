"""`python -m local.dashboard PICTURE`: the dashboard of the local deployment, with what CloudWatch holds now."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from local.dashboard.picture import draw
from local.dashboard.reading import CloudWatch, NoDashboardError
from local.dashboard.widgets import UnknownWidgetError, Window, widgets_of
from local.embedded_aws import HOME, EmbeddedAws, EmulatorError

NAME = "ndjson-parquet-pipeline-local"


def main(
    picture: Annotated[Path, typer.Argument(help="The file to write; .svg or .png.")],
    minutes: Annotated[int, typer.Option(min=1, help="How much time is shown.")] = 60,
    until: Annotated[datetime | None, typer.Option(help="Its end, UTC; now when left out.")] = None,
    period: Annotated[
        int, typer.Option(min=60, help="Seconds of a point, in graphs whose own period is five minutes or less.")
    ] = 60,
    home: Annotated[
        Path, typer.Option(help="Where the embedded AWS keeps its state.", show_default=".local/aws")
    ] = HOME,
) -> None:
    """Draw the dashboard that is deployed on the embedded AWS, which has to run: its metrics end with it."""
    end = (until or datetime.now(UTC)).replace(tzinfo=UTC)
    window = Window(end - timedelta(minutes=minutes), end)
    try:
        cloudwatch = CloudWatch(EmbeddedAws(home).client("cloudwatch"))
        widgets = widgets_of(cloudwatch.body(NAME), period)
        readings = cloudwatch.read(widgets, window)
    except (EmulatorError, NoDashboardError, UnknownWidgetError) as error:
        _fail(str(error))
    draw(NAME, widgets, readings, window, picture)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
