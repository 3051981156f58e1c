"""The state machine's part of a manifest that succeeds: its calls, without a conversion.

Its two updates are read from the definition that is deployed and sent as it would send them.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.control_plane.backlog import DATE, NOW
from benchmarks.control_plane.metering import Meter
from ndjson_parquet.manifests import manifest_item_key, record_time

DEFINITION = Path(__file__).resolve().parents[2] / "modules" / "state_machine" / "processor.asl.json"
JOB_RUN_ID = "jr_" + "0123456789abcdef" * 4


class Processor:
    """Claims a manifest and completes it, as an execution does."""

    def __init__(self, meter: Meter, table: str) -> None:
        self._meter = meter
        self._dynamodb = meter.client("dynamodb")
        self._states = json.loads(re.sub(r"\$\{\w+\}", "1", DEFINITION.read_text()))["States"]
        self._table = table

    def process(self, batch_id: str, execution_arn: str) -> None:
        """Every task of the successful path, in its order; the status updater itself is the caller's to run."""
        self._update("UpdateStatusProcessing", batch_id, execution_arn)
        self._meter.note("glue:StartJobRun")
        self._update("UpdateStatusCompleted", batch_id, execution_arn)
        self._meter.note("lambda:Invoke")

    def _update(self, state: str, batch_id: str, execution_arn: str) -> None:
        context = {
            "$.date_prefix": DATE,
            "$.file_key": manifest_item_key(batch_id),
            "$.glue.job_run_id": JOB_RUN_ID,
            "$$.Execution.Id": execution_arn,
            "$$.State.EnteredTime": record_time(NOW),
        }
        parameters = resolve(self._states[state]["Parameters"], context)
        self._dynamodb.update_item(**parameters | {"TableName": self._table})


def resolve(parameters: Mapping[str, Any], context: Mapping[str, str]) -> dict[str, Any]:
    """Parameters of a task with the paths of their `name.$` entries replaced by what stands there."""
    return {
        name.removesuffix(".$"): resolve(value, context)
        if isinstance(value, Mapping)
        else (context[value] if name.endswith(".$") else value)
        for name, value in parameters.items()
    }
