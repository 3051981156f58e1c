"""The rules of the embedded AWS that need no server: partial failures, stream batches, error names, waits."""

from typing import Any

import pytest

from local.emulator import retries
from local.emulator.lambda_errors import reported
from local.emulator.partial_failures import failed_ids
from local.emulator.stream_batches import Batch, Limits, Placed, after_failure, expired, failure_record, limits_of

BISECTING = Limits(retries=1, age_seconds=60, bisect=True, partial=True)
WHOLE = Limits(retries=1, age_seconds=60, bisect=False, partial=True)


def batch(size: int, failures: int = 0) -> Batch:
    """Records created at second 1000, 1001, ..."""
    records = [
        {"dynamodb": {"SequenceNumber": str(index), "ApproximateCreationDateTime": 1000 + index}, "eventSourceARN": "s"}
        for index in range(size)
    ]
    return Batch([Placed(7 + index, record) for index, record in enumerate(records)], failures)


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        pytest.param(None, set(), id="no-answer"),
        pytest.param({}, set(), id="empty-answer"),
        pytest.param({"batchItemFailures": None}, set(), id="null-list"),
        pytest.param({"batchItemFailures": []}, set(), id="empty-list"),
        pytest.param({"batchItemFailures": [{"itemIdentifier": "b"}]}, {"b"}, id="one"),
        pytest.param({"batchItemFailures": [{"itemIdentifier": ""}]}, None, id="empty-id"),
        pytest.param({"batchItemFailures": [{"itemIdentifier": None}]}, None, id="null-id"),
        pytest.param({"batchItemFailures": [{"itemIdentifier": ["b"]}]}, None, id="id-is-a-list"),
        pytest.param({"batchItemFailures": [{"id": "b"}]}, None, id="wrong-key"),
        pytest.param({"batchItemFailures": ["b"]}, None, id="no-object"),
        pytest.param({"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "z"}]}, None, id="unknown"),
        pytest.param({"batchItemFailures": "b"}, None, id="no-list"),
        pytest.param("done", None, id="text"),
    ],
)
def test_a_partial_answer_is_read_as_aws_reads_it(answer: Any, failed: set[str] | None) -> None:
    assert failed_ids(answer, ["a", "b"]) == failed


@pytest.mark.parametrize(
    ("tried", "failed_at", "limits", "sizes"),
    [
        pytest.param(batch(4), 0, BISECTING, [2, 2], id="in-the-middle"),
        pytest.param(batch(3), 0, BISECTING, [2, 1], id="odd"),
        pytest.param(batch(4), 1, BISECTING, [3], id="at-the-failed-record"),
        pytest.param(batch(4, failures=1), 0, BISECTING, [2, 2], id="splitting-is-no-retry"),
        pytest.param(batch(1), 0, BISECTING, [1], id="single-is-retried"),
        pytest.param(batch(4), 1, WHOLE, [3], id="from-the-checkpoint"),
    ],
)
def test_what_is_tried_after_a_failure(tried: Batch, failed_at: int, limits: Limits, sizes: list[int]) -> None:
    decision = after_failure(tried, failed_at, limits)
    assert decision.give_up is None
    assert [len(part.records) for part in decision.next] == sizes
    assert [one for part in decision.next for one in part.records] == tried.records[failed_at:]


@pytest.mark.parametrize(("limits", "size"), [(BISECTING, 1), (WHOLE, 3)])
def test_the_last_retry_gives_up_what_is_left(limits: Limits, size: int) -> None:
    decision = after_failure(batch(size, failures=1), 0, limits)
    assert decision.next == []
    assert decision.give_up is not None
    assert len(decision.give_up.records) == size


def test_records_older_than_the_limit_are_not_sent() -> None:
    assert [expired(batch(3), now, WHOLE) for now in (1060, 1061, 1062, 2000)] == [0, 1, 2, 3]


@pytest.mark.parametrize("unlimited", [{}, {"MaximumRetryAttempts": -1, "MaximumRecordAgeInSeconds": -1}])
def test_minus_one_and_absent_are_no_limit(unlimited: dict[str, int]) -> None:
    endless = float("inf")
    assert limits_of(unlimited) == Limits(endless, endless, bisect=False, partial=False)


def test_a_record_that_was_never_sent_has_no_answer_in_its_failure_record() -> None:
    record = failure_record(batch(2), "RecordAgeExceeded", {"FunctionArn": "f"}, None, "id")
    assert "responseContext" not in record
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert record["DDBStreamBatchInfo"]["approximateArrivalOfLastRecord"] == "1970-01-01T00:16:41Z"


@pytest.mark.parametrize(
    ("message", "log", "error"),
    [
        pytest.param("Worker process died", "Worker process died", "Runtime.ExitError", id="killed"),
        pytest.param("Worker process exited immediately. stderr: ", "", "Runtime.ExitError", id="killed-at-its-start"),
        pytest.param(
            "Worker process died",
            "Traceback (most recent call last):\n  File x\nKeyError: 1\nWorker process died",
            "Runtime.ExitError",
            id="killed-after-a-traceback-in-its-log",
        ),
        pytest.param(
            "[Errno 32] Broken pipe",
            "Traceback (most recent call last):\n  File x\nBrokenPipeError: [Errno 32] Broken pipe",
            "BrokenPipeError",
            id="raised-by-the-handler",
        ),
        pytest.param("", "Traceback (most recent call last):\n  File x\napp.Bad", "Bad", id="without-a-message"),
        pytest.param("Task timed out after 3.00 seconds", "Task timed out after 3.00 seconds", "kept", id="timeout"),
    ],
)
def test_an_error_has_the_name_that_aws_gives_it(message: str, log: str, error: str) -> None:
    assert reported({"errorMessage": message, "errorType": "kept"}, log, "id")["errorType"] == error


def test_waits_double_up_to_a_minute() -> None:
    assert [retries.wait_seconds(failures) for failures in (1, 2, 3, 7, 500)] == [1, 2, 4, 60, 60]
