"""Where a measurement takes place: a table with the backlog in it, buckets, a queue, a state machine that waits."""

import json
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

from benchmarks.control_plane.backlog import SHARDS, Batch, batches, items
from local.embedded_aws import ACCOUNT_ID, EmbeddedAws
from ndjson_parquet.items import to_item

_WAITING = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 86_400, "End": True}}})
_ITEMS_PER_WRITE = 25
_WRITERS = 4


class Stage:
    """Resources that no other measurement sees. Its own clients are not counted."""

    def __init__(self, aws: EmbeddedAws, backlog_files: int) -> None:
        name = f"control-plane-{uuid.uuid4().hex[:8]}"
        self.aws = aws
        self.backlog_files = backlog_files
        self.table, self.metrics_table = name, f"{name}-metrics"
        self.input_bucket, self.manifest_bucket, self.quarantine_bucket = (
            f"{name}-{kind}" for kind in ("input", "manifest", "quarantine")
        )
        self.dynamodb = aws.client("dynamodb")
        self.s3 = aws.client("s3")
        self.stepfunctions = aws.client("stepfunctions")
        self._create_tables()
        for bucket in (self.input_bucket, self.manifest_bucket, self.quarantine_bucket):
            self.s3.create_bucket(Bucket=bucket)
        self.dead_letter_queue_url = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        self.state_machine_arn = self.stepfunctions.create_state_machine(
            name=name, definition=_WAITING, roleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/processor"
        )["stateMachineArn"]
        self._seed(batches(backlog_files))

    def execution_arn(self, name: str) -> str:
        return f"{self.state_machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}"

    def files_completed(self) -> int:
        """How many files are `completed`, in any shard."""
        pages = self.dynamodb.get_paginator("query")
        return sum(
            page["Count"]
            for shard in range(SHARDS)
            for page in pages.paginate(
                TableName=self.table,
                IndexName="status-index",
                KeyConditionExpression="#status = :status",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=to_item({":status": f"completed#{shard}"}),
                Select="COUNT",
            )
        )

    def remove(self) -> None:
        """Give the emulator its memory back."""
        for table in (self.table, self.metrics_table):
            self.dynamodb.delete_table(TableName=table)

    def _seed(self, backlog: Sequence[Batch]) -> None:
        written = chain.from_iterable(
            items(batch, self.input_bucket, self.manifest_bucket, self.execution_arn(f"{batch.batch_id}-1"))
            for batch in backlog
        )
        requests = [{"PutRequest": {"Item": to_item(item)}} for item in written]
        chunks = [requests[start : start + _ITEMS_PER_WRITE] for start in range(0, len(requests), _ITEMS_PER_WRITE)]
        with ThreadPoolExecutor(_WRITERS) as writers:
            # Consumed, so that a failed write is raised.
            list(writers.map(self._write, chunks))
        for batch in backlog:
            if batch.state == "processing":
                self.stepfunctions.start_execution(
                    stateMachineArn=self.state_machine_arn, name=f"{batch.batch_id}-1", input="{}"
                )

    def _write(self, requests: list[dict[str, Any]]) -> None:
        left = self.dynamodb.batch_write_item(RequestItems={self.table: requests})["UnprocessedItems"]
        if left:
            raise RuntimeError(f"table {self.table} left {len(left[self.table])} items of the backlog unwritten")

    def _create_tables(self) -> None:
        """The tables as modules/tracking declares them."""
        self.dynamodb.create_table(
            TableName=self.metrics_table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "metric_date", "AttributeType": "S"},
                {"AttributeName": "metric_key", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "metric_date", "KeyType": "HASH"},
                {"AttributeName": "metric_key", "KeyType": "RANGE"},
            ],
        )
        names = ("date_prefix", "file_key", "status")
        self.dynamodb.create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=[
                {"AttributeName": "date_prefix", "KeyType": "HASH"},
                {"AttributeName": "file_key", "KeyType": "RANGE"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "status-index",
                    "KeySchema": [
                        {"AttributeName": "status", "KeyType": "HASH"},
                        {"AttributeName": "date_prefix", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
