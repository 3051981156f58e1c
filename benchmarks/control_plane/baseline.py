"""The design that this one replaces, in its cheapest reading: state lives in the files' items and is found by queries.

    every delivery   PutItem per file
                     query of the date's pending files, over every shard, all pages
                     query of pending files of earlier dates, over every shard: the orphans
    a full batch     UpdateItem per file claims it; the manifest's object and item; StartExecution
    its end          UpdateItem per file completes it

The backlog stays as large as it is: as many files are claimed as land.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from benchmarks.control_plane.backlog import (
    DATE,
    FILES_PER_DELIVERY,
    FILES_PER_MANIFEST,
    NOW,
    SHARDS,
    pending_files,
)
from benchmarks.control_plane.metering import Meter
from benchmarks.control_plane.processor import JOB_RUN_ID, Processor
from benchmarks.control_plane.stage import Stage
from ndjson_parquet.batching import SealedBatch
from ndjson_parquet.items import file_item, from_item, item_key, manifest_item, to_item
from ndjson_parquet.landing import LandedFile
from ndjson_parquet.manifests import manifest_key, record_time

_TTL = timedelta(days=30)


class Baseline:
    """One writer of the replaced design."""

    def __init__(self, stage: Stage, meter: Meter) -> None:
        self._stage = stage
        self._dynamodb, self._s3, self._stepfunctions = (
            meter.client(name) for name in ("dynamodb", "s3", "stepfunctions")
        )
        self._processor = Processor(meter, stage.table)
        self._held = pending_files(stage.backlog_files)
        self._manifests = 0

    def run(self, files: Sequence[LandedFile]) -> None:
        """Take the files until as many are completed."""
        for start in range(0, len(files), FILES_PER_DELIVERY):
            for ordinal, file in enumerate(files[start : start + FILES_PER_DELIVERY]):
                self._put(file, shard=ordinal % SHARDS)
            pending = list(self._pending("date_prefix = :date"))
            orphans = list(self._pending("date_prefix < :date"))
            if len(pending) + len(orphans) - self._held >= FILES_PER_MANIFEST:
                oldest = (orphans + pending)[:FILES_PER_MANIFEST]
                self._complete(self._claim(list(map(from_item, oldest))))

    def _put(self, file: LandedFile, shard: int) -> None:
        self._dynamodb.put_item(
            TableName=self._stage.table,
            Item=to_item(file_item(file, "pending", shard, NOW)),
            ConditionExpression="attribute_not_exists(file_key)",
        )

    def _pending(self, dates: str) -> Iterator[dict[str, Any]]:
        """Items of pending files as the index lists them: one query per shard and page."""
        for shard in range(SHARDS):
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._stage.table,
                IndexName="status-index",
                KeyConditionExpression=f"#status = :status AND {dates}",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=to_item({":status": f"pending#{shard}", ":date": DATE}),
            )
            for page in pages:
                yield from page["Items"]

    def _claim(self, files: Sequence[dict[str, Any]]) -> str:
        """Make a manifest of pending files and start it; its batch."""
        self._manifests += 1
        batch_id = f"{NOW:%Y%m%dT%H%M%S}-baseline-{self._manifests}"
        path = f"s3://{self._stage.manifest_bucket}/{manifest_key(DATE, batch_id)}"
        for file in files:
            values = {"batch_id": batch_id, "manifest_path": path}
            self._change(file, f"pending#{file['shard_id']}", f"manifested#{file['shard_id']}", values)
        body = json.dumps({"files": files}).encode()
        self._s3.put_object(Bucket=self._stage.manifest_bucket, Key=manifest_key(DATE, batch_id), Body=body)
        sealed = SealedBatch(DATE, 0, batch_id, len(files), sum(file["size_bytes"] for file in files), NOW)
        self._dynamodb.put_item(TableName=self._stage.table, Item=to_item(manifest_item(sealed, path, NOW)))
        self._stepfunctions.start_execution(
            stateMachineArn=self._stage.state_machine_arn, name=batch_id, input=json.dumps({"batch_id": batch_id})
        )
        return batch_id

    def _complete(self, batch_id: str) -> None:
        """The same state machine, then the end of every file that the manifest lists."""
        self._processor.process(batch_id, self._stage.execution_arn(batch_id))
        body = self._s3.get_object(Bucket=self._stage.manifest_bucket, Key=manifest_key(DATE, batch_id))["Body"]
        ttl = int((NOW + _TTL).timestamp())
        for file in json.loads(body.read())["files"]:
            values = {"glue_job_run_id": JOB_RUN_ID, "ttl": ttl}
            self._change(file, f"manifested#{file['shard_id']}", f"completed#{file['shard_id']}", values)

    def _change(self, file: dict[str, Any], leaves: str, status: str, values: dict[str, Any]) -> None:
        changed = {"status": status, "updated_at": record_time(NOW), **values}
        self._dynamodb.update_item(
            TableName=self._stage.table,
            Key=item_key(file["date_prefix"], file["file_key"]),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changed),
            ConditionExpression="#status = :leaves",
            ExpressionAttributeNames={f"#{name}": name for name in changed},
            ExpressionAttributeValues=to_item({":leaves": leaves, **{f":{k}": v for k, v in changed.items()}}),
        )
