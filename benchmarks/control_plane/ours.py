"""The pipeline's own code: deliveries of ten messages, publishing, executions' updates, the end of files, one sweep."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from aws_lambda_powertools import Logger

from benchmarks.control_plane.backlog import DATE, FILES_PER_DELIVERY, FILES_PER_MANIFEST, NOW, PREFIX, SHARDS
from benchmarks.control_plane.metering import Meter
from benchmarks.control_plane.processor import JOB_RUN_ID, Processor
from benchmarks.control_plane.stage import Stage
from manifest_builder.service import ManifestBuilder
from ndjson_parquet import metrics
from ndjson_parquet.batching import Limits
from ndjson_parquet.breaker import BreakerItem
from ndjson_parquet.dispatch import ExecutionStarter, GuardedStarter
from ndjson_parquet.executions import Executions
from ndjson_parquet.file_status import FileStatuses
from ndjson_parquet.finishing import Finisher, RunEnd
from ndjson_parquet.items import from_item, to_item
from ndjson_parquet.landing import LandedFile, LandingRules
from ndjson_parquet.manifests import commit_key, record_time
from ndjson_parquet.publishing import Publisher
from ndjson_parquet.run_ends import GlueRun, RunRules
from ndjson_parquet.run_records import RunRecords
from ndjson_parquet.shards import ShardChoice
from ndjson_parquet.store import ManifestStore, Quarantine
from ndjson_parquet.sweeping import SweepRules
from ndjson_parquet.tracking import TrackingTable
from state_manager.service import StateManager

_TTL = timedelta(days=30)
_MEGABYTE = 1024 * 1024
_RULES = SweepRules(
    max_wait=timedelta(minutes=15),
    min_files=1,
    max_attempts=3,
    retry_backoff=timedelta(minutes=5),
    retention=timedelta(days=7),
)


class _Silent(metrics.Meter):
    """Prints no metrics: what is measured are calls."""

    def add(self, name: metrics.MetricName, value: float = 1) -> None:
        pass


class Ours:
    """The functions with production's settings and counted clients. Their clock stands still: every run is the same."""

    def __init__(self, stage: Stage, meter: Meter) -> None:
        self._stage = stage
        self._processor = Processor(meter, stage.table)
        self._dynamodb, self._s3, self._stepfunctions, self._sqs = (
            meter.client(name) for name in ("dynamodb", "s3", "stepfunctions", "sqs")
        )
        self._tracking = TrackingTable(self._dynamodb, stage.table, stage.manifest_bucket)
        self._statuses = FileStatuses(self._dynamodb, stage.table)
        self._store = ManifestStore(self._s3, stage.manifest_bucket)
        self._breaker = BreakerItem(self._dynamodb, stage.table)
        self._logger = Logger(service="benchmark", level="ERROR")
        self._publisher = Publisher(
            self._tracking,
            self._statuses,
            self._store,
            GuardedStarter(ExecutionStarter(self._stepfunctions, stage.state_machine_arn), self._breaker),
            landing_prefix=PREFIX,
            target_part_bytes=512 * _MEGABYTE,
            clock=_now,
        )
        records = RunRecords(
            self._dynamodb,
            stage.metrics_table,
            rules=RunRules(timedelta(minutes=30), 0.44, _TTL),
            meter=_Silent("benchmark"),
            logger=self._logger,
            clock=_now,
        )
        self._finisher = Finisher(
            self._tracking, self._statuses, self._store, records, landing_prefix=PREFIX, ttl=_TTL, clock=_now
        )

    def run(self, files: Sequence[LandedFile]) -> None:
        """Take the files from their messages until as many are completed; one sweep.

        Raises:
            RuntimeError: a delivery or the sweep did not do what it should, so its calls say nothing.
        """
        known = set(self._manifests())
        builder = self._builder()
        for start in range(0, len(files), FILES_PER_DELIVERY):
            bodies = {file.file_key: s3_event(file) for file in files[start : start + FILES_PER_DELIVERY]}
            if failures := builder.receive(bodies).failures:
                raise RuntimeError(f"a delivery failed: {next(iter(failures.values()))!r}")
        for batch_id, attempt in self._manifests().items():
            if batch_id not in known:
                arn = self._stage.execution_arn(f"{batch_id}-{attempt}")
                self._processor.process(batch_id, arn)
                self._write_commit_record(batch_id)
                run = GlueRun(JOB_RUN_ID, seconds=180, dpu_seconds=7200)
                self._finisher.finish(RunEnd("completed", batch_id, DATE, None, arn, attempt, run))
        actions = self._state_manager().sweep().actions
        if any(asdict(actions).values()):
            raise RuntimeError(f"the sweep found work in a backlog that needs none: {actions}")

    def _builder(self) -> ManifestBuilder:
        return ManifestBuilder(
            self._tracking,
            Quarantine(self._s3, self._stage.quarantine_bucket),
            self._publisher,
            landing=LandingRules(PREFIX, 1, 20 * _MEGABYTE, (".ndjson",)),
            limits=Limits(FILES_PER_MANIFEST, 700 * _MEGABYTE),
            refuses_overwrites=False,
            shards=ShardChoice(SHARDS),
            ttl=_TTL,
            logger=self._logger,
            clock=_now,
        )

    def _state_manager(self) -> StateManager:
        return StateManager(
            self._tracking,
            self._publisher,
            self._finisher,
            Executions(self._stepfunctions, self._stage.state_machine_arn),
            self._sqs,
            breaker=self._breaker,
            dead_letter_queue_url=self._stage.dead_letter_queue_url,
            shards=SHARDS,
            rules=_RULES,
            logger=self._logger,
            clock=_now,
        )

    def _manifests(self) -> dict[str, int]:
        """Current attempt of every manifest of the date, by batch."""
        pages = self._stage.dynamodb.get_paginator("query").paginate(
            TableName=self._stage.table,
            KeyConditionExpression="date_prefix = :date AND begins_with(file_key, :prefix)",
            ExpressionAttributeValues=to_item({":date": DATE, ":prefix": "MANIFEST#"}),
            ConsistentRead=True,
        )
        found = (from_item(item) for page in pages for item in page["Items"])
        return {item["batch_id"]: item["attempts"] for item in found}

    def _write_commit_record(self, batch_id: str) -> None:
        """The converter's last step, which is not the control plane's."""
        record: dict[str, Any] = {
            "attempt": 1,
            "job_run_id": JOB_RUN_ID,
            "committed_at": record_time(NOW),
            "bytes_in": 700 * _MEGABYTE,
            "lines_in": 2_000_000,
            "rows_out": 2_000_000,
            "lines_rejected": 0,
            "parts": [{"size_bytes": 128 * _MEGABYTE}],
            "missing": [],
        }
        self._stage.s3.put_object(
            Bucket=self._stage.manifest_bucket, Key=commit_key(DATE, batch_id), Body=json.dumps(record).encode()
        )


def s3_event(file: LandedFile) -> str:
    """The message that announces a file."""
    entity = {
        "key": quote_plus(file.key, safe="/"),
        "size": file.size_bytes,
        "eTag": file.etag,
        "versionId": file.version_id,
    }
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": NOW.isoformat(),
        "s3": {"bucket": {"name": file.bucket}, "object": entity},
    }
    return json.dumps({"Records": [record]})


def _now() -> datetime:
    return NOW
