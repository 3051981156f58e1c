"""What a run did, for people and dashboards: seconds per phase, bytes, rows, memory, versions."""

import json
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import numpy as np
import pyarrow as pa

from ndjson_converter import __version__
from ndjson_converter.tasks import peak_memory_bytes


class RunReport:
    """Collects the facts of a run; `facts` may be extended at any time."""

    def __init__(self, **facts: Any) -> None:
        self.facts: dict[str, Any] = facts
        self._seconds: dict[str, float] = {}
        self._task_peak = 0

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure the wall time of a block, also of one that fails."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] = round(self._seconds.get(name, 0.0) + time.perf_counter() - begin, 3)

    def saw_task_memory(self, peak_bytes: int) -> None:
        self._task_peak = max(self._task_peak, peak_bytes)

    def to_json(self, outcome: str, error: str | None = None) -> bytes:
        document = {
            **self.facts,
            "outcome": outcome,
            "error": error,
            "seconds": self._seconds,
            "peak_memory_bytes": {"driver": peak_memory_bytes(), "task": self._task_peak},
            "versions": _versions(),
        }
        return json.dumps(document, indent=2, ensure_ascii=False).encode()


def utc_now() -> datetime:
    return datetime.now(UTC)


def iso_8601(moment: datetime) -> str:
    """2026-11-20T16:10:00.123456Z"""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _versions() -> dict[str, str]:
    return {
        "converter": __version__,
        "python": platform.python_version(),
        "pyarrow": pa.__version__,
        "numpy": np.__version__,
        "boto3": boto3.__version__,
    }
