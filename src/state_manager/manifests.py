"""What an operator does with batches and manifests: flush and retry."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.batching import OpenBatch, flush
from ndjson_parquet.errors import BreakerOpenError, PipelineError, UnknownBatchError
from ndjson_parquet.manifests import parse_time
from ndjson_parquet.operations import MAX_ITEMS, Budget, Cursor, Flush, Progress, Retry
from ndjson_parquet.publishing import Publisher, utc_now
from ndjson_parquet.tracking import BatchMovedError, TrackingTable

Subject = TypeVar("Subject")


class ManifestActions:
    """Moves batches and manifests on before the sweep would, or when it no longer would."""

    def __init__(
        self,
        tracking: TrackingTable,
        publisher: Publisher,
        *,
        shards: int,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._tracking = tracking
        self._publisher = publisher
        self._shards = shards
        self._clock = clock

    def flush(self, request: Flush, budget: Budget, progress: Progress) -> Cursor | None:
        """Seal and publish the batches that were open when this was asked for."""
        asked_at = request.cursor.asked_at
        waiting = (one for one in self._tracking.open_batches(self._shards) if _is_older(one, asked_at))
        for position, indexed in _rest(waiting, request):
            if position - request.cursor.next == MAX_ITEMS or budget.is_spent:
                return Cursor(request.cursor.at, next=position)
            batch = self._tracking.open_batch(indexed.date_prefix, indexed.shard)
            if _is_older(batch, asked_at):
                self._flush(batch, request, progress)
        return None

    def retry(self, request: Retry, budget: Budget, progress: Progress) -> Cursor | None:
        """Give failed manifests another attempt, however many they have had."""
        manifests = iter(request.manifests) if request.manifests else self._failed(request.cursor.asked_at)
        for position, (date_prefix, batch_id) in _rest(manifests, request):
            if position - request.cursor.next == MAX_ITEMS or budget.is_spent:
                return Cursor(request.cursor.at, next=position)
            self._retry(date_prefix, batch_id, request, progress)
        return None

    def _failed(self, asked_at: datetime) -> Iterator[tuple[str, str]]:
        """Those that the index has as failed, and that have been since."""
        for item in self._tracking.manifest_items("failed"):
            if parse_time(item["updated_at"]) < asked_at:
                yield item["date_prefix"], item["batch_id"]

    def _retry(self, date_prefix: str, batch_id: str, request: Retry, progress: Progress) -> None:
        try:
            manifest = self._tracking.manifest(date_prefix, batch_id)
        except UnknownBatchError as error:
            return progress.note(batch_id, "not_found", str(error))
        if manifest.status != "failed":
            return progress.note(batch_id, "not_failed", f"it is {manifest.status}: there is nothing to retry")
        if parse_time(manifest.updated_at) >= request.cursor.asked_at:
            return progress.note(batch_id, "failed_since", "it has failed once more since this was asked for")
        if request.dry_run:
            return progress.note(batch_id, "retried", f"attempt {manifest.attempts + 1}: {manifest.error_message}")
        if not self._tracking.next_attempt(manifest, self._clock()):
            return progress.note(batch_id, "not_failed", "somebody else has just retried it")
        detail = f"attempt {manifest.attempts + 1}" + self._publish(date_prefix, batch_id, progress)
        return progress.note(batch_id, "retried", detail)

    def _flush(self, batch: OpenBatch, request: Flush, progress: Progress) -> None:
        subject = f"{batch.date_prefix} shard {batch.shard}"
        detail = f"{batch.file_count} {'file' if batch.file_count == 1 else 'files'} in {batch.batch_id}"
        if not request.dry_run:
            plan = flush(batch)
            try:
                self._tracking.commit(plan, self._clock())
            except BatchMovedError:
                return progress.note(subject, "moved", "files came at the same moment; flush once more")
            [sealed] = plan.sealed
            detail += self._publish(sealed.date_prefix, sealed.batch_id, progress)
        progress.counts["files"] += batch.file_count
        return progress.note(subject, "flushed", detail)

    def _publish(self, date_prefix: str, batch_id: str, progress: Progress) -> str:
        """Words for what kept it from being published: the manifest is `pending`, and so the sweep's to publish."""
        try:
            self._publisher.publish_if_pending(date_prefix, batch_id)
        except BreakerOpenError as error:
            progress.counts["deferred"] += 1
            return f"; {error}"
        except (PipelineError, ClientError, BotoCoreError) as error:
            progress.counts["publish_failures"] += 1
            return f"; left to the sweep: {error}"
        return ""


def _rest(subjects: Iterable[Subject], request: Flush | Retry) -> Iterator[tuple[int, Subject]]:
    """What the pieces before have left, numbered: what they changed is no longer found, but is named still."""
    is_found_again = request.dry_run or (isinstance(request, Retry) and request.manifests)
    start = request.cursor.next
    return enumerate(islice(subjects, start if is_found_again else 0, None), start)


def _is_older(batch: OpenBatch, asked_at: datetime) -> bool:
    return batch.batch_id is not None and batch.opened_at is not None and batch.opened_at <= asked_at
