"""Functions that are refused or slow, a table that refuses, and a sweep that fails or does not run."""

import pytest

from local import faults
from tests.runbooks.conftest import Commands
from tests.runbooks.system import System


@pytest.mark.proves("function-throttles", "look", "apply", "worked")
def test_a_function_that_may_not_run_may_run_again(system: System, run: Commands) -> None:
    function = system.outputs.state_manager_function
    system.faults.forbid_to_run(function)
    system.rings("state-manager-throttles", "function-throttles")
    assert run("function-throttles", "look", FUNCTION=function).splitlines()[-1] == "0"
    run("function-throttles", "apply")
    system.is_quiet("state-manager-throttles")
    run("function-throttles", "worked")


@pytest.mark.proves("function-slow", "look", "apply", "worked")
def test_a_slow_function_gets_more_memory(system: System, run: Commands) -> None:
    function = system.outputs.manifest_builder_function
    sent = system.land(1)
    system.batch_of(sent[0])
    with system.faults.quick_redelivery(), faults.paused_workers(system.embedded_aws, function):
        sent += system.land(1)
        system.rings("manifest-builder-slow", "function-slow")
    longest = [float(line.split()[1]) for line in run("function-slow", "look", FUNCTION=function).splitlines()]
    assert max(longest) > 24_000
    system.checkout.set(lambda_memory_mb={"manifest_builder": 1024})
    run("function-slow", "apply")
    assert system.clients.functions.get_function_configuration(FunctionName=function)["MemorySize"] == 1024
    system.comes_home(sent)
    system.is_quiet("manifest-builder-slow")
    run("function-slow", "worked")
    system.checkout.reset()


@pytest.mark.proves("tracking-table", "look", "apply", "worked")
@pytest.mark.proves("function-concurrency", "look", "apply", "worked")
def test_a_table_loses_its_limit_and_its_function_gets_more_room(system: System, run: Commands) -> None:
    """A tag of the table makes it refuse here; `make apply` removes it, as any change made by hand."""
    faults.throttle_table(system.embedded_aws, system.outputs.tracking_table)
    system.rings("tracking-throttles", "tracking-table")
    sent = system.land_until_it_rings("manifest-builder-concurrency", count=20)
    system.rings("manifest-builder-concurrency", "function-concurrency")
    run("tracking-table", "look")
    run("tracking-table", "apply")
    run("function-concurrency", "look")
    system.checkout.set(manifest_builder_max_concurrency=4)
    run("function-concurrency", "apply")
    system.comes_home(sent)
    system.is_quiet("tracking-throttles", "manifest-builder-concurrency")
    run("tracking-table", "worked")
    run("function-concurrency", "worked")
    system.checkout.reset()


@pytest.mark.proves("sweep-not-running", "look", "do", "worked")
def test_a_schedule_that_was_switched_off_is_switched_on(system: System, run: Commands) -> None:
    system.faults.switch_off_rule(system.name_of("sweep"))
    system.rings("sweep-not-running", "sweep-not-running")
    assert "DISABLED" in run("sweep-not-running", "look")
    run("sweep-not-running", "do")
    system.is_quiet("sweep-not-running")
    run("sweep-not-running", "worked")


@pytest.mark.proves("sweep-failures", "look", "apply", "worked")
def test_a_right_of_the_sweep_is_given_back(system: System, run: Commands) -> None:
    system.faults.take_right_from_function(system.outputs.state_manager_function, "FindFailedExecutions")
    system.rings("sweep-failures", "sweep-failures")
    assert "ListExecutions" in run("sweep-failures", "look")
    run("sweep-failures", "apply")
    system.is_quiet("sweep-failures")
    run("sweep-failures", "worked")


@pytest.mark.proves("reconciler-not-running", "look", "do", "worked")
def test_the_reconciliation_is_switched_on_and_done(system: System, run: Commands) -> None:
    system.faults.switch_off_rule(system.name_of("reconcile"))
    system.rings("reconciler-not-running", "reconciler-not-running")
    assert "DISABLED" in run("reconciler-not-running", "look")
    run("reconciler-not-running", "do")
    system.is_quiet("reconciler-not-running")
    run("reconciler-not-running", "worked")
