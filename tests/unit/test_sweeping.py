"""When the sweep moves something on, and what an ended execution means for its manifest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ndjson_parquet.breaker import OPEN_FOR, Advice, Breaker, State
from ndjson_parquet.executions import Execution
from ndjson_parquet.manifests import FREE_REFUSALS, ManifestRecord, free_refusals, record_time
from ndjson_parquet.sweeping import SweepRules, Verdict, is_given_up, is_unpublished, manifest_of, retry_is_due, verdict
from tests.factories import NOW
from tests.unit.test_manifests import RECORD

RULES = SweepRules(
    max_wait=timedelta(minutes=15),
    min_files=1,
    max_attempts=3,
    retry_backoff=timedelta(minutes=5),
    retention=timedelta(days=3),
)
ARN = "arn:aws:states:us-east-1:000000000000:execution:processor:"


def aged(manifest: ManifestRecord, **age: float) -> ManifestRecord:
    return replace(manifest, updated_at=record_time(NOW - timedelta(**age)))


@pytest.mark.parametrize(("seconds", "expected"), [(0, False), (59, False), (60, True)])
def test_a_pending_manifest_is_first_left_to_who_sealed_it(seconds: int, expected: bool) -> None:
    assert is_unpublished(aged(RECORD, seconds=seconds), NOW, RULES) == expected


@pytest.mark.parametrize(
    ("attempts", "minutes", "expected"),
    [(1, 4.9, False), (1, 5, True), (2, 9.9, False), (2, 10, True), (3, 1000, False)],
)
def test_a_failed_manifest_waits_longer_each_time_and_not_for_ever(
    attempts: int, minutes: float, expected: bool
) -> None:
    failed = aged(replace(RECORD, status="failed", attempts=attempts), minutes=minutes)
    assert retry_is_due(failed, NOW, RULES) == expected


@pytest.mark.parametrize(
    ("attempts", "refusals", "minutes", "expected"),
    [(1, 1, 4.9, False), (1, 1, 5, True), (9, 8, 5, True), (9, 7, 5, False), (9, 7, 10, True), (9, 6, 1000, False)],
)
def test_an_attempt_that_glue_refused_to_start_does_not_count(
    attempts: int, refusals: int, minutes: float, expected: bool
) -> None:
    failed = aged(replace(RECORD, status="failed", attempts=attempts, refusals=refusals), minutes=minutes)
    assert retry_is_due(failed, NOW, RULES) == expected
    assert is_given_up(failed, NOW, RULES) == (attempts - refusals >= RULES.max_attempts)


@pytest.mark.parametrize(
    ("refused", "free"), [(0, 0), (FREE_REFUSALS, FREE_REFUSALS), (FREE_REFUSALS + 3, FREE_REFUSALS)]
)
def test_a_start_that_glue_refuses_for_ever_is_given_up_in_the_end(refused: int, free: int) -> None:
    assert free_refusals({"refused_attempts": set(range(refused))} if refused else {}) == free
    failed = aged(
        replace(RECORD, status="failed", attempts=FREE_REFUSALS + RULES.max_attempts, refusals=free), minutes=9
    )
    assert is_given_up(failed, NOW, RULES)


@pytest.mark.parametrize(
    ("manifest", "status", "expected"),
    [
        ({"status": "processing", "execution_arn": ARN + "mine"}, "RUNNING", Verdict.LEAVE),
        ({"status": "processing", "execution_arn": ARN + "mine"}, "PENDING_REDRIVE", Verdict.LEAVE),
        ({"status": "processing", "execution_arn": ARN + "mine"}, "ABORTED", Verdict.FAIL),
        ({"status": "processing", "execution_arn": ARN + "mine"}, "TIMED_OUT", Verdict.FAIL),
        ({"status": "processing", "execution_arn": ARN + "mine"}, "ABSENT", Verdict.FAIL),
        ({"status": "processing", "execution_arn": ARN + "other"}, "FAILED", Verdict.LEAVE),
        ({"status": "completed"}, "FAILED", Verdict.FINISH_FILES),
        ({"status": "completed", "files_are_settled": True}, "FAILED", Verdict.LEAVE),
        ({"status": "failed"}, "FAILED", Verdict.LEAVE),
        ({"status": "pending"}, "FAILED", Verdict.LEAVE),
    ],
)
def test_what_an_execution_means_for_its_manifest(manifest: dict[str, object], status: str, expected: Verdict) -> None:
    record = replace(RECORD, **manifest)  # type: ignore[arg-type]
    assert verdict(record, Execution(ARN + "mine", status)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [
        (RECORD.execution_name, "FAILED", Verdict.NEW_ATTEMPT),
        (RECORD.execution_name, "SUCCEEDED", Verdict.NEW_ATTEMPT),
        (RECORD.execution_name, "RUNNING", Verdict.LEAVE),
        (RECORD.execution_name, "ABSENT", Verdict.LEAVE),
        (f"{RECORD.batch_id}-1", "FAILED", Verdict.LEAVE),
    ],
)
def test_a_name_that_is_taken_by_an_ended_execution_needs_a_new_attempt(
    name: str, status: str, expected: Verdict
) -> None:
    assert verdict(RECORD, Execution(ARN + name, status)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"date_prefix": "2026-11-20", "batch_id": "b"}', ("2026-11-20", "b")),
        ("{}", None),
        ("[]", None),
        ("not json", None),
    ],
)
def test_an_execution_of_somebody_else_is_not_ours(text: str, expected: tuple[str, str] | None) -> None:
    assert manifest_of(Execution(ARN + "x", "FAILED", input=text)) == expected


@pytest.mark.parametrize(
    ("breaker", "expected"),
    [
        (Breaker(), Advice.CALL),
        (Breaker(failures=2), Advice.CALL),
        (Breaker(State.OPEN, 3, NOW), Advice.WAIT),
        (Breaker(State.OPEN, 3, NOW - OPEN_FOR), Advice.PROBE),
        (Breaker(State.HALF_OPEN, 3, NOW), Advice.WAIT),
        (Breaker(State.HALF_OPEN, 3, NOW - OPEN_FOR), Advice.PROBE),
    ],
)
def test_what_the_breaker_advises(breaker: Breaker, expected: Advice) -> None:
    assert breaker.advice(NOW) == expected
