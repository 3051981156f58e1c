"""The control plane's parts on the embedded AWS, with a table, buckets and a state machine of their own."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from aws_lambda_powertools import Logger

from local.embedded_aws import EmbeddedAws
from manifest_builder.service import Delivery, ManifestBuilder
from ndjson_parquet.batching import Limits
from ndjson_parquet.breaker import BreakerItem
from ndjson_parquet.clients import Clients
from ndjson_parquet.dispatch import ExecutionStarter, GuardedStarter, Starter
from ndjson_parquet.executions import Executions
from ndjson_parquet.file_status import FileStatuses
from ndjson_parquet.finishing import Finisher
from ndjson_parquet.items import from_item, to_item
from ndjson_parquet.landing import LandingRules
from ndjson_parquet.operations import Answer, Budget, Sweep
from ndjson_parquet.publishing import Publisher
from ndjson_parquet.requests import parse_request
from ndjson_parquet.run_ends import RunRules
from ndjson_parquet.run_records import RunRecords
from ndjson_parquet.settings import FinishingSettings, PublishingSettings, SweepSettings, TrackingSettings
from ndjson_parquet.shards import ShardChoice
from ndjson_parquet.store import ManifestStore, Quarantine
from ndjson_parquet.sweeping import SweepRules
from ndjson_parquet.tracking import TrackingTable
from state_manager.actions import Operations
from state_manager.service import StateManager
from state_manager.wiring import operations
from tests.counting import CountingMeter
from tests.factories import NOW, PREFIX, s3_body

DEFINITION = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
TTL = timedelta(days=30)
RULES = SweepRules(
    max_wait=timedelta(minutes=15),
    min_files=1,
    max_attempts=3,
    retry_backoff=timedelta(minutes=5),
    retention=timedelta(days=3),
)
RUN_RULES = RunRules(freshness_target=timedelta(minutes=30), dpu_hour_usd=0.44, ttl=TTL)


@dataclass(frozen=True)
class PlaneClients:
    """boto3 clients, which take longer to make than the tests that use them."""

    dynamodb: Any
    s3: Any
    stepfunctions: Any
    sqs: Any
    events: Any

    @classmethod
    def of(cls, aws: EmbeddedAws) -> "PlaneClients":
        return cls(**{field.name: aws.client(field.name) for field in fields(cls)})


@dataclass
class _Clock:
    now: datetime


@dataclass(frozen=True)
class Operator:
    """Sends requests as the command line does: one piece at a time until it is done."""

    operations: Operations
    clock: Callable[[], datetime]
    seconds: float

    def ask(self, action: str, **parameters: Any) -> dict[str, Any]:
        """One piece; its answer as the caller gets it."""
        return self.answer(action, **parameters).as_dict()

    def answer(self, action: str, **parameters: Any) -> Answer:
        """One piece; its answer."""
        event = {"by": "tester", **parameters, "action": action}
        request = parse_request(event, self.clock())
        assert not isinstance(request, Sweep)
        return self.operations.perform(request, Budget(lambda: self.seconds), event, "request-1")

    def go_on(self) -> Answer | None:
        """What a sweep does for the reconciler."""
        return self.operations.go_on(Budget(lambda: self.seconds), "request-2")

    def all(self, action: str, **parameters: Any) -> Counter[str]:
        """Every piece; the counts together."""
        counts: Counter[str] = Counter()
        for _ in range(100):
            answer = self.ask(action, **parameters)
            counts.update(answer["counts"])
            if answer["done"]:
                return counts
            parameters["cursor"] = json.loads(json.dumps(answer["cursor"]))
        raise AssertionError(f"{action} does not come to its end")


class ControlPlane:
    """Real adapters and services around resources that no other test shares."""

    def __init__(self, clients: PlaneClients) -> None:
        self.id = uuid.uuid4().hex[:8]
        self._clock = _Clock(NOW)
        self.meter = CountingMeter()
        self.table, self.metrics_table = f"tracking-{self.id}", f"metrics-{self.id}"
        self.input, self.manifests, self.quarantined = (
            f"{kind}-{self.id}" for kind in ("in", "manifest", "quarantine")
        )
        self._create_tables(clients.dynamodb)
        for bucket in (self.input, self.manifests, self.quarantined):
            clients.s3.create_bucket(Bucket=bucket)
        for bucket in (self.input, self.quarantined):
            clients.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self.state_machine_arn = clients.stepfunctions.create_state_machine(
            name=f"processor-{self.id}", definition=DEFINITION, roleArn="arn:aws:iam::000000000000:role/processor"
        )["stateMachineArn"]
        self.dead_letter_queue_url = clients.sqs.create_queue(QueueName=f"dlq-{self.id}")["QueueUrl"]
        self.file_events_url = clients.sqs.create_queue(QueueName=f"file-events-{self.id}")["QueueUrl"]
        self._connect(clients)

    def _connect(self, clients: PlaneClients) -> None:
        self.clients = clients
        self.dynamodb, self.s3, self.events = clients.dynamodb, clients.s3, clients.events
        self.stepfunctions, self.sqs = clients.stepfunctions, clients.sqs
        self.tracking = TrackingTable(self.dynamodb, self.table, self.manifests)
        self.breaker = BreakerItem(self.dynamodb, self.table)

    def through(self, clients: PlaneClients) -> "ControlPlane":
        """The same resources at the same time of day, reached by other clients."""
        other = copy(self)
        other._connect(clients)
        return other

    @property
    def now(self) -> datetime:
        return self._clock.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self._clock.now = moment

    def _create_tables(self, dynamodb: Any) -> None:
        dynamodb.create_table(
            TableName=self.metrics_table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "metric_date", "AttributeType": "S"},
                {"AttributeName": "metric_key", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "metric_date", "KeyType": "HASH"},
                {"AttributeName": "metric_key", "KeyType": "RANGE"},
            ],
        )
        names = ("date_prefix", "file_key", "status")
        dynamodb.create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=[
                {"AttributeName": "date_prefix", "KeyType": "HASH"},
                {"AttributeName": "file_key", "KeyType": "RANGE"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "status-index",
                    "KeySchema": [
                        {"AttributeName": "status", "KeyType": "HASH"},
                        {"AttributeName": "date_prefix", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )

    def builder(
        self,
        *,
        max_files: int = 10,
        max_bytes: int = 10**9,
        starter: Starter | None = None,
        streams_publish: bool = False,
        refuses_overwrites: bool = False,
        shards: ShardChoice | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> ManifestBuilder:
        return ManifestBuilder(
            self.tracking,
            Quarantine(self.s3, self.quarantined),
            None if streams_publish else self.publisher(starter),
            landing=LandingRules(PREFIX, 1, 10_000, (".ndjson",)),
            limits=Limits(max_files, max_bytes),
            refuses_overwrites=refuses_overwrites,
            shards=shards or ShardChoice(10),
            ttl=TTL,
            logger=Logger(service="test"),
            clock=lambda: self.now,
            sleep=sleep,
        )

    def publisher(self, starter: Starter | None = None) -> Publisher:
        return Publisher(
            self.tracking,
            FileStatuses(self.dynamodb, self.table),
            ManifestStore(self.s3, self.manifests),
            GuardedStarter(starter or ExecutionStarter(self.stepfunctions, self.state_machine_arn), self.breaker),
            landing_prefix=PREFIX,
            target_part_bytes=512,
            clock=lambda: self.now,
        )

    def finisher(self) -> Finisher:
        return Finisher(
            self.tracking,
            FileStatuses(self.dynamodb, self.table),
            ManifestStore(self.s3, self.manifests),
            RunRecords(
                self.dynamodb,
                self.metrics_table,
                rules=RUN_RULES,
                meter=self.meter,
                logger=Logger(service="test"),
                clock=lambda: self.now,
            ),
            landing_prefix=PREFIX,
            ttl=TTL,
            clock=lambda: self.now,
        )

    def state_manager(self, starter: Starter | None = None, *, shards: int = 10, **rules: Any) -> StateManager:
        return StateManager(
            self.tracking,
            self.publisher(starter),
            self.finisher(),
            Executions(self.stepfunctions, self.state_machine_arn),
            self.sqs,
            breaker=self.breaker,
            dead_letter_queue_url=self.dead_letter_queue_url,
            shards=shards,
            rules=replace(RULES, **rules),
            logger=Logger(service="test"),
            clock=lambda: self.now,
        )

    def operations(self, starter: Starter | None = None, *, shards: int = 10, seconds: float = 240) -> "Operator":
        """What an operator asks of state_manager; each piece of an action has so many seconds."""
        tracking = TrackingSettings("test", self.table, self.manifests, PREFIX, shards, TTL.days)
        settings = SweepSettings(
            publishing=PublishingSettings(tracking, self.state_machine_arn, None, 512),
            finishing=FinishingSettings(tracking, self.metrics_table, RUN_RULES.dpu_hour_usd, 30),
            max_wait_minutes=15,
            min_files_for_partial_batch=1,
            max_manifest_attempts=3,
            retry_backoff_minutes=5,
            input_retention_days=3,
            input_bucket=self.input,
            quarantine_bucket=self.quarantined,
            file_events_queue_url=self.file_events_url,
            dead_letter_queue_url=self.dead_letter_queue_url,
            stream_dead_letter_queue_url=None,
            events_dead_letter_queue_url=None,
        )
        parts = operations(
            settings,
            cast(Clients, self.clients),
            self.publisher(starter),
            self.finisher(),
            Logger(service="test"),
            clock=lambda: self.now,
        )
        return Operator(parts, lambda: self.now, seconds)

    def announced(self) -> list[str]:
        """Bodies of the messages in the queue of file events, which they leave."""
        bodies = []
        while messages := self.sqs.receive_message(QueueUrl=self.file_events_url, MaxNumberOfMessages=10).get(
            "Messages", []
        ):
            for message in messages:
                bodies.append(message["Body"])
                self.sqs.delete_message(QueueUrl=self.file_events_url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def wait_for_executions(self) -> None:
        """Until none runs any more."""
        deadline = time.monotonic() + 20
        while self.stepfunctions.list_executions(stateMachineArn=self.state_machine_arn, statusFilter="RUNNING")[
            "executions"
        ]:
            assert time.monotonic() < deadline, "an execution still runs after 20 s"
            time.sleep(0.05)

    def use_real_time(self) -> None:
        """Let the clock be the one that Step Functions goes by."""
        self.now = datetime.now(UTC)

    def set_manifest(self, batch_id: str, **values: Any) -> None:
        """Change a manifest's item as the state machine does; None removes an attribute."""
        [item] = [item for item in self.manifest_items() if item["batch_id"] == batch_id]
        self.dynamodb.put_item(TableName=self.table, Item=to_item(item | values))

    def deliver(self, builder: ManifestBuilder, names: list[str], **of_record: Any) -> Delivery:
        """Deliver events in messages of one file, ten at a time as the queue does; the last delivery's outcome."""
        outcome = Delivery()
        for start in range(0, len(names), 10):
            outcome = builder.receive({name: self.body(name, **of_record) for name in names[start : start + 10]})
        return outcome

    def body(self, name: str, **of_record: Any) -> str:
        event = json.loads(s3_body(f"{PREFIX}2026-11-20/{name}", **of_record))
        event["Records"][0]["s3"]["bucket"]["name"] = self.input
        del event["Records"][0]["s3"]["object"]["versionId"]
        return json.dumps(event)

    def items(self, prefix: str = "") -> dict[str, dict[str, Any]]:
        """Everything in the table whose file_key starts so."""
        found = map(from_item, self.dynamodb.scan(TableName=self.table, ConsistentRead=True)["Items"])
        return {item["file_key"]: item for item in found if item["file_key"].startswith(prefix)}

    def run_items(self) -> list[dict[str, Any]]:
        """What the metrics table holds, in the order of its range key."""
        items = map(from_item, self.dynamodb.scan(TableName=self.metrics_table, ConsistentRead=True)["Items"])
        return sorted(items, key=lambda item: str(item["metric_key"]))

    def statuses(self) -> dict[str, str]:
        """Status of every file, by its name without the etag."""
        return {key.split("@")[0]: item["status"] for key, item in self.items().items() if "object_key" in item}

    def executions(self) -> dict[str, dict[str, Any]]:
        """Inputs of the executions started so far, by name."""
        started = self.stepfunctions.list_executions(stateMachineArn=self.state_machine_arn)["executions"]
        return {
            one["name"]: json.loads(self.stepfunctions.describe_execution(executionArn=one["executionArn"])["input"])
            for one in started
        }

    def manifest_objects(self) -> dict[str, dict[str, Any]]:
        """Content of every manifest object, by batch."""
        listed = self.s3.list_objects_v2(Bucket=self.manifests, Prefix="manifests/").get("Contents", [])
        bodies = [self.s3.get_object(Bucket=self.manifests, Key=entry["Key"])["Body"].read() for entry in listed]
        return {content["batch_id"]: content for content in map(json.loads, bodies)}

    def put_json(self, key: str, content: Any) -> None:
        self.s3.put_object(Bucket=self.manifests, Key=key, Body=json.dumps(content).encode())

    def manifest_items(self) -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], sorted(self.items("MANIFEST#").values(), key=lambda item: item["file_key"]))
