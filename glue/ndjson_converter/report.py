"""What a run did, for people and dashboards: seconds per phase, bytes, rows, memory, versions."""

import json
import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from ndjson_converter import __version__

_LIBRARIES = ("pyarrow", "numpy", "numba", "boto3")


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


def peak_memory_bytes() -> int:
    """The most memory this process has had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _versions() -> dict[str, str]:
    """boto3 is left out where there is none: the command line needs no AWS."""
    installed = {name: next(iter(metadata.distributions(name=name)), None) for name in _LIBRARIES}
    found = {name: library.version for name, library in installed.items() if library}
    return {"converter": __version__, "python": platform.python_version(), **found}
