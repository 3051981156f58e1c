"""python -m benchmarks.throughput [--files 9000] [--rate 200] [--profile FILE] [--json FILE]

The deployed pipeline with everything but Spark. Exit code 1 when a target is missed.
"""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.console import Console

from benchmarks.request_log import read, total
from benchmarks.staging import Stage, staged
from benchmarks.throughput.producers import Producers
from benchmarks.throughput.result import Measurement, tables
from benchmarks.throughput.usage import measured
from local.deployment import REPOSITORY
from local.generate import landing_key
from local.load.arrivals import arrivals
from local.load.traffic import Traffic
from local.pipeline import Pipeline
from local.sending import Outgoing
from ndjson_parquet.items import from_item, to_item
from ndjson_parquet.manifests import parse_time

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HOME = REPOSITORY / ".local" / "throughput"
JOB = Path(__file__).with_name("job_without_spark.py")
SETTINGS: Mapping[str, Any] = {
    "max_files_per_manifest": 200,
    "glue_max_concurrent_runs": 4,
    "manifest_builder_max_concurrency": 3,
    # What is measured is a file's way; the sweep costs the same whatever lands.
    "enable_schedule": False,
}
WIDTH = 120
POLL_SECONDS = 2.0
TIMEOUT_SECONDS = 300
_FUNCTIONS_SHOWN = 16
LINE = b'{"id": 1, "price": 1.10}\n'


def without_spark(stage: Stage) -> None:
    """Replace the Glue job's script; the next apply puts it back."""
    clients = stage.pipeline.clients
    job = clients.glue.get_job(JobName=stage.pipeline.outputs.glue_job)["Job"]
    bucket, _, key = job["Command"]["ScriptLocation"].removeprefix("s3://").partition("/")
    clients.s3.put_object(Bucket=bucket, Key=key, Body=JOB.read_bytes())


def measure(stage: Stage, files: int, rate: float) -> Measurement:
    """Land the files at a rate, and follow them until the last is completed.

    Raises:
        RuntimeError: not all of them got there in time.
    """
    pipeline = stage.pipeline
    content = stage.home / "file.ndjson"
    content.write_bytes(LINE)
    now = datetime.now(UTC)
    run = f"throughput-{now:%Y%m%dT%H%M%S}"
    landing = [Outgoing(content, landing_key(now.date(), f"{run}/{number:06d}.ndjson")) for number in range(files)]
    plan = arrivals(rate, {"new": landing, "bad": (), "duplicate": (), "overwrite": ()}, seed=1)
    server = stage.aws.start()
    producers = cast("S3Client", Producers(server.endpoint))
    traffic = Traffic(producers, pipeline.outputs.input_bucket, plan)
    with measured(server.pid) as usage:
        traffic.run()
        landed = max(one.landed for one in traffic.sent)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not (items := _completed(stage, now, run, files)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"not all of {files} files were completed {TIMEOUT_SECONDS} s after the last landed")
            time.sleep(POLL_SECONDS)
    times = [[parse_time(item[name]).timestamp() for item in items] for name in ("created_at", "updated_at")]
    tracked, completed = (max(one) - traffic.started_at for one in times)
    usage_of = total(read(stage.requests), traffic.started_at, traffic.started_at + completed)
    return Measurement(
        files=files,
        offered=files / plan[-1].at,
        landed=landed,
        tracked=tracked,
        completed=completed,
        manifests=len({item["batch_id"] for item in items}),
        calls=dict(usage_of.from_functions),
        server_seconds=dict(usage_of.seconds),
        server_requests=dict(usage_of.all),
        usage=usage,
    )


def _completed(stage: Stage, since: datetime, run: str, files: int) -> list[dict[str, Any]]:
    """The items of the files, when all of them are completed; nothing before.

    A query takes the embedded AWS long when a date has many items, so none is made while there are events to work on.
    """
    pipeline = stage.pipeline
    if not _is_empty(stage):
        return []
    manifests = [one for one in _items(pipeline, since, "MANIFEST#") if parse_time(one["created_at"]) >= since]
    sealed = sum(one["file_count"] for one in manifests)
    if sealed < files:
        pipeline.flush()
    if sealed < files or any(one["status"] != "completed" for one in manifests):
        return []
    items = list(_items(pipeline, since, f"{run}/"))
    return items if all(str(one["status"]).startswith("completed") for one in items) else []


def _items(pipeline: Pipeline, day: datetime, prefix: str) -> Iterator[dict[str, Any]]:
    """The items of the date whose keys begin so."""
    pages = pipeline.clients.dynamodb.get_paginator("query").paginate(
        TableName=pipeline.outputs.tracking_table,
        KeyConditionExpression="date_prefix = :date AND begins_with(file_key, :prefix)",
        ExpressionAttributeValues=to_item({":date": f"{day:%Y-%m-%d}", ":prefix": prefix}),
        ConsistentRead=True,
    )
    return (from_item(item) for page in pages for item in page["Items"])


def _is_empty(stage: Stage) -> bool:
    """Whether no file event waits or is being worked on."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    url = stage.pipeline.outputs.file_events_queue_url
    found = stage.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return not any(int(found[name]) for name in names)


def _shares(profile: Mapping[str, float]) -> list[str]:
    """The functions of services and of what is added to them, in which its threads were most."""
    services = (
        "dynamodb",
        "s3",
        "sqs",
        "lambda_svc",
        "lambda_runtime",
        "stepfunctions",
        "cloudwatch",
        "cloudwatch_logs",
    )
    own = [path.stem for path in (REPOSITORY / "local" / "emulator").glob("*.py")]
    wanted = [name for name in profile if name.partition(".")[0] in (*services, *own)]
    return [f"{name} {profile[name]:.0%}" for name in wanted[:_FUNCTIONS_SHOWN]]


def main(
    files: Annotated[int, typer.Option(min=200, help="Files to land.")] = 9_000,
    rate: Annotated[float, typer.Option(help="PUTs a second; more than is sustained shows the most there is.")] = 200.0,
    home: Annotated[Path, typer.Option(help="Where the embedded AWS and Terraform keep their state.")] = HOME,
    profile: Annotated[Path | None, typer.Option(help="Sample the embedded AWS, and write it there.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything that was measured there.")] = None,
) -> None:
    """Files a second through the deployed control plane: publishing and completion included, without Spark."""
    console = Console(width=WIDTH, highlight=False)
    with staged(home, SETTINGS, console, profile) as stage, console.status(f"{files:,} files at {rate:g} a second"):
        without_spark(stage)
        found = measure(stage, files, rate)
    console.print(*tables(found))
    if profile:
        shares = ", ".join(_shares(json.loads(profile.read_text())))
        console.print(f"[dim]embedded AWS, samples by function: {shares}[/]", soft_wrap=True)
    for target, met in found.met.items():
        console.print(f"{'[green]met   ' if met else '[bold red]MISSED'}[/] {target}")
    if json_file:
        json_file.write_text(json.dumps(found.as_dict(), indent=2) + "\n")
    raise typer.Exit(0 if all(found.met.values()) else 1)


if __name__ == "__main__":
    typer.run(main)
