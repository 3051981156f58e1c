"""A deployed pipeline as tests use it: files sent, everything settled, every record compared."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from local.access import Access
from local.deployment import Outputs
from local.embedded_aws import EmbeddedAws
from local.evidence import gather, objects, read_uri
from local.pipeline import Clients, Pipeline
from local.reconcile import Reconciliation, SentFile, reconcile
from local.sending import Outgoing, send
from ndjson_parquet.items import from_item, item_key, manifest_record
from ndjson_parquet.manifests import execution_input


class RunningPipeline:
    """A pipeline that somebody deployed, and the ways tests use it."""

    deadline_seconds = 240

    def __init__(self, aws: EmbeddedAws | Access, outputs: Outputs) -> None:
        self.aws = aws
        self.outputs = outputs
        self.clients = Clients.of(aws)
        self.pipeline = Pipeline(self.clients, self.outputs)
        self._sqs = aws.client("sqs")
        self._sns = aws.client("sns")

    def send(self, outgoing: list[Outgoing]) -> list[SentFile]:
        return send(self.clients.s3, self.outputs.input_bucket, outgoing)

    def reconciled(self, sent: list[SentFile]) -> Reconciliation:
        """Every file, line and value of these files against what the pipeline left."""
        return reconcile(sent, gather(self.pipeline, sent))

    def settle(self, sent: list[SentFile]) -> None:
        """Wait until every one of these files has ended, flushing what is left in open batches."""

        def is_done() -> bool:
            now = self.pipeline.snapshot(sent)
            if now.needs_flush:
                self.pipeline.flush()
            return now.is_done

        self.wait(is_done, "some files or manifests still wait")

    def enqueue(self, body: str) -> None:
        self._sqs.send_message(QueueUrl=self.outputs.file_events_queue_url, MessageBody=body)

    def dead_letters(self) -> list[str]:
        """The bodies in the dead-letter queue, when there are any."""
        bodies: list[str] = []

        def read() -> bool:
            answer = self._sqs.receive_message(
                QueueUrl=self.outputs.dead_letter_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0
            )
            bodies[:] = [message["Body"] for message in answer.get("Messages", [])]
            return bool(bodies)

        self.wait(read, "the dead-letter queue is empty")
        return bodies

    def wait_until_queue_is_empty(self) -> None:
        """But for the poison, which comes again until it is a dead letter."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

        def holds() -> int:
            url = self.outputs.file_events_queue_url
            counts = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            return sum(int(count) for count in counts.values())

        self.wait(lambda: holds() <= 1, "the queue of file events still holds messages")

    def read(self, uri: str) -> bytes:
        return read_uri(self.clients.s3, uri)

    def commit_records(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in objects(self.clients.s3, self.outputs.manifest_bucket, "commits/")]

    def parquet_keys(self, batch_id: str) -> list[str]:
        pages = self.clients.s3.get_paginator("list_objects_v2").paginate(Bucket=self.outputs.output_bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", []) if batch_id in entry["Key"]]

    def manifest_item(self, batch_id: str, date_prefix: str = "2026-11-20") -> dict[str, Any]:
        key = item_key(date_prefix, f"MANIFEST#{batch_id}")
        answer = self.clients.dynamodb.get_item(TableName=self.outputs.tracking_table, Key=key, ConsistentRead=True)
        return from_item(answer["Item"])

    def glue_runs(self) -> list[Any]:
        return self.clients.glue.get_job_runs(JobName=self.outputs.glue_job)["JobRuns"]

    def execute(self, batch_id: str, date_prefix: str, attempt: int) -> Any:
        """Run the state machine once more for a manifest, and wait for its end."""
        record = replace(manifest_record(self.manifest_item(batch_id, date_prefix)), attempts=attempt)
        started = self.clients.stepfunctions.start_execution(
            stateMachineArn=self.outputs.state_machine_arn,
            name=record.execution_name,
            input=json.dumps(execution_input(record, datetime.now(UTC))),
        )
        arn = started["executionArn"]
        describe = self.clients.stepfunctions.describe_execution
        self.wait(lambda: describe(executionArn=arn)["status"] != "RUNNING", f"{arn} still runs")
        return describe(executionArn=arn)

    def last_state(self, execution: Any) -> str:
        """The state in which an execution ended."""
        history = self.clients.stepfunctions.get_execution_history(executionArn=execution["executionArn"])["events"]
        entered = [
            event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event
        ]
        return str(entered[-1])

    def subscribe_to_alerts(self) -> str:
        """The URL of a new queue that hears of every alert."""
        from_sns = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{**from_sns, "Resource": "*"}]})
        name = f"alerts-{uuid.uuid4().hex}"
        url = self._sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self._sns.subscribe(TopicArn=self.outputs.alerts_topic_arn, Protocol="sqs", Endpoint=arn)
        return str(url)

    def next_alert(self, queue_url: str) -> str:
        """The text of the processor's next alert; those of alarms come to the same topic."""
        while messages := self._receive(queue_url):
            alerts = [json.loads(message["Body"]) for message in messages]
            if found := [alert["Message"] for alert in alerts if is_of_processor(alert)]:
                return str(found[0])
        raise AssertionError("no alert came within 20 s")

    def _receive(self, queue_url: str) -> Sequence[Any]:
        answer = self._sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        messages: Sequence[Any] = answer.get("Messages", [])
        return messages

    @contextmanager
    def script_removed(self) -> Iterator[None]:
        """The Glue job's script is not in its bucket."""
        location = self.clients.glue.get_job(JobName=self.outputs.glue_job)["Job"]["Command"]["ScriptLocation"]
        bucket, _, key = location.removeprefix("s3://").partition("/")
        self._move_object(bucket, key, "aside/" + key)
        try:
            yield
        finally:
            self._move_object(bucket, "aside/" + key, key)

    def _move_object(self, bucket: str, key: str, to: str) -> None:
        self.clients.s3.copy_object(Bucket=bucket, Key=to, CopySource={"Bucket": bucket, "Key": key})
        self.clients.s3.delete_object(Bucket=bucket, Key=key)

    def wait(self, is_done: Callable[[], bool], problem: str, every_seconds: float = 0.5) -> None:
        """Ask until it is done. Fails after `deadline_seconds` with the problem and the end of the server's log."""
        deadline = time.monotonic() + self.deadline_seconds
        while not is_done():
            if time.monotonic() > deadline:
                log = self.aws.log.read_text()[-4000:] if isinstance(self.aws, EmbeddedAws) else ""
                pytest.fail(f"after {self.deadline_seconds} s {problem}\n{log}")
            time.sleep(every_seconds)


def is_of_processor(alert: Mapping[str, Any]) -> bool:
    """Whether a message of the alerts topic is the processor's, and not an alarm's."""
    return str(alert.get("Subject", "")).endswith(": manifest failed")
