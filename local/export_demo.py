"""The export service on this machine: deploy it, sign somebody in, turn Parquet into JSON, and compare what came back.

python -m local.export_demo [--rows N] [--keep | --down] [--home FOLDER]
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.deployment import REPOSITORY, Deployment, DeploymentError
from local.embedded_aws import EmbeddedAws, EmulatorError
from local.exporting import ExportApi, ExportError, ExportOutputs, People, Person
from local.live import Steps

HOME = REPOSITORY / ".local"
FLAGS: Mapping[str, Any] = {"enable_export_api": True}
EMAIL = "demo@example.com"
GROUP = "operators"
SECONDS = 120
_WIDTH = 100
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class ExportDemo:
    """One run: its steps in order, each shown and timed."""

    def __init__(self, console: Console, aws: EmbeddedAws, home: Path) -> None:
        self._console = console
        self._aws = aws
        self._home = home
        self._steps = Steps(console)

    def deploy(self) -> ExportOutputs:
        """The pipeline with the export service, on an embedded AWS that runs."""
        with self._steps.step("embedded AWS") as step:
            step.summary = self._aws.start().endpoint
        with self._steps.step("terraform apply") as step:
            deployment = Deployment(self._aws.environment(), self._home / "terraform", FLAGS)
            deployment.apply(lambda progress: step.advance(progress.done, progress.total, progress.resource))
            step.summary = "the pipeline and the export service"
        return ExportOutputs.parse(deployment.outputs_json())

    def sign_in(self, outputs: ExportOutputs) -> tuple[Person, ExportApi]:
        """Somebody who may see the pipeline too."""
        with self._steps.step("sign in") as step:
            people = People(self._aws.access, outputs)
            person = people.add(EMAIL, GROUP)
            step.summary = f"{person.email}, of the group {GROUP}"
            return person, people.sign_in(person)

    def export(self, api: ExportApi, path: Path, rows: int) -> tuple[str, bytes]:
        """Upload, convert, download; the job's id and the result."""
        with self._steps.step("upload") as step:
            content = path.read_bytes()
            job_id = api.upload(path.name, content)
            step.summary = f"{path.name}, {rows:,} rows, {len(content) / 1e6:.1f} MB"
        with self._steps.step("convert") as step:
            api.start(job_id)
            job = api.ended(job_id, SECONDS)
            if job["status"] != "COMPLETED":
                raise ExportError(f"job {job_id} is {job['status']}: {job['errorMessage']}")
            step.summary = f"{job['rows']:,} rows in {job['processingTime']:.1f} s"
        with self._steps.step("download") as step:
            name, result = api.download(job_id)
            step.summary = f"{name}, {len(result) / 1e6:.1f} MB"
        return job_id, result

    def compare(self, result: bytes, rows: int) -> bool:
        """Whether every object is what was written to the Parquet file, value by value."""
        with self._steps.step("compare") as step:
            lines = result.splitlines()
            wrong = differing(lines, rows)
            step.summary = f"{len(lines):,} objects, {wrong} of which differ from the rows or are missing"
        return not wrong

    def show(self, api: ExportApi, person: Person, job_id: str) -> None:
        """The first rows, and where everything is."""
        preview = api.get(f"/preview/{job_id}", limit=3).body
        table = Table(*(column["name"] for column in preview["columns"]), title="GET /preview")
        for row in preview["rows"]:
            table.add_row(*(escape(cell or "null") for cell in row))
        self._console.print()
        self._console.print(table)
        self._console.print(f"\nAPI       {api.url}", soft_wrap=True)
        self._console.print(f"Sign in   {person.email}  {person.password}", soft_wrap=True, markup=False)
        self._console.print("Console   make console", soft_wrap=True)


def write_parquet(path: Path, rows: int) -> None:
    """A file with values that careless converters alter: decimals, times, text beyond ASCII, lists, nulls."""
    made = list(_rows(rows))
    schema = pa.schema(
        {
            "id": pa.int64(),
            "price": pa.decimal128(12, 2),
            "ordered_at": pa.timestamp("us", tz="UTC"),
            "customer": pa.string(),
            "tags": pa.list_(pa.string()),
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(made, schema=schema), path, row_group_size=math.ceil(rows / 4))


def differing(lines: Sequence[bytes], rows: int) -> int:
    """How many objects are not what `write_parquet` wrote, missing and further ones among them."""
    found = (json.loads(line, parse_float=str) for line in lines)
    pairs = zip_longest(found, map(_as_json, _rows(rows)))
    return sum(one != wanted for one, wanted in pairs)


def _rows(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "id": 9_007_199_254_740_993 + number,
            "price": Decimal(number % 1_000).scaleb(-2).quantize(Decimal("0.01")),
            "ordered_at": _FIRST_DAY + timedelta(seconds=number, microseconds=number % 7),
            "customer": None if number % 10 == 0 else f"Zoë \N{GRINNING FACE} {number}",
            "tags": ["new"] * (number % 3),
        }


def _as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row is in JSON, as docs/export-json-forms.md says, with the text of numbers that have a fraction."""
    return {**row, "price": str(row["price"]), "ordered_at": f"{row['ordered_at']:%Y-%m-%dT%H:%M:%S.%fZ}"}


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    *,
    rows: Annotated[int, typer.Option(min=1, help="Rows of the Parquet file.")] = 20_000,
    keep: Annotated[bool, typer.Option("--keep/--down", help="Whether the embedded AWS goes on running.")] = True,
    home: Annotated[Path, typer.Option(help="Where everything is kept.")] = HOME,
) -> None:
    """Deploy the export service here, send a Parquet file through it, and compare what comes back."""
    console = Console(width=_WIDTH if not Console().is_terminal else None, highlight=False)
    aws = EmbeddedAws(home / "aws")
    demo = ExportDemo(console, aws, home)
    path = home / "export-demo" / "orders.parquet"
    is_same = False
    try:
        write_parquet(path, rows)
        person, api = demo.sign_in(demo.deploy())
        job_id, result = demo.export(api, path, rows)
        is_same = demo.compare(result, rows)
        demo.show(api, person, job_id)
    except (EmulatorError, DeploymentError, ExportError) as error:
        console.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        raise typer.Exit(1) from error
    finally:
        if not keep:
            aws.stop()
    if keep:
        console.print("[dim]The embedded AWS keeps running; stop it with: make local-down[/]")
    raise typer.Exit(0 if is_same else 1)


if __name__ == "__main__":
    app()
