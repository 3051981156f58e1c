"""What lies in the landing bucket and what tracking knows of it: a lost event is found, nothing else is announced."""

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
from hypothesis import given

from ndjson_parquet.landing import file_key, landed_files
from ndjson_parquet.reconciling import (
    Fate,
    FileState,
    Identity,
    ObjectVersion,
    Standing,
    fate,
    identities,
    is_wanted,
    known,
    landed,
    notification,
    one_of_each,
    skipping,
    standing,
)
from tests.factories import NOW, PREFIX

TTL, MIN_AGE = timedelta(days=30), timedelta(minutes=15)
ENDED = ("completed", "failed", "quarantined")

names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40)
folders = st.sampled_from(["2026-11-20/", "2026-11-19/", "2026-02-30/", "eu/", "eu/2026-11-20/", ""])
keys = st.builds(lambda folder, name: f"{PREFIX}{folder}{name}", folders, names)
etags = st.sampled_from(["0" * 32, "1" * 32, f"{'2' * 32}-7"])
moments = st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 20, 16, 10), timezones=st.just(UTC))  # noqa: DTZ001
versions = st.builds(ObjectVersion, keys, etags, st.sampled_from([None, "v1"]), st.integers(0, 10**9), moments)
states = st.none() | st.builds(
    FileState, st.sampled_from(["pending", "manifested", "released", *ENDED]), st.integers(0, 9), moments
)


@given(versions)
def test_our_message_names_the_very_file_that_s3_would_have(version: ObjectVersion) -> None:
    for identity in identities(version, PREFIX, NOW):
        [file] = landed_files(notification(version, identity, "in", "us-east-1", "test"), PREFIX)
        assert file == landed(version, identity, "in")


@given(versions, st.timedeltas(timedelta(0), timedelta(days=1)))
def test_a_file_is_known_under_the_date_of_its_event(version: ObjectVersion, later: timedelta) -> None:
    """S3 sends the event when the object is complete, so after the time that the object has."""
    at = min(version.last_modified + later, NOW)
    event = ObjectVersion(version.key, version.etag, version.version_id, version.size_bytes, at)
    [file] = landed_files(notification(event, identities(event, PREFIX, NOW)[0], "in", "us-east-1", "test"), PREFIX)
    each = identities(version, PREFIX, NOW)
    tracked = {Identity(file.date_prefix, file.file_key): FileState("completed", 0, NOW)}
    assert known(each, tracked)[1] is not None
    assert known(each, {}) == (each[0], None)


@given(versions, states)
def test_only_what_tracking_does_not_know_is_announced(version: ObjectVersion, state: FileState | None) -> None:
    stands = standing(version, state, NOW, MIN_AGE, TTL)
    if state and state.status != "released":
        assert stands is Standing.TRACKED
    elif state is None and NOW - version.last_modified >= TTL:
        assert stands is Standing.TOO_OLD
    else:
        since = state.updated_at if state else version.last_modified
        assert stands is (Standing.TOO_YOUNG if NOW - since < MIN_AGE else Standing.UNACCOUNTED)


@given(
    versions, states, st.sampled_from([None, "pending", "processing", "failed", "completed"]), st.booleans(), moments
)
def test_only_what_has_ended_is_converted_once_more(
    version: ObjectVersion, state: FileState | None, manifest: str | None, by_key: bool, asked_at: datetime
) -> None:
    def decide(*, again: bool) -> Fate:
        return fate(version, state, manifest, again=again, by_key=by_key, asked_at=asked_at, ttl=TTL)

    assert (decide(again=False) is Fate.ANNOUNCE) <= (state is None or state.status == "released")
    assert decide(again=False) is not Fate.RELEASE
    if decide(again=True) is Fate.RELEASE:
        assert state is not None
        assert state.status in ENDED
        assert state.updated_at < asked_at
        assert state.status != "failed" or manifest in ("completed", None)
        assert state.status != "quarantined" or by_key


@given(st.lists(versions, max_size=8))
def test_each_file_is_looked_at_once(found: list[ObjectVersion]) -> None:
    kept = one_of_each(found)
    assert len({(one.key, one.etag) for one in kept}) == len(kept)
    assert {(one.key, one.etag) for one in kept} == {(one.key, one.etag) for one in found}


@given(st.lists(keys, min_size=1, max_size=30, unique=True), st.sampled_from([("2026-11-20",), ("2026-11-19",)]))
def test_jumping_over_dates_leaves_out_nothing_that_is_wanted(found: list[str], dates: tuple[str, ...]) -> None:
    ordered, marker, seen = sorted(found), "", []
    while page := [key for key in ordered if key > marker][:3]:
        seen += [key for key in page if is_wanted(key, NOW, PREFIX, dates)]
        marker = skipping(page[-1], PREFIX, dates) or page[-1]
    assert seen == [key for key in ordered if is_wanted(key, NOW, PREFIX, dates)]


def test_a_folder_that_is_no_date_is_looked_at_since_the_first_date() -> None:
    dates = ("2026-11-19", "2026-11-20")
    assert is_wanted(f"{PREFIX}2026-02-30/a", NOW, PREFIX, dates)
    assert not is_wanted(f"{PREFIX}eu/a", NOW - timedelta(days=2), PREFIX, dates)
    assert not is_wanted(f"{PREFIX}2026-11-18/a", NOW, PREFIX, dates)


def test_a_name_is_the_same_whoever_finds_the_file() -> None:
    version = ObjectVersion(f"{PREFIX}2026-11-20/eu/a.ndjson", "e1", None, 1, NOW)
    assert identities(version, PREFIX, NOW) == (Identity("2026-11-20", file_key(version.key, "e1", PREFIX)),)
