"""The tracking table goes back in time, or is lost, while files arrive: nothing is lost, and no row comes twice."""

from datetime import UTC, datetime, timedelta

import pytest

from local.reconcile import SentFile
from tests.runbooks.conftest import Commands
from tests.runbooks.system import System


def convert(system: System, count: int) -> list[SentFile]:
    """Files that are converted by now."""
    sent = system.land(count)
    system.comes_home(sent)
    return sent


def track(system: System, count: int) -> list[SentFile]:
    """Files that lie in an open batch."""
    sent = system.land(count)
    for file in sent:
        system.batch_of(file)
    return sent


@pytest.mark.proves("restore-the-table", "stop", "swap", "rebuild", "start", "announce", "worked")
def test_a_table_that_goes_back_in_time(system: System, run: Commands) -> None:
    """A batch is half full in the backup; since then it was filled and converted, and so was another one."""
    at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    sent = convert(system, 4) + track(system, 3)
    dynamodb = system.aws.client("dynamodb")
    backup = dynamodb.create_backup(TableName=system.outputs.tracking_table, BackupName="then")["BackupDetails"]
    sent += track(system, 2) + system.land(1, content=b"", suffix=".ndjson")
    system.comes_home(sent)
    sent += convert(system, 3)

    run("restore-the-table", "stop")
    run("restore-the-table", "swap", BACKUP_ARN=backup["BackupArn"])
    sent += system.land(2)
    assert "manifest rebuilt" in run("restore-the-table", "rebuild")
    run("restore-the-table", "start")
    run("restore-the-table", "announce", AT=at)
    system.comes_home(sent)
    said = run("restore-the-table", "worked")
    assert "manifest rebuilt" not in said
    assert "enqueued" not in said
    assert "No changes" in system.checkout.run("make --silent plan ENV=drill")


@pytest.mark.proves("restore-the-table", "stop", "rebuild", "start", "announce")
def test_a_table_that_is_lost(system: System, run: Commands) -> None:
    at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    sent = convert(system, 4) + track(system, 3)

    run("restore-the-table", "stop")
    system.aws.client("dynamodb").delete_table(TableName=system.outputs.tracking_table)
    run("restore-the-table", "start")
    run("restore-the-table", "stop")
    run("restore-the-table", "rebuild")
    run("restore-the-table", "start")
    run("restore-the-table", "announce", AT=at)
    system.comes_home(sent)
