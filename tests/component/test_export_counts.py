"""The export's state machines count each job where it ends, and know whose fault a failure is."""

import json
import re
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local.embedded_aws import EmbeddedAws
from tests.component.emulator_tools import ENDED, ROLE, Job, until
from tests.export_world import create_jobs_table

MODULE = Path(__file__).resolve().parents[2] / "modules" / "export"
WORKS, FAILS = "", "raise SystemExit(1)"


@dataclass
class Counted:
    """One deployment: a Glue job of this script, or none, the two state machines, and a service name of its own."""

    aws: EmbeddedAws
    script: str | None
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    def __post_init__(self) -> None:
        self.states, self.dynamodb = self.aws.client("stepfunctions"), self.aws.client("dynamodb")
        self.table = f"jobs-{self.id}"
        create_jobs_table(self.dynamodb, self.table)
        self._glue_job = "absent" if self.script is None else Job(self.aws, self.script).name

    def run(self, machine: str, name: str, given: dict[str, Any]) -> str:
        """How an execution of one of the two machines ends."""
        arn = self.states.create_state_machine(
            name=f"{machine}-{self.id}", definition=self._definition(machine), roleArn=ROLE
        )["stateMachineArn"]
        execution = self.states.start_execution(stateMachineArn=arn, name=name, input=json.dumps(given))["executionArn"]
        found = until(
            lambda: self.states.describe_execution(executionArn=execution),
            lambda said: said["status"] in ENDED,
            "the end of the execution",
        )
        return str(found["status"])

    def convert(self, **attributes: str) -> str:
        """How the execution of a job ends; the attributes are what its run would have written."""
        job_id = self.pending(**attributes)
        given = {"inputUri": "s3://b/in", "outputUri": "s3://b/out", "format": "ndjson", "compression": "none"}
        return self.run("export", job_id, {"jobId": job_id, **given})

    def pending(self, **attributes: str) -> str:
        job_id = str(uuid.uuid4())
        item = {"jobId": job_id, "status": "PENDING", **attributes}
        self.dynamodb.put_item(TableName=self.table, Item={name: {"S": value} for name, value in item.items()})
        return job_id

    def counts(self) -> dict[str, float]:
        """The sum of each metric of this service that has one."""
        cloudwatch, now = self.aws.client("cloudwatch"), time.time()
        mine = [{"Name": "service", "Value": self.id}]
        found = cloudwatch.list_metrics(Namespace="NdjsonParquet", Dimensions=mine)["Metrics"]
        sums = {
            metric["MetricName"]: cloudwatch.get_metric_statistics(
                **metric, StartTime=now - 3600, EndTime=now + 3600, Period=7200, Statistics=["Sum"]
            )["Datapoints"]
            for metric in found
        }
        return {name: sum(point["Sum"] for point in points) for name, points in sums.items()}

    def _definition(self, machine: str) -> str:
        text = (MODULE / f"{machine}.asl.json").read_text()
        names = {"partition": "aws", "namespace": "NdjsonParquet", "service": self.id}
        names |= {"jobs_table": self.table, "glue_job": self._glue_job}
        # What is left are numbers of seconds and of attempts.
        return re.sub(r"\$\{(\w+)\}", lambda found: names.get(found[1], "600" if "timeout" in found[1] else "2"), text)


def test_a_result(emulator: EmbeddedAws) -> None:
    counted = Counted(emulator, WORKS)

    assert counted.convert() == "SUCCEEDED"

    counts = counted.counts()
    assert counts.pop("ExportJobSeconds") > 0
    assert counts == {"ExportJobsCompleted": 1}


@pytest.mark.parametrize(
    ("script", "attributes", "expected"),
    [
        (FAILS, {"errorMessage": "The file is empty.", "failureKind": "file"}, {"ExportJobsRefused": 1}),
        (FAILS, {"errorMessage": "S3 is down.", "failureKind": "service"}, {"ExportJobsFailed": 1}),
        (FAILS, {}, {"ExportJobsFailed": 1}),
        (None, {}, {"ExportJobsFailed": 1, "ExportJobsNotStarted": 1}),
    ],
    ids=["bad file", "bad service", "crash", "no Glue job"],
)
def test_a_failure(
    emulator: EmbeddedAws, script: str | None, attributes: dict[str, str], expected: dict[str, float]
) -> None:
    counted = Counted(emulator, script)

    assert counted.convert(**attributes) == "FAILED"

    assert counted.counts() == {"ExportJobsNotStarted": 0, **expected}


@pytest.mark.parametrize(("status", "failed"), [("TIMED_OUT", 1), ("ABORTED", 0)])
def test_an_execution_that_ended_without_a_word(emulator: EmbeddedAws, status: str, failed: int) -> None:
    counted = Counted(emulator, WORKS)
    detail = {"name": counted.pending(), "executionArn": "arn", "status": status}

    assert counted.run("settle", "settling", {"detail": detail}) == "SUCCEEDED"
    assert counted.counts() == {"ExportJobsFailed": failed}


def test_a_job_that_was_counted_before_is_not_counted_again(emulator: EmbeddedAws) -> None:
    counted = Counted(emulator, WORKS)
    detail = {"name": counted.pending(executionArn="another"), "executionArn": "arn", "status": "FAILED"}

    assert counted.run("settle", "settling", {"detail": detail}) == "SUCCEEDED"
    assert counted.counts() == {}
