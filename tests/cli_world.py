"""A pipeline in memory for the command line: reads answer from lists, actions from what a test scripts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from ndjson_parquet.manifests import record_time
from ndjson_parquet_cli.actions import Actions
from ndjson_parquet_cli.athena import Athena, Result
from ndjson_parquet_cli.aws import Aws
from ndjson_parquet_cli.deployment import Caller, Deployment, deployment
from ndjson_parquet_cli.object_reads import ObjectReads
from ndjson_parquet_cli.pipeline import Pipeline
from ndjson_parquet_cli.service_reads import ServiceReads, Statistic
from ndjson_parquet_cli.tool import Surroundings
from ndjson_parquet_cli.tracking_reads import TrackingReads
from ndjson_parquet_cli.values import (
    Alarm,
    Batch,
    BreakerState,
    DeadLetter,
    ExecutionView,
    GlueRun,
    Manifest,
    QueueDepth,
    Schedule,
    StoredObject,
    TrackedFile,
    Trigger,
)

NOW = datetime(2026, 11, 20, 16, 10, tzinfo=UTC)
DAY = "2026-11-20"
BATCH = "20261120T160000-00-a1b2c3d400"
ETAG = "9e107d9d372bb6826bd81d3542a419d6"
CALLER = Caller("arn:aws:sts::123456789012:assumed-role/on-call/ann", "123456789012", "us-east-1")
VARIABLES = {
    "MANIFEST_BUCKET": "ndjson-parquet-manifest-dev-123456789012",
    "TRACKING_TABLE": "ndjson-parquet-sqs-file-tracking-dev",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/ndjson-parquet-dlq-dev",
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:ndjson-parquet-processor-dev",
    "LANDING_PREFIX": "landing/ndjson/",
    "NUM_STATUS_SHARDS": "10",
    "MAX_MANIFEST_ATTEMPTS": "3",
    "RETRY_BACKOFF_MINUTES": "5",
    "MAX_WAIT_MINUTES": "15",
    "INPUT_RETENTION_DAYS": "7",
}
NO_AWS = cast(Aws, None)


def ago(**units: float) -> str:
    """A time before NOW, as the tracking table has it."""
    return record_time(NOW - timedelta(**units))


def tracked(name: str, state: str = "completed", *, batch: str | None = BATCH, **changes: Any) -> TrackedFile:
    values = {
        "date_prefix": DAY,
        "file_key": f"{name}@{ETAG}",
        "state": state,
        "bucket": "input",
        "object_key": f"landing/ndjson/{DAY}/{name}",
        "etag": ETAG,
        "version_id": "v1",
        "size_bytes": 3_700_000,
        "batch_id": batch,
        "created_at": ago(minutes=9),
        "updated_at": ago(minutes=3),
    }
    return TrackedFile(**{**values, **changes})


def manifest(batch_id: str = BATCH, state: str = "completed", **changes: Any) -> Manifest:
    values = {
        "date_prefix": DAY,
        "batch_id": batch_id,
        "state": state,
        "file_count": 200,
        "total_bytes": 700_000_000,
        "attempts": 1,
        "created_at": ago(minutes=8),
        "updated_at": ago(minutes=3),
        "opened_at": ago(minutes=9),
    }
    return Manifest(**{**values, **changes})


def open_batch(**changes: Any) -> Batch:
    values = {
        "date_prefix": DAY,
        "shard": 0,
        "batch_id": "20261120T160500-00-00ff00ff00",
        "file_count": 20,
        "total_bytes": 70_000_000,
        "opened_at": ago(minutes=5),
    }
    return Batch(**{**values, **changes})


def commit_record(batch_id: str = BATCH) -> dict[str, Any]:
    key = f"pipeline/output/merged-parquet-{DAY}/{batch_id}-00000.parquet"
    return {
        "batch_id": batch_id,
        "date_prefix": DAY,
        "committed_at": ago(minutes=4),
        "rows_out": 1990,
        "lines_rejected": 3,
        "parts": [{"uri": f"s3://output/{key}", "rows": 1990, "size_bytes": 130_000_000}],
        "rejects_uri": f"s3://quarantine/rejects/{DAY}/{batch_id}.ndjson",
        "missing": [],
    }


@dataclass
class World:
    """What the reads find. `answers` holds, for each action, the answers to its calls one after the other."""

    files: list[TrackedFile] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    objects: dict[tuple[str, str], StoredObject] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, list[bytes]] = field(default_factory=dict)
    executions: dict[str, ExecutionView] = field(default_factory=dict)
    glue_runs: dict[str, GlueRun] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    breaker: BreakerState = field(default_factory=lambda: BreakerState("closed", 0))
    sweep: Schedule = field(default_factory=lambda: Schedule(True, 5, ago(minutes=2)))
    triggers: list[Trigger] = field(
        default_factory=lambda: [Trigger("file events", True, "enabled"), Trigger("reconciler", True, "enabled")]
    )
    unaccounted: int | None = 0
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    result: Result | Exception = field(default_factory=lambda: Result(("n",), (("41",), (None,)), 2_000_000, 1.5))
    is_terminal: bool = False

    @property
    def deployment(self) -> Deployment:
        return deployment("dev", CALLER, VARIABLES)

    def pipeline(self) -> Pipeline:
        return Pipeline(
            self.deployment,
            MemoryTracking(self),
            MemoryObjects(self),
            MemoryServices(self),
            ScriptedActions(self),
            ScriptedAthena(self),
        )

    def surroundings(self) -> Surroundings:
        return Surroundings(lambda *_: self.pipeline(), lambda: NOW, lambda: self.is_terminal)

    def store(self, bucket: str, key: str, at: datetime = NOW - timedelta(minutes=10), **changes: Any) -> None:
        values = {"key": key, "size_bytes": 3_700_000, "modified_at": at, "etag": ETAG, "metadata": {}}
        self.objects[bucket, key] = StoredObject(**{**values, **changes})


class MemoryTracking(TrackingReads):
    def __init__(self, world: World) -> None:
        super().__init__(NO_AWS, world.deployment)
        self._world = world

    def manifests_of(self, day: str) -> Iterator[Manifest]:
        return (one for one in self._world.manifests if one.date_prefix == day)

    def manifests_in(self, state: str, day: str | None = None) -> Iterator[Manifest]:
        return (one for one in self._world.manifests if one.state == state and day in (None, one.date_prefix))

    def manifest(self, day: str, batch_id: str) -> Manifest | None:
        return next((one for one in self.manifests_of(day) if one.batch_id == batch_id), None)

    def manifest_among(self, batch_id: str, days: Sequence[str]) -> Manifest | None:
        return next((found for day in days if (found := self.manifest(day, batch_id))), None)

    def open_batches(self) -> list[Batch]:
        return self._world.batches

    def count_quarantined(self, day: str) -> int:
        return sum(file.state == "quarantined" and file.date_prefix == day for file in self._world.files)

    def files_in(self, state: str, day: str | None = None) -> Iterator[TrackedFile]:
        return (one for one in self._world.files if one.state == state and day in (None, one.date_prefix))

    def files_of(self, day: str) -> Iterator[TrackedFile]:
        return (one for one in self._world.files if one.date_prefix == day)

    def files_named(self, day: str, key_prefix: str) -> list[TrackedFile]:
        return [one for one in self.files_of(day) if one.file_key.startswith(key_prefix)]

    def files_containing(self, day: str, name: str) -> Iterator[TrackedFile]:
        return (one for one in self.files_of(day) if name in one.object_key)

    def breaker(self) -> BreakerState:
        return self._world.breaker

    def run_metrics(self, day: str) -> Iterator[dict[str, Any]]:
        return (run for run in self._world.runs if run["metric_date"] == day)


class MemoryObjects(ObjectReads):
    def __init__(self, world: World) -> None:
        super().__init__(NO_AWS)
        self._world = world

    def head(self, bucket: str, key: str, version_id: str | None = None) -> StoredObject | None:
        return self._world.objects.get((bucket, key))

    def start_of(self, bucket: str, key: str, count: int) -> bytes:
        return b"\n".join(self._world.contents.get(key, []))[:count]

    def document(self, bucket: str, key: str) -> dict[str, Any] | None:
        return self._world.documents.get(key)

    def lines(self, bucket: str, key: str) -> Iterator[bytes]:
        return iter(self._world.contents.get(key, []))

    def listed(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        found = ((key, stored) for (name, key), stored in self._world.objects.items() if name == bucket)
        return (stored for key, stored in sorted(found, key=lambda pair: pair[0]) if key.startswith(prefix))

    def folders(self, bucket: str, prefix: str) -> list[str]:
        keys = [key for name, key in self._world.objects if name == bucket and key.startswith(prefix)]
        return sorted({key.removeprefix(prefix).partition("/")[0] for key in keys})

    def download(self, bucket: str, key: str, to: Path) -> None:
        to.write_bytes(b"\n".join(self._world.contents[key]))


class MemoryServices(ServiceReads):
    def __init__(self, world: World) -> None:
        super().__init__(NO_AWS, world.deployment)
        self._world = world

    def queue(self, name: str) -> QueueDepth | None:
        if name == "ndjson-parquet-dlq-dev":
            return QueueDepth(name, len(self._world.letters), 0)
        if name in self._world.queues:
            return QueueDepth(name, 0, 0)
        return QueueDepth(name, 12, 3) if name == "ndjson-parquet-file-events-dev" else None

    def dead_letters(self, queue: str, limit: int) -> list[DeadLetter]:
        return self._world.letters[:limit]

    def running_executions(self) -> int:
        return sum(one.status == "RUNNING" for one in self._world.executions.values())

    def execution(self, arn: str) -> ExecutionView | None:
        return self._world.executions.get(arn.rpartition(":")[2])

    def glue_run(self, run_id: str) -> GlueRun | None:
        return self._world.glue_runs.get(run_id)

    def glue_capacity(self) -> tuple[float, str]:
        return 40.0, "STANDARD"

    def alarms(self) -> list[Alarm]:
        return self._world.alarms

    def metric(
        self, name: str, now: datetime, back: timedelta, period_seconds: int, stat: Statistic = "Sum"
    ) -> list[tuple[datetime, float]]:
        assert (name, stat) == ("FilesUnaccounted", "Maximum")
        return [] if self._world.unaccounted is None else [(now, float(self._world.unaccounted))]

    def function_seconds(self, now: datetime, days: int) -> dict[str, tuple[float, float]]:
        return {"ndjson-parquet-manifest-builder-dev": (20_000.0, 4_000.0)}

    def function_memory_mb(self, name: str) -> int:
        return 512

    def schedule(self, now: datetime) -> Schedule:
        return self._world.sweep

    def triggers(self, *, has_stream: bool) -> list[Trigger]:
        return [one for one in self._world.triggers if one.name != "stream" or has_stream]


class ScriptedActions(Actions):
    """Answers each call with the next of the scripted ones, and remembers what it was asked."""

    def __init__(self, world: World) -> None:
        super().__init__(NO_AWS, world.deployment)
        self._world = world

    def call(self, event: Mapping[str, Any]) -> dict[str, Any]:
        self._world.events.append(dict(event))
        name = f"{event['action']}:plan" if event.get("dry_run") else event["action"]
        return self._world.answers[name].pop(0)


class ScriptedAthena(Athena):
    def __init__(self, world: World) -> None:
        super().__init__(NO_AWS)
        self._world = world

    def query(self, sql: str, database: str, workgroup: str, output: str, limit: int) -> Result:
        if isinstance(self._world.result, Exception):
            raise self._world.result
        return self._world.result


def answer(counts: Mapping[str, int], *items: tuple[str, str, str], cursor: Any = None) -> dict[str, Any]:
    """An answer of state_manager."""
    listed = [{"subject": subject, "outcome": outcome, "detail": detail} for subject, outcome, detail in items]
    return {"done": cursor is None, "cursor": cursor, "counts": dict(counts), "items": listed}
