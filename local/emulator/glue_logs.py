"""Output of a Glue run, sent to CloudWatch Logs when it ends: the groups output and error, stream = run id."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

GROUPS = {"glueetl": "/aws-glue/jobs", "pythonshell": "/aws-glue/python-jobs"}
"""What the names of the two groups begin with, by the kind of job."""
EVENTS_PER_CALL = 1000
# The end of a very long output says more than its beginning, and the server keeps log events in memory.
LAST_BYTES = 2_000_000

log = logging.getLogger("glue")


class RunLogs:
    """Two files that a run writes to, and their way into CloudWatch Logs."""

    def __init__(self, folder: Path, group: str, run_id: str) -> None:
        self._group = group
        self.stdout = folder / "stdout"
        self.stderr = folder / "stderr"
        self._run_id = run_id

    def stderr_text(self) -> str:
        return _tail(self.stderr)

    def send(self, logs: Any) -> None:
        """Send both. A role that may not write logs costs the run its logs and nothing else, as on AWS."""
        try:
            for group, file in ((f"{self._group}/output", self.stdout), (f"{self._group}/error", self.stderr)):
                _send(logs, group, self._run_id, _tail(file).splitlines())
        except (ClientError, BotoCoreError) as error:
            log.warning("no logs for Glue run %s: %s", self._run_id, error)


def _send(logs: Any, group: str, stream: str, lines: list[str]) -> None:
    _unless_it_exists(logs, logs.create_log_group, logGroupName=group)
    _unless_it_exists(logs, logs.create_log_stream, logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)
    for some in _in_calls([line for line in lines if line]):
        events = [{"timestamp": now, "message": line} for line in some]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def _unless_it_exists(logs: Any, create: Any, **names: str) -> None:
    try:
        create(**names)
    except logs.exceptions.ResourceAlreadyExistsException:
        return


def _in_calls(lines: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(lines), EVENTS_PER_CALL):
        yield lines[first : first + EVENTS_PER_CALL]


def _tail(file: Path) -> str:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - LAST_BYTES))
        return opened.read().decode("utf-8", "replace")
