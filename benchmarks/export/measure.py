"""Runs an engine in a process of its own and says what it took."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile


@dataclass(frozen=True)
class Run:
    """What one run took. `error` is the last line of one that failed."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    output_bytes: int
    error: str | None = None


def run(engine: str, source: Path, output: Path, cores: int, pandas_folder: Path) -> Run:
    """Export to a file that is not kept."""
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(pandas_folder)]))
    command = [sys.executable, "-m", "benchmarks.export.engines", engine, str(source), str(output), str(cores)]
    with TemporaryFile("w+b") as messages:
        begin = time.perf_counter()
        files = [(os.POSIX_SPAWN_DUP2, messages.fileno(), number) for number in (1, 2)]
        process = os.posix_spawn(command[0], command, {**os.environ, "PYTHONPATH": path}, file_actions=files)
        _, status, usage = os.wait4(process, 0)
        wall = time.perf_counter() - begin
        messages.seek(0)
        said = messages.read().decode(errors="replace").strip().splitlines()
    size = output.stat().st_size if output.exists() else 0
    output.unlink(missing_ok=True)
    error = None if status == 0 else (said[-1] if said else f"status {status}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, size, error)
