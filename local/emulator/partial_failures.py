"""What a function with ReportBatchItemFailures says about its batch, read as AWS reads it."""

from collections.abc import Sequence
from typing import Any


def failed_ids(answer: Any, batch: Sequence[str]) -> set[str] | None:
    """The ids that failed; None when the whole batch has to be taken as failed. `batch` is the ids that were sent.

    No answer and no list of failures are success. An entry without an id, or with one that was not sent, is no partial
    failure but a broken answer: the whole batch failed.
    """
    if answer is None:
        return set()
    if not isinstance(answer, dict):
        return None
    failures = answer.get("batchItemFailures")
    if failures is None:
        return set()
    if not isinstance(failures, list):
        return None
    ids = [entry.get("itemIdentifier") if isinstance(entry, dict) else None for entry in failures]
    return {name for name in batch if name in ids} if all(name in batch for name in ids) else None
