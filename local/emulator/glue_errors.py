"""The error message of a failed Glue run, from what its script wrote to standard error."""

import re

LONGEST_MESSAGE = 2000
_TRACEBACK = "Traceback (most recent call last):"
_SPARK_LOG_LINE = re.compile(r"\d\d/\d\d/\d\d \d\d:\d\d:\d\d (TRACE|DEBUG|INFO|WARN|ERROR) ")


def last_error(stderr: str, exit_code: int) -> str:
    """The exception line of the last traceback, as Glue reports it; without a traceback, the last line that is no log.

    `stderr` mixes Python's output with Spark's log and Java stack traces; `exit_code` stands in when it is empty.
    """
    lines = _said(stderr.rsplit(_TRACEBACK, 1)[-1])
    if not lines:
        return f"Command failed with exit code {exit_code}"
    message = lines[0] if _TRACEBACK in stderr else lines[-1]
    return message[:LONGEST_MESSAGE]


def _said(text: str) -> list[str]:
    """Lines that are neither source lines of a traceback (indented), nor Spark's log, nor blank."""
    return [line for line in text.splitlines() if line and not line[0].isspace() and not _SPARK_LOG_LINE.match(line)]
