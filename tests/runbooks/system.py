"""The deployed pipeline with its alarms: what rings, what was sent to the person on call, what is quiet again."""

import json
from typing import Any

from local.deployment import Outputs
from local.embedded_aws import EmbeddedAws
from tests.runbooks.checkout import ENVIRONMENT, Checkout
from tests.running_pipeline import RunningPipeline


class System(RunningPipeline):
    """The pipeline that a checkout deployed. Whatever the alerts topic says is heard from the start."""

    def __init__(self, aws: EmbeddedAws, checkout: Checkout, outputs: Outputs) -> None:
        super().__init__(aws, outputs)
        self.embedded_aws = aws
        self.checkout = checkout
        self._cloudwatch = aws.client("cloudwatch")
        self._mailbox = self.subscribe_to_alerts()
        self._heard: list[dict[str, Any]] = []

    def rings(self, key: str, runbook: str) -> dict[str, Any]:
        """Wait for an alarm and for its message, which names the runbook; the message."""
        self.wait(lambda: self.state_of(key) == "ALARM", f"{key} is not in ALARM")
        found: list[dict[str, Any]] = []

        def is_told() -> bool:
            self._listen()
            found[:] = [one for one in self._heard if _is_about(one, key)]
            return bool(found)

        self.wait(is_told, f"nobody was told of {key}")
        assert f"docs/runbooks/{runbook}.md" in found[-1]["AlarmDescription"]
        return found[-1]

    def is_quiet(self, key: str) -> None:
        """Wait until an alarm is OK again, and forget its messages."""
        self.wait(lambda: self.state_of(key) == "OK", f"{key} is not OK again")
        self._listen()
        self._heard = [one for one in self._heard if not _is_about(one, key)]

    def state_of(self, key: str) -> str:
        """OK, ALARM or INSUFFICIENT_DATA."""
        name = f"ndjson-parquet-{key}-{ENVIRONMENT}"
        answer = self._cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        states = [alarm["StateValue"] for kind in ("MetricAlarms", "CompositeAlarms") for alarm in answer[kind]]
        assert states, f"there is no alarm {name}"
        return str(states[0])

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

    def _listen(self) -> None:
        """Take everything out of the mailbox."""
        while messages := self._sqs.receive_message(QueueUrl=self._mailbox, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._heard.append(json.loads(json.loads(message["Body"])["Message"]))
                self._sqs.delete_message(QueueUrl=self._mailbox, ReceiptHandle=message["ReceiptHandle"])


def _is_about(message: dict[str, Any], key: str) -> bool:
    return message.get("AlarmName") == f"ndjson-parquet-{key}-{ENVIRONMENT}" and message["NewStateValue"] == "ALARM"
