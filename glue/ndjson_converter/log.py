"""The log of a run, one JSON object a line, with the keys that the pipeline's functions log under.

A line about a batch has its `correlation_id`, in the driver and in the tasks, so that its lines can be found together.
"""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

SERVICE = "converter"

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonFormatter(logging.Formatter):
    """A record as JSON: what it says, what was given as its `extra`, and the names that all lines of the run have."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__()
        self._names = dict(names)

    def format(self, record: logging.LogRecord) -> str:
        given = {name: value for name, value in vars(record).items() if name not in _PLAIN}
        line = {
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "message": record.getMessage(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "service": SERVICE,
            **self._names,
            **given,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_as_json(names: Mapping[str, Any]) -> None:
    """Have this process log as JSON to standard output, each line with these names; may be called again."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(names))
    logger = logging.getLogger(__package__)
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO)
