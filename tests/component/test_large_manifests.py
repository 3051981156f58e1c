"""A manifest as large as prod's: publishing and finishing it takes the calls that one invocation has time for."""

from dataclasses import replace

import pytest

from benchmarks.capacity.model import finishing_calls, publishing_calls
from benchmarks.capacity.settings import environment_settings
from benchmarks.control_plane.backlog import DATE, Batch, items
from ndjson_parquet.finishing import RunEnd
from ndjson_parquet.items import to_item
from tests.component.control_plane import ControlPlane
from tests.factories import commit_record
from tests.faults import Calls, FaultyClient

FILES = environment_settings("prod").max_files_per_manifest
BATCH = Batch(0, "pending", 0, FILES)
CLIENTS = ("dynamodb", "s3", "stepfunctions")


@pytest.fixture
def sealed(plane: ControlPlane) -> ControlPlane:
    """A batch of so many files, as 200 deliveries of ten leave it."""
    writes = [{"PutRequest": {"Item": to_item(item)}} for item in items(BATCH, plane.input, plane.manifests, "")]
    for start in range(0, len(writes), 25):
        answer = plane.dynamodb.batch_write_item(RequestItems={plane.table: writes[start : start + 25]})
        assert not answer["UnprocessedItems"]
    return plane


def counted(plane: ControlPlane) -> tuple[ControlPlane, Calls]:
    """The same plane, whose calls are counted."""
    calls = Calls()
    clients = {name: FaultyClient(getattr(plane.clients, name), calls) for name in CLIENTS}
    return plane.through(replace(plane.clients, **clients)), calls


def test_publishing_and_finishing_take_the_calls_of_the_model(sealed: ControlPlane) -> None:
    publishing, calls = counted(sealed)
    publishing.publisher().publish_if_pending(DATE, BATCH.batch_id)
    assert len(calls.made) == publishing_calls(FILES, files_in_a_delivery=10)
    [manifest] = sealed.manifest_objects().values()
    assert len(manifest["files"]) == FILES

    sealed.set_manifest(BATCH.batch_id, status="completed")
    sealed.put_json(f"commits/{DATE}/{BATCH.batch_id}.json", commit_record(sealed.now))
    finishing, calls = counted(sealed)
    answer = finishing.finisher().finish(RunEnd("completed", BATCH.batch_id, DATE, None))
    assert answer["files_updated"] == FILES
    assert len(calls.made) == finishing_calls(FILES)
