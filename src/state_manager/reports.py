"""The run report of a sweep that did something; what one that found nothing to do would say is in the metrics."""

import json
from dataclasses import asdict
from datetime import datetime

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.manifests import record_time
from ndjson_parquet.store import ManifestStore
from state_manager.service import SweepReport

FORMAT_VERSION = 1


def report_key(request_id: str, ended_at: datetime) -> str:
    return f"logs/lambda/{ended_at:%Y-%m-%d}/state_manager-{request_id}.json"


def report_body(report: SweepReport, request_id: str, started_at: datetime, ended_at: datetime) -> bytes:
    content = {
        "version": FORMAT_VERSION,
        "kind": "sweep",
        "correlation_id": request_id,
        "started_at": record_time(started_at),
        "ended_at": record_time(ended_at),
        "outcome": "failed" if report.actions.failures else "done",
        "error": None,
        **report.as_dict(),
    }
    return json.dumps(content, indent=2).encode()


class SweepReports:
    """Writes them to the manifest bucket."""

    def __init__(self, store: ManifestStore, logger: Logger) -> None:
        self._store = store
        self._logger = logger

    def write(self, report: SweepReport, request_id: str, started_at: datetime, ended_at: datetime) -> None:
        """A sweep is what it is, whether or not its report can be written."""
        if not any(asdict(report.actions).values()):
            return
        try:
            self._store.put_if_absent(
                report_key(request_id, ended_at), report_body(report, request_id, started_at, ended_at)
            )
        except (ClientError, BotoCoreError) as error:
            self._logger.warning("the run report was not written", error=str(error))
