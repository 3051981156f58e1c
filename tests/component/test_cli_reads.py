"""The reads of the command line against tables, buckets and queues as the pipeline's own code fills them."""

from pathlib import Path

import pytest
from botocore.stub import Stubber

from local.embedded_aws import EmbeddedAws
from ndjson_parquet.breaker import FAILURES_TO_OPEN
from ndjson_parquet.items import to_item
from ndjson_parquet_cli.aws import Aws
from ndjson_parquet_cli.deployment import Deployment, deployment
from ndjson_parquet_cli.errors import UnreachableError
from ndjson_parquet_cli.object_reads import ObjectReads
from ndjson_parquet_cli.pipeline import find_deployment
from ndjson_parquet_cli.reference import file_reference
from ndjson_parquet_cli.service_reads import ServiceReads
from ndjson_parquet_cli.tracking_reads import TrackingReads
from ndjson_parquet_cli.values import Trigger
from tests.cli_world import CALLER, VARIABLES
from tests.component.control_plane import ControlPlane, PlaneClients
from tests.component.emulator_events import Function, Queue
from tests.factories import PREFIX

DAY = "2026-11-20"


@pytest.fixture
def of(plane: ControlPlane) -> Deployment:
    given = {
        "TRACKING_TABLE": plane.table,
        "METRICS_TABLE": f"metrics-{plane.id}",
        "MANIFEST_BUCKET": plane.manifests,
        "INPUT_BUCKET": plane.input,
        "QUARANTINE_BUCKET": plane.quarantined,
        "DEAD_LETTER_QUEUE_URL": plane.dead_letter_queue_url,
        "STATE_MACHINE_ARN": plane.state_machine_arn,
    }
    return deployment(plane.id, CALLER, VARIABLES | given)


@pytest.fixture
def aws(clients: PlaneClients) -> Aws:
    """The embedded AWS in the place of the caller's."""
    aws = Aws("us-east-1")
    vars(aws).update(dynamodb=clients.dynamodb, s3=clients.s3, sqs=clients.sqs, stepfunctions=clients.stepfunctions)
    return aws


@pytest.fixture
def tracking(aws: Aws, of: Deployment) -> TrackingReads:
    return TrackingReads(aws, of)


def send(plane: ControlPlane, *names: str, max_files: int = 2) -> None:
    for number, name in enumerate(names):
        plane.builder(max_files=max_files).receive({f"m{number}": plane.body(name)})


def test_files_are_in_manifests_and_in_the_open_batch(plane: ControlPlane, tracking: TrackingReads) -> None:
    send(plane, "a.ndjson", "b.ndjson", "c.ndjson")
    [manifest] = tracking.manifests_of(DAY)
    [batch] = tracking.open_batches()
    assert (manifest.file_count, manifest.state, batch.file_count, batch.shard) == (2, "pending", 1, 0)
    assert [one.batch_id for one in tracking.manifests_in("pending")] == [manifest.batch_id]
    assert list(tracking.manifests_in("pending", "2026-11-19")) == []
    assert tracking.manifest(DAY, manifest.batch_id) == manifest
    assert tracking.manifest(DAY, "no-such-batch") is None
    assert [file.state for file in tracking.files_of(DAY)] == ["manifested", "manifested", "pending"]
    assert [file.object_key for file in tracking.files_in("pending")] == [f"{PREFIX}{DAY}/c.ndjson"]


def test_a_manifest_is_found_among_many_dates(plane: ControlPlane, tracking: TrackingReads) -> None:
    send(plane, "a.ndjson", max_files=1)
    [manifest] = tracking.manifests_of(DAY)
    days = [f"2025-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29)]
    assert tracking.manifest_among(manifest.batch_id, [*days, DAY]) == manifest
    assert tracking.manifest_among(manifest.batch_id, days) is None


@pytest.mark.parametrize("name", ["shop/a.ndjson", f"{'folder/' * 135}long.ndjson"], ids=["short", "hashed"])
def test_a_whole_key_is_one_read(plane: ControlPlane, tracking: TrackingReads, name: str) -> None:
    send(plane, name, "other.ndjson")
    wanted = file_reference(f"{PREFIX}{DAY}/{name}", PREFIX)
    found = [file for prefix in wanted.key_prefixes(PREFIX) for file in tracking.files_named(DAY, prefix)]
    assert [file.object_key for file in found if wanted.matches(file.object_key, file.etag)] == [wanted.name]


def test_a_bare_name_is_found_in_its_date(plane: ControlPlane, tracking: TrackingReads) -> None:
    send(plane, "shop/a.ndjson", "b.ndjson")
    assert [file.object_key for file in tracking.files_containing(DAY, "a.ndjson")] == [f"{PREFIX}{DAY}/shop/a.ndjson"]


def test_quarantined_files_are_counted_by_date(plane: ControlPlane, tracking: TrackingReads) -> None:
    plane.s3.put_object(Bucket=plane.input, Key=f"{PREFIX}{DAY}/bad.csv", Body=b"x")
    send(plane, "bad.csv", "good.ndjson")
    assert (tracking.count_quarantined(DAY), tracking.count_quarantined("2026-11-19")) == (1, 0)


def test_the_breaker_is_told(plane: ControlPlane, tracking: TrackingReads) -> None:
    assert tracking.breaker().state == "closed"
    for _ in range(FAILURES_TO_OPEN):
        plane.breaker.failed(plane.breaker.read(), plane.now)
    found = tracking.breaker()
    assert (found.state, found.failures, found.opened_at) == ("open", FAILURES_TO_OPEN, plane.now.isoformat())


def test_runs_come_from_the_metrics_table(plane: ControlPlane, of: Deployment, tracking: TrackingReads) -> None:
    for key in ("RUN#b#b-1", "OTHER#b"):
        item = to_item({"metric_date": DAY, "metric_key": key, "files": 2})
        plane.dynamodb.put_item(TableName=of.metrics_table, Item=item)
    assert [run["files"] for run in tracking.run_metrics(DAY)] == [2]


def test_objects_are_read_and_absent_ones_are_none(plane: ControlPlane, aws: Aws, tmp_path: Path) -> None:
    objects, key = ObjectReads(aws), "files/empty/2026-11-20/a"
    first = plane.s3.put_object(Bucket=plane.quarantined, Key=key, Body=b'{"a":1}\n{"b":2}\n', Metadata={"reason": "x"})
    plane.s3.put_object(Bucket=plane.quarantined, Key=key, Body=b"{}")
    assert objects.folders(plane.quarantined, "files/") == ["empty"]
    assert [entry.key for entry in objects.listed(plane.quarantined, "files/empty/")] == [key]
    old = objects.head(plane.quarantined, key, first["VersionId"])
    assert old is not None
    assert (old.size_bytes, old.metadata) == (16, {"reason": "x"})
    assert objects.document(plane.quarantined, key) == {}
    assert objects.start_of(plane.quarantined, key, 1) == b"{"
    objects.download(plane.quarantined, key, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"{}"
    assert objects.head(plane.quarantined, "nowhere") is None
    assert objects.head(plane.quarantined, key, "no-such-version") is None
    assert objects.document(plane.quarantined, "nowhere") is None
    assert list(objects.lines(plane.quarantined, "nowhere")) == []


def test_a_queue_has_a_depth_and_may_be_absent(plane: ControlPlane, aws: Aws, of: Deployment) -> None:
    services, name = ServiceReads(aws, of), plane.dead_letter_queue_url.rpartition("/")[2]
    plane.sqs.send_message(QueueUrl=plane.dead_letter_queue_url, MessageBody="x")
    depth = services.queue(name)
    assert depth is not None
    assert (depth.waiting, depth.in_flight) == (1, 0)
    assert services.queue("no-such-queue") is None


def test_dead_letters_are_looked_at_and_stay(plane: ControlPlane, aws: Aws, of: Deployment) -> None:
    services, name = ServiceReads(aws, of), plane.dead_letter_queue_url.rpartition("/")[2]
    for number in range(12):
        plane.sqs.send_message(QueueUrl=plane.dead_letter_queue_url, MessageBody=f"letter {number}")
    for _ in range(2):
        assert {letter.body for letter in services.dead_letters(name, 100)} == {f"letter {n}" for n in range(12)}
    assert len(services.dead_letters(name, 3)) == 3


def test_executions_are_found_by_the_name_of_their_attempt(plane: ControlPlane, aws: Aws, of: Deployment) -> None:
    services = ServiceReads(aws, of)
    plane.stepfunctions.start_execution(stateMachineArn=plane.state_machine_arn, name="b-1", input="{}")
    found = services.execution_named("b-1")
    assert found is not None
    assert found.name == "b-1"
    assert found.started_at is not None
    assert services.execution_named("b-2") is None


def test_what_is_switched_off_is_told(emulator: EmbeddedAws, aws: Aws, of: Deployment) -> None:
    vars(aws).update(functions=emulator.client("lambda"), events=emulator.client("events"))
    services = ServiceReads(aws, of)
    assert services.triggers(has_stream=True) == [
        Trigger("file events", False, "absent"),
        Trigger("stream", False, "absent"),
        Trigger("reconciler", False, "absent"),
    ]
    function = Function(emulator, "def work(event, before): return {}", name=of.manifest_builder)
    queue = Queue(emulator)
    mapping = aws.functions.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn)
    aws.events.put_rule(Name=of.reconcile_rule, ScheduleExpression="rate(1 day)")
    assert [one.enabled for one in services.triggers(has_stream=False)] == [True, True]
    aws.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    aws.events.disable_rule(Name=of.reconcile_rule)
    assert [one.said for one in services.triggers(has_stream=False)] == ["disabled", "disabled"]


def test_a_right_that_is_missing_is_named(emulator: EmbeddedAws, aws: Aws, of: Deployment) -> None:
    vars(aws).update(functions=emulator.client("lambda"), events=emulator.client("events"))
    with Stubber(aws.functions) as functions, Stubber(aws.events) as events:
        functions.add_client_error("list_event_source_mappings", "AccessDeniedException")
        events.add_client_error("describe_rule", "AccessDeniedException")
        assert [(one.enabled, one.said) for one in ServiceReads(aws, of).triggers(has_stream=False)] == [
            (None, "lambda:ListEventSourceMappings is not allowed"),
            (None, "events:DescribeRule is not allowed"),
        ]


def test_a_deployment_is_found_by_its_function_or_said_to_be_missing(emulator: EmbeddedAws) -> None:
    aws = Aws("us-east-1")
    vars(aws).update(sts=emulator.client("sts"), functions=emulator.client("lambda"))
    with pytest.raises(UnreachableError, match="ndjson-parquet-state-manager-nowhere"):
        find_deployment(aws, "nowhere")
