"""The tracking table goes back in time, or is lost, while files arrive: nothing is lost, and no row comes twice."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.generate import Recipe, generate
from local.reconcile import SentFile
from local.sending import from_generator
from tests.runbooks.system import System

Run = Callable[..., str]


class Producer:
    """Sends files of today, a few at a time."""

    def __init__(self, system: System, folder: Path) -> None:
        self._system = system
        self._folder = folder
        self.sent: list[SentFile] = []

    def send(self, files: int) -> list[SentFile]:
        run = uuid.uuid4().hex[:8]
        recipe = Recipe(
            files=files, file_bytes=4_000, dates=(datetime.now(UTC).date(),), run=run, refused=("wrong_extension",)
        )
        sent = self._system.send(from_generator(generate(self._folder / run, recipe)))
        self.sent += sent
        return sent

    def send_and_settle(self, files: int) -> None:
        self._system.settle(self.send(files))

    def send_into_an_open_batch(self, files: int) -> None:
        sent = self.send(files)
        self._system.wait(lambda: not self._system.pipeline.snapshot(sent).files.get("landed"), "files are not tracked")


@pytest.fixture
def producer(system: System, tmp_path: Path) -> Producer:
    return Producer(system, tmp_path)


def everything_is_there_once(system: System, producer: Producer) -> None:
    system.settle(producer.sent)
    result = system.reconciled(producer.sent)
    assert result.problems == ()
    assert result.unaccounted_files == ()
    refused = [file for file in producer.sent if file.expected and file.expected.refused]
    assert (result.count("completed"), result.count("quarantined")) == (
        len(producer.sent) - len(refused),
        len(refused),
    )


@pytest.mark.proves("restore-the-table", "stop", "swap", "rebuild", "start", "announce", "worked")
def test_a_table_that_goes_back_in_time(system: System, run: Run, producer: Producer) -> None:
    producer.send_and_settle(5)
    producer.send_into_an_open_batch(3)
    then = datetime.now(UTC) - timedelta(minutes=1)
    table = system.outputs.tracking_table
    backup = system.aws.client("dynamodb").create_backup(TableName=table, BackupName="then")["BackupDetails"]
    producer.send_into_an_open_batch(4)
    producer.send_and_settle(6)
    system.settle(producer.sent)

    run("restore-the-table", "stop")
    run("restore-the-table", "swap", BACKUP_ARN=backup["BackupArn"])
    producer.send(3)
    run("restore-the-table", "rebuild")
    run("restore-the-table", "start")
    run("restore-the-table", "announce", AT=then.isoformat())
    everything_is_there_once(system, producer)
    run("restore-the-table", "worked")


@pytest.mark.proves("restore-the-table", "stop", "rebuild", "start", "announce")
def test_a_table_that_is_lost(system: System, run: Run, producer: Producer) -> None:
    then = datetime.now(UTC) - timedelta(minutes=1)
    producer.send_and_settle(6)
    producer.send_into_an_open_batch(3)

    run("restore-the-table", "stop")
    system.aws.client("dynamodb").delete_table(TableName=system.outputs.tracking_table)
    system.checkout.run("make --silent apply ENV=drill CONFIRM=drill")
    run("restore-the-table", "stop")
    run("restore-the-table", "rebuild")
    run("restore-the-table", "start")
    run("restore-the-table", "announce", AT=then.isoformat())
    everything_is_there_once(system, producer)
