"""A busy pipeline in memory, for the tests of the command line's commands, and the JSON that a command prints."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ndjson_parquet_cli.values import DeadLetter, ExecutionView, GlueRun
from tests.cli_world import BATCH, DAY, NOW, World, ago, commit_record, manifest, open_batch, tracked

Run = Callable[..., tuple[int, str, str]]
"""Runs a command: its exit code, standard output and standard error."""

KEY = f"landing/ndjson/{DAY}/shop/0001.ndjson"
ARN = "arn:aws:states:us-east-1:123456789012:execution:ndjson-parquet-processor-dev:" + f"{BATCH}-1"
LONG = "a-folder-name-that-is-long/" * 6 + "orders with spaces 2026-11-20.ndjson"
ERROR = (
    "States.TaskFailed: 12.4 % of the lines are rejected, --max_reject_percent is 10: " + "line 17 is not JSON; " * 20
)


def busy_world() -> World:
    """A busy pipeline: files of every state, a failed and an exhausted manifest, and what became of one file."""
    failed = manifest(
        "20261120T150000-00-0000000001", "failed", attempts=1, error_message=ERROR, updated_at=ago(minutes=2)
    )
    exhausted = replace(failed, batch_id="20261119T150000-00-0000000002", date_prefix="2026-11-19", attempts=3)
    world = World(
        files=[
            tracked("shop/0001.ndjson"),
            tracked("shop/0002.ndjson", "failed", error_message="the object version is gone"),
            tracked("shop/0003.ndjson", "pending", batch=open_batch().batch_id),
            tracked("shop/0004.ndjson", "failed", batch=failed.batch_id, error_message=ERROR),
            tracked("a/0005.ndjson"),
            tracked("b/0005.ndjson"),
            tracked(LONG, "manifested", batch="20261120T155500-00-0000000003"),
            tracked("big.ndjson", "quarantined", batch=None, error_message="too_large: 30000000 bytes"),
        ],
        manifests=[
            manifest(rows_out=1990, lines_rejected=3, files_missing=1, execution_arn=ARN, glue_job_run_id="jr_1"),
            failed,
            exhausted,
            manifest("20261120T155500-00-0000000003", "processing"),
        ],
        batches=[open_batch()],
        documents={f"commits/{DAY}/{BATCH}.json": commit_record()},
        executions={
            f"{BATCH}-1": ExecutionView(
                ARN, "SUCCEEDED", NOW - timedelta(minutes=7), NOW - timedelta(minutes=2), None, "jr_1"
            )
        },
        glue_runs={
            "jr_1": GlueRun("jr_1", "SUCCEEDED", NOW - timedelta(minutes=6), NOW - timedelta(minutes=4), 95, 40.0)
        },
        letters=[DeadLetter("5a0b2c1e-6f43-4a3e-9a76-1f5f0c1f7a10", NOW - timedelta(hours=1), 4, "this is no event")],
        contents={
            f"rejects/{DAY}/{BATCH}.ndjson": rejects(),
            f"files/too_large/{DAY}/landing/ndjson/{DAY}/big.ndjson": [b"{}"],
        },
        runs=[
            {
                "metric_date": DAY,
                "outcome": "completed",
                "files": 200,
                "bytes_in": 700_000_000,
                "bytes_written": 130_000_000,
                "rows_out": 1_000_000,
                "glue_seconds": 95,
                "glue_dpu_seconds": 3800,
            }
        ],
    )
    world.store("input", KEY)
    world.store(world.deployment.manifest_bucket, f"manifests/{DAY}/{BATCH}.json", NOW - timedelta(minutes=8))
    world.store(
        world.deployment.quarantine_bucket,
        f"files/too_large/{DAY}/landing/ndjson/{DAY}/big.ndjson",
        metadata={"reason": "too_large", "detail": "30000000 bytes; the maximum is 20971520"},
    )
    return world


def rejects() -> list[bytes]:
    entries = [
        {
            "source": f"s3://input/{KEY}",
            "line_number": 17,
            "byte_offset": 40312,
            "reason": "duplicate_key",
            "raw": '{"a":1}',
        },
        {
            "source": f"s3://input/{KEY}",
            "line_number": 18,
            "byte_offset": 40400,
            "reason": "not_utf8",
            "raw_base64": "/w==",
        },
        {"source": "s3://input/other", "line_number": 1, "byte_offset": 0, "reason": "not_json", "raw": "x" * 500},
    ]
    return [json.dumps(entry | {"detail": "said in words"}).encode() for entry in entries]


def document(cli: Run, *arguments: str, code: int = 0) -> Any:
    """The JSON that a command prints."""
    found, out, error = cli(*arguments, "--json")
    assert found == code, error
    return json.loads(out)
