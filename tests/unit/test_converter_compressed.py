"""Gzip sources: what is text, what is damage, and what a batch makes of a file that it cannot read."""

import gzip
import json

import pytest

from ndjson_converter.compressed import decompressed
from ndjson_converter.errors import UnreadableError
from ndjson_converter.job import Job, Outcome
from ndjson_converter.manifest import SourceFile
from tests.converter_support import (
    COMMIT,
    DATE,
    REJECTS,
    START,
    InProcessCluster,
    MemoryStore,
    arguments,
    put_batch,
    read_json,
    read_rows,
)

URI = "s3://input/a.ndjson.gz"
TEXT = b'{"id":1}\nbad\n\n{"id":"\xc3\xa9"}\n'
WHOLE = gzip.compress(TEXT)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(WHOLE, TEXT, id="one member"),
        pytest.param(gzip.compress(TEXT[:11]) + gzip.compress(TEXT[11:]), TEXT, id="members that share a line"),
        pytest.param(gzip.compress(b"") + WHOLE + gzip.compress(b""), TEXT, id="empty members"),
        pytest.param(WHOLE + bytes(512), TEXT, id="filled up with zeros"),
        pytest.param(gzip.compress(b""), b"", id="nothing in it"),
    ],
)
def test_the_text_is_that_of_all_members(data: bytes, text: bytes) -> None:
    assert decompressed(data, URI) == text


@pytest.mark.parametrize("uri", ["s3://input/a.ndjson.GZ", "s3://input/x.gz"])
def test_the_end_of_the_name_decides_in_any_case(uri: str) -> None:
    assert decompressed(WHOLE, uri) == TEXT


def test_another_name_is_left_as_it_is() -> None:
    assert decompressed(WHOLE, "s3://input/a.gz.ndjson") is WHOLE


def test_a_file_cut_anywhere_is_unreadable() -> None:
    for length in range(1, len(WHOLE)):
        with pytest.raises(UnreadableError, match=r"cannot decompress s3://input/a\.ndjson\.gz: .*; send it again"):
            decompressed(WHOLE[:length], URI)
        with pytest.raises(UnreadableError):
            decompressed(WHOLE + WHOLE[:length], URI)


def test_no_changed_bit_changes_a_value() -> None:
    """Either it is noticed, or it says nothing about the text: the time in the header, the bits that fill a byte."""
    noticed = 0
    for bit in range(8 * len(WHOLE)):
        changed = bytearray(WHOLE)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            assert decompressed(bytes(changed), URI) == TEXT
        except UnreadableError:
            noticed += 1
    assert noticed > 8 * len(TEXT)


@pytest.mark.parametrize("data", [TEXT, WHOLE + b"{}", WHOLE + bytes(8) + b"{}"], ids=["plain", "tail", "late tail"])
def test_what_is_not_gzip_is_not_taken_for_text(data: bytes) -> None:
    with pytest.raises(UnreadableError, match="Not a gzipped file"):
        decompressed(data, URI)


def test_the_text_is_bounded_over_all_members() -> None:
    data = gzip.compress(b"x" * 60) + gzip.compress(b"x" * 40)

    assert len(decompressed(data, URI, max_bytes=100)) == 100
    with pytest.raises(UnreadableError, match="holds more than 99 bytes; send smaller files"):
        decompressed(data, URI, max_bytes=99)


def run(store: MemoryStore) -> Outcome:
    return Job(arguments(max_reject_percent=100), store, InProcessCluster(), None, lambda: START).run()


def test_lines_keep_their_places_in_the_text() -> None:
    store = MemoryStore()
    put_batch(store, {"a.ndjson": TEXT, "b.ndjson.gz": WHOLE})

    assert run(store) == Outcome.COMMITTED

    plain, zipped = [json.loads(line) for line in store.read(REJECTS).splitlines()]
    assert zipped == {**plain, "source": f"s3://input/landing/ndjson/{DATE}/b.ndjson.gz"}
    assert (zipped["line_number"], zipped["byte_offset"], zipped["raw"]) == (2, 9, "bad")
    assert [row["id"] for row in read_rows(store)] == ["1", "é", "1", "é"]
    assert read_json(store, COMMIT)["bytes_in"] == 2 * len(TEXT)


def test_an_unreadable_file_is_kept_and_listed_and_the_rest_converted() -> None:
    store = MemoryStore()
    damaged = WHOLE[:-1]
    manifest = put_batch(store, {"a.ndjson.gz": WHOLE, "b.ndjson.gz": damaged, "c.ndjson": TEXT})

    assert run(store) == Outcome.COMMITTED

    record, source = read_json(store, COMMIT), manifest["files"][1]
    kept = f"s3://quarantine/files/unreadable/{DATE}/landing/ndjson/{DATE}/b.ndjson.gz"
    (missing,) = record["missing"]
    assert (missing["uri"], missing["etag"], missing["quarantined_uri"]) == (source["uri"], source["etag"], kept)
    assert "Compressed file ended before the end-of-stream marker was reached" in missing["reason"]
    assert store.read(kept) == damaged
    assert (record["files"], record["rows_out"], record["lines_rejected"]) == (3, 4, 2)
    assert source["uri"] not in {row["_source_file"] for row in read_rows(store)}


def test_a_batch_of_unreadable_files_is_committed_without_parts() -> None:
    """Not an error of the run: another attempt would read the same bytes."""
    store = MemoryStore()
    put_batch(store, {"a.ndjson.gz": b"no gzip", "b.ndjson.gz": WHOLE[:9]})

    assert run(store) == Outcome.COMMITTED

    record = read_json(store, COMMIT)
    assert (record["parts"], record["rows_out"], len(record["missing"])) == ([], 0, 2)


class ForgetfulStore(MemoryStore):
    """Gives each source twice, as a sample and whole: then its bucket's lifecycle deletes it."""

    def read_source(self, source: SourceFile, first_bytes: int | None = None) -> bytes:
        content = super().read_source(source, first_bytes)
        if source.uri in self.given:
            del self.objects[source.uri]
        self.given.add(source.uri)
        return content

    def __init__(self) -> None:
        super().__init__()
        self.given: set[str] = set()


def test_an_unreadable_file_that_goes_before_it_is_kept_is_listed_all_the_same() -> None:
    store = ForgetfulStore()
    put_batch(store, {"a.ndjson.gz": WHOLE[:-1]})

    assert run(store) == Outcome.COMMITTED

    (missing,) = read_json(store, COMMIT)["missing"]
    assert (missing["quarantined_uri"], "cannot decompress" in missing["reason"]) == (None, True)


def test_a_long_name_is_kept_under_a_key_that_s3_takes() -> None:
    store = MemoryStore()
    put_batch(store, {"x" * 990 + ".gz": b"no gzip", "y" * 990 + ".gz": b"no gzip"})

    run(store)

    kept = {entry["quarantined_uri"] for entry in read_json(store, COMMIT)["missing"]}
    assert len(kept) == 2
    assert all(len(uri.removeprefix("s3://quarantine/")) <= 1024 for uri in kept)
