"""Files in quarantine: whatever a file is called, its copy says which file it is of."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.landing import LandedFile, QuarantineReason, file_key, name_in_table, quarantine_key
from ndjson_parquet.quarantined import CopyKey, LandingKey, copied_file, copy_metadata, copy_of, landed_key, named_key
from tests.factories import PREFIX

names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=200)
reasons = st.sampled_from(QuarantineReason)


def refused(name: str) -> LandedFile:
    key, etag = f"{PREFIX}2026-11-20/{name}", "0" * 32
    return LandedFile("in", key, etag, "v1", 7, "2026-11-20", False, file_key(key, etag, PREFIX))


@given(names, reasons)
def test_a_copy_says_which_file_it_is_of(name: str, reason: QuarantineReason) -> None:
    file = refused(name)
    copy, metadata = quarantine_key(file, reason), copy_metadata(file, reason, "because")
    if "source" in metadata:
        assert copied_file(copy, metadata, PREFIX) == file
    assert copy_of(file, f"{reason}: because") == copy
    assert landed_key(copy) in (file.key, None)
    assert file.file_key.startswith(name_in_table(file.key, PREFIX))


def test_a_copy_that_says_nothing_is_of_no_file() -> None:
    assert copied_file("files/unreadable/2026-11-20/landing/ndjson/a.gz", {}, PREFIX) is None
    assert copy_of(refused("a"), "") is None
    assert landed_key("files/empty/2026-11-20/sha256-00") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("files/empty/2026-11-20/a", CopyKey("files/empty/2026-11-20/a")),
        ("s3://quarantine/files/empty/2026-11-20/a", CopyKey("files/empty/2026-11-20/a")),
        ("landing/ndjson/a", LandingKey("landing/ndjson/a")),
        ("s3://in/landing/ndjson/a", LandingKey("landing/ndjson/a")),
    ],
)
def test_what_a_name_means(text: str, expected: CopyKey | LandingKey) -> None:
    assert named_key(text, "in", "quarantine", PREFIX) == expected


@pytest.mark.parametrize("text", ["a.ndjson", "s3://in/files/a", "s3://elsewhere/landing/ndjson/a", "rejects/a", ""])
def test_a_name_of_nothing_in_quarantine_is_refused(text: str) -> None:
    with pytest.raises(MalformedEventError, match="allowed are s3://in/landing/ndjson/"):
        named_key(text, "in", "quarantine", PREFIX)
