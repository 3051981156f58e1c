"""The metrics of the pipeline: names, units, and the way to CloudWatch. docs/metrics.md says what each means.

A name that is not declared here does not pass the type check, and is a KeyError where it is emitted all the same.
"""

import os
import warnings
from collections.abc import Callable, Mapping
from typing import Literal, ParamSpec, TypeVar, get_args

from aws_lambda_powertools import Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

BuilderMetric = Literal[
    "MessagesReceived",
    "MessagesFailed",
    "FilesReceived",
    "FilesTracked",
    "FilesDuplicate",
    "FilesQuarantined",
    "FilesReleased",
    "BatchConflicts",
    "ManifestsSealed",
]
PublishingMetric = Literal["ManifestsPublished", "ManifestsStarted", "PublishFailures", "PublishesDeferred"]
EndingMetric = Literal[
    "ManifestsCompleted",
    "ManifestsFailed",
    "RowsWritten",
    "LinesRejected",
    "RejectPercent",
    "FilesMissing",
    "FilesOnTime",
    "FilesLate",
    "BytesConverted",
    "BytesWritten",
    "FreshnessSeconds",
    "ConversionSeconds",
    "ManifestCostUsd",
]
SweepMetric = Literal[
    "BatchesFlushed",
    "ManifestsPublished",
    "ManifestsStarted",
    "PublishesDeferred",
    "ManifestsRetried",
    "ManifestsFreed",
    "ManifestsFinished",
    "SweepFailures",
    "OpenBatches",
    "OpenFiles",
    "ManifestsPending",
    "ManifestsProcessing",
    "ManifestsFailedStanding",
    "ManifestsExhausted",
    "ManifestsAtRisk",
    "OldestPendingSeconds",
    "OldestManifestSeconds",
    "DeadLetters",
    "BreakerOpen",
    "SweepsDone",
]
ReconcilerMetric = Literal[
    "ReconcilerFilesChecked", "ReconcilerFilesEnqueued", "FilesUnaccounted", "ReconcilerRunsDone"
]
LakeFileMetric = Literal["LakeFilesAccepted", "LakeFilesDuplicate", "LakeFilesQuarantined"]
LakeQualityMetric = Literal[
    "LakeRowsArrived",
    "LakeRowsRejected",
    "LakeRulesChecked",
    "LakeRulesFailed",
    "LakeRulesWarned",
    "LakeRunsDone",
    "LakeRunSeconds",
    "LakeRunCostUsd",
]
# The export's state machines put these themselves: no function of ours is there when a job ends.
ExportMetric = Literal[
    "ExportJobsCompleted",
    "ExportJobsRefused",
    "ExportJobsFailed",
    "ExportJobsNotStarted",
    "ExportJobSeconds",
]
PipelineMetric = BuilderMetric | PublishingMetric | EndingMetric | SweepMetric | ReconcilerMetric
MetricName = PipelineMetric | LakeFileMetric | LakeQualityMetric | ExportMetric
ReasonedMetric = Literal["FilesQuarantined", "LinesRejected", "LakeFilesQuarantined", "LakeRulesFailed"]

_NOT_COUNTS: Mapping[MetricName, MetricUnit] = {
    "RejectPercent": MetricUnit.Percent,
    "BytesConverted": MetricUnit.Bytes,
    "BytesWritten": MetricUnit.Bytes,
    "FreshnessSeconds": MetricUnit.Seconds,
    "ConversionSeconds": MetricUnit.Seconds,
    "OldestPendingSeconds": MetricUnit.Seconds,
    "OldestManifestSeconds": MetricUnit.Seconds,
    "ManifestCostUsd": MetricUnit.NoUnit,
    "LakeRunSeconds": MetricUnit.Seconds,
    "LakeRunCostUsd": MetricUnit.NoUnit,
    "ExportJobSeconds": MetricUnit.Seconds,
}
_GROUPS = (
    BuilderMetric,
    PublishingMetric,
    EndingMetric,
    SweepMetric,
    ReconcilerMetric,
    LakeFileMetric,
    LakeQualityMetric,
    ExportMetric,
)
UNITS: Mapping[MetricName, MetricUnit] = {
    name: _NOT_COUNTS.get(name, MetricUnit.Count) for group in _GROUPS for name in get_args(group)
}

P = ParamSpec("P")
R = TypeVar("R")

# An invocation that fails before it has counted anything has nothing to publish, and its error is in the log.
warnings.filterwarnings("ignore", "No application metrics to publish")


class Meter:
    """What the invocations of one function count, under the dimension `service` = `ndjson-parquet-{environment}`.

    Powertools collects it, prints a line whenever 100 names or 100 values of one name are together, and the rest when
    the invocation ends.
    """

    def __init__(self, environment: str | None = None) -> None:
        """Without an environment it is that of the settings; where they lack it, the function does not start at all."""
        self._service = f"ndjson-parquet-{environment or os.environ.get('ENVIRONMENT', '')}"
        self._metrics = Metrics(service=self._service)

    def add(self, name: MetricName, value: float = 1) -> None:
        """Count, or measure, in the unit of the name."""
        self._metrics.add_metric(name, UNITS[name], value)

    def add_by_reason(self, name: ReasonedMetric, reasons: Mapping[str, float]) -> None:
        """Count how the total of a name, which is added on its own, divides into reasons: a dimension of its own."""
        for reason, value in reasons.items():
            dimensions = {"service": self._service, "reason": reason}
            with single_metric(name, UNITS[name], value, default_dimensions=dimensions):
                pass

    def emitted(self, handler: Callable[P, R]) -> Callable[P, R]:
        """Decorate a handler: what it counted is printed when it ends, also when it fails."""
        decorated: Callable[P, R] = self._metrics.log_metrics(handler)
        return decorated
