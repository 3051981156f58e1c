"""The actions of an operator: who does which, what each answers, and the record that is kept of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.errors import PipelineError
from ndjson_parquet.manifests import record_time
from ndjson_parquet.operations import Answer, Budget, Cursor, Progress, Request
from ndjson_parquet.publishing import utc_now
from ndjson_parquet.store import ManifestStore
from state_manager.reconciler import ReconcileAction

RECORD_VERSION = 1

Action = Callable[[Any, Budget, Progress], Cursor | None]


class Operations:
    """Runs a request's action and records it; `table` says who does which type of request."""

    def __init__(
        self,
        table: Mapping[type[Request], Action],
        store: ManifestStore,
        reconciler: ReconcileAction,
        *,
        logger: Logger,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._table = table
        self._store = store
        self._reconciler = reconciler
        self._logger = logger
        self._clock = clock

    def perform(self, request: Request, budget: Budget, event: Mapping[str, Any], request_id: str) -> Answer:
        """Do one piece of an action.

        Args:
            event: the request as it was sent, for the record.
            request_id: names this invocation.
        """
        return self._run(self._table[type(request)], request, budget, event, request_id)

    def go_on(self, budget: Budget, request_id: str) -> Answer | None:
        """Do a piece of the reconciler's scheduled run that has not come to its end; None when none has to go on.

        What fails is left to the next sweep, which finds the run where this one took it up.
        """
        run = self._reconciler.left_over()
        if run is None:
            return None
        event = {"action": run.action, "by": run.by, "dates": list(run.dates), "cursor": run.cursor.as_dict()}
        try:
            return self._run(self._reconciler.go_on, run, budget, event, request_id)
        except (PipelineError, ClientError, BotoCoreError) as error:
            self._logger.error("reconcile is left to the next sweep", error=str(error), kind=type(error).__name__)
            return None

    def _run(self, work: Action, request: Request, budget: Budget, event: Mapping[str, Any], request_id: str) -> Answer:
        progress = Progress()
        self._logger.info("operation begins", action=request.action, by=request.by, dry_run=request.dry_run)
        try:
            cursor = work(request, budget, progress)
        except Exception as error:
            self._record(request, progress, event, request_id, str(error))
            raise
        self._record(request, progress, event, request_id, None)
        counts, items = progress.counts, progress.items
        return Answer(request.action, request.dry_run, cursor, counts, items, progress.unaccounted_in_all)

    def _record(
        self, request: Request, progress: Progress, event: Mapping[str, Any], request_id: str, error: str | None
    ) -> None:
        """Who did what, in the log and, when something may have changed, in the manifest bucket."""
        now, counts = self._clock(), dict(progress.counts)
        self._logger.info("operation ends", action=request.action, by=request.by, counts=counts, error_message=error)
        if request.dry_run:
            return
        record = {
            "version": RECORD_VERSION,
            "at": record_time(now),
            "by": request.by,
            "action": request.action,
            "request": dict(event),
            "counts": counts,
            "items": progress.items,
            "error_message": error,
        }
        self._store.put(f"logs/operations/{now:%Y-%m-%d}/{now:%H%M%S}-{request.action}-{request_id}.json", record)
