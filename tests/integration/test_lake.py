"""The deployed lake, from raw files to answers: real Terraform, real functions, real Spark, IAM and TLS enforced.

Behind the deep mark: an apply of its own, and eleven Spark runs.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from local.deployment import Deployment
from local.embedded_aws import EmbeddedAws
from local.lake.generate import Month, day_files
from local.lake.runs import DayRun, DeployedLake
from local.lake.world import World
from tests.component.emulator_tools import until
from tests.deep import DEEP

pytestmark = pytest.mark.skipif(not DEEP, reason="make test-deep deploys the lake")

SETTINGS = {"enable_lake": True, "enable_lake_schedule": False, "enable_schedule": False}
# The defect of the second day: orders that come twice; of the first: a file without most of its columns.
TWICE, NO_CURRENCY = "orders_twice", "no_currency"
FIRST = datetime.now(UTC).date() - timedelta(days=12)
MONTH = Month(FIRST, 10, World(scale=0.5), (TWICE, NO_CURRENCY))
GOOD, BAD, NEXT = (MONTH.dates[number - 1].isoformat() for number in (4, 8, 9))


class Lake(DeployedLake):
    """With its deployment, and what was run of it."""

    def __init__(self, aws: EmbeddedAws, deployment: Deployment) -> None:
        super().__init__(aws, deployment.output("lake"))
        self.deployment = deployment
        self.runs: dict[str, DayRun] = {}
        self.changed: dict[str, bool] = {}

    def run_and_watch(self, day: str) -> None:
        """Run the day, and keep how it ended and whether it changed an object of the curated zone."""
        before = self.curated()
        self.runs[day] = self.run(day)
        self.changed[day] = self.curated() != before

    def curated(self) -> Mapping[str, str]:
        """Key and ETag of each object."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="curated/").get("Contents", [])
        return {entry["Key"]: entry["ETag"] for entry in listed}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    home = tmp_path_factory.mktemp("lake")
    aws = EmbeddedAws(home / "aws")
    aws.start(port=0, auth=True, tls=True)
    deployment = Deployment(aws.environment(), home / "terraform", SETTINGS)
    deployment.apply()
    made = Lake(aws, deployment)
    for day in (GOOD, BAD, NEXT):
        made.upload(day_files(MONTH, datetime.fromisoformat(day).date()))
        made.run_and_watch(day)
    yield made
    aws.stop()


def test_a_good_day_is_merged_and_its_bad_file_is_kept_with_the_reason(lake: Lake) -> None:
    assert lake.runs[GOOD].status == "SUCCEEDED"
    assert any(f"date={GOOD}" in key for key in lake.curated())
    [key] = lake.keys("quarantine/")
    assert key.startswith(f"quarantine/schema/transactions/date={GOOD}/")
    head = lake.s3.head_object(Bucket=lake.bucket, Key=key)
    assert head["Metadata"]["reason"] == "schema"


def test_a_bad_day_is_not_merged_and_holds_back_its_neighbour(lake: Lake) -> None:
    assert (lake.runs[BAD].status, lake.runs[BAD].error) == ("FAILED", "QualityFailed")
    assert lake.changed == {GOOD: True, BAD: False, NEXT: True}
    assert [r["rule"] for r in lake.results(BAD) if r["outcome"] == "failed"] == ["transactions.unique"]
    assert lake.runs[NEXT].status == "SUCCEEDED"
    days = {key.split("date=")[1].partition("/")[0] for key in lake.curated()}
    assert NEXT in days
    assert BAD not in days


def test_a_run_that_is_repeated_replaces_what_it_made(lake: Lake) -> None:
    before = lake.curated()
    assert lake.run(NEXT).status == "SUCCEEDED"
    assert lake.curated().keys() == before.keys()


def test_an_accepted_failure_is_merged(lake: Lake) -> None:
    run = lake.run(BAD, accepted_rules=["transactions.unique"], by="tests")
    assert run.status == "SUCCEEDED"
    assert [r["rule"] for r in lake.results(BAD) if r["outcome"] == "accepted"] == ["transactions.unique"]
    assert any(f"date={BAD}" in key for key in lake.curated())


def test_every_named_query_has_an_answer(lake: Lake) -> None:
    answers = {answer.title: answer for answer in lake.named_queries()}
    assert len(answers) == 6
    assert [title for title, answer in answers.items() if not answer.rows] == []


def test_a_ready_file_starts_the_run_of_its_date(lake: Lake) -> None:
    day = MONTH.dates[9]
    lake.upload(day_files(MONTH, day))
    lake.upload({f"raw/_READY/date={day}": b""})
    machine = lake.names["state_machine_arn"]

    def started() -> list[dict[str, str]]:
        executions = lake.states.list_executions(stateMachineArn=machine)["executions"]
        inputs = [lake.states.describe_execution(executionArn=e["executionArn"]) for e in executions]
        return [e for e in inputs if json.loads(e["input"]).get("trigger") == "upload"]

    [found] = until(started, bool, "the start of a run by its ready file")
    assert lake.wait(found["executionArn"], day.isoformat()).status == "SUCCEEDED"


def test_a_second_plan_is_empty(lake: Lake) -> None:
    assert lake.deployment.plan_is_empty()
