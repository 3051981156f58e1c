"""The sweep: what would otherwise wait for ever is moved on.

It reads a bounded part of each state through the index, never the table, and each duty handles a bounded number. A duty
that fails is counted and does not keep the others from running; whatever is left over is the next sweep's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.batching import OpenBatch, flush, is_due
from ndjson_parquet.breaker import BreakerItem, State
from ndjson_parquet.dispatch import Start
from ndjson_parquet.errors import BreakerOpenError, PipelineError
from ndjson_parquet.executions import Execution, Executions
from ndjson_parquet.finishing import Finisher, RunEnd, error_text
from ndjson_parquet.items import manifest_record
from ndjson_parquet.manifests import ManifestRecord, parse_time
from ndjson_parquet.metrics import SweepMetric
from ndjson_parquet.publishing import Publisher, utc_now
from ndjson_parquet.sweeping import (
    SweepRules,
    Verdict,
    bounded,
    is_given_up,
    is_unpublished,
    manifest_of,
    retry_is_due,
    verdict,
)
from ndjson_parquet.tracking import BatchMovedError, ManifestStatus, TrackingTable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

STANDING: tuple[ManifestStatus, ...] = ("pending", "processing", "failed")
READ_AT_MOST = 1000
"""Items of one state that a sweep reads."""


@dataclass
class Actions:
    """What one sweep did."""

    batches_flushed: int = 0
    manifests_published: int = 0
    manifests_started: int = 0
    publishes_deferred: int = 0
    manifests_retried: int = 0
    manifests_freed: int = 0
    manifests_finished: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits. Counts stop at READ_AT_MOST; ages are in seconds."""

    open_batches: int
    open_files: int
    manifests_pending: int
    manifests_processing: int
    manifests_failed: int
    manifests_exhausted: int
    manifests_at_risk: int
    """Manifests whose source objects the bucket's lifecycle will delete before long."""
    oldest_pending_seconds: int
    """Age of the oldest file that is not converted."""
    oldest_manifest_seconds: int
    """Age of the oldest manifest that is not converted."""
    dead_letters: int
    breaker_is_open: int


@dataclass(frozen=True, slots=True)
class SweepReport:
    actions: Actions
    backlog: Backlog

    def as_dict(self) -> dict[str, int]:
        return asdict(self.actions) | asdict(self.backlog)


METRICS: Mapping[str, SweepMetric] = {
    "batches_flushed": "BatchesFlushed",
    "manifests_published": "ManifestsPublished",
    "manifests_started": "ManifestsStarted",
    "publishes_deferred": "PublishesDeferred",
    "manifests_retried": "ManifestsRetried",
    "manifests_freed": "ManifestsFreed",
    "manifests_finished": "ManifestsFinished",
    "failures": "SweepFailures",
    "open_batches": "OpenBatches",
    "open_files": "OpenFiles",
    "manifests_pending": "ManifestsPending",
    "manifests_processing": "ManifestsProcessing",
    "manifests_failed": "ManifestsFailedStanding",
    "manifests_exhausted": "ManifestsExhausted",
    "manifests_at_risk": "ManifestsAtRisk",
    "oldest_pending_seconds": "OldestPendingSeconds",
    "oldest_manifest_seconds": "OldestManifestSeconds",
    "dead_letters": "DeadLetters",
    "breaker_is_open": "BreakerOpen",
}
"""The metric of each number of the report."""


class StateManager:
    """Moves on what stands still."""

    def __init__(  # noqa: PLR0913 - one collaborator per duty
        self,
        tracking: TrackingTable,
        publisher: Publisher,
        finisher: Finisher,
        executions: Executions,
        sqs: "SQSClient",
        *,
        breaker: BreakerItem,
        dead_letter_queue_url: str,
        shards: int,
        rules: SweepRules,
        logger: Logger,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._tracking = tracking
        self._publisher = publisher
        self._finisher = finisher
        self._executions = executions
        self._sqs = sqs
        self._breaker = breaker
        self._dead_letter_queue_url = dead_letter_queue_url
        self._shards = shards
        self._rules = rules
        self._logger = logger
        self._clock = clock

    def sweep(self) -> SweepReport:
        """Do every duty, then measure what is left."""
        actions = Actions()
        for duty in (
            self._flush_due,
            self._free_stopped,
            self._retry_failed,
            self._publish_pending,
            self._finish_completed,
        ):
            with self._counted(actions, duty.__name__.strip("_")):
                duty(actions)
        return SweepReport(actions, self.backlog(actions))

    def backlog(self, actions: Actions) -> Backlog:
        """What waits, and since when. Items that cannot be read are counted as failures."""
        batches = list(islice(self._tracking.open_batches(self._shards), READ_AT_MOST))
        pending, processing, failed = (self._manifests(status, actions) for status in STANDING)
        now = self._clock()
        sealed = (*pending, *processing)
        waiting = [batch.opened_at for batch in batches if batch.opened_at]
        waiting += [parse_time(manifest.opened_at) for manifest in sealed]
        unconverted = (*pending, *processing, *failed)
        return Backlog(
            open_batches=len(batches),
            open_files=sum(batch.file_count for batch in batches),
            manifests_pending=len(pending),
            manifests_processing=len(processing),
            manifests_failed=len(failed),
            manifests_exhausted=sum(manifest.attempts_spent >= self._rules.max_attempts for manifest in failed),
            manifests_at_risk=sum(now - parse_time(m.created_at) > self._rules.retention / 2 for m in unconverted),
            oldest_pending_seconds=_longest_wait(waiting, now),
            oldest_manifest_seconds=_longest_wait((parse_time(manifest.created_at) for manifest in sealed), now),
            dead_letters=self._dead_letters(),
            breaker_is_open=int(self._breaker.read().state is not State.CLOSED),
        )

    def _flush_due(self, actions: Actions) -> None:
        """Open batches that waited long enough, and those of dates that are over."""
        for indexed in islice(self._tracking.open_batches(self._shards), READ_AT_MOST):
            if not self._is_due(indexed):
                continue
            with self._counted(actions, f"{indexed.date_prefix} shard {indexed.shard}"):
                batch = self._tracking.open_batch(indexed.date_prefix, indexed.shard)
                if self._is_due(batch):
                    self._seal(batch, actions)

    def _is_due(self, batch: OpenBatch) -> bool:
        return is_due(batch, self._clock(), self._rules.max_wait, self._rules.min_files)

    def _publish_pending(self, actions: Actions) -> None:
        """Manifests that nobody took up."""
        now = self._clock()
        stale = (m for m in self._manifests("pending", actions) if is_unpublished(m, now, self._rules))
        for manifest in bounded(stale, self._rules):
            if not self._publish(manifest, actions):
                return

    def _retry_failed(self, actions: Actions) -> None:
        """Failed manifests with attempts left become pending again and are published; others' files are failed too."""
        now, failed = self._clock(), self._manifests("failed", actions)
        for manifest in bounded((m for m in failed if retry_is_due(m, now, self._rules)), self._rules):
            self._try_again(manifest, actions)
        for manifest in bounded((m for m in failed if is_given_up(m, now, self._rules)), self._rules):
            self._fail_files(manifest, actions)

    def _free_stopped(self, actions: Actions) -> None:
        """Manifests at `processing` whose execution has ended; those longest without a change first."""
        grace = self._clock() - self._rules.claim_grace
        quiet = [m for m in self._manifests("processing", actions) if parse_time(m.updated_at) <= grace]
        if not quiet:
            return
        running = self._executions.running(READ_AT_MOST)
        stopped = (m for m in quiet if m.execution_arn not in running)
        for manifest in bounded(sorted(stopped, key=lambda m: m.updated_at), self._rules):
            with self._counted(actions, manifest):
                self._settle(manifest, self._executions.describe(manifest.execution_arn or ""), actions)

    def _finish_completed(self, actions: Actions) -> None:
        """Completed manifests whose files were not updated: the execution failed after the rows were visible."""
        since, files = self._clock() - self._rules.look_back, 0
        for arn in self._executions.unsuccessful(since, self._rules.limit):
            with self._counted(actions, arn):
                execution = self._executions.describe(arn)
                if found := manifest_of(execution):
                    manifest = self._tracking.manifest(*found)
                    files += 0 if manifest.files_are_settled else manifest.file_count
                    self._settle(manifest, execution, actions)
            if files > self._rules.file_limit:
                return

    def _settle(self, manifest: ManifestRecord, execution: Execution, actions: Actions) -> None:
        match verdict(manifest, execution):
            case Verdict.FAIL:
                message = f"the execution ended as {execution.status}: {execution.cause or 'no cause given'}"
                if self._tracking.execution_ended(manifest, message, self._clock()):
                    self._finisher.finish(RunEnd("failed", manifest.batch_id, manifest.date_prefix, message))
                    actions.manifests_freed += 1
            case Verdict.FINISH_FILES:
                self._finisher.finish(RunEnd("completed", manifest.batch_id, manifest.date_prefix, None))
                actions.manifests_finished += 1
            case Verdict.NEW_ATTEMPT:
                self._try_again(manifest, actions)
            case Verdict.LEAVE:
                return
        batch_id = manifest.batch_id
        self._logger.warning(
            "manifest settled", batch_id=batch_id, correlation_id=batch_id, execution_arn=execution.arn
        )

    def _fail_files(self, manifest: ManifestRecord, actions: Actions) -> None:
        """status_updater was out of reach, or the sweep that freed the manifest got no further."""
        with self._counted(actions, manifest):
            message = error_text(manifest.error_message or "")
            self._finisher.finish(RunEnd("failed", manifest.batch_id, manifest.date_prefix, message))
            actions.manifests_finished += 1

    def _try_again(self, manifest: ManifestRecord, actions: Actions) -> None:
        with self._counted(actions, manifest):
            if self._tracking.next_attempt(manifest, self._clock()):
                actions.manifests_retried += 1
                self._publish(self._tracking.manifest(manifest.date_prefix, manifest.batch_id), actions)

    def _seal(self, batch: OpenBatch, actions: Actions) -> None:
        plan = flush(batch)
        try:
            self._tracking.commit(plan, self._clock())
        except BatchMovedError:
            return
        actions.batches_flushed += 1
        [sealed] = plan.sealed
        self._publish(self._tracking.manifest(sealed.date_prefix, sealed.batch_id), actions)

    def _publish(self, manifest: ManifestRecord, actions: Actions) -> bool:
        """Publish it; False when the breaker is open, and so for every manifest."""
        try:
            with self._counted(actions, manifest):
                start = self._publisher.publish(manifest)
                actions.manifests_published += 1
                actions.manifests_started += start.is_new
                batch_id = manifest.batch_id
                self._logger.info("manifest published", batch_id=batch_id, correlation_id=batch_id, start=start)
                if start is Start.WAS_STARTED_BEFORE:
                    # A name is taken for 90 days: an execution that ended before it claimed its manifest blocks it.
                    self._settle(manifest, self._executions.named(manifest.execution_name), actions)
        except BreakerOpenError:
            actions.publishes_deferred += 1
            return False
        return True

    def _manifests(self, status: ManifestStatus, actions: Actions) -> list[ManifestRecord]:
        manifests = []
        for item in islice(self._tracking.manifest_items(status), READ_AT_MOST):
            with self._counted(actions, item["file_key"]):
                manifests.append(manifest_record(item))
        return manifests

    def _dead_letters(self) -> int:
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._dead_letter_queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    @contextmanager
    def _counted(self, actions: Actions, what: str | ManifestRecord) -> Iterator[None]:
        """One thing that cannot be moved on does not hold up the others."""
        try:
            yield
        except BreakerOpenError:
            raise
        except (PipelineError, ClientError, BotoCoreError) as error:
            actions.failures += 1
            batch_id = what.batch_id if isinstance(what, ManifestRecord) else None
            self._logger.error(
                "left to the next sweep",
                subject=batch_id or what,
                correlation_id=batch_id,
                error=str(error),
                kind=type(error).__name__,
            )


def _longest_wait(since: Iterable[datetime], now: datetime) -> int:
    """Seconds since the earliest time; 0 when nothing waits."""
    return int((now - min(since, default=now)).total_seconds())
