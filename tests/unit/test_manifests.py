"""The manifest object and the execution's input."""

import json

import pytest

from ndjson_parquet.errors import ManifestError
from ndjson_parquet.manifests import ManifestFile, ManifestRecord, execution_input, parse, render
from tests.factories import NOW, PREFIX

RECORD = ManifestRecord(
    date_prefix="2026-11-20",
    batch_id="20261120T161000-00-a1b2c300",
    status="pending",
    shard=0,
    file_count=2,
    total_bytes=30,
    attempts=3,
    created_at="2026-11-20T16:10:00.000000Z",
    updated_at="2026-11-20T16:10:00.000000Z",
    manifest_path="s3://manifest/manifests/2026-11-20/20261120T161000-00-a1b2c300.json",
    opened_at="2026-11-20T16:02:00.000000Z",
)
FILES = (
    ManifestFile("s3://input/landing/ndjson/2026-11-20/é b.ndjson", 20, "e2", None),
    ManifestFile("s3://input/landing/ndjson/2026-11-20/a.ndjson", 10, "e1", "v1"),
)


def test_the_content_does_not_depend_on_the_order_of_the_files() -> None:
    assert render(RECORD, FILES, 512) == render(RECORD, reversed(FILES), 512)


def test_what_is_rendered_can_be_parsed() -> None:
    assert set(parse(render(RECORD, FILES, 512), "s3://x")) == set(FILES)


def test_the_list_that_other_services_read_names_every_file() -> None:
    content = json.loads(render(RECORD, FILES, 512))
    assert content["fileLocations"] == [{"URIPrefixes": sorted(file.uri for file in FILES)}]
    assert content["target_part_bytes"] == 512


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"{}", b'{"files": [{"uri": "s3://a/b"}]}', b'{"files": 7}'])
def test_something_else_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(ManifestError, match=r"s3://manifest/x\.json is not a manifest"):
        parse(body, "s3://manifest/x.json")


def test_a_files_range_key_follows_from_its_uri_and_etag() -> None:
    assert FILES[0].file_key(PREFIX) == "é b.ndjson@e2"


def test_the_execution_is_named_by_batch_and_attempt() -> None:
    sent = execution_input(RECORD, NOW)
    assert sent["id"] == RECORD.execution_name == "20261120T161000-00-a1b2c300-3"
    assert (sent["attempt"], sent["file_key"]) == (3, "MANIFEST#20261120T161000-00-a1b2c300")
    assert sent["timestamp"] == "2026-11-20T16:10:00.000000Z"
