"""What the manifests of a date remember."""

from typing import Any

from ndjson_parquet.batched import DATES_KEPT, BatchedFiles
from ndjson_parquet.manifests import manifest_key
from ndjson_parquet.reconciling import Identity
from ndjson_parquet.store import ManifestStore
from tests.component.control_plane import ControlPlane
from tests.factories import PREFIX
from tests.faults import Calls, FaultyClient

DAYS = [f"2026-11-{day:02d}" for day in range(1, DATES_KEPT + 2)]


def test_a_date_is_read_once_and_only_the_latest_are_kept(plane: ControlPlane) -> None:
    for day in DAYS:
        file = {"uri": f"s3://in/{PREFIX}{day}/a.ndjson", "size_bytes": 1, "etag": "e", "version_id": None}
        plane.put_json(manifest_key(day, "b"), {"files": [file]})
    calls = Calls()
    client: Any = FaultyClient(plane.s3, calls)
    batched = BatchedFiles(ManifestStore(client, plane.manifests), PREFIX)
    known = [Identity(day, "a.ndjson@e") for day in DAYS]

    assert [batched.manifest_of([one]) for one in known] == [manifest_key(day, "b") for day in DAYS]
    assert batched.manifest_of([Identity(DAYS[-1], "a.ndjson@other")]) is None
    assert batched.manifest_of([Identity(DAYS[-1], "b.ndjson@e"), known[-1]]) == manifest_key(DAYS[-1], "b")
    assert calls.made.count("s3.list_objects_v2") == len(DAYS)
    assert batched.manifest_of(known[:1])
    assert calls.made.count("s3.list_objects_v2") == len(DAYS) + 1
    batched.forget()
    assert batched.manifest_of(known[:1])
    assert calls.made.count("s3.list_objects_v2") == len(DAYS) + 2
