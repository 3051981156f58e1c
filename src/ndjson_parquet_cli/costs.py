"""What conversion costs at list prices, and what a replay would. No I/O.

Glue and Lambda are metered: run by run, and by Lambda's own counts. The rest is modelled from the numbers of files and
manifests with what `make bench-control-plane` and the state machine say one of each needs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ndjson_parquet_cli.prices import Prices

TERABYTE = 1e12
SHORTEST_RUN_SECONDS = 60
"""Glue bills no less for a run."""
WRITE_UNITS_PER_FILE = 10.555
READ_UNITS_PER_FILE = 0.184
TRANSITIONS_PER_RUN = 6
SQS_REQUESTS_PER_FILE = 1.2
"""One message, received and deleted with nine others."""
GETS_PER_FILE = 1
PUTS_PER_RUN = 4
"""Manifest, commit record, report, and the listing of the parts that are there."""
PUTS_PER_PART = 6
"""Begun, sent in pieces of 16 MiB, completed."""
BYTES_PER_PART = 384 * 1024 * 1024
GETS_PER_RUN = 68
"""The manifest for the run and for status_updater, two commit records, and the heads of 64 files."""
FILES_PER_MANIFEST = 200
BYTES_PER_MANIFEST = 700 * 1024 * 1024
"""A full batch, where no run tells how large they really are."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used over some days. `dpu_seconds` are billed ones, each run at least a minute long."""

    runs: int = 0
    failed_runs: int = 0
    files: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    rows: int = 0
    run_seconds: float = 0
    dpu_seconds: float = 0
    invocations: float = 0
    gb_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One service's share. `basis` is `metered` or `modelled`."""

    service: str
    usd: float
    basis: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Bill:
    """`usd_per_tb` is absent where nothing was converted."""

    lines: tuple[Line, ...]
    usd: float
    usd_per_tb: float | None
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What converting so many files again would cost."""

    manifests: int
    usd: float
    assumption: str


def usage(runs: Iterable[Mapping[str, Any]], invocations: float = 0, gb_seconds: float = 0) -> Usage:
    """Add up the metrics table's items; an attempt that failed has its cost, and converted nothing."""
    total = {"runs": 0, "failed": 0, "files": 0, "in": 0, "out": 0, "rows": 0}
    run_seconds = dpu_seconds = 0.0
    for run in runs:
        total["runs"] += 1
        run_seconds += float(run.get("glue_seconds") or 0)
        dpu_seconds += float(run.get("glue_dpu_seconds") or 0)
        if run.get("outcome") != "completed":
            total["failed"] += 1
            continue
        total["files"] += int(run.get("files") or 0) - int(run.get("files_missing") or 0)
        total["in"] += int(run.get("bytes_in") or 0)
        total["out"] += int(run.get("bytes_written") or 0)
        total["rows"] += int(run.get("rows_out") or 0)
    return Usage(
        runs=total["runs"],
        failed_runs=total["failed"],
        files=total["files"],
        bytes_in=total["in"],
        bytes_out=total["out"],
        rows=total["rows"],
        run_seconds=run_seconds,
        dpu_seconds=dpu_seconds,
        invocations=invocations,
        gb_seconds=gb_seconds,
    )


def bill(used: Usage, prices: Prices, *, is_flex: bool = False, is_arm: bool = True) -> Bill:
    """Dollars by service, the largest first."""
    glue = prices["glue_flex_dpu_hour" if is_flex else "glue_dpu_hour"]
    gb_second = prices["lambda_arm64_gb_second" if is_arm else "lambda_x86_64_gb_second"]
    writes, reads = used.files * WRITE_UNITS_PER_FILE, used.files * READ_UNITS_PER_FILE
    puts = used.runs * PUTS_PER_RUN + max(used.runs, used.bytes_in / BYTES_PER_PART) * PUTS_PER_PART
    gets = used.files * GETS_PER_FILE + used.runs * GETS_PER_RUN
    transitions, requests = used.runs * TRANSITIONS_PER_RUN, used.files * SQS_REQUESTS_PER_FILE
    lines = [
        Line("Glue", used.dpu_seconds / 3600 * glue, "metered", f"{used.dpu_seconds / 3600:,.2f} DPU-hours"),
        Line(
            "Lambda",
            used.gb_seconds * gb_second + used.invocations * prices["lambda_request"],
            "metered",
            f"{used.gb_seconds:,.0f} GB-s, {used.invocations:,.0f} calls",
        ),
        Line(
            "DynamoDB",
            writes * prices["dynamodb_write_unit"] + reads * prices["dynamodb_read_unit"],
            "modelled",
            f"{writes:,.0f} writes, {reads:,.0f} reads",
        ),
        Line(
            "S3 requests",
            puts * prices["s3_put_request"] + gets * prices["s3_get_request"],
            "modelled",
            f"{puts:,.0f} PUT, {gets:,.0f} GET",
        ),
        Line("SQS", requests * prices["sqs_request"], "modelled", f"{requests:,.0f} requests"),
        Line(
            "Step Functions",
            transitions * prices["step_functions_transition"],
            "modelled",
            f"{transitions:,.0f} transitions",
        ),
    ]
    total = sum(line.usd for line in lines)
    per_tb = total / used.bytes_in * TERABYTE if used.bytes_in else None
    lines.sort(key=lambda line: -line.usd)
    return Bill(tuple(lines), total, per_tb, tuple(_assumptions(prices, glue, is_flex=is_flex)))


def replay_estimate(files: int, size_bytes: int, recent: Usage, dpus: float, price_per_dpu_hour: float) -> Estimate:
    """Glue's cost of converting these, at the pace of recent runs; without any, of full batches of a minute each."""
    done = recent.runs - recent.failed_runs
    if done and recent.bytes_in and recent.files:
        per_manifest = (max(1.0, recent.files / done), recent.bytes_in / done)
        manifests = _manifests(files, size_bytes, *per_manifest)
        seconds = recent.dpu_seconds / recent.runs
        usd = manifests * seconds / 3600 * price_per_dpu_hour
        return Estimate(manifests, usd, f"as the last {recent.runs:,} runs: {seconds:,.0f} DPU-seconds a manifest")
    manifests = _manifests(files, size_bytes, FILES_PER_MANIFEST, BYTES_PER_MANIFEST)
    usd = manifests * SHORTEST_RUN_SECONDS * dpus / 3600 * price_per_dpu_hour
    return Estimate(
        manifests, usd, f"no recent runs: full batches, a minute of {dpus:g} DPUs each; take it as the least"
    )


def query_cost(scanned_bytes: int, prices: Prices) -> float:
    """Athena bills no less than 10 MB a query."""
    return max(scanned_bytes, 10 * 1024 * 1024) / TERABYTE * prices["athena_tb_scanned"]


def _manifests(files: int, size_bytes: int, files_each: float, bytes_each: float) -> int:
    return int(max(-(-files // files_each), -(-size_bytes // bytes_each))) if files else 0


def _assumptions(prices: Prices, glue: float, *, is_flex: bool) -> Sequence[str]:
    kind = "FLEX" if is_flex else "STANDARD"
    own = f"; your own: {', '.join(prices.own)}" if prices.own else ""
    return (
        f"list prices of {prices.region}, recorded {prices.recorded}, {prices.provenance}{own}",
        f"Glue: {glue:g} dollars a DPU-hour ({kind}), every run at least {SHORTEST_RUN_SECONDS} s",
        f"a file: {WRITE_UNITS_PER_FILE} write units, {READ_UNITS_PER_FILE} read units, "
        f"{SQS_REQUESTS_PER_FILE} SQS requests",
        f"a run: {TRANSITIONS_PER_RUN} transitions, {PUTS_PER_RUN} PUT and {GETS_PER_RUN} GET requests, "
        f"and {PUTS_PER_PART} PUT for every {BYTES_PER_PART // 1024**2} MiB of NDJSON",
        "not in it: storage, logs, metrics, alarms, the producers' own PUTs, data transfer, discounts and free tiers",
    )
