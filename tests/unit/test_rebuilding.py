"""The decisions of a rebuild."""

from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ndjson_parquet.manifests import ManifestFile, ManifestRecord
from ndjson_parquet.rebuilding import WaitingFile, is_whole, repair_of, strangers

EARLIER, BATCH, LATER = (f"20261120T16{minute}00-00-a1b2c3d400" for minute in (10, 11, 12))
FILES = {f"{name}@e": ManifestFile(f"s3://in/{name}", 1, "e", None) for name in "abc"}
RECORD = ManifestRecord(
    date_prefix="2026-11-20",
    batch_id=BATCH,
    status="completed",
    shard=0,
    file_count=3,
    total_bytes=3,
    attempts=1,
    opened_at="2026-11-20T16:11:00.000000Z",
    created_at="2026-11-20T16:11:00.000000Z",
    updated_at="2026-11-20T16:12:00.000000Z",
    manifest_path="s3://m/x",
    files_are_settled=True,
)


def item(file_key: str, status: str = "completed#0", batch_id: str | None = BATCH) -> dict[str, Any]:
    return {"file_key": file_key, "status": status} | ({"batch_id": batch_id} if batch_id else {})


HEALTHY = {key: item(key) for key in FILES}


def test_a_manifest_that_the_table_knows_needs_nothing() -> None:
    assert not repair_of(BATCH, FILES, HEALTHY, RECORD, FILES.keys()).is_needed


@given(st.sets(st.sampled_from(sorted(FILES))), st.booleans(), st.booleans())
def test_every_file_that_the_table_lacks_is_put_back(known: set[str], is_committed: bool, has_record: bool) -> None:
    read = FILES.keys() if is_committed else None
    found = repair_of(BATCH, FILES, {key: item(key) for key in known}, RECORD if has_record else None, read)
    assert {file.uri for file in found.absent} == {FILES[key].uri for key in FILES.keys() - known}
    assert found.lacks_manifest is not has_record
    assert found.is_needed is (known != FILES.keys() or not has_record)
    assert found.completes is (is_committed and (known != FILES.keys() or not has_record))


@pytest.mark.parametrize("status", ["pending", "processing", "failed"])
def test_a_commit_record_completes_whatever_the_table_says(status: str) -> None:
    stale = replace(RECORD, status=status, files_are_settled=False)
    assert repair_of(BATCH, FILES, HEALTHY, stale, FILES.keys()).completes
    assert not repair_of(BATCH, FILES, HEALTHY, stale, None).is_needed


@pytest.mark.parametrize(
    ("found", "is_earlier", "is_doubled"),
    [
        (item("a@e", "quarantined#0", None), True, False),
        (item("a@e", "released#0", None), True, False),
        (item("a@e", "completed#0", EARLIER), True, False),
        (item("a@e", "pending#0", EARLIER), False, True),
        (item("a@e", "completed#0", LATER), False, True),
        (item("a@e", "pending#0", LATER), False, True),
    ],
    ids=["set aside", "released", "ended before", "waits in an earlier one", "ended since", "waits in a later one"],
)
def test_a_file_that_is_elsewhere(found: dict[str, Any], is_earlier: bool, is_doubled: bool) -> None:
    repair = repair_of(BATCH, FILES, HEALTHY | {"a@e": found}, RECORD, FILES.keys())
    assert (found in repair.earlier, found in repair.doubled) == (is_earlier, is_doubled)


def test_a_file_without_rows_here_is_doubled_by_no_other_batch() -> None:
    elsewhere = HEALTHY | {"a@e": item("a@e", "completed#0", LATER)}
    assert repair_of(BATCH, FILES, elsewhere, RECORD, FILES.keys() - {"a@e"}).doubled == ()
    assert repair_of(BATCH, FILES, elsewhere, RECORD, None).doubled == ()


@pytest.mark.parametrize(
    ("count", "known", "expected"),
    [
        (3, HEALTHY, True),
        (4, HEALTHY, False),
        (3, {key: item(key) for key in list(FILES)[:2]}, False),
        (3, HEALTHY | {"a@e": item("a@e", batch_id=LATER)}, False),
    ],
    ids=["whole", "a list is missing", "an item is missing", "an item is another batch's"],
)
def test_a_batch_is_whole_when_its_list_and_its_files_agree(count: int, known: dict[str, Any], expected: bool) -> None:
    assert is_whole(BATCH, count, list(FILES), known) is expected


def test_a_stranger_is_whom_the_list_does_not_name() -> None:
    files = [WaitingFile("2026-11-20", key, BATCH, "pending#0") for key in ("a@e", "x@e")]
    assert [file.file_key for file in strangers(files, FILES.keys())] == ["x@e"]
