"""The deployed pipeline seen from outside: where this run's files, manifests, executions and Glue runs stand."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.access import Access
from local.deployment import Outputs
from local.embedded_aws import EmbeddedAws
from local.reconcile import SentFile
from ndjson_parquet.items import from_item
from ndjson_parquet.landing import date_in_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

FILE_STATES = ("landed", "pending", "manifested", "completed", "quarantined", "failed")
MANIFEST_STATES = ("open", "pending", "processing", "completed", "failed")
_ENDED = frozenset({"completed", "quarantined", "failed"})


@dataclass(frozen=True)
class Clients:
    """The AWS clients that watching and checking need."""

    s3: "S3Client"
    dynamodb: "DynamoDBClient"
    stepfunctions: "SFNClient"
    glue: "GlueClient"
    functions: "LambdaClient"

    @classmethod
    def of(cls, aws: EmbeddedAws | Access) -> "Clients":
        """Clients of an AWS that is not the real one."""
        return cls(
            s3=aws.client("s3"),
            dynamodb=aws.client("dynamodb"),
            stepfunctions=aws.client("stepfunctions"),
            glue=aws.client("glue"),
            functions=aws.client("lambda"),
        )


@dataclass(frozen=True)
class Snapshot:
    """How many of this run's files, manifests, executions and Glue runs are in which state.

    `waiting` names files (`key: state`) and manifests (`manifest id: state`) that have not ended; `errors` say why
    manifests failed.
    """

    files: Mapping[str, int]
    manifests: Mapping[str, int]
    executions: Mapping[str, int]
    glue_runs: Mapping[str, int]
    waiting: tuple[str, ...]
    errors: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Nothing waits, and no execution is still running."""
        return not self.waiting and not self.executions.get("RUNNING")

    @property
    def needs_flush(self) -> bool:
        """Every file is tracked, and some lie in a batch that is not full."""
        return not self.files.get("landed") and bool(self.manifests.get("open"))


class Pipeline:
    """Looks at the tracking table, the state machine and the Glue job of one deployment."""

    def __init__(self, clients: Clients, outputs: Outputs) -> None:
        self.clients = clients
        self.outputs = outputs

    def items(self, sent: Iterable[SentFile]) -> list[dict[str, Any]]:
        """The tracking items of all dates under which these files landed."""
        dates = {found for file in sent if (found := date_in_key(file.key))}
        pages = self.clients.dynamodb.get_paginator("query")
        return [
            from_item(item)
            for day in sorted(dates)
            for page in pages.paginate(
                TableName=self.outputs.tracking_table,
                KeyConditionExpression="date_prefix = :date",
                ExpressionAttributeValues={":date": {"S": day}},
                ConsistentRead=True,
            )
            for item in page["Items"]
        ]

    def snapshot(self, sent: Sequence[SentFile]) -> Snapshot:
        """Where everything stands now."""
        items = self.items(sent)
        files = file_states(sent, items)
        batches = batches_of(sent, items)
        manifests = manifest_states(batches, items)
        waiting = [
            *(f"{key}: {state}" for (key, _), state in files.items() if state not in _ENDED),
            *(f"manifest {batch}: {state}" for batch, state in manifests.items() if state not in _ENDED),
        ]
        return Snapshot(
            Counter(files.values()),
            Counter(manifests.values()),
            self._executions(batches),
            self._glue_runs(batches),
            tuple(waiting),
            tuple(manifest_errors(batches, items)),
        )

    def flush(self) -> None:
        """Have the batches that are not full sealed and published now; the schedule does it when they are old enough.

        Raises:
            RuntimeError: the function failed.
        """
        self.operate("flush")

    def operate(self, action: str, **parameters: Any) -> Counter[str]:
        """Have an operator's action done, piece by piece to its end: docs/operations.md. What it counts.

        Raises:
            RuntimeError: the function failed.
        """
        name = self.outputs.state_manager_function
        counts: Counter[str] = Counter()
        request = {"action": action, "by": "local", **parameters}
        while True:
            answer = self.clients.functions.invoke(FunctionName=name, Payload=json.dumps(request))
            said = answer["Payload"].read().decode()
            if "FunctionError" in answer:
                raise RuntimeError(f"{name} failed: {said}")
            piece = json.loads(said)
            counts.update(piece["counts"])
            if piece["done"]:
                return counts
            request["cursor"] = piece["cursor"]

    def _executions(self, batches: Collection[str]) -> Counter[str]:
        pages = self.clients.stepfunctions.get_paginator("list_executions")
        executions = (
            execution
            for page in pages.paginate(stateMachineArn=self.outputs.state_machine_arn)
            for execution in page["executions"]
        )
        return Counter(found["status"] for found in executions if found["name"].rpartition("-")[0] in batches)

    def _glue_runs(self, batches: Collection[str]) -> Counter[str]:
        pages = self.clients.glue.get_paginator("get_job_runs")
        runs = (run for page in pages.paginate(JobName=self.outputs.glue_job) for run in page["JobRuns"])
        return Counter(run["JobRunState"] for run in runs if run.get("Arguments", {}).get("--batch_id") in batches)


def file_states(sent: Iterable[SentFile], items: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """The state of each sent file by key and etag; `landed` until it is tracked."""
    tracked = {(item["object_key"], item["etag"]): _state(item) for item in items if "object_key" in item}
    return {(file.key, file.etag): tracked.get((file.key, file.etag), "landed") for file in sent}


def batches_of(sent: Iterable[SentFile], items: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The batches that hold these files."""
    keys = {(file.key, file.etag) for file in sent}
    ours = (item for item in items if (item.get("object_key"), item.get("etag")) in keys)
    return frozenset(item["batch_id"] for item in ours if item.get("batch_id"))


def manifest_states(batches: Iterable[str], items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The state of each batch: `open` until its manifest is in the table."""
    states = {item["file_key"].removeprefix("MANIFEST#"): _state(item) for item in items}
    return {batch: states.get(batch, "open") for batch in sorted(batches)}


def manifest_errors(batches: Collection[str], items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Why manifests failed, one text each."""
    for item in items:
        if item["file_key"].removeprefix("MANIFEST#") in batches and _state(item) == "failed":
            yield str(item.get("error_message", "no error recorded"))


def _state(item: Mapping[str, Any]) -> str:
    return str(item.get("status", "")).partition("#")[0]
