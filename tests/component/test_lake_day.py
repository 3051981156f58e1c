"""The daily workflow, executed: its own text, a real table and topics, jobs and functions of a few lines."""

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from local.embedded_aws import EmbeddedAws
from tests.component.emulator_events import Function, Queue
from tests.component.emulator_tools import ENDED, ROLE, Job, until
from tests.terraform.test_lake_workflow import DEFINITION

DATE = "2026-11-20"
DONE = "print('done')"
SLOW = "import time; time.sleep(4)"
BROKEN = "raise ValueError('disk full')"
VALIDATOR = f"""
def work(event, before):
    if event["action"] == "begin":
        accepted = event["request"].get("accepted_rules", [])
        lists = {{"datasets": ["reviews", "products"], "crawlers": [], "accepted_rules": accepted}}
        return {{"date": "{DATE}", "trigger": "hand", **lists}}
    if event["action"] == "validate":
        return {{"done": before > 3, "counts": {{"accepted": 1}}}}
    return {{"uri": "s3://lake/accepted.json", "files": 2}}
"""
QUALITY = """
def work(event, before):
    if event["action"] == "check":
        return {"passed": PASSED, "failed_rules": [] if PASSED else ["reviews.unique"], "held": "2026-11-19", "report": "s3://r"}
    return {"rows": 7, "cost_usd": 0.1, "seconds": 3}
"""
JOBS = ("transaction_etl", "product_enrichment", "clickstream_aggregation", "master_data_merge")
RETRY = json.dumps([{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}])
TABLE_RETRY = json.dumps(
    [
        {"ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"], "MaxAttempts": 0},
        {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1},
    ]
)
NO_RETRY = json.dumps([{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 0}])


class Day:
    """The workflow around jobs of a few lines, with a table and topics of its own.

    `passed` is what its quality function says; `quality_arn` names another one, which knows the table as `table`.
    """

    def __init__(
        self,
        aws: EmbeddedAws,
        scripts: Mapping[str, str] | None = None,
        *,
        passed: bool = True,
        quality_arn: str | None = None,
        table: str | None = None,
    ) -> None:
        self.jobs = {name: Job(aws, (scripts or {}).get(name, DONE)) for name in JOBS}
        self.validator = Function(aws, VALIDATOR)
        self.quality = Function(aws, QUALITY.replace("PASSED", str(passed)))
        self.told = {name: Queue(aws) for name in ("pipeline", "quality")}
        self.states, self.dynamodb, sns = aws.client("stepfunctions"), aws.client("dynamodb"), aws.client("sns")
        self.table = table or f"files-{uuid.uuid4().hex[:12]}"
        self.dynamodb.create_table(
            TableName=self.table,
            KeySchema=[
                {"AttributeName": "dataset", "KeyType": "HASH"},
                {"AttributeName": "file_key", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("dataset", "file_key")],
            BillingMode="PAY_PER_REQUEST",
        )
        topics = {}
        for name, queue in self.told.items():
            topics[name] = sns.create_topic(Name=queue.name)["TopicArn"]
            sns.subscribe(TopicArn=topics[name], Protocol="sqs", Endpoint=queue.arn)
        values = {
            "partition": "aws",
            "environment": "test",
            "files_table": self.table,
            "validator_arn": self.validator.arn,
            "validator_state_timeout_seconds": 60,
            "quality_arn": quality_arn or self.quality.arn,
            "quality_state_timeout_seconds": 60,
            "pipeline_alerts_topic_arn": topics["pipeline"],
            "quality_alerts_topic_arn": topics["quality"],
            "runbook_base_url": "docs/runbooks",
            "glue_state_timeout_seconds": 60,
            "timeout_seconds": 600,
            "wait_seconds": 10,
            "function_retry": RETRY,
            "table_retry": TABLE_RETRY,
            "alert_retry": RETRY,
            "job_retry": NO_RETRY,
            **{name: job.name for name, job in self.jobs.items()},
        }
        text = re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]]), DEFINITION.read_text())
        self.arn = self.states.create_state_machine(name=f"day-{self.table}", definition=text, roleArn=ROLE)[
            "stateMachineArn"
        ]

    def start(self, **more: Any) -> str:
        request = json.dumps({"date": "today", **more})
        return str(self.states.start_execution(stateMachineArn=self.arn, input=request)["executionArn"])

    def path(self, execution: str) -> list[str]:
        """The states of the whole machine that an execution went through, when it has ended."""
        until(lambda: self.states.describe_execution(executionArn=execution)["status"], ENDED.__contains__, "its end")
        events = self.states.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        return [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]

    def run_item(self) -> dict[str, Any]:
        key = {"dataset": {"S": "RUN"}, "file_key": {"S": DATE}}
        item = self.dynamodb.get_item(TableName=self.table, Key=key)["Item"]
        return {name: next(iter(value.values())) for name, value in item.items()}

    def runs_of(self, job: str) -> list[dict[str, Any]]:
        return self.jobs[job].runs()


def test_a_good_day(emulator: EmbeddedAws) -> None:
    day = Day(emulator)
    execution = day.start()
    assert day.path(execution)[-1] == "DayReady"
    assert (day.run_item()["status"], day.run_item()["execution_arn"]) == ("succeeded", execution)
    told = day.told["pipeline"].first()["body"]
    message = json.loads(told["Message"])
    assert (message["outcome"], message["date"], message["rows"]) == ("succeeded", DATE, 7)
    [merge] = day.runs_of("master_data_merge")
    assert merge["Arguments"] == {"--date": DATE, "--held": "2026-11-19"}
    [etl] = day.runs_of("transaction_etl")
    assert etl["Arguments"] == {"--date": DATE, "--accepted": "s3://lake/accepted.json"}
    finish = day.quality.events()[-1]
    assert [run["job"] for run in finish["job_runs"]] == [job.name for job in day.jobs.values()]
    assert finish["job_runs"][-1]["run_id"] == merge["Id"]


def test_a_day_whose_quality_fails_is_not_merged_and_is_told(emulator: EmbeddedAws) -> None:
    day = Day(emulator, passed=False)
    path = day.path(day.start())
    assert path[-4:] == ["SendQualityAlert", "TellQualityError", "RecordQualityFailure", "RunFailed"]
    assert day.runs_of("master_data_merge") == []
    assert day.run_item()["status"] == "quality_failed"
    assert "reviews.unique" in day.run_item()["error_message"]
    message = json.loads(day.told["quality"].first()["body"]["Message"])
    assert (message["failed_rules"], message["runbook"]) == (
        ["reviews.unique"],
        "docs/runbooks/lake-quality-failed.md",
    )
    assert day.told["pipeline"].is_empty()


@pytest.mark.parametrize("job", JOBS)
def test_a_job_that_fails_ends_the_run_when_the_others_are_done(emulator: EmbeddedAws, job: str) -> None:
    day = Day(emulator, {job: BROKEN})
    path = day.path(day.start())
    assert path[-3:] == ["RecordFailure", "NotifyFailure", "RunFailed"]
    assert "disk full" in day.run_item()["error_message"]
    assert day.run_item()["status"] == "failed"
    others = [run["JobRunState"] for name in JOBS[:3] if name != job for run in day.runs_of(name)]
    assert set(others) == {"SUCCEEDED"}
    assert json.loads(day.told["pipeline"].first()["body"]["Message"])["outcome"] == "failed"


def test_of_two_runs_of_one_date_one_waits(emulator: EmbeddedAws) -> None:
    day = Day(emulator, {"transaction_etl": SLOW})
    first = day.start()
    until(lambda: day.runs_of("transaction_etl"), bool, "the first run's job")
    second = day.start()
    waited = day.path(second)
    assert "WaitForDate" in waited
    assert waited[-1] == day.path(first)[-1] == "DayReady"
    older, newer = sorted(day.runs_of("transaction_etl"), key=lambda run: run["StartedOn"])
    merge = min(day.runs_of("master_data_merge"), key=lambda run: run["StartedOn"])
    assert older["CompletedOn"] <= merge["StartedOn"] <= merge["CompletedOn"] <= newer["StartedOn"]


def test_a_run_that_was_stopped_leaves_its_date_to_the_next_one(emulator: EmbeddedAws) -> None:
    day = Day(emulator, {"transaction_etl": SLOW})
    first = day.start()
    until(lambda: day.runs_of("transaction_etl"), bool, "the first run's job")
    day.states.stop_execution(executionArn=first)
    until(lambda: day.runs_of("transaction_etl")[0].get("CompletedOn"), bool, "the end of the stopped run's job")
    path = day.path(day.start())
    assert path[path.index("TakeDate") : path.index("CheckCatalog")] == [
        "TakeDate",
        "FindHolder",
        "LookAtHolder",
        "IsHolderAtWork",
        "FreeDate",
        "TakeDate",
    ]
    assert path[-1] == "DayReady"


def test_a_request_that_nobody_understands_is_told(emulator: EmbeddedAws) -> None:
    day = Day(emulator)
    day.validator = Function(emulator, "def work(event, before): raise ValueError('date is None')")
    definition = json.loads(day.states.describe_state_machine(stateMachineArn=day.arn)["definition"])
    definition["States"]["UnderstandRequest"]["Parameters"]["FunctionName"] = day.validator.arn
    day.states.update_state_machine(stateMachineArn=day.arn, definition=json.dumps(definition))
    assert day.path(day.start()) == ["Receive", "UnderstandRequest", "NotifyFailure", "RunFailed"]
    message = json.loads(day.told["pipeline"].first()["body"]["Message"])
    assert (message["date"], message["request"]) == ("unknown", {"date": "today"})
