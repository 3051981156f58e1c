"""Which rights the embedded AWS checks when IAM is enforced, and which not: what docs/embedded-aws.md lists.

A right that is not checked cannot be shown to be needed, nor to be missing, by any test of the pipeline here.
"""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.access import REGION
from local.embedded_aws import ACCOUNT_ID, EmbeddedAws
from tests.component.emulator_tools import QUICK

NAME = "rights"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/{NAME}"
OBJECT = {"Bucket": NAME, "Key": "object"}
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{NAME}"
GLUE = f"arn:aws:glue:{REGION}:{ACCOUNT_ID}"
QUEUE = f"http://localhost:4566/{ACCOUNT_ID}/{NAME}"
STATES = f"arn:aws:states:{REGION}:{ACCOUNT_ID}"
KEY = {"k": {"S": "a"}}
PARTIQL = """UPDATE "rights" SET v='1' WHERE k='a'"""
UPDATE = {
    "TableName": NAME,
    "Key": KEY,
    "UpdateExpression": "SET v = :v",
    "ExpressionAttributeValues": {":v": {"S": "1"}},
}
QUERY = {"TableName": NAME, "KeyConditionExpression": "k = :k", "ExpressionAttributeValues": {":k": {"S": "a"}}}
EVENT = {"EventBusName": NAME, "Source": "a", "DetailType": "b", "Detail": "{}"}
METRIC = {"Namespace": "Ours", "MetricData": [{"MetricName": "a", "Value": 1}]}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}

Call = tuple[str, str, dict[str, Any]]

CHECKED: tuple[tuple[str, Call], ...] = (
    ("s3:GetObject", ("s3", "get_object", OBJECT)),
    ("s3:GetObjectVersion", ("s3", "get_object", {**OBJECT, "VersionId": "1"})),
    ("s3:GetObject", ("s3", "copy_object", {"Bucket": NAME, "Key": "copy", "CopySource": OBJECT})),
    ("s3:PutObject", ("s3", "put_object", OBJECT)),
    ("s3:PutObject", ("s3", "create_multipart_upload", OBJECT)),
    ("s3:AbortMultipartUpload", ("s3", "abort_multipart_upload", {**OBJECT, "UploadId": "1"})),
    ("s3:DeleteObject", ("s3", "delete_objects", {"Bucket": NAME, "Delete": {"Objects": [{"Key": "absent"}]}})),
    ("s3:ListBucket", ("s3", "list_objects_v2", {"Bucket": NAME})),
    ("s3:ListBucketMultipartUploads", ("s3", "list_multipart_uploads", {"Bucket": NAME})),
    ("dynamodb:GetItem", ("dynamodb", "get_item", {"TableName": NAME, "Key": KEY})),
    ("dynamodb:Query", ("dynamodb", "query", QUERY)),
    ("dynamodb:UpdateItem", ("dynamodb", "update_item", UPDATE)),
    ("dynamodb:UpdateItem", ("dynamodb", "transact_write_items", {"TransactItems": [{"Update": UPDATE}]})),
    ("dynamodb:PartiQLUpdate", ("dynamodb", "batch_execute_statement", {"Statements": [{"Statement": PARTIQL}]})),
    ("sqs:SendMessage", ("sqs", "send_message", {"QueueUrl": QUEUE, "MessageBody": "a"})),
    ("s3:ListBucketVersions", ("s3", "list_object_versions", {"Bucket": NAME})),
    ("dynamodb:BatchGetItem", ("dynamodb", "batch_get_item", {"RequestItems": {NAME: {"Keys": [KEY]}}})),
    ("sqs:ReceiveMessage", ("sqs", "receive_message", {"QueueUrl": QUEUE})),
    ("sns:Publish", ("sns", "publish", {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:{NAME}", "Message": "a"})),
    ("events:PutEvents", ("events", "put_events", {"Entries": [EVENT]})),
    ("states:StartExecution", ("stepfunctions", "start_execution", {"stateMachineArn": f"{STATES}:stateMachine:a"})),
    ("states:DescribeExecution", ("stepfunctions", "describe_execution", {"executionArn": f"{STATES}:execution:a:b"})),
    ("states:ListExecutions", ("stepfunctions", "list_executions", {"stateMachineArn": f"{STATES}:stateMachine:a"})),
    ("glue:GetTable", ("glue", "get_table", {"DatabaseName": NAME, "Name": NAME})),
    ("glue:UpdateTable", ("glue", "update_table", {"DatabaseName": NAME, "TableInput": {"Name": NAME}})),
    ("cloudwatch:PutMetricData", ("cloudwatch", "put_metric_data", METRIC)),
)
NOT_CHECKED: tuple[tuple[str, Call], ...] = (
    ("s3:GetObjectTagging", ("s3", "copy_object", {"Bucket": NAME, "Key": "copy", "CopySource": OBJECT})),
    ("s3:PutObjectTagging", ("s3", "put_object", {"Bucket": NAME, "Key": "tagged", "Tagging": "a=b"})),
    ("s3:PutObjectTagging", ("s3", "create_multipart_upload", {"Bucket": NAME, "Key": "tagged", "Tagging": "a=b"})),
    ("kms:Decrypt", ("s3", "get_object", {"Bucket": f"{NAME}-kms", "Key": "object"})),
    ("kms:GenerateDataKey", ("s3", "put_object", {"Bucket": f"{NAME}-kms", "Key": "other"})),
    (
        "dynamodb:PartiQLUpdate",
        ("dynamodb", "execute_transaction", {"TransactStatements": [{"Statement": PARTIQL}]}),
    ),
    (
        "iam:PassRole",
        (
            "glue",
            "create_job",
            {"Name": NAME, "Role": ROLE, "Command": {"Name": "glueetl", "ScriptLocation": "s3://a"}},
        ),
    ),
)

ONE = {"Id": "a", "ReceiptHandle": "a"}
BATCHES: tuple[tuple[str, Call], ...] = (
    (
        "sqs:SendMessage",
        ("sqs", "send_message_batch", {"QueueUrl": QUEUE, "Entries": [{"Id": "a", "MessageBody": "a"}]}),
    ),
    ("sqs:DeleteMessage", ("sqs", "delete_message_batch", {"QueueUrl": QUEUE, "Entries": [ONE]})),
    (
        "sqs:ChangeMessageVisibility",
        (
            "sqs",
            "change_message_visibility_batch",
            {"QueueUrl": QUEUE, "Entries": [{**ONE, "VisibilityTimeout": 0}]},
        ),
    ),
)


class Caller:
    """A role's session, whose rights each test sets."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self._iam = aws.client("iam")
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        self._iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=document(trust))
        self._keys = aws.client("sts").assume_role(RoleArn=ROLE, RoleSessionName=NAME)["Credentials"]

    def error(self, call: Call, *statements: dict[str, Any]) -> str | None:
        """The code of the error that the call meets with these rights; None when it succeeds."""
        service, operation, parameters = call
        self._iam.put_role_policy(RoleName=NAME, PolicyName=NAME, PolicyDocument=document(*statements))
        client = boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=self.aws.access.endpoint,
            aws_access_key_id=self._keys["AccessKeyId"],
            aws_secret_access_key=self._keys["SecretAccessKey"],
            aws_session_token=self._keys["SessionToken"],
        )
        try:
            answer = getattr(client, operation)(**parameters)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "AccessDenied" if "AccessDenied" in json.dumps(answer, default=str) else None


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def without(action: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": "*"}


def is_refusal(error: str | None) -> bool:
    return error is not None and ("AccessDenied" in error or error == "AuthorizationError")


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    aws = EmbeddedAws(tmp_path_factory.mktemp("aws-rights"), settings=QUICK)
    aws.start(port=0, auth=True)
    try:
        make_world(aws)
        yield Caller(aws)
    finally:
        aws.stop()


def make_world(aws: EmbeddedAws) -> None:
    """What a call has to find when it is allowed."""
    s3, glue = aws.client("s3"), aws.client("glue")
    for bucket in (NAME, f"{NAME}-kms"):
        s3.create_bucket(Bucket=bucket)
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket=f"{NAME}-kms", ServerSideEncryptionConfiguration={"Rules": [rule]})
    for bucket in (NAME, f"{NAME}-kms"):
        s3.put_object(Bucket=bucket, Key="object", Body=b"", Tagging="a=b")
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName=NAME,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=NAME, Item=KEY)
    aws.client("sqs").create_queue(QueueName=NAME)
    aws.client("athena").create_work_group(
        Name=NAME, Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{NAME}/answers/"}}
    )
    glue.create_database(DatabaseInput={"Name": NAME})
    glue.create_table(DatabaseName=NAME, TableInput={"Name": NAME})


def name_of(case: tuple[str, Call]) -> str:
    return f"{case[0]} {case[1][1]}"


@pytest.mark.parametrize("case", CHECKED, ids=name_of)
def test_a_right_is_checked(caller: Caller, case: tuple[str, Call]) -> None:
    action, call = case
    assert not is_refusal(caller.error(call, ALL))
    assert is_refusal(caller.error(call, ALL, without(action)))


@pytest.mark.parametrize("case", NOT_CHECKED, ids=name_of)
def test_a_right_is_not_checked(caller: Caller, case: tuple[str, Call]) -> None:
    action, call = case
    assert caller.error(call, ALL, without(action)) is None


@pytest.mark.parametrize("operation", ["get_query_execution", "get_query_results", "stop_query_execution"])
def test_the_right_to_a_query_is_one_to_its_workgroup(caller: Caller, operation: str) -> None:
    athena = caller.aws.client("athena")
    query = athena.start_query_execution(QueryString="SELECT 1", WorkGroup=NAME)["QueryExecutionId"]
    call: Call = ("athena", operation, {"QueryExecutionId": query})
    own, other = (f"arn:aws:athena:{REGION}:{ACCOUNT_ID}:workgroup/{name}" for name in (NAME, "other"))
    assert not is_refusal(caller.error(call, {"Effect": "Allow", "Action": "athena:*", "Resource": own}))
    assert is_refusal(caller.error(call, {"Effect": "Allow", "Action": "athena:*", "Resource": other}))


@pytest.mark.parametrize("case", BATCHES, ids=name_of)
def test_the_right_to_a_call_for_one_is_the_right_to_a_call_for_many(caller: Caller, case: tuple[str, Call]) -> None:
    action, call = case
    assert caller.error(call, {"Effect": "Allow", "Action": action, "Resource": "*"}) is None
    assert is_refusal(caller.error(call, ALL, without(action)))


def test_an_index_needs_a_right_of_its_own(caller: Caller) -> None:
    allowed = {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": TABLE}
    assert not is_refusal(caller.error(("dynamodb", "query", QUERY), allowed))
    assert is_refusal(caller.error(("dynamodb", "query", {**QUERY, "IndexName": "index"}), allowed))


def test_a_condition_on_leading_keys_always_holds(caller: Caller) -> None:
    others = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["other"]}}
    allowed = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE, "Condition": others}
    assert caller.error(("dynamodb", "get_item", {"TableName": NAME, "Key": KEY}), allowed) is None


def test_a_condition_on_the_namespace_of_a_metric_never_holds(caller: Caller) -> None:
    ours = {"StringEquals": {"cloudwatch:namespace": "Ours"}}
    allowed = {"Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*", "Condition": ours}
    assert is_refusal(caller.error(("cloudwatch", "put_metric_data", METRIC), allowed))


def test_the_table_of_a_catalog_call_is_not_looked_at(caller: Caller) -> None:
    others = [f"{GLUE}:catalog", f"{GLUE}:database/{NAME}", f"{GLUE}:table/{NAME}/other"]
    allowed = {"Effect": "Allow", "Action": "glue:GetTable", "Resource": others}
    assert caller.error(("glue", "get_table", {"DatabaseName": NAME, "Name": NAME}), allowed) is None


def test_an_absent_object_is_told_to_whoever_may_not_list(caller: Caller) -> None:
    """AWS answers AccessDenied."""
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    assert caller.error(("s3", "get_object", {"Bucket": NAME, "Key": "absent"}), allowed) == "NoSuchKey"
