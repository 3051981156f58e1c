"""The log of a run, one JSON object a line, with the keys that the pipeline's functions and converter log under."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone

SERVICE = "export"

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonFormatter(logging.Formatter):
    """A record as JSON: what it says, what was given as its `extra`, and the job it is about."""

    def __init__(self, job_id: str) -> None:
        super().__init__()
        self._job_id = job_id

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "message": record.getMessage(),
            "timestamp": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "service": SERVICE,
            "correlation_id": self._job_id,
            **{name: value for name, value in vars(record).items() if name not in _PLAIN},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_as_json(job_id: str) -> None:
    """Have this process log as JSON to standard output, each line with the job's id."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(job_id))
    logger = logging.getLogger(__package__)
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO)
