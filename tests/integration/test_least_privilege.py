"""No statement of a role is unnecessary, and none is missing.

With all its statements nothing that a role does is denied. Then each statement is taken away, the role does its work
once more, and a call that this statement allows has to be denied. What the embedded AWS cannot enforce is listed,
and is all that is left out.
"""

import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from local.deployment import Deployment
from local.embedded_aws import EmbeddedAws
from local.generate import landing_key
from local.reconcile import SentFile
from local.sending import Outgoing
from ndjson_parquet.items import to_item
from ndjson_parquet.manifests import commit_key
from tests.component.emulator_tools import QUICK
from tests.deep import DEEP
from tests.factories import s3_record
from tests.integration.conftest import DeployedPipeline

DAY = date(2026, 11, 20)
# One file makes a manifest, and nothing happens but what a test does.
SETTINGS = {"max_files_per_manifest": 1, "enable_schedule": False, "glue_max_concurrent_runs": 20}
BOTH_PATHS = {
    "enable_stream_manifest_creation": True,
    "enable_eventbridge_decoupling": True,
    "stream_max_retry_attempts": 0,
}
NOT_ENFORCED = {
    "WriteLogs": "the service writes a function's or job's log itself, and asks for no right",
    "SendTraces": "there is no X-Ray",
    "ReportMetrics": "Glue reports no metrics",
    "DeliverLogsAndTraces": "the service writes the machine's log itself, and there is no X-Ray",
    "ConsumeFileEvents": "the rights of a mapping to SQS are not asked for",
    "LetOwnersUpload": "of who signed an upload form, the signature is checked, not the right",
    "LearnThatAFileIsGone": "an absent object is a 404 to everybody",
    "LearnThatAManifestIsAbsent": "an absent object is a 404 to everybody",
    "LearnThatAnObjectIsAbsent": "an absent object is a 404 to everybody",
}
GOOD, BROKEN = b'{"id": 1, "price": 1.10}\n', b"{broken\n"
PATIENCE_SECONDS = 150
SETTLING_SECONDS = 15


@dataclass(frozen=True)
class Denied:
    """One call that was refused."""

    role: str
    action: str
    resource: str


class Roles:
    """The roles as they are deployed, the statements of each, and what they were refused."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._iam = aws.client("iam")
        self._log = aws.log

    def statements(self, role: str) -> list[dict[str, Any]]:
        policy = self._iam.get_role_policy(RoleName=role, PolicyName="least-privilege")
        statements: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
        return statements

    @contextmanager
    def without(self, role: str, sid: str) -> Iterator[None]:
        """The role lacks one statement."""
        whole = self.statements(role)
        self._write(role, [statement for statement in whole if statement["Sid"] != sid])
        try:
            yield
        finally:
            self._write(role, whole)

    def mark(self) -> int:
        return self._log.stat().st_size

    def denied_since(self, mark: int, role: str) -> list[Denied]:
        with self._log.open("rb") as log:
            log.seek(mark)
            lines = log.read().decode(errors="replace").splitlines()
        found = [line.partition("denied: ")[2].split() for line in lines if "denied: " in line]
        return [Denied(role, action, resource) for who, action, resource in found if f"/{role}" in who]

    def _write(self, role: str, statements: list[dict[str, Any]]) -> None:
        if not statements:
            self._iam.delete_role_policy(RoleName=role, PolicyName="least-privilege")
            return
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self._iam.put_role_policy(RoleName=role, PolicyName="least-privilege", PolicyDocument=document)


class Work:
    """What each role is there for, done once, without waiting for what follows from it."""

    def __init__(self, deployed: DeployedPipeline, folder: Path) -> None:
        self._deployed = deployed
        self._folder = folder
        self._dynamodb = deployed.clients.dynamodb
        self._sqs = deployed.aws.client("sqs")
        self._outputs = deployed.outputs

    def manifest_builder(self) -> None:
        """A file to convert, one to set aside, and one to set aside that is gone."""
        good, refused, gone = self._land(GOOD), self._land(GOOD, "txt"), self._land(GOOD, "txt")
        self._deployed.clients.s3.delete_object(Bucket=self._outputs.input_bucket, Key=gone.key)
        self._announce(good, refused, gone)

    def processor(self) -> None:
        """A manifest whose conversion fails, so that all that follows a failure is done too."""
        self._announce(self._land(BROKEN))

    def converter(self, manifest: dict[str, Any]) -> None:
        """A manifest converted once more, its commit forgotten."""
        key = commit_key(manifest["date_prefix"], manifest["batch_id"])
        self._deployed.clients.s3.delete_object(Bucket=self._outputs.manifest_bucket, Key=key)
        path = f"s3://{self._outputs.manifest_bucket}/manifests/{manifest['date_prefix']}/{manifest['batch_id']}.json"
        glue = self._deployed.clients.glue
        run = glue.start_job_run(JobName=self._outputs.glue_job, Arguments={"--manifest_path": path})["JobRunId"]
        wait(lambda: glue.get_job_run(JobName=self._outputs.glue_job, RunId=run)["JobRun"].get("CompletedOn"))

    def status_updater(self, manifest: dict[str, Any]) -> None:
        event = {"outcome": "completed", **{name: manifest[name] for name in ("batch_id", "date_prefix")}}
        self._invoke(self._outputs.status_updater_function, event)

    def commit(self, manifest: dict[str, Any]) -> tuple[str, bytes]:
        """The key of a manifest's commit record, and the record."""
        key = commit_key(manifest["date_prefix"], manifest["batch_id"])
        record = self._deployed.clients.s3.get_object(Bucket=self._outputs.manifest_bucket, Key=key)["Body"].read()
        return key, record

    def state_manager(
        self, completed: dict[str, Any], failed: dict[str, Any], again: dict[str, Any], commit: tuple[str, bytes]
    ) -> None:
        """A manifest that nobody took up, and one that failed for good and whose files nobody told; operations.

        A file that is gone is released: its copy comes back from quarantine. A dead letter is sent again, another kept.
        Tracking forgets the manifest `again`, which is rebuilt from its commit record, and converted once more.
        """
        old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        self._set(completed, status="pending", updated_at=old)
        self._set(failed, status="failed", attempts=3, settled_attempt=0, updated_at=old)
        self._invoke(self._outputs.state_manager_function, {"action": "sweep"})
        refused = self._land(GOOD, "txt")
        self._announce(refused)
        self._remove(refused)
        letters = [self._dead_letter() for _ in range(2)]
        operations: list[dict[str, Any]] = [
            {"action": "release", "keys": [refused.key]},
            {"action": "replay", "keys": [refused.key]},
            {"action": "redrive", "message_ids": letters[:1]},
            {"action": "discard", "message_ids": letters[1:]},
            {"action": "rebuild", "dates": [again["date_prefix"]]},
            {"action": "reconvert", "manifests": [{name: again[name] for name in ("date_prefix", "batch_id")}]},
            {"action": "reconcile", "dates": [again["date_prefix"]], "min_age_minutes": 0},
        ]
        self._deployed.clients.s3.put_object(Bucket=self._outputs.manifest_bucket, Key=commit[0], Body=commit[1])
        self._dynamodb.delete_item(TableName=self._outputs.tracking_table, Key=item_key(again))
        for operation in operations:
            self._invoke(self._outputs.state_manager_function, {"by": "tester", **operation})

    def stream_manifest_creator(self, manifest: dict[str, Any]) -> None:
        """A manifest to publish, and one whose files nobody knows, which is given up."""
        self._announce(self._land(GOOD))
        batch_id = f"poison-{uuid.uuid4().hex}"
        item = {**manifest, "file_key": f"MANIFEST#{batch_id}", "batch_id": batch_id, "status": "pending"}
        self._dynamodb.put_item(TableName=self._outputs.tracking_table, Item=to_item(item))

    def rule(self) -> None:
        """An event that a manifest is ready."""
        self._announce(self._land(GOOD))

    def settled(self, body: bytes, status: str) -> dict[str, Any]:
        """The item of a manifest that was converted, or failed."""
        file = self._land(body)
        self._announce(file)

        def found() -> list[dict[str, Any]]:
            items = self._deployed.pipeline.items([file])
            batches = [
                item["batch_id"]
                for item in items
                if item.get("object_key") == file.key and str(item["status"]).startswith(status)
            ]
            return [item for item in items if item["file_key"] in {f"MANIFEST#{batch}" for batch in batches}]

        assert wait(found), f"no manifest became {status}"
        return found()[0]

    def _remove(self, file: SentFile) -> None:
        """The landing bucket's lifecycle has removed a file."""
        s3, bucket = self._deployed.clients.s3, self._outputs.input_bucket
        for version in s3.list_object_versions(Bucket=bucket, Prefix=file.key)["Versions"]:
            s3.delete_object(Bucket=bucket, Key=file.key, VersionId=version["VersionId"])

    def _dead_letter(self) -> str:
        queue = self._outputs.dead_letter_queue_url
        return str(self._sqs.send_message(QueueUrl=queue, MessageBody="{}")["MessageId"])

    def _set(self, manifest: dict[str, Any], **values: Any) -> None:
        self._dynamodb.update_item(
            TableName=self._outputs.tracking_table,
            Key=item_key(manifest),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={
                f":{name}": {"N": str(value)} if isinstance(value, int) else {"S": value}
                for name, value in values.items()
            },
        )

    def _land(self, body: bytes, extension: str = "ndjson") -> SentFile:
        path = self._folder / f"{uuid.uuid4().hex}.{extension}"
        path.write_bytes(body)
        return self._deployed.send([Outgoing(path, landing_key(DAY, path.name))])[0]

    def _announce(self, *files: SentFile) -> None:
        """Call manifest_builder as the mapping would, which is off; the breaker forgets what was refused before."""
        breaker = {"date_prefix": {"S": "BREAKER#dispatch"}, "file_key": {"S": "BREAKER"}}
        self._dynamodb.delete_item(TableName=self._outputs.tracking_table, Key=breaker)
        messages = []
        for file in files:
            record = s3_record(file.key, etag=file.etag, size=file.size_bytes)
            record["s3"]["bucket"]["name"] = self._outputs.input_bucket
            record["s3"]["object"].pop("versionId")
            messages.append({"messageId": uuid.uuid4().hex, "body": json.dumps({"Records": [record]})})
        self._invoke(self._outputs.manifest_builder_function, {"Records": messages})

    def _invoke(self, function: str, event: dict[str, Any]) -> None:
        self._deployed.clients.functions.invoke(FunctionName=function, Payload=json.dumps(event))


def item_key(item: dict[str, Any]) -> dict[str, Any]:
    return {name: {"S": item[name]} for name in ("date_prefix", "file_key")}


def wait(done: Callable[[], Any]) -> bool:
    """Whether it is done before patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (is_done := bool(done())) and time.monotonic() < deadline:
        time.sleep(0.2)
    return is_done


def allows(statement: dict[str, Any], denied: Denied) -> bool:
    """Whether a statement would have allowed a call."""
    named = any(fnmatchcase(denied.resource, resource) for resource in statement["Resource"])
    return denied.action in statement["Action"] and named


@dataclass(frozen=True)
class Bench:
    """A pipeline in which only what a test does happens, its roles, and the work of each by the role's name."""

    roles: Roles
    works: Mapping[str, Callable[[], None]]


@contextmanager
def deployed_alone(home: Path, settings: Mapping[str, Any]) -> Iterator[tuple[EmbeddedAws, Work]]:
    """A deployment that takes no file by itself."""
    aws = EmbeddedAws(home / "aws", settings=QUICK)
    aws.start(port=0, auth=True, tls=True)
    try:
        deployment = Deployment(aws.environment(), home / "terraform", settings)
        deployment.apply()
        functions = aws.client("lambda")
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            if ":sqs:" in mapping["EventSourceArn"]:
                functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        files = home / "files"
        files.mkdir()
        yield aws, Work(DeployedPipeline(aws, deployment), files)
    finally:
        aws.stop()


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Without flags: manifest_builder publishes, and starts conversions itself."""
    with deployed_alone(tmp_path_factory.mktemp("direct"), SETTINGS) as (aws, work):
        completed, failed = work.settled(GOOD, "completed"), work.settled(BROKEN, "failed")
        again = work.settled(GOOD, "completed")
        commit = work.commit(again)
        works = {
            "manifest-builder": work.manifest_builder,
            "processor": work.processor,
            "batch-job": lambda: work.converter(completed),
            "batch-status-updater": lambda: work.status_updater(completed),
            "state-manager": lambda: work.state_manager(completed, failed, again, commit),
        }
        yield Bench(Roles(aws), works)


@pytest.fixture(scope="module")
def decoupled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """With both flags: the stream's function publishes, and a rule starts conversions."""
    with deployed_alone(tmp_path_factory.mktemp("decoupled"), {**SETTINGS, **BOTH_PATHS}) as (aws, work):
        completed = work.settled(GOOD, "completed")
        works = {
            "stream-manifest-creator": lambda: work.stream_manifest_creator(completed),
            "manifest-ready": work.rule,
        }
        yield Bench(Roles(aws), works)


@pytest.mark.skipif(not DEEP, reason="ten minutes: make test-deep")
@pytest.mark.parametrize(
    ("path", "work"),
    [
        ("direct", "manifest-builder"),
        ("direct", "processor"),
        ("direct", "batch-job"),
        ("direct", "batch-status-updater"),
        ("direct", "state-manager"),
        ("decoupled", "stream-manifest-creator"),
        ("decoupled", "manifest-ready"),
    ],
)
def test_every_statement_is_needed_and_none_is_missing(
    path: str, work: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    bench: Bench = request.getfixturevalue(path)
    roles, do, role = bench.roles, bench.works[work], f"ndjson-parquet-{work}-local"
    before = roles.mark()
    do()
    time.sleep(SETTLING_SECONDS)
    assert roles.denied_since(before, role) == []
    statements = [statement for statement in roles.statements(role) if statement["Sid"] not in NOT_ENFORCED]
    missed = {statement["Sid"]: missed_without(roles, role, statement, do) for statement in statements}
    with capsys.disabled():
        for sid, denied in missed.items():
            sys.stdout.write(f"\n{role} without {sid}: {f'{denied.action} on {denied.resource}' if denied else '-'}")
    assert [sid for sid, denied in missed.items() if denied is None] == []


def missed_without(roles: Roles, role: str, statement: dict[str, Any], work: Callable[[], None]) -> Denied | None:
    """The first call that is denied because the statement is not there; None when nothing misses it."""

    def missed() -> list[Denied]:
        return [denied for denied in roles.denied_since(mark, role) if allows(statement, denied)]

    mark = roles.mark()
    with roles.without(role, statement["Sid"]):
        work()
        wait(missed)
    return next(iter(missed()), None)
