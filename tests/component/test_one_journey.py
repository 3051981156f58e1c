"""One file's journey through the real handlers and the real job: its log lines join, and its metrics are declared.

Each handler runs as Lambda runs it, in a process of its own with its settings in the environment.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.embedded_aws import EmbeddedAws
from ndjson_parquet.items import to_item
from ndjson_parquet.metrics import UNITS
from tests.component.control_plane import ControlPlane
from tests.factories import PREFIX, sqs_event
from tests.unit.test_metrics import EMITTERS
from tests.unit.test_settings import COMPLETE

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("a.ndjson", "b.ndjson")
RECORDS = b'{"id": 1}\nbroken\n' + b'{"id": 2}\n' * 9
JOB_RUN = {"Id": "jr_9", "ExecutionTime": 90, "MaxCapacity": 2.0}
PROGRAM = """
import importlib, json, sys, types
handler = importlib.import_module(sys.argv[1] + ".handler").handler
names = ("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id")
context = types.SimpleNamespace(**{name: "1" for name in names}, get_remaining_time_in_millis=lambda: 1000)
handler(json.loads(sys.argv[2]), context)
"""
Lines = list[dict[str, Any]]


class Functions:
    """The handlers around one control plane. `printed` holds the lines of each, metrics among them."""

    def __init__(self, aws: EmbeddedAws, plane: ControlPlane) -> None:
        self.printed: dict[str, Lines] = {}
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "src"),
            **aws.environment(),
            **COMPLETE,
            "TRACKING_TABLE": plane.table,
            "METRICS_TABLE": plane.metrics_table,
            "MANIFEST_BUCKET": plane.manifests,
            "QUARANTINE_BUCKET": plane.quarantined,
            "STATE_MACHINE_ARN": plane.state_machine_arn,
            "DEAD_LETTER_QUEUE_URL": plane.dead_letter_queue_url,
            "MAX_FILES_PER_MANIFEST": "2",
            "MIN_FILE_SIZE_MB": "0",
            "POWERTOOLS_METRICS_NAMESPACE": "NdjsonParquet",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }

    def call(self, function: str, event: dict[str, Any], **settings: str) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, function, json.dumps(event)],
            env={**self._environment, "POWERTOOLS_SERVICE_NAME": function, **settings},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.printed.setdefault(function, []).extend(_lines(ended.stdout))
        return ended


@pytest.fixture
def functions(emulator: EmbeddedAws, plane: ControlPlane) -> Functions:
    return Functions(emulator, plane)


def _lines(printed: str) -> Lines:
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def metrics(lines: Lines) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, unit and line of every metric among the lines."""
    for line in lines:
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
            yield from ((metric["Name"], metric["Unit"], line) for metric in directive["Metrics"])


def deliver(functions: Functions, plane: ControlPlane, *names: str, **settings: str) -> None:
    bodies = {}
    for name in names:
        put = plane.s3.put_object(Bucket=plane.input, Key=f"{PREFIX}2026-11-20/{name}", Body=RECORDS)
        bodies[name] = plane.body(name, etag=put["ETag"].strip('"'), size=len(RECORDS))
    ended = functions.call("manifest_builder", sqs_event(**bodies), **settings)
    assert ended.returncode == 0, ended.stderr


def convert(aws: EmbeddedAws, plane: ControlPlane, manifest: dict[str, Any], folder: Path) -> Lines:
    """The job's log, its tasks' included, for they are processes on this machine."""
    arguments = {
        "manifest_path": manifest["manifest_path"],
        "batch_id": manifest["batch_id"],
        "date_prefix": "2026-11-20",
        "attempt": "1",
        "execution_arn": "arn:execution:1",
        "JOB_RUN_ID": JOB_RUN["Id"],
        "output_bucket": plane.input,
        "manifest_bucket": plane.manifests,
        "quarantine_bucket": plane.quarantined,
    }
    ended = subprocess.run(
        [
            sys.executable,
            str(ROOT / "glue" / "convert_manifest.py"),
            *(str(part) for name, value in arguments.items() for part in (f"--{name}", value)),
        ],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "SPARK_LOCAL_IP": "127.0.0.1", **aws.environment()},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return _lines(ended.stdout + "\n" + ended.stderr)


def test_the_log_lines_of_one_file_join(
    emulator: EmbeddedAws, plane: ControlPlane, functions: Functions, tmp_path: Path
) -> None:
    deliver(functions, plane, "x.csv", *NAMES)
    [manifest] = plane.manifest_items()
    batch_id = manifest["batch_id"]
    plane.set_manifest(batch_id, status="completed", execution_arn="arn:execution:1")
    functions.printed["converter"] = convert(emulator, plane, manifest, tmp_path)
    ended = {"outcome": "completed", "batch_id": batch_id, "date_prefix": "2026-11-20", "attempt": 1}
    ended |= {"execution_arn": "arn:execution:1", "glue_job_run": JOB_RUN}
    assert functions.call("status_updater", ended).returncode == 0

    lines = {name: [line for line in found if "message" in line] for name, found in functions.printed.items()}
    [tracked] = [line for line in lines["manifest_builder"] if line.get("file_key", "").startswith("a.ndjson@")]
    journey = {
        name: [line["message"] for line in found if line.get("correlation_id") == tracked["correlation_id"]]
        for name, found in lines.items()
    }
    assert tracked["batch_id"] == batch_id
    assert journey["manifest_builder"] == ["file tracked", "file tracked", "manifest published"]
    assert sorted(set(journey["converter"])) == ["part written", "the run ended"]
    assert journey["status_updater"] == ["execution ended"]
    [part] = [line for line in lines["converter"] if line["message"] == "part written"]
    assert any(source.endswith("/a.ndjson") for source in part["sources"])

    [item] = plane.run_items()
    assert (item["rows_out"], item["rejected_by_reason"], item["glue_seconds"]) == (20, {"not_json": 2}, 90)
    check_metrics(functions)
    counted = {
        name: line[name] for name, _, line in metrics(functions.printed["manifest_builder"]) if "reason" not in line
    }
    assert counted == {
        "MessagesReceived": [3],
        "MessagesFailed": [0],
        "FilesReceived": [3],
        "FilesQuarantined": [1],
        "FilesTracked": [2],
        "FilesReleased": [0],
        "ManifestsSealed": [1],
        "ManifestsPublished": [1],
        "ManifestsStarted": [1],
    }


def test_every_other_way_to_a_metric_is_declared_too(plane: ControlPlane, functions: Functions) -> None:
    deliver(functions, plane, *NAMES, ENABLE_STREAM_MANIFEST_CREATION="true")
    [manifest] = plane.manifest_items()
    image = {"eventName": "INSERT", "eventID": "1", "dynamodb": {"SequenceNumber": "1", "NewImage": to_item(manifest)}}
    records = {"Records": [image | {"eventSource": "aws:dynamodb"}]}
    assert functions.call("stream_manifest_creator", records).returncode == 0
    failed = functions.call("stream_manifest_creator", records, MANIFEST_BUCKET="absent")
    assert "PublishFailures" in {name for name, _, _ in metrics(_lines(failed.stdout))}
    assert functions.call("state_manager", {"action": "sweep"}).returncode == 0
    check_metrics(functions)
    swept = {name for name, _, _ in metrics(functions.printed["state_manager"])}
    assert {"SweepsDone", "BreakerOpen", "OldestManifestSeconds", "ManifestsFailedStanding"} <= swept


def test_a_handler_that_fails_prints_what_it_counted(plane: ControlPlane, functions: Functions) -> None:
    ended = functions.call("manifest_builder", {"Records": [{"messageId": "1"}]})
    assert "KeyError: 'body'" in ended.stderr
    assert [name for name, _, _ in metrics(_lines(ended.stdout))] == ["MessagesReceived"]


def check_metrics(functions: Functions) -> None:
    """Every emission is declared, documented for its function, and has the one dimension."""
    for function, lines in functions.printed.items():
        for name, unit, line in metrics(lines):
            assert (name, unit) == (name, UNITS[name].value)  # type: ignore[index]  # whether it is one is the question
            assert name in EMITTERS[function]
            assert line["service"] == "ndjson-parquet-test"
            [directive] = line["_aws"]["CloudWatchMetrics"]
            assert directive["Dimensions"] == [["service", "reason"] if "reason" in line else ["service"]]
