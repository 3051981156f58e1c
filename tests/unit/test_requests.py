"""What an operator's request must hold, and that one that does not names what is allowed."""

from datetime import timedelta
from typing import Any

import pytest

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.operations import Cursor, Flush, Rebuild, Reconcile, Reconvert, Redrive, Replay, Retry, Sweep
from ndjson_parquet.requests import parse_request
from tests.factories import NOW

AT = Cursor("2026-11-20T16:10:00.000000Z")


def parsed(action: str, **parameters: Any) -> Any:
    return parse_request({"action": action, "by": "ann", **parameters}, NOW)


def test_a_sweep_needs_nobody() -> None:
    assert parse_request({"action": "sweep"}, NOW) == Sweep()


def test_what_is_not_said_has_its_usual_value() -> None:
    assert parsed("flush") == Flush(by="ann", dry_run=False, cursor=AT)
    assert parsed("retry", all_failed=True) == Retry(by="ann", dry_run=False, cursor=AT, manifests=())
    assert parsed("redrive") == Redrive(by="ann", dry_run=False, cursor=AT, message_ids=(), queue="file-events")
    assert parsed("rebuild") == Rebuild(by="ann", dry_run=False, cursor=AT, dates=(), since=None)
    assert parsed("reconvert", dates=["2026-11-20"]) == Reconvert(
        by="ann", dry_run=False, cursor=AT, manifests=(), dates=("2026-11-20",), limit=None
    )
    assert parsed("reconcile") == Reconcile(
        by="ann", dry_run=False, cursor=AT, dates=("2026-11-19", "2026-11-20"), min_age=timedelta(minutes=15)
    )


def test_a_replay_is_bounded_by_times_of_any_zone() -> None:
    request: Replay = parsed(
        "replay", prefix="p/", **{"from": "2026-11-20T16:00:00+01:00", "to": "2026-11-20T16:00:00"}
    )
    assert (request.since, request.until) == (NOW.replace(hour=15, minute=0), NOW.replace(hour=16, minute=0))


def test_the_cursor_of_an_answer_is_taken_as_it_is() -> None:
    cursor = Cursor("2026-11-20T16:00:00.000000Z", 7, "key", "version", 3)
    assert parsed("flush", cursor=cursor.as_dict()).cursor == cursor


def test_nothing_is_asked_for_in_the_future() -> None:
    assert parsed("flush", at="2099-01-01T00:00:00Z").cursor == AT


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({}, "action is None; it must be one of sweep, flush, retry, replay, release, reconcile, rebuild, reconvert, "),
        ({"action": ["flush"]}, "it must be one of"),
        ({"action": "flush"}, "by is None; it must be text"),
        (
            {"action": "flush", "by": "ann", "dryrun": True},
            "unknown parameters 'dryrun', known are action, at, by, cur",
        ),
        ({"action": "flush", "by": "ann", "dry_run": "yes"}, "dry_run is 'yes'; it must be true or false"),
        ({"action": "flush", "by": "ann", "cursor": {"page": 1}}, "cursor is {'page': 1}; it must be one that an ans"),
        ({"action": "flush", "by": "ann", "cursor": {"at": "x"}}, "cursor is"),
        ({"action": "flush", "by": "ann", "cursor": {"at": AT.at, "next": "1"}}, "cursor is"),
        ({"action": "flush", "by": "ann", "at": 5}, "at is 5; it must be an ISO 8601 time"),
        ({"action": "retry", "by": "ann"}, "it needs either manifests or all_failed: true"),
        ({"action": "retry", "by": "ann", "manifests": []}, "manifests is []; it must be a list of"),
        ({"action": "retry", "by": "ann", "manifests": ["b"]}, "it must be a list of {date_prefix, batch_id}"),
        ({"action": "replay", "by": "ann"}, "it needs either keys or prefix"),
        ({"action": "replay", "by": "ann", "keys": ["a"], "prefix": "b"}, "it needs either keys or prefix"),
        ({"action": "replay", "by": "ann", "keys": ["a"], "from": "2026-11-20"}, "from and to go with prefix"),
        (
            {"action": "replay", "by": "ann", "prefix": "a", "from": "2026-11-21", "to": "2026-11-20"},
            "is not before to",
        ),
        ({"action": "replay", "by": "ann", "prefix": "a", "limit": 0}, "limit is 0; it must be a whole number from 1"),
        ({"action": "release", "by": "ann"}, "it needs keys"),
        ({"action": "release", "by": "ann", "keys": "a"}, "keys is 'a'; it must be a list of text"),
        ({"action": "reconcile", "by": "ann", "dates": ["2026-13-01"]}, "dates holds '2026-13-01', which is no date"),
        ({"action": "redrive", "by": "ann", "queue": "dlq"}, "queue is 'dlq'; it must be one of file-events, stream"),
        ({"action": "rebuild", "by": "ann", "since": "then"}, "since is 'then'; it must be an ISO 8601 time"),
        ({"action": "reconvert", "by": "ann"}, "it needs either manifests or dates"),
        ({"action": "reconvert", "by": "ann", "manifests": [{}]}, "it must be a list of {date_prefix, batch_id}"),
        ({"action": "discard", "by": "ann"}, "it needs message_ids: nothing is discarded unseen"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(event: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedEventError) as refused:
        parse_request(event, NOW)
    assert message in str(refused.value)


def test_everything_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(MalformedEventError, match=r"by is.*dry_run is.*min_age_minutes is -1"):
        parse_request({"action": "reconcile", "by": "", "dry_run": 2, "min_age_minutes": -1}, NOW)
