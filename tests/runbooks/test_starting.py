"""Conversions that do not start, start late, or cost too much."""

from datetime import timedelta

import pytest

from local import faults
from tests.runbooks.conftest import Commands
from tests.runbooks.system import System


@pytest.mark.proves("breaker-open", "look", "apply", "sweep", "worked")
@pytest.mark.proves("oldest-pending", "look", "do", "worked")
def test_what_could_not_be_started_is_started(system: System, run: Commands) -> None:
    """A tag of the state machine makes it refuse here; `make apply` removes it, as any change made by hand."""
    faults.throttle(system.embedded_aws, system.outputs.state_machine_arn)
    sent = system.land(2)
    system.flush_when_tracked(sent)
    system.rings("breaker-open", "breaker-open")
    date_prefix, batch_id = system.batch_of(sent[0])
    system.faults.put_back_manifest(date_prefix, batch_id, ("opened_at", "created_at"), timedelta(minutes=10))
    system.rings("oldest-pending", "oldest-pending")
    assert "Throttling" in run("breaker-open", "look")
    assert "breaker" in run("oldest-pending", "look", exit_code=1)
    run("breaker-open", "apply")
    system.faults.put_back_breaker(timedelta(minutes=6))
    run("breaker-open", "sweep")
    run("oldest-pending", "do")
    system.comes_home(sent)
    system.is_quiet("breaker-open", "oldest-pending")
    run("breaker-open", "worked")
    run("oldest-pending", "worked")


@pytest.mark.proves("executions-throttled", "look", "worked")
def test_slowed_down_conversions_end_all_the_same(system: System, run: Commands) -> None:
    faults.throttle_states(system.embedded_aws, system.outputs.state_machine_arn)
    sent = system.land_until_it_rings("executions-throttled", flush=True)
    system.rings("executions-throttled", "executions-throttled")
    run("executions-throttled", "look")
    faults.release(system.embedded_aws, system.outputs.state_machine_arn)
    system.comes_home(sent)
    system.is_quiet("executions-throttled")
    run("executions-throttled", "worked")


@pytest.mark.proves("freshness", "look", "do", "worked")
def test_late_files_are_told_and_what_waits_is_flushed(system: System, run: Commands) -> None:
    late = system.land(1)
    date_prefix, _ = system.batch_of(late[0])
    system.faults.put_back_open_batch(date_prefix, int(system.item_of(late[0])["shard_id"]), timedelta(hours=2))
    system.rings("freshness", "freshness")
    run("freshness", "look")
    waiting = system.land(1)
    system.batch_of(waiting[0])
    run("freshness", "do")
    system.comes_home([*late, *waiting])
    system.is_quiet("freshness")
    run("freshness", "worked")


@pytest.mark.proves("cost-spike", "look", "apply", "worked")
def test_a_price_that_somebody_changed_is_put_back(system: System, run: Commands) -> None:
    system.faults.spoil_settings(system.outputs.status_updater_function, {"GLUE_DPU_HOUR_USD": "100"})
    sent = system.land(1)
    system.comes_home(sent)
    system.rings("spend", "cost-spike")
    run("cost-spike", "look")
    run("cost-spike", "apply")
    system.is_quiet("spend")
    run("cost-spike", "worked")


@pytest.mark.proves("dead-letters", "other-queues")
def test_an_event_that_could_not_start_a_conversion_is_sent_again(system: System, run: Commands) -> None:
    """With conversions that are started by events, and a state machine that refuses them for a while."""
    system.checkout.set(enable_eventbridge_decoupling=True)
    system.checkout.apply()
    faults.throttle(system.embedded_aws, system.outputs.state_machine_arn)
    sent = system.land(1)
    system.flush_when_tracked(sent)
    system.rings("events-dead-letters", "dead-letters")
    faults.release(system.embedded_aws, system.outputs.state_machine_arn)
    run("dead-letters", "other-queues", QUEUE="events")
    system.comes_home(sent)
    system.is_quiet("events-dead-letters")
    system.checkout.reset()
    system.checkout.apply()
