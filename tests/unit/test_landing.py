"""What a message announces, how a file is named, and which files are refused."""

import json
from typing import Any

import pytest

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.landing import LandingRules, QuarantineReason, date_in_key, file_key, landed_files, quarantine_key
from tests.factories import PREFIX, eventbridge_body, landed, s3_body, s3_record

RULES = LandingRules(prefix=PREFIX, min_bytes=10, max_bytes=2000, extensions=(".ndjson", ".ndjson.gz"))


@pytest.mark.parametrize(
    ("key", "date"),
    [
        pytest.param("landing/ndjson/2026-11-20/a.ndjson", "2026-11-20", id="folder"),
        pytest.param("landing/ndjson/2026-11-20/2026-11-19-a.ndjson", "2026-11-19", id="name-before-folder"),
        pytest.param("landing/ndjson/2026-11-20/x/a.ndjson", "2026-11-20", id="sub-folder"),
        pytest.param("landing/ndjson/2026-02-29/a.ndjson", None, id="impossible-date"),
        pytest.param("landing/ndjson/2024-02-29/a.ndjson", "2024-02-29", id="leap-day"),
        pytest.param("landing/ndjson/2026-11-20/2026-13-01.ndjson", "2026-11-20", id="impossible-name-falls-to-folder"),
        pytest.param("landing/ndjson/a.ndjson", None, id="none"),
        pytest.param("landing/ndjson/12026-11-201/a.ndjson", None, id="digits-around"),
        pytest.param("landing/ndjson/0000-01-01/a.ndjson", None, id="year-zero"),
    ],
)
def test_the_date_comes_from_the_name_then_the_folder(key: str, date: str | None) -> None:
    assert date_in_key(key) == date


def test_a_key_without_a_date_takes_the_events() -> None:
    [file] = landed_files(s3_body("landing/ndjson/a.ndjson"), PREFIX)
    assert (file.date_prefix, file.date_is_guessed) == ("2026-11-20", True)


@pytest.mark.parametrize(
    "key",
    [
        "landing/ndjson/2026-11-20/a b+c&d=e.ndjson",
        "landing/ndjson/2026-11-20/注文 été 🎉.ndjson",
        "landing/ndjson/%41.ndjson",
    ],
)
def test_keys_are_decoded(key: str) -> None:
    [file] = landed_files(s3_body(key), PREFIX)
    assert file.key == key


@pytest.mark.parametrize("key", ["landing/ndjson/2026-11-20/a b+c&d=e.ndjson", "landing/ndjson/%41.ndjson", "a+b"])
def test_both_kinds_of_event_announce_the_same_file(key: str) -> None:
    [notified], [delivered] = landed_files(s3_body(key), PREFIX), landed_files(eventbridge_body(key), PREFIX)
    assert delivered == notified
    assert delivered.key == key


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("landing/ndjson/2026-11-20/a.ndjson", "a.ndjson@e"),
        ("landing/ndjson/2026-11-20/x/a.ndjson", "x/a.ndjson@e"),
        ("landing/ndjson/2026-11-20/y/a.ndjson", "y/a.ndjson@e"),
        ("landing/ndjson/a.ndjson", "landing/ndjson/a.ndjson@e"),
        ("landing/ndjson/2026-02-30/a.ndjson", "landing/ndjson/2026-02-30/a.ndjson@e"),
        ("other/2026-11-20/a.ndjson", "other/2026-11-20/a.ndjson@e"),
    ],
)
def test_file_key_is_the_key_below_the_landing_date_folder(key: str, expected: str) -> None:
    assert file_key(key, "e", PREFIX) == expected


def test_the_longest_keys_are_hashed_to_fit_dynamodb_and_s3() -> None:
    name = "é" * 480 + ".ndjson"
    first, second = landed(name + "1"), landed(name + "2")
    assert len(first.key.encode()) <= 1024
    long_etag = file_key(first.key, "e" * 100, PREFIX)
    assert len(long_etag.encode()) <= 1024
    assert long_etag != file_key(second.key, "e" * 100, PREFIX)
    assert len(quarantine_key(first, QuarantineReason.EMPTY).encode()) <= 1024
    assert quarantine_key(first, QuarantineReason.EMPTY) != quarantine_key(second, QuarantineReason.EMPTY)


def test_the_test_event_announces_nothing() -> None:
    event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-11-20T16:10:00Z", "Bucket": "input"}
    assert landed_files(json.dumps(event), PREFIX) == ()


def test_an_event_that_creates_nothing_announces_nothing() -> None:
    body = json.dumps({"Records": [s3_record("a.ndjson", eventName="ObjectRemoved:Delete")]})
    assert landed_files(body, PREFIX) == ()


def test_an_event_of_eventbridge_that_creates_nothing_announces_nothing() -> None:
    assert landed_files(eventbridge_body("a.ndjson").replace("Object Created", "Object Deleted"), PREFIX) == ()


def without(path: str) -> dict[str, Any]:
    record = s3_record("landing/ndjson/a.ndjson")
    *folders, last = path.split(".")
    inner = record
    for folder in folders:
        inner = inner[folder]
    del inner[last]
    return {"Records": [record]}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param("hello", id="not-json"),
        pytest.param("[1]", id="not-an-object"),
        pytest.param("{}", id="no-records"),
        pytest.param('{"Records": []}', id="zero-records"),
        pytest.param('{"Records": [7]}', id="record-is-a-number"),
        pytest.param('{"Records": {"0": 1}}', id="records-is-an-object"),
        pytest.param(json.dumps({"Records": [s3_record("a", eventSource="aws:sns")]}), id="other-source"),
        pytest.param(json.dumps({"Records": [s3_record("a", eventTime="yesterday")]}), id="bad-time"),
        pytest.param(json.dumps({"Records": [s3_record("a", etag="")]}), id="empty-etag"),
        pytest.param(json.dumps(without("s3.object.key")), id="no-key"),
        pytest.param(json.dumps(without("s3.object.size")), id="no-size"),
        pytest.param(json.dumps(without("s3.object.eTag")), id="no-etag"),
        pytest.param(json.dumps(without("s3.bucket")), id="no-bucket"),
        pytest.param(json.dumps(without("eventName")), id="no-event-name"),
        pytest.param(eventbridge_body("a", etag=""), id="eventbridge-empty-etag"),
        pytest.param(eventbridge_body("a", time="yesterday"), id="eventbridge-bad-time"),
        pytest.param(eventbridge_body("a", detail={}), id="eventbridge-no-detail"),
        pytest.param('{"source": "aws.s3"}', id="eventbridge-no-kind"),
        pytest.param(eventbridge_body("a", source="aws.ec2"), id="eventbridge-other-source"),
        pytest.param(
            '{"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:", "s3": {"object": {"key": "%ff"}}}]}',
            id="key-is-not-utf-8",
        ),
    ],
)
def test_other_bodies_are_refused_with_what_is_wrong(body: str) -> None:
    with pytest.raises(MalformedEventError) as caught:
        landed_files(body, PREFIX)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize(
    ("name", "size", "reason"),
    [
        ("a.ndjson", 1000, None),
        ("A.NDJSON", 1000, None),
        ("a.ndjson.gz", 1000, None),
        ("a.ndjson", 10, None),
        ("a.ndjson", 2000, None),
        ("a.csv", 1000, QuarantineReason.WRONG_EXTENSION),
        ("ndjson", 1000, QuarantineReason.WRONG_EXTENSION),
        ("a.ndjson", 0, QuarantineReason.EMPTY),
        ("a.ndjson", 9, QuarantineReason.TOO_SMALL),
        ("a.ndjson", 2001, QuarantineReason.TOO_LARGE),
    ],
)
def test_files_are_refused_by_extension_and_size(name: str, size: int, reason: QuarantineReason | None) -> None:
    refusal = RULES.refusal(landed(name, size=size))
    assert (refusal and refusal[0]) == reason
