"""The end of an execution: every file of the manifest gets its status, and why.

Done by status_updater, which the state machine calls, and by the sweep where the state machine could not.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from ndjson_parquet.clients import Clients
from ndjson_parquet.errors import MalformedEventError, ManifestError
from ndjson_parquet.file_status import FileStatuses
from ndjson_parquet.manifests import ManifestFile, ManifestRecord, commit_key, manifest_key, parse
from ndjson_parquet.publishing import utc_now
from ndjson_parquet.settings import TrackingSettings
from ndjson_parquet.store import ManifestStore
from ndjson_parquet.tracking import TrackingTable

Outcome = Literal["completed", "failed"]

LONGEST_MESSAGE = 2000


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How an execution ended, as the state machine tells it."""

    outcome: Outcome
    batch_id: str
    date_prefix: str
    error_message: str | None

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
        )


class Finisher:
    """Writes the end of an execution to the tracking table."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        tracking: TrackingTable,
        files: FileStatuses,
        store: ManifestStore,
        *,
        landing_prefix: str,
        ttl: timedelta,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._tracking = tracking
        self._files = files
        self._store = store
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
            return self._answer("failed", end, 0, 0)
        return self._complete(end, manifest, files, commit)

    def _is_completed(self, manifest: ManifestRecord) -> bool:
        """False when a later attempt has it, which finds the commit record itself."""
        return manifest.status == "completed" or self._tracking.committed(manifest, self._clock())

    def _fail(self, end: RunEnd, manifest: ManifestRecord, files: Iterable[ManifestFile]) -> dict[str, Any]:
        message = end.error_message or "the execution failed without an error text"
        updated = self._files.failed(manifest, self._keys(files), message, self._clock())
        settled = {"error_message": message, "settled_attempt": manifest.attempts}
        self._tracking.record_run(manifest, "failed", settled, self._clock())
        return self._answer("failed", end, updated, 0)

    def _complete(
        self, end: RunEnd, manifest: ManifestRecord, files: Sequence[ManifestFile], commit: Mapping[str, Any]
    ) -> dict[str, Any]:
        gone = {(entry["uri"], entry["etag"]): entry["reason"] for entry in commit["missing"]}
        present = [file for file in files if (file.uri, file.etag) not in gone]
        updated = self._files.completed(manifest, self._keys(present), commit["job_run_id"], self._clock(), self._ttl)
        for file in files:
            if (file.uri, file.etag) in gone:
                self._files.failed(manifest, self._keys([file]), gone[file.uri, file.etag], self._clock())
        self._tracking.record_run(manifest, "completed", self._counts(commit), self._clock())
        return self._answer("completed", end, updated, len(gone))

    def _read(self, key: str) -> tuple[bytes, str]:
        body = self._store.get(key)
        if body is None:
            raise ManifestError(f"{self._store.uri(key)} does not exist")
        return body, self._store.uri(key)

    def _commit_record(self, end: RunEnd) -> dict[str, Any] | None:
        """The record; None when there is none, and the execution has not said that there is."""
        key = commit_key(end.date_prefix, end.batch_id)
        body = self._store.get(key)
        if body is None and end.outcome == "failed":
            return None
        if body is None:
            raise ManifestError(f"{self._store.uri(key)} does not exist")
        try:
            return cast(dict[str, Any], json.loads(body))
        except ValueError as error:
            raise ManifestError(f"{self._store.uri(key)} is not a commit record: {error}") from error

    def _counts(self, commit: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "glue_job_run_id": commit["job_run_id"],
            "rows_out": commit["rows_out"],
            "lines_rejected": commit["lines_rejected"],
            "files_missing": len(commit["missing"]),
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
        }


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


def finisher(settings: TrackingSettings, clients: Clients) -> Finisher:
    """The finisher of a function with these settings."""
    return Finisher(
        TrackingTable(clients.dynamodb, settings.tracking_table, settings.manifest_bucket),
        FileStatuses(clients.dynamodb, settings.tracking_table),
        ManifestStore(clients.s3, settings.manifest_bucket),
        landing_prefix=settings.landing_prefix,
        ttl=timedelta(days=settings.ttl_days),
    )
