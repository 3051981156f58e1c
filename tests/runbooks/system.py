"""The deployed pipeline with its alarms: what rings, what was sent to the person on call, what is quiet again."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.deployment import Outputs
from local.embedded_aws import EmbeddedAws
from local.emulator.switches import LANDED_AT
from local.generate import landing_key
from local.reconcile import SentFile
from tests.runbooks.checkout import ENVIRONMENT, Checkout
from tests.runbooks.faults import Faults
from tests.running_pipeline import RunningPipeline, is_of_processor

GOOD = b'{"id": 1, "price": 1.10}\n{"id": 2, "price": 20.00}\n'
BROKEN = b'{"id": 3\n{"id": 4\n'


class System(RunningPipeline):
    """The pipeline that a checkout deployed. Whatever the alerts topic says is heard from the start."""

    # An alarm that looks at an hour in periods of five minutes is quiet two minutes after the last error.
    deadline_seconds = 600

    def __init__(self, aws: EmbeddedAws, checkout: Checkout, outputs: Outputs, folder: Path) -> None:
        super().__init__(aws, outputs)
        self.embedded_aws = aws
        self.checkout = checkout
        self.faults = Faults(aws, self.pipeline)
        self._cloudwatch = aws.client("cloudwatch")
        self._mailbox = self.subscribe_to_alerts()
        self._heard: list[dict[str, Any]] = []
        self._folder = folder
        folder.mkdir()

    def rings(self, key: str, runbook: str) -> dict[str, Any]:
        """Wait for the message that an alarm has gone to ALARM, which names the runbook; the message.

        It may be OK again by now: one that looks at five minutes is, where those are seconds.
        """
        found: list[dict[str, Any]] = []

        def is_told() -> bool:
            self._listen()
            found[:] = [one for one in self._heard if _is_about(one, key)]
            return bool(found)

        self.wait(is_told, f"nobody was told that {key} is in ALARM")
        assert f"docs/runbooks/{runbook}.md" in found[-1]["AlarmDescription"]
        return found[-1]

    def is_quiet(self, *keys: str) -> None:
        """Wait until these alarms are OK and no other is in ALARM, and forget all messages."""
        for key in keys:
            self.wait(lambda key=key: self.state_of(key) == "OK", f"{key} is not OK again")  # type: ignore[misc]
        self.wait(lambda: not self._ringing(), "other alarms are in ALARM")
        self._listen()
        self._heard.clear()

    def becomes_healthy(self) -> None:
        """Wait until `health` says so: of reconciliations that end in one minute it tells the worst."""
        self.wait(
            lambda: self.checkout.start("./ndjson-parquet health").returncode == 0, "it is not healthy", every_seconds=5
        )

    def state_of(self, key: str) -> str:
        """OK, ALARM or INSUFFICIENT_DATA."""
        name = self.name_of(key)
        answer = self._cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        states = [alarm["StateValue"] for kind in ("MetricAlarms", "CompositeAlarms") for alarm in answer[kind]]
        assert states, f"there is no alarm {name}"
        return str(states[0])

    def name_of(self, component: str) -> str:
        """The name of a resource of this deployment."""
        return f"ndjson-parquet-{component}-{ENVIRONMENT}"

    def land(
        self, count: int = 1, *, content: bytes = GOOD, suffix: str = ".ndjson", landed_at: datetime | None = None
    ) -> list[SentFile]:
        """Put files of this content into the landing bucket, under names of their own and today's date."""
        return [self._land(content, suffix, landed_at) for _ in range(count)]

    def land_until_it_rings(self, alarm: str, *, count: int = 1, flush: bool = False) -> list[SentFile]:
        """Land so many files again and again, for an alarm that rings when something goes wrong again and again."""
        sent: list[SentFile] = []

        def rings() -> bool:
            self._listen()
            if any(_is_about(one, alarm) for one in self._heard):
                return True
            sent.extend(self.land(count))
            if flush:
                self.flush_when_tracked(sent)
            return False

        self.wait(rings, f"{alarm} does not ring", every_seconds=3)
        return sent

    def nothing_is_on_its_way(self) -> None:
        """Wait until the queue of file events is empty: what was in work when its function failed has come again."""
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

        def is_empty() -> bool:
            url = self.outputs.file_events_queue_url
            held = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"]
            return all(int(count) == 0 for count in held.values())

        self.wait(is_empty, "the queue of file events still holds messages")

    def batch_of(self, file: SentFile) -> tuple[str, str]:
        """The date and the batch of a file; waits until it is tracked."""
        self.wait(lambda: "batch_id" in self.item_of(file), f"{file.key} is in no batch")
        item = self.item_of(file)
        return item["date_prefix"], item["batch_id"]

    def item_of(self, file: SentFile) -> dict[str, Any]:
        """The file's tracking item; empty while there is none."""
        items = (item for item in self.pipeline.items([file]) if item.get("object_key") == file.key)
        return next(items, {})

    def fails(self, sent: Sequence[SentFile]) -> None:
        """Flush, and wait until all of these files have failed."""
        self.flush_when_tracked(sent)
        self.wait(lambda: self.pipeline.snapshot(sent).files.get("failed") == len(sent), "the files have not failed")

    def flush_when_tracked(self, sent: Sequence[SentFile]) -> None:
        """Seal the batch of these files as soon as all of them are in one."""
        self.wait(lambda: not self.pipeline.snapshot(sent).files.get("landed"), "some files are not tracked")
        self.pipeline.flush()

    def comes_home(self, sent: list[SentFile]) -> None:
        """Wait until all of these files are converted or in quarantine, and compare every record with what was sent."""

        def is_home() -> bool:
            now = self.pipeline.snapshot(sent)
            if now.needs_flush:
                self.pipeline.flush()
            return now.is_done and not now.files.get("failed")

        self.wait(is_home, "some files are not converted")
        result = self.reconciled(sent)
        assert result.problems == ()
        assert result.unaccounted_files == ()

    def running_execution(self, batch_id: str) -> str:
        """The ARN of the execution that converts a batch; waits until it has claimed it."""
        found: list[str] = []

        def is_running() -> bool:
            listed = self.clients.stepfunctions.list_executions(
                stateMachineArn=self.outputs.state_machine_arn, statusFilter="RUNNING"
            )
            found[:] = [one["executionArn"] for one in listed["executions"] if one["name"].startswith(batch_id)]
            return bool(found) and any(run["JobRunState"] == "RUNNING" for run in self.glue_runs())

        self.wait(is_running, f"no execution converts {batch_id}")
        return found[0]

    def fails_again(self, date_prefix: str, batch_id: str) -> None:
        """Give a failed manifest another attempt, and wait until that has failed too."""
        attempts = self.manifest_item(batch_id, date_prefix)["attempts"]
        named = {"date_prefix": date_prefix, "batch_id": batch_id}
        self.act({"action": "retry", "by": "a test", "manifests": [named]})

        def has_failed() -> bool:
            item = self.manifest_item(batch_id, date_prefix)
            return bool(item["status"] == "failed" and item["attempts"] > attempts)

        self.wait(has_failed, f"attempt {attempts + 1} of {batch_id} has not failed")

    def input_retention_days(self) -> set[int]:
        """Days after which the input bucket deletes files."""
        rules = self.clients.s3.get_bucket_lifecycle_configuration(Bucket=self.outputs.input_bucket)["Rules"]
        return {rule["Expiration"]["Days"] for rule in rules if "Days" in rule.get("Expiration", {})}

    def sweep(self) -> None:
        """Do now what the schedule does every minute."""
        self.act({"action": "sweep"})

    def act(self, request: dict[str, Any]) -> dict[str, Any]:
        """Have state_manager do something; its answer."""
        name = self.outputs.state_manager_function
        answer = self.clients.functions.invoke(FunctionName=name, Payload=json.dumps(request))
        content = answer["Payload"].read()
        assert "FunctionError" not in answer, content
        return dict(json.loads(content))

    def _land(self, content: bytes, suffix: str, landed_at: datetime | None) -> SentFile:
        name = f"{uuid.uuid4().hex}{suffix}"
        path = self._folder / name
        path.write_bytes(content)
        bucket, key = self.outputs.input_bucket, landing_key(datetime.now(UTC).date(), name)
        metadata = {LANDED_AT: f"{landed_at:%Y-%m-%dT%H:%M:%S.000Z}"} if landed_at else {}
        answer = self.clients.s3.put_object(Bucket=bucket, Key=key, Body=content, Metadata=metadata)
        return SentFile(path, f"s3://{bucket}/{key}", key, answer["ETag"].strip('"'), len(content))

    def _ringing(self) -> list[str]:
        """The names of the alarms that are in ALARM."""
        answer = self._cloudwatch.describe_alarms(StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        return [alarm["AlarmName"] for kind in ("MetricAlarms", "CompositeAlarms") for alarm in answer[kind]]

    def _listen(self) -> None:
        """Take everything out of the mailbox."""
        while messages := self._sqs.receive_message(QueueUrl=self._mailbox, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                alert = json.loads(message["Body"])
                if not is_of_processor(alert):
                    self._heard.append(json.loads(alert["Message"]))
                self._sqs.delete_message(QueueUrl=self._mailbox, ReceiptHandle=message["ReceiptHandle"])


def _is_about(message: dict[str, Any], key: str) -> bool:
    return message.get("AlarmName") == f"ndjson-parquet-{key}-{ENVIRONMENT}" and message["NewStateValue"] == "ALARM"
