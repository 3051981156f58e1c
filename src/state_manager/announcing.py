"""Announcing landed objects again, through the queue that S3 announces them to."""

from collections.abc import Iterable, Sequence

from ndjson_parquet.queues import Queue
from ndjson_parquet.reconciling import Identity, ObjectVersion, notification


class Announcer:
    """Sends the messages that S3 would have sent for objects of the landing bucket."""

    def __init__(self, file_events: Queue, bucket: str, region: str) -> None:
        self._file_events = file_events
        self._bucket = bucket
        self._region = region

    def announce(self, files: Iterable[tuple[ObjectVersion, Identity]], sender: str) -> Sequence[str | None]:
        """Why the queue refused each, None for those that it took; `sender` is seen in the message."""
        return self._file_events.send(
            (notification(version, identity, self._bucket, self._region, f"ndjson-parquet-{sender}"), {})
            for version, identity in files
        )
