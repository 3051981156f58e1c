"""The sweep's decisions: when something that stands still is to be moved on. No I/O."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ndjson_parquet.executions import Execution
from ndjson_parquet.manifests import ManifestRecord, parse_time

FILES_PER_DUTY = 20_000
"""A call changes the status of 25 files, so a duty makes 800 of them and ends well within the function's time."""


@dataclass(frozen=True, slots=True)
class SweepRules:
    """Bounds of one run, and the ages from which things count as standing still."""

    max_wait: timedelta
    min_files: int
    max_attempts: int
    retry_backoff: timedelta
    retention: timedelta
    publish_grace: timedelta = timedelta(seconds=60)
    claim_grace: timedelta = timedelta(minutes=2)
    look_back: timedelta = timedelta(hours=24)
    limit: int = 100
    """Manifests that one duty handles in one run."""
    file_limit: int = FILES_PER_DUTY
    """Files that these have together, unless one alone has more."""


class Verdict(StrEnum):
    """What is to become of a manifest whose execution was looked at."""

    LEAVE = "leave"
    FAIL = "fail"
    NEW_ATTEMPT = "new_attempt"
    FINISH_FILES = "finish_files"


def bounded(manifests: Iterable[ManifestRecord], rules: SweepRules) -> Iterator[ManifestRecord]:
    """The first of them, as many as one duty handles in one run."""
    files = 0
    for number, manifest in enumerate(manifests):
        files += manifest.file_count
        if number >= rules.limit or (number and files > rules.file_limit):
            return
        yield manifest


def is_unpublished(manifest: ManifestRecord, now: datetime, rules: SweepRules) -> bool:
    """Whether a pending manifest has waited longer than the function that sealed it needs to publish it."""
    return now - parse_time(manifest.updated_at) >= rules.publish_grace


def retry_is_due(manifest: ManifestRecord, now: datetime, rules: SweepRules) -> bool:
    """Whether a failed manifest gets another attempt now: the wait doubles with every attempt that counts."""
    wait = rules.retry_backoff * 2 ** max(manifest.attempts_spent - 1, 0)
    return manifest.attempts_spent < rules.max_attempts and now - parse_time(manifest.updated_at) >= wait


def is_given_up(manifest: ManifestRecord, now: datetime, rules: SweepRules) -> bool:
    """Whether a manifest failed for the last time and nobody told its files: no later attempt will."""
    is_quiet = now - parse_time(manifest.updated_at) >= rules.claim_grace
    return manifest.attempts_spent >= rules.max_attempts and not manifest.files_are_settled and is_quiet


def verdict(manifest: ManifestRecord, execution: Execution) -> Verdict:
    """What an execution that may have ended means for its manifest as it stands now.

    An execution marks its manifest itself; these are the cases in which it was stopped, timed out or lost a right.
    """
    if execution.status in ("RUNNING", "PENDING_REDRIVE"):
        return Verdict.LEAVE
    if manifest.status == "processing" and manifest.execution_arn == execution.arn:
        return Verdict.FAIL
    if manifest.status == "completed" and not manifest.files_are_settled:
        return Verdict.FINISH_FILES
    if manifest.status == "pending" and execution.arn.endswith(f":{manifest.execution_name}"):
        return Verdict.NEW_ATTEMPT if execution.status != "ABSENT" else Verdict.LEAVE
    return Verdict.LEAVE


def manifest_of(execution: Execution) -> tuple[str, str] | None:
    """(date, batch) that an execution is about; None when its input is not ours."""
    try:
        content = json.loads(execution.input)
        return str(content["date_prefix"]), str(content["batch_id"])
    except (ValueError, KeyError, TypeError):
        return None
