"""Functions, and what sends events to them, for the tests of the embedded AWS."""

import io
import json
import uuid
import zipfile
from dataclasses import dataclass, field
from typing import Any

from local.access import REGION
from local.embedded_aws import ACCOUNT_ID, EmbeddedAws
from tests.component.emulator_tools import ROLE, until

# Each invocation of a test's function leaves its event in the bucket; then `work` decides, whose second argument says
# how many invocations there were before.
# Without boto3, whose import would take most of a test's time.
FUNCTION = """
import json, os, time, urllib.request
def s3(method, key, body=None):
    url = f"{os.environ['AWS_ENDPOINT_URL']}/{os.environ['JOURNAL']}/{key}"
    return urllib.request.urlopen(urllib.request.Request(url, body, method=method)).read().decode()
def handler(event, context):
    before = s3("GET", "").count("<Key>")
    s3("PUT", f"{time.time_ns():020d}", json.dumps(event).encode())
    return work(event, before)
"""


@dataclass
class Function:
    """A Lambda function with the code of its `work(event, before)`, and a bucket of its own that holds its events."""

    aws: EmbeddedAws
    work: str
    settings: dict[str, Any] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"function-{uuid.uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        self.functions, self.s3 = self.aws.client("lambda"), self.aws.client("s3")
        self.s3.create_bucket(Bucket=self.name)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr("app.py", FUNCTION + self.work)
        defaults = {"Role": ROLE, "Timeout": 60, "Environment": {"Variables": {"JOURNAL": self.name}}}
        self.arn = self.functions.create_function(
            FunctionName=self.name,
            Runtime="python3.11",
            Handler="app.handler",
            Code={"ZipFile": archive.getvalue()},
            **{**defaults, **self.settings},
        )["FunctionArn"]

    def events(self) -> list[Any]:
        """The events of its invocations, oldest first."""
        keys = [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])]
        return [json.loads(self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()) for key in keys]

    def after(self, invocations: int) -> list[Any]:
        """The events, when there were so many invocations."""
        return until(self.events, lambda events: len(events) >= invocations, f"{invocations} invocations")

    def invoke(self, event: Any = None) -> dict[str, Any]:
        """The answer, or the error with `FunctionError` beside it."""
        answer = self.functions.invoke(FunctionName=self.name, Payload=json.dumps(event))
        return {"answer": json.loads(answer["Payload"].read()), "failed": "FunctionError" in answer}


@dataclass
class Queue:
    """An SQS queue of its own."""

    aws: EmbeddedAws
    attributes: dict[str, str] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"queue-{uuid.uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        self.sqs = self.aws.client("sqs")
        self.url = self.sqs.create_queue(QueueName=self.name, Attributes=self.attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{self.name}"

    def messages(self) -> list[dict[str, Any]]:
        """Up to ten that are there now, with the names and values of their attributes as `said`."""
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return [
            {
                "body": json.loads(message["Body"]),
                "said": {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()},
            }
            for message in answer.get("Messages", [])
        ]

    def first(self) -> dict[str, Any]:
        """The one message, when it is there."""
        (message,) = until(self.messages, bool, f"a message in {self.name}")
        return message

    def is_empty(self) -> bool:
        return not self.messages()


@dataclass
class Table:
    """A table with a stream."""

    aws: EmbeddedAws
    name: str = field(default_factory=lambda: f"table-{uuid.uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        self.dynamodb = self.aws.client("dynamodb")
        made = self.dynamodb.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.stream = made["TableDescription"]["LatestStreamArn"]

    def put(self, *keys: str, value: int = 0) -> None:
        for key in keys:
            self.dynamodb.put_item(TableName=self.name, Item={"k": {"S": key}, "v": {"N": str(value)}})

    def map_to(self, function: Function, **settings: Any) -> str:
        """The id of a mapping that begins with the oldest record."""
        made = function.functions.create_event_source_mapping(
            FunctionName=function.name, EventSourceArn=self.stream, StartingPosition="TRIM_HORIZON", **settings
        )
        return str(made["UUID"])


def batches(events: list[Any]) -> list[list[str]]:
    """The keys that each invocation was given."""
    return [[record["dynamodb"]["Keys"]["k"]["S"] for record in event["Records"]] for event in events]


@dataclass
class Rule:
    """A bus with one rule and one target, and a dead-letter queue. `settings` are those of the target."""

    aws: EmbeddedAws
    arn: str
    settings: dict[str, Any] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"bus-{uuid.uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        self.dead, self.events = Queue(self.aws), self.aws.client("events")
        self.events.create_event_bus(Name=self.name)
        pattern = json.dumps({"detail-type": ["ManifestReady"]})
        self.rule_arn = self.events.put_rule(Name="ready", EventBusName=self.name, EventPattern=pattern)["RuleArn"]
        target = {"Id": "1", "Arn": self.arn, "DeadLetterConfig": {"Arn": self.dead.arn}, **self.settings}
        self.events.put_targets(Rule="ready", EventBusName=self.name, Targets=[target])

    def send(self, **detail: Any) -> str:
        """The event's id."""
        entry = {
            "EventBusName": self.name,
            "Source": "test",
            "DetailType": "ManifestReady",
            "Detail": json.dumps(detail),
        }
        return str(self.events.put_events(Entries=[entry])["Entries"][0]["EventId"])
