"""A model of the state machine whose executions go on when a test says so, and end as it says.

The embedded AWS starts them and guards their names; their course is the model's. What they write to the tracking table
is taken from the definition that Terraform deploys.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ndjson_parquet.items import item_key
from ndjson_parquet.manifests import commit_key, manifest_key, record_time
from tests.component.control_plane import ControlPlane
from tests.component.watch import Watch
from tests.factories import commit_record

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = (ROOT / "modules" / "state_machine" / "processor.asl.json").read_text()
STATES = json.loads(re.sub(r"\$\{\w+\}", "0", TEMPLATE))["States"]

GONE = "gone"
"""The conversion finds no source object for a file whose name begins so."""


class End(StrEnum):
    """How an execution ends."""

    SUCCEEDS = "succeeds"
    GLUE_FAILS = "the conversion fails"
    GLUE_REFUSES = "Glue has no room for the conversion, so nothing ran"
    STOPPED_BEFORE_CLAIM = "stopped before it claims its manifest"
    STOPPED_BEFORE_COMMIT = "stopped while it converts"
    GLUE_FAILS_AFTER_COMMIT = "the conversion fails when the rows are visible"
    STOPPED_AFTER_COMMIT = "stopped when the rows are visible"
    UPDATER_LOST = "the manifest is completed, the status updater cannot be reached"
    FAILED_AND_UPDATER_LOST = "the manifest is failed, the status updater cannot be reached"


BEFORE_COMMIT = (
    End.STOPPED_BEFORE_CLAIM,
    End.STOPPED_BEFORE_COMMIT,
    End.GLUE_FAILS,
    End.GLUE_REFUSES,
    End.FAILED_AND_UPDATER_LOST,
)


@dataclass
class Execution:
    """One execution. `input` is what the control plane sent."""

    arn: str
    input: dict[str, Any]
    status: str = "RUNNING"
    has_claimed: bool = False
    is_ending: bool = False
    error: str | None = None
    cause: str | None = None
    stopped_at: datetime | None = None


class StatesClient:
    """The Step Functions client that the control plane sees; every other operation is the real client's."""

    def __init__(self, client: Any, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self.executions: dict[str, Execution] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def start_execution(self, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.start_execution(**arguments)
        arn = answer["executionArn"]
        sent = json.loads(arguments["input"])
        assert arguments.get("name", sent["id"]) == sent["id"], "an attempt that has two names can run twice"
        self.executions[arn] = Execution(arn, sent)
        return answer

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803 - the parameter's name on AWS
        found = self.executions.get(executionArn)
        if found is None:
            error = {"Error": {"Code": "ExecutionDoesNotExist", "Message": executionArn}}
            raise self.exceptions.ExecutionDoesNotExist(error, "DescribeExecution")
        reasons = {"error": found.error, "cause": found.cause}
        return {
            "executionArn": found.arn,
            "status": found.status,
            "input": json.dumps(found.input),
            **{name: reason for name, reason in reasons.items() if reason is not None},
        }

    def list_executions(self, statusFilter: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - as above
        """Latest first."""
        found = [one for one in reversed(self.executions.values()) if one.status == statusFilter]
        return {"executions": [{"executionArn": one.arn, "stopDate": one.stopped_at} for one in found]}

    def running(self) -> list[Execution]:
        """Those that a test may let go on; not one that is in the midst of it."""
        return [one for one in self.executions.values() if one.status == "RUNNING" and not one.is_ending]

    def end(self, execution: Execution, status: str, error: str | None = None, cause: str | None = None) -> None:
        execution.status, execution.stopped_at = status, self._clock()
        execution.error, execution.cause = error, cause


class Processor:
    """Goes on with executions. `tell` calls status_updater as the state machine does; False when it could not."""

    def __init__(
        self, plane: ControlPlane, states: StatesClient, watch: Watch, tell: Callable[[dict[str, Any]], bool]
    ) -> None:
        self._plane = plane
        self._states = states
        self._watch = watch
        self._tell = tell
        self.commits: list[str] = []

    def claim(self, execution: Execution) -> bool:
        """False when the manifest is another's or done: the execution has ended."""
        execution.has_claimed = self._update("UpdateStatusProcessing", execution)
        if not execution.has_claimed:
            self._states.end(execution, "SUCCEEDED")
        return execution.has_claimed

    def end(self, execution: Execution, how: End) -> None:
        """Do what is left to do until that end."""
        execution.is_ending = True
        if how is End.STOPPED_BEFORE_CLAIM and not execution.has_claimed:
            return self._stop(execution)
        if not execution.has_claimed and not self.claim(execution):
            return None
        if how not in BEFORE_COMMIT:
            self._commit(execution)
        match how:
            case End.STOPPED_BEFORE_CLAIM | End.STOPPED_BEFORE_COMMIT | End.STOPPED_AFTER_COMMIT:
                return self._stop(execution)
            case End.GLUE_REFUSES:
                return self._fail(execution, "UpdateStatusRefused")
            case End.GLUE_FAILS | End.GLUE_FAILS_AFTER_COMMIT | End.FAILED_AND_UPDATER_LOST:
                return self._fail(execution, tells=how is not End.FAILED_AND_UPDATER_LOST)
        return self._complete(execution, tells=how is End.SUCCEEDS)

    def _complete(self, execution: Execution, *, tells: bool) -> None:
        if not self._update("UpdateStatusCompleted", execution):
            return self._states.end(execution, "SUCCEEDED")
        if tells and self._tell(self._event("completed", execution)):
            return self._states.end(execution, "SUCCEEDED")
        return self._states.end(execution, "FAILED", "Lambda.Unknown", "the status updater could not be reached")

    def _fail(self, execution: Execution, state: str = "UpdateStatusFailed", *, tells: bool = True) -> None:
        error = {"Error": "States.TaskFailed", "Cause": json.dumps({"ErrorMessage": "no space left on device"})}
        if not self._update(state, execution, error):
            return self._states.end(execution, "SUCCEEDED")
        if tells:
            self._tell(self._event("failed", execution) | {"error": error})
        return self._states.end(execution, "FAILED", error["Error"], error["Cause"])

    def _stop(self, execution: Execution) -> None:
        self._states.end(execution, "ABORTED", "Operator", "stopped by hand")

    def _commit(self, execution: Execution) -> None:
        """The converter's last step; a run that finds the record of another ends there."""
        date, batch_id = execution.input["date_prefix"], execution.input["batch_id"]
        if batch_id in self.commits:
            return
        manifest = self._plane.s3.get_object(Bucket=self._plane.manifests, Key=manifest_key(date, batch_id))
        files = json.loads(manifest["Body"].read())["files"]
        missing = [
            {"uri": file["uri"], "etag": file["etag"], "reason": "the object version is gone"}
            for file in files
            if file["uri"].rpartition("/")[2].startswith(GONE)
        ]
        at, attempt = self._plane.now, execution.input["attempt"]
        record = commit_record(at, attempt=attempt, job_run_id="jr_1", rows_out=7, missing=missing)
        self._plane.put_json(commit_key(date, batch_id), record)
        self.commits.append(batch_id)

    def _event(self, outcome: str, execution: Execution) -> dict[str, Any]:
        told = {name: execution.input[name] for name in ("batch_id", "date_prefix", "manifest_path")}
        run = {"Id": "jr_1", "ExecutionTime": 90, "MaxCapacity": 2.0} if outcome == "completed" else None
        return {
            "outcome": outcome,
            **told,
            "attempt": execution.input["attempt"],
            "execution_arn": execution.arn,
            "glue_job_run": run,
        }

    def _update(self, state: str, execution: Execution, error: Mapping[str, str] | None = None) -> bool:
        """Carry out the update of a state; False when its condition does not hold."""
        parameters = STATES[state]["Parameters"]
        paths: dict[str, Any] = {
            "$$.Execution.Id": execution.arn,
            "$$.State.EnteredTime": record_time(self._plane.now),
            "$.glue.job_run_id": "jr_1",
            "States.JsonToString($.error)": json.dumps(error),
            "States.Array(States.Format('{}', $.attempt))": [str(execution.input["attempt"])],
        }
        values = parameters["ExpressionAttributeValues"]
        try:
            self._plane.dynamodb.update_item(
                TableName=self._plane.table,
                Key=item_key(execution.input["date_prefix"], execution.input["file_key"]),
                UpdateExpression=parameters["UpdateExpression"],
                ConditionExpression=parameters["ConditionExpression"],
                ExpressionAttributeNames=parameters["ExpressionAttributeNames"],
                ExpressionAttributeValues={
                    name: {kind.removesuffix(".$"): paths[given] if kind.endswith(".$") else given}
                    for name, value in values.items()
                    for kind, given in value.items()
                },
            )
        except self._plane.dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        self._watch.look()
        return True
