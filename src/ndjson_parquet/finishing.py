"""The end of an execution: every file of the manifest gets its status, and why.

Done by status_updater, which the state machine calls, and by the sweep where the state machine could not.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from aws_lambda_powertools import Logger

from ndjson_parquet.clients import Clients
from ndjson_parquet.errors import MalformedEventError, ManifestError
from ndjson_parquet.file_status import FileStatuses
from ndjson_parquet.manifests import ManifestFile, ManifestRecord, commit_key, manifest_key, parse
from ndjson_parquet.metrics import Meter
from ndjson_parquet.publishing import utc_now
from ndjson_parquet.run_ends import Commit, GlueRun, Outcome, RunEnded, RunRules, commit_of, failed_run, glue_run
from ndjson_parquet.run_records import RunRecords
from ndjson_parquet.settings import FinishingSettings
from ndjson_parquet.store import ManifestStore
from ndjson_parquet.tracking import TrackingTable

LONGEST_MESSAGE = 2000


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How an execution ended, as the state machine tells it. The sweep means the one that has the manifest."""

    outcome: Outcome
    batch_id: str
    date_prefix: str
    error_message: str | None
    execution_arn: str | None = None
    attempt: int | None = None
    run: GlueRun | None = None

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "RunEnd":
        """Raises MalformedEventError when the event lacks what the state machine sends."""
        outcome = event.get("outcome")
        missing = [name for name in ("batch_id", "date_prefix") if not isinstance(event.get(name), str)]
        if outcome not in ("completed", "failed") or missing:
            raise MalformedEventError(
                f"outcome must be 'completed' or 'failed', batch_id and date_prefix must be text: got {dict(event)!r}"
            )
        failed = outcome == "failed"
        return cls(
            cast(Outcome, outcome),
            event["batch_id"],
            event["date_prefix"],
            error_text(event.get("error")) if failed else None,
            event.get("execution_arn"),
            attempt if isinstance(attempt := event.get("attempt"), int) else None,
            failed_run(event.get("error")) if failed else glue_run(event.get("glue_job_run")),
        )


class Finisher:
    """Writes the end of an execution to the tracking table."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        tracking: TrackingTable,
        files: FileStatuses,
        store: ManifestStore,
        records: RunRecords,
        *,
        landing_prefix: str,
        ttl: timedelta,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._tracking = tracking
        self._files = files
        self._store = store
        self._records = records
        self._landing_prefix = landing_prefix
        self._ttl = ttl
        self._clock = clock

    def finish(self, end: RunEnd) -> dict[str, Any]:
        """Give the files of the manifest their status; may be repeated.

        An execution can fail, or be stopped, after its run has committed. The rows are visible then, so manifest and
        files are completed, whatever the execution says.

        Raises:
            UnknownBatchError: the batch is not tracked.
            ManifestError: the manifest object or, after a success, the commit record is absent or unreadable.
        """
        manifest = self._tracking.manifest(end.date_prefix, end.batch_id)
        files = parse(*self._read(manifest_key(end.date_prefix, end.batch_id)))
        commit = self._commit_record(end)
        if commit is None:
            return self._fail(end, manifest, files)
        if end.outcome == "failed" and not self._is_completed(manifest):
            if not _is_its_own(end, manifest):
                self._record(end, manifest, None)
            return self._answer("failed", end, 0, 0)
        return self._complete(end, manifest, files, commit)

    def _is_completed(self, manifest: ManifestRecord) -> bool:
        """False when a later attempt has it, which finds the commit record itself."""
        return manifest.status == "completed" or self._tracking.committed(manifest, self._clock())

    def _fail(self, end: RunEnd, manifest: ManifestRecord, files: Iterable[ManifestFile]) -> dict[str, Any]:
        message = end.error_message or "the execution failed without an error text"
        updated = self._files.failed(manifest, self._keys(files), message, self._clock())
        settled = {"error_message": message, "settled_attempt": manifest.attempts}
        self._record(end, manifest, None)
        self._tracking.record_run(manifest, "failed", settled, self._clock())
        return self._answer("failed", end, updated, 0)

    def _complete(
        self, end: RunEnd, manifest: ManifestRecord, files: Sequence[ManifestFile], commit: Commit
    ) -> dict[str, Any]:
        gone = {(entry.uri, entry.etag): entry.reason for entry in commit.missing}
        present = [file for file in files if (file.uri, file.etag) not in gone]
        updated = self._files.completed(manifest, self._keys(present), commit.job_run_id, self._clock(), self._ttl)
        for file in files:
            if (file.uri, file.etag) in gone:
                self._files.failed(manifest, self._keys([file]), gone[file.uri, file.etag], self._clock())
        self._record(end, manifest, commit)
        self._tracking.record_run(manifest, "completed", self._counts(commit), self._clock())
        return self._answer("completed", end, updated, len(gone))

    def _record(self, end: RunEnd, manifest: ManifestRecord, commit: Commit | None) -> None:
        """Before the last write to the manifest: what is settled is not told again.

        The rows are those of the execution that has the manifest. Another, told late, has cost something and no more.
        """
        if not _is_its_own(end, manifest):
            commit = None
        self._records.record(
            RunEnded(
                manifest,
                end.execution_arn or manifest.execution_arn,
                end.attempt or manifest.attempts,
                commit,
                end.run,
                None if commit else end.error_message,
            )
        )

    def _read(self, key: str) -> tuple[bytes, str]:
        body = self._store.get(key)
        if body is None:
            raise ManifestError(f"{self._store.uri(key)} does not exist")
        return body, self._store.uri(key)

    def _commit_record(self, end: RunEnd) -> Commit | None:
        """The record; None when there is none, and the execution has not said that there is."""
        key = commit_key(end.date_prefix, end.batch_id)
        body = self._store.get(key)
        if body is None and end.outcome == "failed":
            return None
        if body is None:
            raise ManifestError(f"{self._store.uri(key)} does not exist")
        return commit_of(body, self._store.uri(key))

    def _counts(self, commit: Commit) -> dict[str, Any]:
        return {
            "glue_job_run_id": commit.job_run_id,
            "rows_out": commit.rows_out,
            "lines_rejected": commit.lines_rejected,
            "files_missing": len(commit.missing),
            "error_message": None,
            "ttl": int((self._clock() + self._ttl).timestamp()),
        }

    def _keys(self, files: Iterable[ManifestFile]) -> list[str]:
        return [file.file_key(self._landing_prefix) for file in files]

    @staticmethod
    def _answer(outcome: Outcome, end: RunEnd, updated: int, missing: int) -> dict[str, Any]:
        return {
            "batch_id": end.batch_id,
            "outcome": outcome,
            "files_updated": updated,
            "files_missing": missing,
            "error_message": end.error_message,
        }


def _is_its_own(end: RunEnd, manifest: ManifestRecord) -> bool:
    """Whether the manifest, as it was read, is in the hands of the execution that ended."""
    return end.execution_arn is None or end.execution_arn == manifest.execution_arn


def error_text(error: Any) -> str:
    """One sentence from a Step Functions error: the Glue run's own message where the cause holds one."""
    if not isinstance(error, Mapping):
        return str(error)[:LONGEST_MESSAGE]
    cause = str(error.get("Cause", ""))
    try:
        run = json.loads(cause)
    except ValueError:
        run = None
    message = run.get("ErrorMessage") if isinstance(run, dict) else None
    return f"{error.get('Error', 'unknown error')}: {message or cause}"[:LONGEST_MESSAGE]


def finisher(settings: FinishingSettings, clients: Clients, meter: Meter, logger: Logger) -> Finisher:
    """The finisher of a function with these settings."""
    tracking, ttl = settings.tracking, timedelta(days=settings.tracking.ttl_days)
    rules = RunRules(timedelta(minutes=settings.freshness_target_minutes), settings.glue_dpu_hour_usd, ttl)
    return Finisher(
        TrackingTable(clients.dynamodb, tracking.tracking_table, tracking.manifest_bucket),
        FileStatuses(clients.dynamodb, tracking.tracking_table),
        ManifestStore(clients.s3, tracking.manifest_bucket),
        RunRecords(clients.dynamodb, settings.metrics_table, rules=rules, meter=meter, logger=logger, clock=utc_now),
        landing_prefix=tracking.landing_prefix,
        ttl=ttl,
    )
