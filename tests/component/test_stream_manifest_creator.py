"""stream_manifest_creator: what it makes of stream records, well formed and not."""

from typing import Any

import pytest

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.items import from_item
from stream_manifest_creator.service import inserted_manifest, publish
from tests.component.control_plane import ControlPlane
from tests.unit.test_manifests import RECORD

IMAGE: dict[str, Any] = {
    "date_prefix": "2026-11-20",
    "file_key": f"MANIFEST#{RECORD.batch_id}",
    "batch_id": RECORD.batch_id,
    "status": "pending",
    "shard_id": 0,
    "file_count": 2,
    "total_bytes": 30,
    "attempts": 1,
    "created_at": "2026-11-20T16:10:00.000000Z",
    "updated_at": "2026-11-20T16:10:00.000000Z",
    "manifest_path": "s3://m/k",
}


def test_what_the_builder_seals_is_published_from_the_stream(plane: ControlPlane) -> None:
    names = [f"{n}.ndjson" for n in range(10)]
    delivery = plane.deliver(plane.builder(max_files=10, streams_publish=True), names)
    assert (delivery.counts["ManifestsSealed"], plane.executions()) == (1, {})
    [item] = plane.manifest_items()
    manifest = inserted_manifest("INSERT", item)
    assert manifest is not None
    for _ in range(2):
        assert publish(manifest, plane.publisher())
    assert (len(plane.executions()), set(plane.statuses().values())) == (1, {"manifested#0"})


@pytest.mark.parametrize(
    ("event_name", "image"),
    [
        ("MODIFY", IMAGE),
        ("REMOVE", None),
        ("INSERT", IMAGE | {"file_key": "a.ndjson@e1"}),
        ("INSERT", IMAGE | {"status": "completed"}),
    ],
)
def test_other_records_are_passed_over(event_name: str, image: dict[str, Any] | None) -> None:
    assert inserted_manifest(event_name, image) is None


@pytest.mark.parametrize("lacking", sorted(set(IMAGE) - {"file_key"}))
def test_an_incomplete_image_names_its_item(lacking: str) -> None:
    with pytest.raises(MalformedEventError, match=rf"MANIFEST#{RECORD.batch_id} is incomplete"):
        inserted_manifest("INSERT", {name: value for name, value in IMAGE.items() if name != lacking})


@pytest.mark.parametrize("image", [None, {}, {"date_prefix": "2026-11-20"}])
def test_a_record_without_an_image_is_malformed(image: dict[str, Any] | None) -> None:
    with pytest.raises(MalformedEventError, match="no image of an item"):
        inserted_manifest("INSERT", image)


def test_numbers_of_an_image_are_whole() -> None:
    assert from_item({"attempts": {"N": "3"}}) == {"attempts": 3}
