"""The circuit breaker on a real table, shared by callers that know nothing of each other."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ndjson_parquet.breaker import OPEN_FOR, Breaker, State
from ndjson_parquet.dispatch import EventStarter, ExecutionStarter, GuardedStarter, Start
from ndjson_parquet.errors import BreakerOpenError, EventRefusedError
from ndjson_parquet.manifests import ManifestRecord
from tests.component.control_plane import ControlPlane
from tests.unit.test_manifests import RECORD


class Unreliable:
    """A starter that fails as long as it is told to."""

    def __init__(self) -> None:
        self.fails = True
        self.calls = 0

    def start(self, manifest: ManifestRecord, now: Any) -> Start:
        self.calls += 1
        if self.fails:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "StartExecution")
        return Start.STARTED


def fail(plane: ControlPlane, starter: Unreliable, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(ClientError):
            GuardedStarter(starter, plane.breaker).start(RECORD, plane.now)


def test_three_failures_in_a_row_open_it_for_everybody(plane: ControlPlane) -> None:
    starter = Unreliable()
    fail(plane, starter, times=3)
    with pytest.raises(BreakerOpenError, match=r"3 starts in a row failed"):
        GuardedStarter(starter, plane.breaker).start(RECORD, plane.now + OPEN_FOR - timedelta(seconds=1))
    assert starter.calls == 3


def test_a_success_between_starts_the_count_again(plane: ControlPlane) -> None:
    starter = Unreliable()
    fail(plane, starter, times=2)
    starter.fails = False
    GuardedStarter(starter, plane.breaker).start(RECORD, plane.now)
    starter.fails = True
    fail(plane, starter, times=2)
    assert plane.breaker.read().state is State.CLOSED


def test_half_open_lets_one_through_and_a_success_closes_it(plane: ControlPlane) -> None:
    starter = Unreliable()
    fail(plane, starter, times=3)
    later = plane.now + OPEN_FOR
    seen = plane.breaker.read()
    assert plane.breaker.claim_probe(seen, later)
    assert not plane.breaker.claim_probe(seen, later)
    with pytest.raises(BreakerOpenError):
        GuardedStarter(starter, plane.breaker).start(RECORD, later)

    starter.fails = False
    after_a_dead_probe = later + OPEN_FOR
    assert GuardedStarter(starter, plane.breaker).start(RECORD, after_a_dead_probe) is Start.STARTED
    assert plane.breaker.read() == Breaker()


def test_a_failed_probe_opens_it_again(plane: ControlPlane) -> None:
    starter = Unreliable()
    fail(plane, starter, times=3)
    plane.now += OPEN_FOR
    fail(plane, starter)
    with pytest.raises(BreakerOpenError):
        GuardedStarter(starter, plane.breaker).start(RECORD, plane.now + timedelta(seconds=299))
    assert plane.breaker.read().state is State.OPEN


def test_it_never_blocks_tracking_and_the_sweep_starts_what_it_kept_back(plane: ControlPlane) -> None:
    absent = ExecutionStarter(plane.stepfunctions, plane.state_machine_arn + "-absent")
    builder = plane.builder(max_files=2, starter=absent)
    first = plane.deliver(builder, [f"{n}.ndjson" for n in range(8)])
    assert (first.failures, first.counts["PublishFailures"], first.counts["PublishesDeferred"]) == ({}, 3, 1)
    assert set(plane.statuses().values()) == {"manifested#0"}

    plane.now += timedelta(seconds=61)
    report = plane.state_manager().sweep()
    assert (report.actions.publishes_deferred, report.actions.manifests_published) == (1, 0)
    assert (report.backlog.breaker_is_open, report.backlog.manifests_pending, plane.executions()) == (1, 4, {})

    plane.now += OPEN_FOR
    report = plane.state_manager().sweep()
    assert (report.actions.manifests_published, report.backlog.breaker_is_open) == (4, 0)
    assert len(plane.executions()) == 4


def test_a_bus_that_takes_nothing_is_an_error(plane: ControlPlane) -> None:
    class RefusingBus:
        def put_events(self, **_: Any) -> dict[str, Any]:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "try later"}]}

    starter = EventStarter(RefusingBus(), "etl")  # type: ignore[arg-type]
    with pytest.raises(EventRefusedError, match=r"bus etl refused the event .*: InternalFailure: try later"):
        starter.start(RECORD, plane.now)


def test_an_execution_is_started_once_however_often_it_is_asked_for(plane: ControlPlane) -> None:
    starter = ExecutionStarter(plane.stepfunctions, plane.state_machine_arn)
    assert starter.start(RECORD, plane.now) is Start.STARTED
    assert starter.start(RECORD, plane.now + timedelta(hours=1)) is Start.WAS_STARTED_BEFORE
    assert len(plane.executions()) == 1
