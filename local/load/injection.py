"""Makes the faults of a schedule happen, one after the other, and remembers what each of them did."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any

from local import faults
from local.deployment import Deployment
from local.embedded_aws import EmbeddedAws
from local.load.schedule import Fault, Planned
from local.pipeline import Pipeline

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FLIPS: tuple[Mapping[str, bool], ...] = (
    {"enable_stream_manifest_creation": True},
    {"enable_stream_manifest_creation": True, "enable_eventbridge_decoupling": True},
    {"enable_eventbridge_decoupling": True},
    {},
)
PATIENCE_SECONDS = 60.0
"""How long a fault waits for something that it can kill."""


@dataclass(frozen=True)
class Produced:
    """A fault that happened: when, in seconds since the load's start, how long it went on, how much it hit."""

    fault: Fault
    at: float
    seconds: float
    hit: int
    detail: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Injection:
    """Faults on one running pipeline."""

    def __init__(
        self, aws: EmbeddedAws, pipeline: Pipeline, deploy: Callable[[Mapping[str, bool]], Deployment]
    ) -> None:
        self._aws = aws
        self._pipeline = pipeline
        self._deploy = deploy
        self._flips = cycle(FLIPS)
        self._stopped = threading.Event()
        self.produced: list[Produced] = []
        self._how: Mapping[Fault, Callable[[float], tuple[int, str]]] = {
            Fault.KILL_WORKERS: lambda _: (self._kill(lambda: faults.kill_workers(aws)), "processes"),
            Fault.KILL_SPARK: lambda _: (self._kill(lambda: faults.kill_glue_runs(aws)), "runs"),
            Fault.THROTTLE_TABLE: self._throttle_table,
            Fault.THROTTLE_STARTS: self._throttle_starts,
            Fault.DROP_EVENTS: self._drop_events,
            Fault.RESTART: lambda _: self._restart(),
            Fault.FLIP_FLAGS: lambda _: self._flip(),
        }

    def run(self, schedule: Sequence[Planned], now: Callable[[], float]) -> None:
        """Produce every fault at its time, or as soon as the one before it is over."""
        for planned in schedule:
            if self._stopped.wait(max(0.0, planned.at - now())):
                return
            at = now()
            hit, detail = self._how[planned.fault](planned.lasts)
            self.produced.append(Produced(planned.fault, round(at, 1), round(now() - at, 1), hit, detail))

    def stop(self) -> None:
        """Produce nothing more."""
        self._stopped.set()

    def _kill(self, kill: Callable[[], list[int]]) -> int:
        """How many were killed; waits until there is something to kill."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (killed := kill()) and time.monotonic() < deadline and not self._stopped.wait(0.5):
            pass
        return len(killed)

    def _throttle_table(self, seconds: float) -> tuple[int, str]:
        table = self._pipeline.outputs.tracking_table
        faults.throttle_table(self._aws, table)
        try:
            self._stopped.wait(seconds)
        finally:
            faults.release_table(self._aws, table)
        return 1, "table"

    def _throttle_starts(self, seconds: float) -> tuple[int, str]:
        machine = self._pipeline.outputs.state_machine_arn
        faults.throttle(self._aws, machine)
        try:
            self._stopped.wait(seconds)
        finally:
            faults.release(self._aws, machine)
        return 1, "state machine"

    def _drop_events(self, seconds: float) -> tuple[int, str]:
        with events_dropped(self._pipeline.clients.s3, self._pipeline.outputs.input_bucket):
            self._stopped.wait(seconds)
        return 1, "bucket"

    def _restart(self) -> tuple[int, str]:
        self._aws.stop()
        self._aws.start()
        return 1, "clean stop and start"

    def _flip(self) -> tuple[int, str]:
        flags = next(self._flips)
        self._deploy(flags).apply()
        return 1, ", ".join(flags) or "both off"


@contextmanager
def events_dropped(s3: "S3Client", bucket: str) -> Iterator[None]:
    """Meanwhile nobody hears of what lands in the bucket."""
    before: Any = s3.get_bucket_notification_configuration(Bucket=bucket)
    before.pop("ResponseMetadata")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    try:
        yield
    finally:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=before)
