"""With IAM enforced, runs, state machines, mappings and rules have the rights of their roles and no others."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.embedded_aws import EmbeddedAws
from tests.component.emulator_events import Function, Queue, Rule, Table
from tests.component.emulator_tools import QUICK, Job, Machine, glue_task, until

WRITE = """
import sys, boto3
bucket = sys.argv[sys.argv.index("--JOB_NAME") + 1]
boto3.client("s3").put_object(Bucket=bucket, Key="written", Body=b"")
"""
REFUSES_BAD = """
def handler(event, context):
    assert event["Records"][0]["dynamodb"]["Keys"]["k"]["S"] != "bad"
"""
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    aws = EmbeddedAws(tmp_path_factory.mktemp("aws-iam"), settings=QUICK)
    aws.start(port=0, auth=True)
    yield aws
    aws.stop()


def role(aws: EmbeddedAws, name: str, service: str, *actions: str) -> str:
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(allowed))
    return str(created["Role"]["Arn"])


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_run_may_do_what_its_role_may(enforcing: EmbeddedAws) -> None:
    arn = role(enforcing, "writer", "glue", "s3:GetObject", "s3:PutObject", "logs:*")
    job = Job(enforcing, WRITE, {"Role": arn})
    run = job.run()
    assert run["JobRunState"] == "SUCCEEDED", run
    assert job.has("written")


def test_a_run_may_not_do_more(enforcing: EmbeddedAws) -> None:
    job = Job(enforcing, WRITE, {"Role": role(enforcing, "reader", "glue", "s3:GetObject", "logs:*")})
    run = job.run()
    assert run["JobRunState"] == "FAILED"
    assert "AccessDenied" in run["ErrorMessage"]
    assert "PutObject" in run["ErrorMessage"]
    assert not job.has("written")
    assert "denied: arn:aws:sts::000000000000:assumed-role/reader/GlueJobRunnerSession s3:PutObject " in (
        enforcing.log.read_text()
    )


def test_a_role_that_cannot_read_the_script_cannot_run_it(enforcing: EmbeddedAws) -> None:
    run = Job(enforcing, "", {"Role": role(enforcing, "blind", "glue", "logs:*")}).run()
    assert run["JobRunState"] == "FAILED"
    assert "cannot be read with the job's role" in run["ErrorMessage"]


@pytest.mark.parametrize(
    ("name", "actions", "error"),
    [
        pytest.param("may", ("glue:StartJobRun", "glue:GetJobRun", "glue:BatchStopJobRun"), None, id="allowed"),
        pytest.param("may-not-start", ("glue:GetJobRun",), "Glue.AccessDeniedException", id="not-start"),
        pytest.param(
            "may-not-stop", ("glue:StartJobRun", "glue:GetJobRun"), "Glue.AccessDeniedException", id="not-stop"
        ),
    ],
)
def test_a_machine_needs_the_rights_of_its_task(
    enforcing: EmbeddedAws, name: str, actions: tuple[str, ...], error: str | None
) -> None:
    job = Job(enforcing, "", {"Role": role(enforcing, f"job-of-{name}", "glue", "s3:GetObject", "logs:*")})
    machine = Machine(enforcing, glue_task(job, Catch=CATCH), role(enforcing, name, "states", *actions))
    output = json.loads(machine.run()["output"])
    assert output.get("Error") == error, output
    assert len(job.runs()) == (0 if error else 1)


def test_a_machine_needs_rights_to_the_table_that_it_updates(enforcing: EmbeddedAws) -> None:
    enforcing.client("dynamodb").create_table(
        TableName="tracking",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    parameters = {"TableName": "tracking", "Item": {"k": {"S": "1"}}}
    task = {"Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": parameters, "Catch": CATCH}
    refused = Machine(enforcing, task, role(enforcing, "table-reader", "states", "dynamodb:GetItem")).run()
    assert json.loads(refused["output"])["Error"] == "DynamoDB.AccessDeniedException"
    allowed = Machine(enforcing, task, role(enforcing, "table-writer", "states", "dynamodb:PutItem")).run()
    assert allowed["status"] == "SUCCEEDED"
    assert "Error" not in json.loads(allowed["output"])


def test_a_mapping_reads_a_stream_only_with_the_rights_of_its_function(enforcing: EmbeddedAws) -> None:
    arn = role(enforcing, "stream-reader", "lambda", "dynamodb:DescribeStream", "dynamodb:GetShardIterator")
    function = Function(enforcing, "def handler(event, context): pass", {"Role": arn})
    table = Table(enforcing)
    table.put("a")
    mapping = table.map_to(function)

    def result() -> str:
        return str(function.functions.get_event_source_mapping(UUID=mapping)["LastProcessingResult"])

    until(result, lambda said: "dynamodb:GetRecords" in said, "the refusal")
    allowed = {"Effect": "Allow", "Action": "dynamodb:GetRecords", "Resource": "*"}
    enforcing.client("iam").put_role_policy(
        RoleName="stream-reader", PolicyName="more", PolicyDocument=document(allowed)
    )
    table.put("b")
    until(result, lambda said: said == "OK", "the first batch")


@pytest.mark.parametrize(
    ("condition", "is_sent"),
    [
        pytest.param({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, True, id="plain-http"),
        pytest.param({}, False, id="everything"),
    ],
)
def test_a_stream_goes_on_whatever_the_dead_letter_queue_refuses(
    enforcing: EmbeddedAws, condition: dict[str, Any], is_sent: bool
) -> None:
    reading = ("dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords", "sqs:SendMessage")
    arn = role(enforcing, f"stream-reporter-{is_sent}", "lambda", *reading)
    function = Function(enforcing, REFUSES_BAD, {"Role": arn})
    refused = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*", **condition}
    queue, table = Queue(enforcing, {"Policy": document(refused)}), Table(enforcing)
    destination = {"OnFailure": {"Destination": queue.arn}}
    mapping = table.map_to(function, MaximumRetryAttempts=0, DestinationConfig=destination)

    def result() -> str:
        return str(function.functions.get_event_source_mapping(UUID=mapping)["LastProcessingResult"])

    table.put("bad")
    until(result, lambda said: "failed" in said, "the failure")
    table.put("good")
    until(result, lambda said: said == "OK", "the next batch")
    assert queue.is_empty() is not is_sent


def test_a_rule_needs_the_right_to_its_target_and_to_its_dead_letter_queue(enforcing: EmbeddedAws) -> None:
    machine = Machine(enforcing, {"Type": "Pass"}, role(enforcing, "machine", "states", "logs:*"))
    rule = Rule(enforcing, machine.arn, {"RoleArn": role(enforcing, "rule", "events", "states:DescribeExecution")})
    rule.send(number=1)
    service = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = document({**service, "Resource": rule.dead.arn})
    rule.dead.sqs.set_queue_attributes(QueueUrl=rule.dead.url, Attributes={"Policy": policy})
    rule.send(number=2)
    message = rule.dead.first()
    # The first event came when the queue refused it: it is lost, as on AWS.
    assert message["body"]["detail"] == {"number": 2}
    assert message["said"]["ERROR_CODE"] == "NO_PERMISSIONS"
    assert "states:StartExecution" in message["said"]["ERROR_MESSAGE"]
    assert machine.states.list_executions(stateMachineArn=machine.arn)["executions"] == []


UPDATE = """
import json, sys, boto3
table = sys.argv[sys.argv.index("--table") + 1]
statement = f'UPDATE "{table}" SET "v" = ? WHERE "k" = ?'
statements = [{"Statement": statement, "Parameters": [{"N": "2"}, {"S": "a"}]}]
boto3.client("dynamodb").batch_execute_statement(Statements=statements)
"""


@pytest.mark.parametrize(
    ("action", "state"), [("dynamodb:PartiQLUpdate", "SUCCEEDED"), ("dynamodb:PartiQLInsert", "FAILED")]
)
def test_a_partiql_statement_asks_for_its_own_right(enforcing: EmbeddedAws, action: str, state: str) -> None:
    table = Table(enforcing)
    table.put("a", value=1)
    arn = role(enforcing, action.split(":")[1], "glue", "s3:GetObject", "logs:*", action)
    run = Job(enforcing, UPDATE, {"Role": arn}).run(table=table.name)
    assert run["JobRunState"] == state, run
    assert ("dynamodb:PartiQLUpdate" in run.get("ErrorMessage", "")) == (state == "FAILED")
