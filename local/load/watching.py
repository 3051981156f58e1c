"""What is sampled while the load goes on: the memory of the workers, and where the files stand."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import fmean
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from local.embedded_aws import EmbeddedAws
from local.faults import workers
from local.load.memory import Sample

EVERY_SECONDS = 5.0
PATIENCE_SECONDS = 120.0
T = TypeVar("T")


@dataclass
class Watched:
    """What was sampled so far."""

    samples: list[Sample] = field(default_factory=list)
    load_averages: list[float] = field(default_factory=list)

    @property
    def load_average(self) -> float:
        """How many processes wanted a core, on average; above the machine's cores, others disturbed the run."""
        return round(fmean(self.load_averages), 2) if self.load_averages else 0.0


@contextmanager
def watching(aws: EmbeddedAws, now: Callable[[], float]) -> Iterator[Watched]:
    """Samples the resident memory of every worker, and the machine's load average, until the end of the block."""
    watched, stopped = Watched(), threading.Event()

    def sample() -> None:
        while not stopped.wait(EVERY_SECONDS):
            at = now()
            watched.samples += [Sample(at, name, one.pid, one.resident_bytes) for name, one in workers(aws)]
            watched.load_averages.append(os.getloadavg()[0])

    with ThreadPoolExecutor(1) as pool:
        sampling = pool.submit(sample)
        try:
            yield watched
        finally:
            stopped.set()
    sampling.result()


def answered(call: Callable[[], T]) -> T:
    """The call's answer, asked for until there is one: the embedded AWS may be restarting, or throttling."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call()
        except (BotoCoreError, ClientError):
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def backlog(files: Mapping[str, int]) -> int:
    """Files that have landed and have not ended, by state."""
    return sum(count for state, count in files.items() if state not in ("completed", "quarantined", "failed"))
