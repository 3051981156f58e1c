"""What starts a run of the lake, and which date it is about."""

from datetime import date
from typing import Any

import pytest

from lake_validator.requests import Accept, Begin, Validate, parse_request
from ndjson_parquet.errors import MalformedEventError

NOW = "2026-11-21T02:30:00.123Z"


def begin(request: Any) -> Begin:
    found = parse_request({"action": "begin", "request": request, "started_at": NOW})
    assert isinstance(found, Begin)
    return found


def test_the_schedule_means_the_day_before_its_own_time() -> None:
    assert begin({"trigger": "schedule", "time": "2026-03-01T02:30:00Z"}) == Begin(date(2026, 2, 28), "schedule")


def test_a_ready_file_names_its_date() -> None:
    assert begin({"trigger": "upload", "key": "raw/_READY/date=2026-11-20"}) == Begin(date(2026, 11, 20), "upload")


def test_a_person_names_date_and_accepted_rules() -> None:
    found = begin({"date": "2026-11-21", "accepted_rules": ["transactions.unique"], "by": "ann"})
    assert found == Begin(date(2026, 11, 21), "hand", ("transactions.unique",))


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({}, "date is None"),
        ([], "input of the execution is"),
        ({"date": "20261120"}, "date is '20261120'"),
        ({"date": "2026-02-30"}, "2026-02-30"),
        ({"date": "2026-11-22"}, "after today"),
        ({"date": "2026-11-20", "accept": []}, "unknown parameters accept"),
        ({"date": "2026-11-20", "accepted_rules": "all"}, "accepted_rules is 'all'"),
        ({"date": "2026-11-20", "accepted_rules": ["orders.unique"]}, "orders.unique"),
        ({"trigger": "upload", "key": "raw/reviews/date=2026-11-20"}, "a ready file is called"),
        ({"trigger": "upload", "key": "raw/_READY/date=tomorrow"}, "tomorrow"),
        ({"trigger": "schedule"}, "time is None"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_named(request_: Any, told: str) -> None:
    with pytest.raises(MalformedEventError, match=told):
        begin(request_)


def test_the_other_actions() -> None:
    day = {"date": "2026-11-20"}
    assert parse_request({"action": "validate", "dataset": "reviews", **day}) == Validate("reviews", date(2026, 11, 20))
    assert parse_request({"action": "accept", "run_id": "a-1", **day}) == Accept(date(2026, 11, 20), "a-1")


@pytest.mark.parametrize(
    "event",
    [
        {"action": "sweep"},
        {"action": "validate", "dataset": "orders", "date": "2026-11-20"},
        {"action": "accept", "date": "2026-11-20", "run_id": "../a"},
    ],
)
def test_an_unknown_action_or_value_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(MalformedEventError, match=r"allowed|send"):
        parse_request(event)
