"""stream_manifest_creator: what it makes of stream records, well formed and not."""

from typing import Any

import pytest

from ndjson_parquet.errors import MalformedEventError
from stream_manifest_creator.service import inserted_manifest, publish
from tests.component.control_plane import ControlPlane

IMAGE: dict[str, Any] = {"date_prefix": "2026-11-20", "file_key": "MANIFEST#b", "batch_id": "b", "status": "pending"}


def test_what_the_builder_seals_is_published_from_the_stream(plane: ControlPlane) -> None:
    names = [f"{n}.ndjson" for n in range(10)]
    delivery = plane.deliver(plane.builder(max_files=10, streams_publish=True), names)
    assert (delivery.counts["ManifestsSealed"], plane.executions()) == (1, {})
    [item] = plane.manifest_items()
    manifest = inserted_manifest("INSERT", item)
    assert manifest is not None
    counted = [publish(*manifest, plane.publisher()) for _ in range(2)]
    assert counted == [("ManifestsPublished", "ManifestsStarted"), ("ManifestsPublished",)]
    assert (len(plane.executions()), set(plane.statuses().values())) == (1, {"manifested#0"})


def test_an_old_record_of_a_manifest_that_failed_starts_nothing(plane: ControlPlane) -> None:
    """A mapping that is new reads the stream from its oldest record."""
    plane.deliver(plane.builder(max_files=1), ["a.ndjson"])
    [item] = plane.manifest_items()
    plane.set_manifest(item["batch_id"], status="failed", attempts=3)
    assert publish("2026-11-20", item["batch_id"], plane.publisher()) == ()
    assert set(plane.executions()) == {f"{item['batch_id']}-1"}


@pytest.mark.parametrize(
    ("event_name", "image"),
    [("MODIFY", IMAGE), ("REMOVE", {}), ("INSERT", IMAGE | {"file_key": "a.ndjson@e1"})],
)
def test_other_records_are_passed_over(event_name: str, image: dict[str, Any]) -> None:
    assert inserted_manifest(event_name, image) is None


@pytest.mark.parametrize(
    "image",
    [
        {},
        {"date_prefix": "2026-11-20"},
        {name: value for name, value in IMAGE.items() if name != "batch_id"},
        IMAGE | {"date_prefix": 7},
    ],
)
def test_a_record_that_names_no_manifest_is_malformed(image: dict[str, Any]) -> None:
    with pytest.raises(MalformedEventError, match="names no manifest"):
        inserted_manifest("INSERT", image)
