"""Raw files as the validator reads them: whole files refused for what they are, bad rows left to the jobs."""

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake_validator.checking import LONGEST_LINE, SAMPLE_ROWS, Verdict, check, refused_unread
from ndjson_parquet_lake.datasets import REVIEWS, TRANSACTIONS

HEADER = ",".join(column.name for column in TRANSACTIONS.columns)
ROW = "T-1,CU-1,P-1,2,9.99,0,EUR,card,a@b.example,Germany,2026-11-20T10:00:00Z,completed"
REVIEW = (
    '{"review_id":"R-1","product_id":"P-1","customer_id":"CU-1","rating":5,"verified":true,'
    '"review_timestamp":"2026-11-20T10:00:00Z"}'
)


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def csv(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows)).encode()


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_good_csv_file(size: int) -> None:
    content = csv(ROW, "", ROW.replace("Germany", '"Korea, Republic of"'), "") + b"\r\n"
    assert check(TRANSACTIONS, "a.csv", pieces(content, size)) == Verdict(md5(content), 2)


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_good_json_file_with_a_byte_order_mark_and_umlauts(size: int) -> None:
    content = b"\xef\xbb\xbf" + (REVIEW + "\n").encode() + REVIEW.replace("R-1", "Ré-寿").encode()
    assert check(REVIEWS, "a.jsonl", pieces(content, size)) == Verdict(md5(content), 2)


def test_columns_may_come_in_any_order_and_there_may_be_more() -> None:
    names = [*(column.name for column in TRANSACTIONS.columns), "coupon"][::-1]
    content = (",".join(names) + "\n" + ",".join("x" for _ in names)).encode()
    assert check(TRANSACTIONS, "a.csv", [content]).reason is None


def test_nullable_columns_may_be_absent() -> None:
    content = (",".join(TRANSACTIONS.required) + "\n").encode()
    assert check(TRANSACTIONS, "a.csv", [content]) == Verdict(md5(content), 0)


def test_a_bad_row_does_not_refuse_its_file() -> None:
    assert check(TRANSACTIONS, "a.csv", [csv(ROW, ROW, "T-cut,CU-1")]).reason is None
    lines = f'{REVIEW}\n{REVIEW}\n{{"review_id": \n'.encode()
    assert check(REVIEWS, "a.jsonl", [lines]) == Verdict(md5(lines), 3)


@pytest.mark.parametrize(
    ("content", "reason", "told"),
    [
        (b"transaction_id,customer_id\nT-1,CU-1\n", "schema", "product_id"),
        (f"{HEADER},status\n".encode(), "schema", "twice: status"),
        (REVIEW.encode(), "schema", "required columns are missing"),
        (csv("a,b", "c", ROW), "not_csv", "2 of the first 3"),
        (csv(ROW).replace(b"Germany", b"\xe4"), "not_utf8", "line 1 or later"),
        (b"\n \n", "empty", "blank"),
    ],
)
def test_a_csv_file_that_is_none(content: bytes, reason: str, told: str) -> None:
    found = check(TRANSACTIONS, "a.csv", [content])
    assert found.reason == reason
    assert told in found.detail
    assert found.md5 == md5(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (csv(ROW, ROW), "not_json"),
        (b"[1]\n[2]\n{}\n", "not_json"),
        (b'{"review_id": "R-1"}\n', "schema"),
        (b"\n", "empty"),
        (b'{"a": "\xff"}', "not_utf8"),
        (b"[" * 100_000, "not_json"),
    ],
)
def test_a_json_file_that_is_none(content: bytes, reason: str) -> None:
    assert check(REVIEWS, "a.json", [content]).reason == reason


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    found = check(REVIEWS, "a.json", (b"x" * (1 << 20) for _ in range(LONGEST_LINE // (1 << 20) + 2)))
    assert (found.reason, found.rows) == ("not_json", None)


def test_what_comes_after_the_sample_is_counted_and_not_looked_into() -> None:
    content = "\n".join([REVIEW] * SAMPLE_ROWS + ["broken"] * (SAMPLE_ROWS + 1)).encode()
    assert check(REVIEWS, "a.json", [content]) == Verdict(md5(content), 2 * SAMPLE_ROWS + 1)


@pytest.mark.parametrize("size", [1, 5, 100])
def test_parquet_is_known_by_both_its_ends(size: int) -> None:
    assert check(REVIEWS, "a.parquet", pieces(b"PAR1" + b"." * 20 + b"PAR1", size)).reason is None
    assert check(REVIEWS, "a.parquet", pieces(b"PAR1" + b"." * 20, size)).reason == "not_parquet"
    assert check(REVIEWS, "a.parquet", pieces(b"PAR1", size)).reason == "not_parquet"


@pytest.mark.parametrize(
    ("name", "size", "reason"),
    [
        ("a.csv", 1, None),
        ("a.parquet", 1, None),
        ("a.csv", 0, "empty"),
        ("a.json", 1, "extension"),
        ("a.csv.gz", 1, "extension"),
        ("a.csv", TRANSACTIONS.max_bytes, None),
        ("a.csv", TRANSACTIONS.max_bytes + 1, "too_large"),
    ],
)
def test_name_and_size_are_looked_at_before_the_file_is_read(name: str, size: int, reason: str | None) -> None:
    found = refused_unread(TRANSACTIONS, f"raw/transactions/date=2026-11-20/{name}", size)
    assert (found and found.reason) == reason


@given(st.binary(max_size=400), st.integers(1, 9))
def test_any_bytes_have_one_verdict_however_they_arrive(content: bytes, size: int) -> None:
    assert check(REVIEWS, "a.json", pieces(content, size)) == check(REVIEWS, "a.json", [content])
    assert check(TRANSACTIONS, "a.csv", pieces(content, size)) == check(TRANSACTIONS, "a.csv", [content])
