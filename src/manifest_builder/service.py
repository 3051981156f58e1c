"""What manifest_builder does with one delivery of messages.

Files of one date are planned and committed together; a failure fails only the messages whose files it touched.
"""

import random
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.batching import Limits, SealedBatch, plan
from ndjson_parquet.errors import BreakerOpenError, ContentionError, PipelineError
from ndjson_parquet.landing import LandedFile, LandingRules, QuarantineReason, landed_files
from ndjson_parquet.metrics import BuilderMetric, PublishingMetric
from ndjson_parquet.publishing import Publisher, utc_now
from ndjson_parquet.shards import ShardChoice
from ndjson_parquet.store import Quarantine
from ndjson_parquet.tracking import MAX_FILES_PER_TRANSACTION, AlreadyTrackedError, BatchMovedError, TrackingTable

MAX_COMMIT_ATTEMPTS = 12
FIRST_BACKOFF_SECONDS = 0.02
LONGEST_BACKOFF_SECONDS = 1.0

Failure = PipelineError | ClientError | BotoCoreError


@dataclass
class Delivery:
    """What became of a delivery: a failure per message that must come again, and counts for the metrics."""

    failures: dict[str, Failure] = field(default_factory=dict)
    counts: Counter[BuilderMetric | PublishingMetric] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    """Files by the reason that they were set aside for."""
    released: set[str] = field(default_factory=set)
    """The keys of refused files that somebody released."""


@dataclass
class _Arrival:
    """A file to be tracked, and the messages that announced it."""

    file: LandedFile
    message_ids: list[str]


class ManifestBuilder:
    """Validates, tracks, seals and publishes; without a publisher, the table's stream has what is sealed published."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        tracking: TrackingTable,
        quarantine: Quarantine,
        publisher: Publisher | None,
        *,
        landing: LandingRules,
        limits: Limits,
        refuses_overwrites: bool,
        shards: ShardChoice,
        ttl: timedelta,
        logger: Logger,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tracking = tracking
        self._quarantine = quarantine
        self._publisher = publisher
        self._landing = landing
        self._limits = limits
        self._refuses_overwrites = refuses_overwrites
        self._shards = shards
        self._ttl = ttl
        self._logger = logger
        self._clock = clock
        self._sleep = sleep

    def receive(self, bodies: Mapping[str, str], delivery: Delivery | None = None) -> Delivery:
        """Take the messages of one delivery: id -> body.

        Args:
            delivery: what is filled in and answered, for a caller that wants the counts also when an error ends this.
        """
        delivery = delivery or Delivery()
        sealed: list[SealedBatch] = []
        for group in _groups(self._accepted(bodies, delivery), delivery):
            try:
                sealed += self._track([arrival.file for arrival in group], delivery)
            except (PipelineError, ClientError, BotoCoreError) as error:
                delivery.failures |= {message_id: error for arrival in group for message_id in arrival.message_ids}
        if self._publisher is not None:
            for batch in sealed:
                with self._logger.append_context_keys(batch_id=batch.batch_id, correlation_id=batch.batch_id):
                    self._publish(batch, self._publisher, delivery)
        return delivery

    def _accepted(self, bodies: Mapping[str, str], delivery: Delivery) -> Iterator[tuple[str, LandedFile]]:
        """The files to be tracked, each with the id of the message that announced it."""
        for message_id, body in bodies.items():
            try:
                for file in landed_files(body, self._landing.prefix):
                    delivery.counts["FilesReceived"] += 1
                    if file.date_is_guessed:
                        self._logger.warning("no date in the key: the event's date is used", file_key=file.file_key)
                    refusal = self._landing.refusal(file) or self._overwrite(file)
                    if refusal is None or self._passes_all_the_same(file, *refusal, delivery):
                        yield message_id, file
            except (PipelineError, ClientError, BotoCoreError) as error:
                delivery.failures[message_id] = error

    def _overwrite(self, file: LandedFile) -> tuple[QuarantineReason, str] | None:
        if self._refuses_overwrites and self._tracking.other_versions(file):
            return (
                QuarantineReason.OVERWRITE,
                "other bytes came under this key before, and on_overwrite is quarantine",
            )
        return None

    def _passes_all_the_same(
        self, file: LandedFile, reason: QuarantineReason, message: str, delivery: Delivery
    ) -> bool:
        """Whether somebody released the refused file; one that nobody has seen is set aside."""
        status = self._tracking.file_status(file)
        if status is None:
            self._set_aside(file, reason, message, delivery)
        elif status == "released":
            delivery.released.add(file.file_key)
            self._logger.warning("released file taken", source=file.uri, reason=reason, detail=message)
        else:
            delivery.counts["FilesDuplicate"] += 1
        return status == "released"

    def _set_aside(self, file: LandedFile, reason: QuarantineReason, message: str, delivery: Delivery) -> None:
        copy = self._quarantine.set_aside(file, reason, message)
        if copy is None:
            message += "; the object was gone before it could be copied"
        if self._tracking.quarantined(file, reason, message, self._clock(), self._ttl):
            delivery.counts["FilesQuarantined"] += 1
            delivery.quarantined[reason] += 1
            self._logger.warning(
                "file quarantined", file_key=file.file_key, source=file.uri, reason=reason, detail=message, copy=copy
            )
        else:
            delivery.counts["FilesDuplicate"] += 1

    def _track(self, files: list[LandedFile], delivery: Delivery) -> tuple[SealedBatch, ...]:
        """Plan and commit until the transaction goes through; the batches it sealed."""
        for attempt in range(MAX_COMMIT_ATTEMPTS):
            if not files:
                return ()
            now = self._clock()
            before = self._tracking.open_batch(files[0].date_prefix, self._shards.current(now))
            planned = plan(before, files, self._limits, now, token=secrets.token_hex(4))
            try:
                self._tracking.commit(planned, now)
            except AlreadyTrackedError as error:
                delivery.counts["FilesDuplicate"] += len(error.file_keys)
                files = [file for file in files if file.file_key not in error.file_keys]
            except BatchMovedError:
                delivery.counts["BatchConflicts"] += 1
                self._shards.conflict(now)
                backoff = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2**attempt)
                self._sleep(random.uniform(0, backoff))  # noqa: S311 - jitter
            else:
                delivery.counts["FilesTracked"] += len(files)
                delivery.counts["FilesReleased"] += len(delivery.released & {file.file_key for file in files})
                delivery.counts["ManifestsSealed"] += len(planned.sealed)
                for file, batch_id in planned.assignments:
                    self._logger.info(
                        "file tracked",
                        file_key=file.file_key,
                        source=file.uri,
                        batch_id=batch_id,
                        correlation_id=batch_id,
                    )
                return planned.sealed
        raise ContentionError(
            f"{len(files)} files of {files[0].date_prefix} are not tracked: the open batch moved {attempt + 1} times"
        )

    def _publish(self, batch: SealedBatch, publisher: Publisher, delivery: Delivery) -> None:
        """A failure here fails no message: the manifest item stands, and the sweep publishes what stayed `pending`."""
        try:
            start = publisher.publish_if_pending(batch.date_prefix, batch.batch_id)
        except BreakerOpenError as error:
            delivery.counts["PublishesDeferred"] += 1
            self._logger.warning("manifest left to the sweep", error=str(error))
        except (PipelineError, ClientError, BotoCoreError) as error:
            delivery.counts["PublishFailures"] += 1
            self._logger.error("manifest left to the sweep", error=str(error))
        else:
            if start is not None:
                delivery.counts["ManifestsPublished"] += 1
                delivery.counts["ManifestsStarted"] += start.is_new
                self._logger.info("manifest published", file_count=batch.file_count, start=start)


def _groups(accepted: Iterable[tuple[str, LandedFile]], delivery: Delivery) -> Iterator[list[_Arrival]]:
    """Files of one date, each once, as many as one transaction takes."""
    by_date: defaultdict[str, dict[str, _Arrival]] = defaultdict(dict)
    for message_id, file in accepted:
        arrivals = by_date[file.date_prefix]
        if file.file_key in arrivals:
            arrivals[file.file_key].message_ids.append(message_id)
            delivery.counts["FilesDuplicate"] += 1
        else:
            arrivals[file.file_key] = _Arrival(file, [message_id])
    for arrivals in by_date.values():
        remaining = iter(arrivals.values())
        while group := list(islice(remaining, MAX_FILES_PER_TRANSACTION)):
            yield group
