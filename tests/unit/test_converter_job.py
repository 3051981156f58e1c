"""A whole run on a store in memory: what becomes visible, when, and what is left after a failure anywhere."""

import base64
import json
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from ndjson_converter.errors import (
    ConversionError,
    InternalError,
    ManifestError,
    RejectLimitError,
    SourcesGoneError,
    StorageError,
    TaskError,
)
from ndjson_converter.job import Job, Outcome
from ndjson_converter.manifest import SourceFile
from ndjson_converter.s3 import Store
from ndjson_converter.tasks import pieces
from tests.converter_support import (
    BATCH_ID,
    COMMIT,
    DATE,
    MANIFEST,
    PART_PREFIX,
    REJECTS,
    REPORT,
    START,
    SUPERSEDED,
    FaultyStore,
    InProcessCluster,
    MemoryStore,
    arguments,
    put_batch,
    read_json,
    read_rows,
    read_table,
)

T = TypeVar("T")
R = TypeVar("R")
Run = Callable[..., Outcome]

FILES = {
    "a.ndjson": b'{"id":1,"amount":1.10}\n{"id":2,"amount":2.00,"tags":["x"]}\n',
    "b.ndjson": b'{"id":3}\nbroken\n\n{"id":4,"amount":null}',
    "c.ndjson": b'{"id":"5","Amount":9}\n{"id":6}\n{"id":7}\n{"id":8}\n{"id":9}\n{"id":10}\n{"id":11}\n{"id":12}\n',
}
# Cuts FILES into three parts, one file each.
SMALL_PARTS = {"target_part_bytes": 50}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def run(store: MemoryStore) -> Run:
    def run_job(on: Store | None = None, **changes: Any) -> Outcome:
        job = Job(arguments(**changes), on or store, InProcessCluster(), now=lambda: START)
        return job.run()

    return run_job


def test_rows_commit_record_rejects_and_report(store: MemoryStore, run: Run) -> None:
    put_batch(store, FILES)

    assert run(execution_arn="arn:x", job_run_id="jr_1") == Outcome.COMMITTED

    part = f"{PART_PREFIX}00000.parquet"
    assert [row["id"] for row in read_rows(store)] == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
    assert read_json(store, COMMIT) == {
        "version": 1,
        "batch_id": BATCH_ID,
        "date_prefix": DATE,
        "attempt": 1,
        "execution_arn": "arn:x",
        "manifest_path": MANIFEST,
        "committed_at": "2026-11-20T16:10:00.000000Z",
        "job_run_id": "jr_1",
        "files": 3,
        "bytes_in": sum(map(len, FILES.values())),
        "lines_in": 13,
        "rows_out": 12,
        "lines_rejected": 1,
        "rejected_by_reason": {"not_json": 1},
        "lines_blank": 1,
        "parts": [{"uri": part, "rows": 12, "size_bytes": len(store.objects[part])}],
        "rejects_uri": REJECTS,
        "missing": [],
        "columns": ["id", "amount", "tags", "amount__2"],
        "renamed": {"Amount": "amount__2"},
        "overflow_keys": 0,
    }
    report = read_json(store, REPORT)
    assert (report["outcome"], report["rows_out"], report["lines_rejected"]) == ("committed", 12, 1)
    assert {name: report[name] for name in ("version", "kind", "correlation_id", "date_prefix", "job_run_id")} == {
        "version": 1,
        "kind": "conversion",
        "correlation_id": BATCH_ID,
        "date_prefix": DATE,
        "job_run_id": "jr_1",
    }
    assert (report["started_at"], report["ended_at"]) == ("2026-11-20T16:10:00.000000Z",) * 2
    assert set(report["seconds"]) == {"pin", "sample", "write", "commit"}


def test_rejects_hold_the_raw_line_and_where_it_was(store: MemoryStore, run: Run) -> None:
    put_batch(store, {"a.ndjson": b'{"a":1}\n{"a":1,"a":2}\n\xff\xfe\n'})

    run(max_reject_percent=100)

    rejects = [json.loads(line) for line in store.read(REJECTS).splitlines()]
    source = f"s3://input/landing/ndjson/{DATE}/a.ndjson"
    assert rejects[0] == {
        "source": source,
        "line_number": 2,
        "byte_offset": 8,
        "reason": "duplicate_key",
        "detail": 'key "a" occurs twice',
        "raw": '{"a":1,"a":2}',
    }
    assert (rejects[1]["reason"], base64.b64decode(rejects[1]["raw_base64"])) == ("not_utf8", b"\xff\xfe")
    assert "raw" not in rejects[1]


def test_every_part_has_the_schema_of_the_whole_batch(store: MemoryStore, run: Run) -> None:
    put_batch(store, FILES, **SMALL_PARTS)

    run()

    parts = store.list_objects(PART_PREFIX)
    assert parts == [f"{PART_PREFIX}0000{number}.parquet" for number in range(3)]
    tables = [read_table(store, uri) for uri in parts]
    assert [table.num_rows for table in tables] == [2, 2, 8]
    assert all(table.schema.equals(tables[0].schema, check_metadata=True) for table in tables)


def test_a_second_run_finds_the_commit_record_and_touches_nothing(store: MemoryStore, run: Run) -> None:
    put_batch(store, FILES)
    run()
    del store.objects[MANIFEST]
    before = dict(store.objects)

    assert run(attempt=2) == Outcome.ALREADY_COMMITTED
    assert store.objects == before


def test_a_run_without_batch_arguments_takes_them_from_the_manifest(store: MemoryStore, run: Run) -> None:
    put_batch(store, FILES)

    assert run(batch_id=None, date_prefix=None) == Outcome.COMMITTED
    assert run(batch_id=None, date_prefix=None) == Outcome.ALREADY_COMMITTED


def test_a_repeated_run_replaces_and_removes_what_is_stale(store: MemoryStore, run: Run) -> None:
    put_batch(store, FILES, **SMALL_PARTS)
    run()
    rows, keys = read_rows(store), store.list_objects(PART_PREFIX)
    stale, longer = f"{PART_PREFIX}00007.parquet", f"{PART_PREFIX}x-00000.parquet"
    store.write(stale, b"of an earlier attempt")
    store.write(longer, b"of the batch whose name is longer")
    del store.objects[COMMIT]

    run()

    assert store.deleted == [stale]
    assert store.objects.pop(longer)
    assert (read_rows(store), store.list_objects(PART_PREFIX)) == (rows, keys)


def test_stale_rejects_are_removed(store: MemoryStore, run: Run) -> None:
    put_batch(store, {"a.ndjson": b'{"a":1}'})
    store.write(REJECTS, b"of an earlier attempt")

    run()

    assert store.list_objects(REJECTS) == []
    assert read_json(store, COMMIT)["rejects_uri"] is None


def test_a_source_that_is_gone_or_changed_is_listed_and_the_rest_converted(store: MemoryStore, run: Run) -> None:
    manifest = put_batch(store, FILES, **SMALL_PARTS)
    gone, changed = manifest["files"][0], manifest["files"][1]
    del store.objects[gone["uri"]]
    store.write(changed["uri"], b'{"id":"other bytes"}')

    assert run() == Outcome.COMMITTED

    record = read_json(store, COMMIT)
    assert [(entry["uri"], entry["etag"]) for entry in record["missing"]] == [
        (gone["uri"], gone["etag"]),
        (changed["uri"], changed["etag"]),
    ]
    assert all(entry["reason"] for entry in record["missing"])
    assert store.list_objects(PART_PREFIX) == [f"{PART_PREFIX}00002.parquet"]
    assert (record["files"], record["rows_out"]) == (3, 8)


def convert_once_more(store: MemoryStore) -> None:
    """What `reconvert` does to the commit record."""
    store.write(SUPERSEDED, store.objects[COMMIT])
    del store.objects[COMMIT]


def test_a_batch_that_is_converted_once_more_has_the_same_parts_and_rows(store: MemoryStore, run: Run) -> None:
    put_batch(store, FILES, **SMALL_PARTS)
    run()
    rows, keys = read_rows(store), store.list_objects(PART_PREFIX)
    convert_once_more(store)

    assert run(attempt=2, max_reject_percent=50) == Outcome.COMMITTED
    assert (read_rows(store), store.list_objects(PART_PREFIX)) == (rows, keys)


def test_rows_are_not_replaced_by_fewer_when_a_source_is_gone(store: MemoryStore, run: Run) -> None:
    manifest = put_batch(store, FILES, **SMALL_PARTS)
    del store.objects[manifest["files"][0]["uri"]]
    run()
    convert_once_more(store)

    assert run(attempt=2) == Outcome.COMMITTED, "what was missing before is no loss"
    convert_once_more(store)
    before = visible(store)
    del store.objects[manifest["files"][2]["uri"]]
    with pytest.raises(
        SourcesGoneError, match=r"1 of the sources .*c\.ndjson for one.* move s3://manifest/superseded/"
    ):
        run(attempt=3)
    assert visible(store) == before
    assert COMMIT not in store.objects


def test_files_without_records_write_no_part(store: MemoryStore, run: Run) -> None:
    put_batch(store, {"a.ndjson": b"", "b.ndjson": b"\n\n"})

    assert run() == Outcome.COMMITTED

    record = read_json(store, COMMIT)
    assert (record["parts"], record["lines_in"], record["lines_blank"]) == ([], 0, 2)


def test_empty_objects_are_rows(store: MemoryStore, run: Run) -> None:
    put_batch(store, {"a.ndjson": b"{}\n{}\n"})

    run()

    assert [set(row) for row in read_rows(store)] == [{"_processing_timestamp", "_source_file", "_json_types"}] * 2


def test_a_bare_manifest(store: MemoryStore, run: Run) -> None:
    manifest = put_batch(store, FILES)
    store.write(MANIFEST, json.dumps({"fileLocations": manifest["fileLocations"]}).encode())
    del store.objects[manifest["files"][1]["uri"]]

    run()

    record = read_json(store, COMMIT)
    assert (record["rows_out"], len(record["missing"])) == (10, 1)


def test_too_many_rejects_commit_nothing_and_say_why(store: MemoryStore, run: Run) -> None:
    put_batch(store, {"a.ndjson": b'{"a":1}\nbad\n{"a":2}\n'})

    with pytest.raises(RejectLimitError) as raised:
        run(max_reject_percent=33)

    message = str(raised.value)
    for said in ("1 of 3 lines (33.3 %)", "max_reject_percent = 33", "a.ndjson line 2: not_json", "column 1"):
        assert said in message
    assert visible(store) == []
    report = read_json(store, REPORT)
    assert (report["outcome"], report["error"]) == ("failed", message)


def test_as_many_rejects_as_allowed_are_fine(store: MemoryStore, run: Run) -> None:
    put_batch(store, {"a.ndjson": b'{"a":1}\nbad\n{"a":2}\n{"a":3}\n'})

    assert run(max_reject_percent=25) == Outcome.COMMITTED


def test_an_absent_manifest(run: Run) -> None:
    with pytest.raises(ManifestError, match="does not exist; check --manifest_path"):
        run()


def test_a_manifest_that_is_not_json(store: MemoryStore, run: Run) -> None:
    store.write(MANIFEST, b"{")

    with pytest.raises(ManifestError, match="is not JSON"):
        run()


FAULTS = [
    *(("read", 1), ("read", 2), ("read_source", 1), ("read_source", 3)),
    *(("start_upload", 1), ("start_upload", 2), ("start_upload", 4), ("upload_part", 1), ("upload_part", 3)),
    *(("upload_part", 4), ("complete_upload", 1), ("complete_upload", 2), ("complete_upload", 4)),
    *(("list_objects", 1), ("list_uploads", 1), ("write", 1)),
]


@pytest.mark.parametrize(("method", "nth"), FAULTS, ids=[f"{method} {nth}" for method, nth in FAULTS])
def test_a_call_that_fails_commits_nothing_and_a_later_run_succeeds(
    store: MemoryStore, run: Run, method: str, nth: int
) -> None:
    put_batch(store, FILES, **SMALL_PARTS)

    with pytest.raises((StorageError, TaskError), match=f"cannot {method}: AccessDenied: injected"):
        run(on=FaultyStore(store, method, nth))

    assert COMMIT not in store.objects
    assert store.uploads == {}

    assert run(attempt=2) == Outcome.COMMITTED
    assert [row["id"] for row in read_rows(store)] == [str(number) for number in range(1, 13)]
    assert store.uploads == {}


def test_nothing_is_visible_when_a_part_cannot_be_uploaded(store: MemoryStore, run: Run) -> None:
    put_batch(store, FILES, **SMALL_PARTS)

    with pytest.raises(ConversionError):
        run(on=FaultyStore(store, "upload_part", 3))

    assert visible(store) == []


def test_uploads_left_by_an_attempt_that_was_killed_are_aborted(store: MemoryStore, run: Run) -> None:
    put_batch(store, FILES)
    store.start_upload(f"{PART_PREFIX}00000.parquet")
    other = store.start_upload(f"{PART_PREFIX}x-00000.parquet")

    run()

    assert [upload for upload, _ in store.uploads.values()] == [other]


def test_a_report_that_cannot_be_written_does_not_undo_the_commit(store: MemoryStore, run: Run) -> None:
    put_batch(store, FILES)

    assert run(on=FaultyStore(store, "write", 2)) == Outcome.COMMITTED
    assert COMMIT in store.objects
    assert REPORT not in store.objects


LATE_KEY = b'{"id":1}\n' * 20_000 + b'{"id":2,"late":1.10}\n'


def test_a_key_that_the_sample_has_not_shown_gets_its_column(store: MemoryStore, run: Run) -> None:
    put_batch(store, {"a.ndjson": b'{"id":0}\n', "b.ndjson": LATE_KEY}, target_part_bytes=100_000)

    assert run() == Outcome.COMMITTED

    rows = read_rows(store)
    assert (len(rows), rows[-1]["late"], rows[0]["late"]) == (20_002, "1.10", None)
    assert store.uploads == {}
    report = read_json(store, REPORT)
    assert "write_again" in report["seconds"]
    assert report["columns"] == ["id", "late"]


def test_nothing_is_written_twice_for_keys_that_overflow(store: MemoryStore, run: Run) -> None:
    """The sample shows that there are too many keys; those it has not shown go the same way."""
    put_batch(store, {"a.ndjson": b'{"id":0,"other":1}\n' + LATE_KEY})

    assert run(max_columns=1) == Outcome.COMMITTED

    rows = read_rows(store)
    assert (rows[0]["_overflow"], rows[1]["_overflow"], rows[-1]["_overflow"]) == (
        '{"other": 1}',
        None,
        '{"late": 1.10}',
    )
    report = read_json(store, REPORT)
    assert ("write_again" in report["seconds"], report["overflow_keys"]) == (False, 2)


def test_a_source_in_pieces_is_the_same_as_whole() -> None:
    text = b'\xef\xbb\xbf{"id":1}\n\nbroken\n' + b'{"id":22}\n' * 3 + b"x" * 50 + b'\n{"id":3}'
    for size in range(1, len(text) + 1):
        found = list(pieces(text, size))
        assert b"".join(piece.text for piece in found) == text
        assert [piece.offset for piece in found] == [sum(len(p.text) for p in found[:n]) for n in range(len(found))]
        assert all(bytes(piece.text).endswith(b"\n") for piece in found[:-1])
        assert all(len(piece.text) <= size or piece.text.tobytes().count(b"\n") <= 1 for piece in found)


class ChangingStore(MemoryStore):
    """Has another key in its only source each time it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = iter("abcd")

    def read_source(self, source: SourceFile, first_bytes: int | None = None) -> bytes:
        return b'{"%s":1}\n' % next(self.keys).encode()


def test_counts_that_do_not_add_up_are_never_committed() -> None:
    """An object without etag is another one in the sample, when it is written, and when it is written again."""
    store = ChangingStore()
    put_batch(store, {"a.ndjson": b'{"a":1}\n'})

    with pytest.raises(InternalError, match="1 lines were read, but 0 rows written and 0 lines rejected"):
        Job(arguments(), store, InProcessCluster()).run()

    assert visible(store) == []
    assert store.uploads == {}


def test_an_unexpected_error_in_a_task_is_one_line_with_its_type() -> None:
    def broken(item: int) -> int:
        raise ValueError("two\nlines")

    with pytest.raises(TaskError, match=r"^ValueError: two lines$"):
        InProcessCluster().run(broken, [1])


def visible(store: MemoryStore) -> list[str]:
    """What a reader of parts, rejects or commit records can see."""
    return [uri for prefix in (PART_PREFIX, REJECTS, COMMIT) for uri in store.list_objects(prefix)]
