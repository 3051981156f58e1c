"""Who uses the cores of this machine while a load goes on."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil

from benchmarks.throughput.result import Usage
from local.faults import WORKER


@contextmanager
def measured(server_pid: int) -> Iterator[Usage]:
    """The usage of the block, which is filled in at its end."""
    usage, began = Usage(machine_cores=psutil.cpu_count() or 1), time.monotonic()
    before, busy_before = _spent(server_pid), _busy()
    yield usage
    usage.seconds = time.monotonic() - began
    after = _spent(server_pid)
    usage.cores = {name: round((spent - before.get(name, 0.0)) / usage.seconds, 3) for name, spent in after.items()}
    usage.machine = round((_busy() - busy_before) / usage.seconds, 3)


def _spent(server_pid: int) -> Mapping[str, float]:
    """Seconds of CPU so far. Children that have ended are Glue runs, and functions that were replaced."""
    server = psutil.Process(server_pid)
    own = server.cpu_times()
    functions = sum(_cpu(child) for child in server.children() if WORKER.search(" ".join(child.cmdline())))
    ended = own.children_user + own.children_system
    mine = psutil.Process().cpu_times()
    return {
        "embedded AWS": own.user + own.system,
        "functions": functions,
        "Glue runs without Spark": ended,
        "producers": mine.user + mine.system,
    }


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _busy() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))
