"""Starting the conversion of a manifest: directly or through EventBridge, behind the circuit breaker."""

import json
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.breaker import Advice, BreakerItem
from ndjson_parquet.errors import BreakerOpenError, EventRefusedError
from ndjson_parquet.manifests import ManifestRecord, execution_input

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_stepfunctions import SFNClient

EVENT_SOURCE = "ndjson-parquet"
EVENT_TYPE = "ManifestReady"


class Start(StrEnum):
    """What became of a request to start."""

    STARTED = "started"
    WAS_STARTED_BEFORE = "was_started_before"
    ANNOUNCED = "announced"

    @property
    def is_new(self) -> bool:
        """Whether this request, and none before it, had the conversion started."""
        return self is not Start.WAS_STARTED_BEFORE


class Starter(Protocol):
    """Starts a manifest's current attempt; may be asked again."""

    def start(self, manifest: ManifestRecord, now: datetime) -> Start: ...


class ExecutionStarter:
    """Starts the state machine under a name that follows from the batch and the attempt."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, manifest: ManifestRecord, now: datetime) -> Start:
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=manifest.execution_name,
                input=json.dumps(execution_input(manifest, now)),
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return Start.WAS_STARTED_BEFORE
        return Start.STARTED


class EventStarter:
    """Puts a `ManifestReady` event on the bus; its rule starts the state machine."""

    def __init__(self, client: "EventBridgeClient", bus_name: str) -> None:
        self._client = client
        self._bus_name = bus_name

    def start(self, manifest: ManifestRecord, now: datetime) -> Start:
        """Raises EventRefusedError: EventBridge answers 200 even when it took nothing."""
        answer = self._client.put_events(
            Entries=[
                {
                    "EventBusName": self._bus_name,
                    "Source": EVENT_SOURCE,
                    "DetailType": EVENT_TYPE,
                    "Detail": json.dumps(execution_input(manifest, now)),
                }
            ]
        )
        if answer["FailedEntryCount"]:
            entry = answer["Entries"][0]
            raise EventRefusedError(
                f"bus {self._bus_name} refused the event of manifest {manifest.batch_id}: "
                f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}"
            )
        return Start.ANNOUNCED


class GuardedStarter:
    """Another starter behind the breaker. Manifests that it keeps out stay `pending`; the sweep starts them later."""

    def __init__(self, starter: Starter, breaker: BreakerItem) -> None:
        self._starter = starter
        self._breaker = breaker

    def start(self, manifest: ManifestRecord, now: datetime) -> Start:
        """Raises BreakerOpenError without a call when the breaker says so, else what the starter raises."""
        seen = self._breaker.read()
        advice = seen.advice(now)
        if advice is Advice.WAIT or (advice is Advice.PROBE and not self._breaker.claim_probe(seen, now)):
            raise BreakerOpenError(
                f"manifest {manifest.batch_id} is not started: {seen.failures} starts in a row failed, the last one "
                f"before {seen.opened_at:%H:%M:%S} UTC; the sweep starts it when starting works again"
            )
        try:
            start = self._starter.start(manifest, now)
        except (EventRefusedError, ClientError, BotoCoreError):
            self._breaker.failed(seen, now)
            raise
        self._breaker.succeeded(seen)
        return start
