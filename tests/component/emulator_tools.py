"""What the tests of the embedded AWS share: Glue jobs of a few lines, state machines, waiting for an end."""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from local.embedded_aws import ACCOUNT_ID, EmbeddedAws

# A minute of a Glue timeout, of a retry's wait and of an age limit is one second; state machines wait a twentieth.
QUICK = {
    "NDJSON_PARQUET_GLUE_SECONDS_PER_MINUTE": "1",
    "NDJSON_PARQUET_RETRY_SECONDS_PER_MINUTE": "1",
    "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1",
    "SFN_WAIT_SCALE": "0.05",
}
SECONDS = 60
ENDED = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "TIMED_OUT", "ABORTED"})
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/any"

Value = TypeVar("Value")


def until(read: Callable[[], Value], good: Callable[[Value], bool], what: str) -> Value:
    """The first value that is good. AssertionError after a minute."""
    deadline = time.monotonic() + SECONDS
    while not good(value := read()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {SECONDS} s, this is how it stands: {value}")
        time.sleep(0.1)
    return value


@dataclass
class Job:
    """One Glue job with its script, in a bucket of its own. `settings` are CreateJob's."""

    aws: EmbeddedAws
    script: str
    settings: dict[str, Any] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"job-{uuid.uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        self.glue, self.s3 = self.aws.client("glue"), self.aws.client("s3")
        self.s3.create_bucket(Bucket=self.name)
        self.put("script.py", self.script.encode())
        defaults = {
            "Role": ROLE,
            "Timeout": 60,
            "Command": {"Name": "glueetl", "ScriptLocation": self.uri("script.py")},
        }
        self.glue.create_job(Name=self.name, **{**defaults, **self.settings})

    def uri(self, key: str) -> str:
        return f"s3://{self.name}/{key}"

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.name, Key=key, Body=body)

    def read(self, key: str) -> str:
        return str(self.s3.get_object(Bucket=self.name, Key=key)["Body"].read().decode())

    def has(self, key: str) -> bool:
        return bool(self.s3.list_objects_v2(Bucket=self.name, Prefix=key)["KeyCount"])

    def start(self, **arguments: str) -> str:
        """The run's id. Arguments without their dashes."""
        named = {f"--{name}": value for name, value in arguments.items()}
        return str(self.glue.start_job_run(JobName=self.name, Arguments=named)["JobRunId"])

    def state(self, run_id: str) -> dict[str, Any]:
        run: dict[str, Any] = self.glue.get_job_run(JobName=self.name, RunId=run_id)["JobRun"]
        return run

    def end_of(self, run_id: str) -> dict[str, Any]:
        return until(lambda: self.state(run_id), lambda run: run["JobRunState"] in ENDED, "the end of the run")

    def run(self, **arguments: str) -> dict[str, Any]:
        return self.end_of(self.start(**arguments))

    def runs(self) -> list[dict[str, Any]]:
        runs: list[dict[str, Any]] = self.glue.get_job_runs(JobName=self.name)["JobRuns"]
        return runs


@dataclass
class Machine:
    """A state machine of one task, and one Pass state that keeps what was caught."""

    aws: EmbeddedAws
    task: dict[str, Any]
    role: str = ROLE
    timeout_seconds: int | None = None

    def __post_init__(self) -> None:
        self.states = self.aws.client("stepfunctions")
        definition = {
            "StartAt": "Task",
            **({"TimeoutSeconds": self.timeout_seconds} if self.timeout_seconds else {}),
            "States": {"Task": {"Type": "Task", "End": True, **self.task}, "Caught": {"Type": "Pass", "End": True}},
        }
        created = self.states.create_state_machine(
            name=f"machine-{uuid.uuid4().hex[:12]}", definition=json.dumps(definition), roleArn=self.role
        )
        self.arn = created["stateMachineArn"]

    def start(self) -> str:
        return str(self.states.start_execution(stateMachineArn=self.arn)["executionArn"])

    def end_of(self, execution: str) -> dict[str, Any]:
        return until(
            lambda: self.states.describe_execution(executionArn=execution),
            lambda found: found["status"] in ENDED,
            "the end of the execution",
        )

    def run(self) -> dict[str, Any]:
        return self.end_of(self.start())


def glue_task(job: Job, **more: Any) -> dict[str, Any]:
    """A state that runs the job and waits for it."""
    return {"Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": job.name}, **more}
