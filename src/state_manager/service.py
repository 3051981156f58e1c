"""The sweep: it seals batches that waited long enough, and publishes manifests that nobody took up."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.batching import OpenBatch, flush, is_due
from ndjson_parquet.errors import PipelineError
from ndjson_parquet.manifests import ManifestRecord
from ndjson_parquet.publishing import Publisher, utc_now
from ndjson_parquet.tracking import BatchMovedError, TrackingTable


@dataclass
class SweepReport:
    """What one sweep did."""

    batches_flushed: int = 0
    manifests_published: int = 0
    failures: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class StateManager:
    """Moves on what stands still."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        tracking: TrackingTable,
        publisher: Publisher,
        *,
        shards: int,
        max_wait: timedelta,
        min_files: int,
        logger: Logger,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._tracking = tracking
        self._publisher = publisher
        self._shards = shards
        self._max_wait = max_wait
        self._min_files = min_files
        self._logger = logger
        self._clock = clock

    def sweep(self) -> SweepReport:
        """Flush what is due, then publish every manifest at `pending`, those of the flush among them."""
        report = SweepReport()
        self._flush(lambda batch: is_due(batch, self._clock(), self._max_wait, self._min_files), report)
        for manifest in self._tracking.pending_manifests():
            self._publish(manifest, report)
        return report

    def flush(self) -> SweepReport:
        """Seal and publish every open batch now, due or not."""
        report = SweepReport()
        self._flush(lambda _: True, report)
        return report

    def _flush(self, wanted: Callable[[OpenBatch], bool], report: SweepReport) -> None:
        for indexed in self._tracking.open_batches(self._shards):
            batch = self._tracking.open_batch(indexed.date_prefix, indexed.shard)
            if batch.batch_id is None or not wanted(batch):
                continue
            try:
                self._tracking.commit(flush(batch), self._clock())
            except BatchMovedError:
                continue
            report.batches_flushed += 1
            self._publish(self._tracking.manifest(batch.date_prefix, batch.batch_id), report)

    def _publish(self, manifest: ManifestRecord, report: SweepReport) -> None:
        try:
            self._publisher.publish(manifest)
        except (PipelineError, ClientError, BotoCoreError) as error:
            report.failures += 1
            self._logger.error("manifest not published", batch_id=manifest.batch_id, error=str(error))
        else:
            report.manifests_published += 1
            self._logger.info("manifest published", batch_id=manifest.batch_id)
