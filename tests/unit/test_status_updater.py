"""What the state machine says about an execution's end, and the sentence made of it."""

import json
from typing import Any

import pytest

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.finishing import RunEnd, error_text


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"outcome": "done", "batch_id": "b", "date_prefix": "2026-11-20"},
        {"outcome": "completed", "date_prefix": "2026-11-20"},
        {"outcome": "failed", "batch_id": 7, "date_prefix": "2026-11-20"},
    ],
)
def test_an_incomplete_event_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(MalformedEventError, match="outcome must be"):
        RunEnd.from_event(event)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            {"Error": "States.TaskFailed", "Cause": json.dumps({"Id": "jr_1", "ErrorMessage": "RejectLimit: 12 %"})},
            "States.TaskFailed: RejectLimit: 12 %",
        ),
        ({"Error": "States.Timeout", "Cause": "took too long"}, "States.Timeout: took too long"),
        ({"Error": "States.TaskFailed", "Cause": "[1]"}, "States.TaskFailed: [1]"),
        ({"Cause": "text"}, "unknown error: text"),
        (None, "None"),
    ],
)
def test_the_runs_own_error_is_told(error: Any, text: str) -> None:
    assert error_text(error) == text


def test_a_long_cause_is_cut_so_that_the_item_stays_small() -> None:
    assert len(error_text({"Error": "E", "Cause": "x" * 100_000})) == 2000
