"""Files that are not taken in: messages are given up, nobody reads the queue, events are lost, rules refuse."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.runbooks.conftest import Commands
from tests.runbooks.system import System

POISON = "this is not an S3 event"


@pytest.mark.in_every_run
@pytest.mark.proves("dead-letters", "look", "discard", "worked")
def test_a_message_that_is_no_event_is_set_aside(system: System, run: Commands) -> None:
    with system.faults.quick_redelivery():
        message_id = system.faults.send_message(POISON)
        system.rings("file-events-dead-letters", "dead-letters")
    assert message_id in run("dead-letters", "look")
    run("dead-letters", "discard", MESSAGE_ID=message_id)
    system.is_quiet("file-events-dead-letters")
    run("dead-letters", "worked")
    kept = f"dead-letters/{datetime.now(UTC).date()}/{message_id}.json"
    assert POISON.encode() in system.read(f"s3://{system.outputs.quarantine_bucket}/{kept}")


@pytest.mark.proves("function-errors", "look", "apply", "worked")
@pytest.mark.proves("dead-letters", "look", "redrive", "worked")
def test_a_wrong_setting_is_put_back_and_what_was_given_up_meanwhile_is_redriven(system: System, run: Commands) -> None:
    function = system.outputs.manifest_builder_function
    with system.faults.quick_redelivery():
        system.faults.spoil_settings(function, {"MAX_FILES_PER_MANIFEST": "many"})
        sent = system.land_until_it_rings("manifest-builder-errors")
        system.rings("manifest-builder-errors", "function-errors")
        system.rings("file-events-dead-letters", "dead-letters")
    assert "MAX_FILES_PER_MANIFEST" in run("function-errors", "look", FUNCTION=function)
    run("function-errors", "apply")
    system.nothing_is_on_its_way()
    assert any(file.key in run("dead-letters", "look") for file in sent)
    run("dead-letters", "redrive")
    system.comes_home(sent)
    system.is_quiet("file-events-dead-letters", "manifest-builder-errors")
    run("dead-letters", "worked")
    run("function-errors", "worked")


@pytest.mark.proves("file-events-wait", "look", "apply", "worked")
def test_a_queue_that_nobody_reads_is_read_again(system: System, run: Commands) -> None:
    system.faults.stop_taking_events()
    sent = system.land(4)
    system.rings("file-events-backlog", "file-events-wait")
    assert "Disabled" in run("file-events-wait", "look")
    run("file-events-wait", "apply")
    system.comes_home(sent)
    system.is_quiet("file-events-backlog")
    run("file-events-wait", "worked")


@pytest.mark.proves("files-unaccounted", "look", "apply", "reconcile", "worked")
def test_files_whose_events_were_lost_are_all_found(system: System, run: Commands) -> None:
    """The daily run is called here as its schedule calls it, so that the next one does not come in between."""
    rule = system.name_of("reconcile")
    system.faults.switch_off_rule(rule)
    system.faults.stop_announcing_files()
    lost = system.land(5, landed_at=datetime.now(UTC) - timedelta(minutes=20))
    system.act({"action": "reconcile", "by": "schedule"})
    more = system.land(5, landed_at=datetime.now(UTC) - timedelta(minutes=20))
    system.rings("files-unaccounted", "files-unaccounted")
    said = run("files-unaccounted", "look")
    assert all(file.key in said for file in more)
    run("files-unaccounted", "apply")
    run("files-unaccounted", "reconcile")
    sent = [*lost, *more, *system.land(1)]
    system.comes_home(sent)
    system.is_quiet("files-unaccounted")
    system.becomes_healthy()
    run("files-unaccounted", "worked")


@pytest.mark.proves("quarantine-spike", "look", "do", "worked")
def test_a_refused_file_is_let_through(system: System, run: Commands) -> None:
    refused = system.land(4, suffix=".json")
    system.rings("quarantine-spike", "quarantine-spike")
    wanted = refused[0]
    assert wanted.key.rpartition("/")[2] in run("quarantine-spike", "look")
    run("quarantine-spike", "do", FILE=wanted.key)
    system.comes_home(refused)
    assert system.item_of(wanted)["status"].startswith("completed")
    assert "completed" in run("quarantine-spike", "worked", FILE=wanted.key)
    system.is_quiet("quarantine-spike")
