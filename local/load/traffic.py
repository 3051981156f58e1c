"""Sends arrivals at their times, whatever the pipeline is doing, as producers do: what fails is sent again."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from local.load.arrivals import Arrival, Kind
from local.reconcile import SentFile
from local.sending import Outgoing, put

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SENDERS = 16
PATIENCE_SECONDS = 300.0
"""How long a producer tries to send a file."""
PAUSE_SECONDS = 0.5
_SERVER_ERROR = 500


class NotSentError(RuntimeError):
    """A file could not be sent for as long as a producer is patient."""


@dataclass(frozen=True)
class Sent:
    """A file that landed: when it should have been sent and when it was, in seconds since the start; and its end."""

    arrival: Arrival[Outgoing]
    file: SentFile
    began: float
    landed: float

    @property
    def late(self) -> float:
        """Seconds that the sender was behind: above a few, the load was not what it should have been."""
        return max(0.0, self.began - self.arrival.at)


class Traffic:
    """Arrivals on their way into a bucket."""

    def __init__(self, s3: "S3Client", bucket: str, arrivals: Sequence[Arrival[Outgoing]]) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._arrivals = arrivals
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._sent: list[Sent] = []
        self._retries = 0
        self.started_at = 0.0
        """Unix time of the start."""

    def run(self) -> None:
        """Send everything, or until it is stopped.

        Raises:
            NotSentError: as it says.
        """
        self.started_at = time.time()
        with ThreadPoolExecutor(SENDERS) as pool:
            futures: list[Future[None]] = []
            for arrival in self._arrivals:
                if self._stopped.wait(max(0.0, arrival.at - self.seconds)):
                    break
                futures.append(pool.submit(self._send, arrival))
            for future in futures:
                future.result()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped.set()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.time() - self.started_at

    @property
    def retries(self) -> int:
        """How often a file had to be sent again because the service did not answer."""
        return self._retries

    @property
    def sent(self) -> list[Sent]:
        """Everything that has landed so far."""
        with self._lock:
            return list(self._sent)

    @property
    def files(self) -> list[SentFile]:
        """The files among it, each once however often it was sent."""
        return list(dict.fromkeys(one.file for one in self.sent))

    def counts(self) -> Mapping[Kind, int]:
        """What has landed, by kind."""
        return Counter(one.arrival.kind for one in self.sent)

    def _send(self, arrival: Arrival[Outgoing]) -> None:
        began = self.seconds
        while True:
            try:
                file = put(self._s3, self._bucket, arrival.file)
            except (BotoCoreError, ClientError) as error:
                if not _is_passing(error) or self.seconds - began > PATIENCE_SECONDS:
                    raise NotSentError(
                        f"{arrival.file.key} was not sent within {PATIENCE_SECONDS:g} s: {error}. The embedded AWS's "
                        "log says why: make local-logs"
                    ) from error
                with self._lock:
                    self._retries += 1
                time.sleep(PAUSE_SECONDS)
            else:
                with self._lock:
                    self._sent.append(Sent(arrival, file, began, self.seconds))
                return


def _is_passing(error: BotoCoreError | ClientError) -> bool:
    """Whether the service did not answer, or said that it cannot now."""
    if isinstance(error, BotoCoreError):
        return True
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= _SERVER_ERROR
