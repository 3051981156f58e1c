"""Log lines of the job: JSON that names the batch, in the driver and wherever a task runs."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

from ndjson_converter.arguments import parse_arguments
from ndjson_converter.log import JsonFormatter

GLUE = Path(__file__).resolve().parents[2] / "glue"
NAMES = {"correlation_id": "b-1", "attempt": 2}
# A task travels to a process that knows nothing of the driver's log.
WORKER = """
import logging, pickle, sys
guarded = pickle.loads(bytes.fromhex(sys.argv[1]))
guarded("item")
"""


def line(**given: Any) -> dict[str, Any]:
    record = logging.makeLogRecord({"levelname": "WARNING", "msg": "left %s", "args": ("open",), **given})
    found: dict[str, Any] = json.loads(JsonFormatter(NAMES).format(record))
    return found


def test_a_line_has_the_keys_of_the_functions_and_the_names_of_the_run() -> None:
    found = line(created=1795190400.5, uri="s3://x")
    assert found == {
        "level": "WARNING",
        "location": "None:0",
        "message": "left open",
        "timestamp": "2026-11-20T16:00:00.500+00:00",
        "service": "converter",
        "correlation_id": "b-1",
        "attempt": 2,
        "uri": "s3://x",
    }


def test_an_exception_stays_in_its_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        found = line(exc_info=(type(error), error, error.__traceback__))
    assert "ValueError: two\nlines" in found["exception"]


def test_what_json_does_not_know_is_written_as_text() -> None:
    assert line(where=Path("/x"))["where"] == "/x"


def test_a_task_in_another_process_logs_under_the_same_names() -> None:
    made = (
        "import pickle\n"
        "from ndjson_converter.cluster import Guarded\n"
        "from logging import getLogger\n"
        f"print(pickle.dumps(Guarded(getLogger('ndjson_converter.tasks').warning, {NAMES!r})).hex())"
    )
    task = run(made)
    found = json.loads(run(WORKER, task.strip()))
    assert NAMES.items() <= found.items()
    assert (found["message"], found["level"]) == ("item", "WARNING")


def run(program: str, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={"PYTHONPATH": str(GLUE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_manifest_without_an_id_is_known_by_its_path() -> None:
    buckets = [part for name in ("output", "manifest", "quarantine") for part in (f"--{name}_bucket", name)]
    bare = parse_arguments(["--manifest_path", "s3://m/x.json", *buckets])
    assert bare.log_names["correlation_id"] == "s3://m/x.json"
    named = parse_arguments(["--manifest_path", "s3://m/x.json", "--batch_id", "b-1", *buckets])
    assert (named.log_names["correlation_id"], named.log_names["batch_id"]) == ("b-1", "b-1")
