"""Manifests: the full and the bare form, and every way of being wrong."""

import json
from typing import Any

import pytest

from ndjson_converter.errors import ManifestError
from ndjson_converter.manifest import SourceFile, parse_manifest

URI = "s3://manifest/manifests/2026-11-20/b.json"
FULL: dict[str, Any] = {
    "version": 1,
    "batch_id": "20261120T161000-00-a1b2c3d4",
    "date_prefix": "2026-11-20",
    "created_at": "2026-11-20T16:10:42.000000Z",
    "file_count": 2,
    "total_bytes": 30,
    "target_part_bytes": 1000,
    "fileLocations": [{"URIPrefixes": ["s3://b/k 1", "s3://b/k%2"]}],
    "files": [
        {"uri": "s3://b/k 1", "size_bytes": 10, "etag": "e1", "version_id": "v1"},
        {"uri": "s3://b/k%2", "size_bytes": 20, "etag": '"e2"', "version_id": None},
    ],
}
FILE = FULL["files"][0]


def test_the_full_form() -> None:
    manifest = parse_manifest(json.dumps(FULL).encode(), URI, FULL["batch_id"], "2026-11-20")

    assert manifest.files == (SourceFile(0, "s3://b/k 1", 10, "e1", "v1"), SourceFile(1, "s3://b/k%2", 20, "e2", None))
    assert (manifest.batch_id, manifest.date_prefix, manifest.target_part_bytes) == (
        "20261120T161000-00-a1b2c3d4",
        "2026-11-20",
        1000,
    )
    assert not manifest.bare


def test_the_bare_form_takes_its_identity_from_the_arguments() -> None:
    bare = {"fileLocations": [{"URIPrefixes": ["s3://b/1"]}, {"URIPrefixes": ["s3://b/2"]}]}

    manifest = parse_manifest(json.dumps(bare).encode(), URI, "mine", "2026-11-20")

    assert manifest.bare
    assert [file.uri for file in manifest.files] == ["s3://b/1", "s3://b/2"]
    assert manifest.batch_id == "mine"
    assert manifest.target_part_bytes == 384 * 1024 * 1024


def test_the_same_key_in_two_versions_is_two_files() -> None:
    files = [{**FILE, "version_id": "v1"}, {**FILE, "version_id": "v2", "etag": "other"}]

    manifest = parse_manifest(json.dumps({**FULL, "files": files, "total_bytes": 20}).encode(), URI)

    assert [file.version_id for file in manifest.files] == ["v1", "v2"]


WRONG = {
    "not JSON": (b"{not json", "is not JSON"),
    "empty": (b"", "is not JSON"),
    "not UTF-8": (b"\xff\xfe\xfa", "is not JSON"),
    "too deep": (b"[" * 200_000, "is not JSON"),
    "list": (b"[]", "not a JSON object but list"),
    "version": (json.dumps({**FULL, "version": 2}), "version 2"),
    "neither files nor locations": (b"{}", "neither files nor"),
    "files no list": (json.dumps({**FULL, "files": {}}), "files is not a list"),
    "no file": (json.dumps({**FULL, "files": []}), "file_count is 2, but its files make 0"),
    "no location": (json.dumps({"fileLocations": []}), "names no file"),
    "file no object": (json.dumps({**FULL, "files": ["s3://b/k"]}), "files[0] is not an object"),
    "file_count": (json.dumps({**FULL, "file_count": 3}), "file_count is 3, but its files make 2"),
    "total_bytes": (json.dumps({**FULL, "total_bytes": 31}), "total_bytes is 31, but its files make 30"),
    "uri": (json.dumps({**FULL, "files": [{**FILE, "uri": "/b/k"}]}), "files[0].uri is '/b/k'"),
    "uri without key": (json.dumps({"fileLocations": [{"URIPrefixes": ["s3://b"]}]}), "is 's3://b'"),
    "no uri": (json.dumps({**FULL, "files": [{"size_bytes": 1}]}), "files[0].uri is None"),
    "size": (json.dumps({**FULL, "files": [{**FILE, "size_bytes": "10"}]}), "size_bytes is '10'"),
    "negative size": (json.dumps({**FULL, "files": [{**FILE, "size_bytes": -1}]}), "size_bytes is -1"),
    "etag": (json.dumps({**FULL, "files": [{**FILE, "etag": 7}]}), "etag is 7"),
    "same file twice": (
        json.dumps({**FULL, "files": [FILE, FILE], "total_bytes": 20}),
        "names s3://b/k 1 2 times",
    ),
    "locations": (json.dumps({"fileLocations": [{"URIs": []}]}), "URIPrefixes is not a list"),
    "batch_id": (json.dumps({**FULL, "batch_id": "a/b"}), "'a/b' cannot be part of a key"),
    "no batch_id": (json.dumps({**FULL, "batch_id": None}), "has no batch_id"),
    "batch_id no text": (json.dumps({**FULL, "batch_id": 7}), "batch_id is 7"),
    "date": (json.dumps({**FULL, "date_prefix": "2026-02-30"}), "'2026-02-30' is not a calendar date"),
    "short date": (json.dumps({**FULL, "date_prefix": "20261120"}), "'20261120' is not a calendar date"),
    "part size": (json.dumps({**FULL, "target_part_bytes": 0}), "target_part_bytes is 0"),
}


@pytest.mark.parametrize(("data", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_manifest_is_one_clear_error(data: str | bytes, message: str) -> None:
    with pytest.raises(ManifestError) as raised:
        parse_manifest(data.encode() if isinstance(data, str) else data, URI)

    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_arguments_that_contradict_the_manifest_are_refused() -> None:
    with pytest.raises(ManifestError, match="--date_prefix 2026-11-21"):
        parse_manifest(json.dumps(FULL).encode(), URI, FULL["batch_id"], "2026-11-21")
