"""What is sampled while the load goes on: the memory of the workers, and where the files stand."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from local.embedded_aws import EmbeddedAws
from local.faults import workers
from local.load.memory import Sample

EVERY_SECONDS = 5.0
PATIENCE_SECONDS = 120.0
T = TypeVar("T")


class MemoryWatch:
    """Samples the resident memory of every worker until it is stopped."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._aws = aws
        self._stopped = threading.Event()
        self.samples: list[Sample] = []
        self.load_averages: list[float] = []

    def run(self, now: Callable[[], float]) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            at = now()
            self.samples += [Sample(at, name, one.pid, one.resident_bytes) for name, one in workers(self._aws)]
            self.load_averages.append(os.getloadavg()[0])

    def stop(self) -> None:
        self._stopped.set()


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
