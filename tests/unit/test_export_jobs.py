"""The job's item, its arguments, and what a person is told: without AWS."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from ndjson_export.arguments import parse_arguments
from ndjson_export.errors import BadParquetError, StorageError
from ndjson_export.export import Progress
from ndjson_export.framing import Framing
from ndjson_export.jobs import JobItem, message_for
from ndjson_export.objects import part_bytes

GIVEN = ["--job_id", "j", "--jobs_table", "t", "--input_uri", "s3://in/a b/c+d.parquet", "--output_uri", "s3://out/x"]
MIB = 1024 * 1024


class Table:
    """Takes every update; `fails` has it fail."""

    class exceptions:  # noqa: N801  # as a client has it
        class ConditionalCheckFailedException(Exception):  # noqa: N818
            pass

    def __init__(self, *, fails: bool = False) -> None:
        self.updates: list[dict[str, Any]] = []
        self._fails = fails

    def update_item(self, **request: Any) -> None:
        if self._fails:
            raise EndpointConnectionError(endpoint_url="aws://dynamodb")
        self.updates.append(request)


def item(table: Any, *times: float) -> JobItem:
    return JobItem(table, "jobs", "j", clock=iter(times).__next__)


def test_progress_is_written_every_two_seconds() -> None:
    table = Table()
    told = item(table, 10.0, 11.9, 12.0, 13.9, 14.1)
    for rows in range(5):
        told.report(Progress(rows, 5, rows * 7))

    written = [update["ExpressionAttributeValues"][":rows"]["N"] for update in table.updates]
    assert written == ["0", "2", "4"]


def test_progress_is_100_only_at_the_end() -> None:
    table = Table()
    told = item(table, 0.0)
    done = Progress(5, 5, 100)

    told.report(done)
    told.finish(done)

    assert [update["ExpressionAttributeValues"][":progress"]["N"] for update in table.updates] == ["99", "100"]


def test_a_table_that_cannot_be_written_is_a_storage_error() -> None:
    with pytest.raises(StorageError, match=r"^cannot write the progress of j to jobs: Could not connect"):
        item(Table(fails=True), 0.0).begin()


def test_a_long_message_fits_into_the_item() -> None:
    table = Table()

    item(table).fail(BadParquetError("x" * 5000))

    assert len(table.updates[0]["ExpressionAttributeValues"][":message"]["S"]) == 1000


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadParquetError("The file is\nempty."), "The file is empty."),
        (MemoryError(), "The file's rows are too large for the memory of the job. Write it with smaller values."),
        (
            StorageError("cannot read s3://b/k: AccessDenied: no"),
            "The export could not read or write its files (cannot read s3://b/k: AccessDenied: no). Convert the file "
            "again; if that fails too, tell an operator.",
        ),
        (KeyError("x"), "The export failed for a reason that lies in the service, not in the file. Tell an operator."),
    ],
    ids=["bad file", "memory", "storage", "defect"],
)
def test_what_the_person_is_told(error: BaseException, told: str) -> None:
    assert message_for(error) == told


@pytest.mark.parametrize(
    ("error", "kind"),
    [(BadParquetError("empty"), "file"), (StorageError("gone"), "service"), (KeyError("x"), "service")],
)
def test_whose_fault_it_is(error: BaseException, kind: str) -> None:
    table = Table()

    item(table).fail(error)

    assert table.updates[0]["ExpressionAttributeValues"][":kind"] == {"S": kind}


def test_arguments() -> None:
    arguments = parse_arguments([*GIVEN, "--format", "json", "--compression", "gzip", "--JOB_NAME", "of Glue"])

    assert (arguments.job_id, arguments.jobs_table) == ("j", "t")
    assert arguments.input == ("in", "a b/c+d.parquet")
    assert str(arguments.output) == "s3://out/x"
    assert arguments.framing == Framing("json", "gzip")
    assert parse_arguments(GIVEN).framing == Framing("ndjson", "none")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["--input_uri", "https://x/y"], "'https://x/y' is not an object's URI; write s3://bucket/key"),
        (["--output_uri", "s3://bucket"], "'s3://bucket' is not an object's URI; write s3://bucket/key"),
        (["--format", "csv"], "argument --format: invalid choice: 'csv'"),
        (["--compression", "zip"], "argument --compression: invalid choice: 'zip'"),
    ],
)
def test_a_wrong_argument_ends_the_program(
    changes: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_arguments([*GIVEN, *changes])

    assert caught.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", ["--job_id", "--jobs_table", "--input_uri", "--output_uri"])
def test_an_argument_that_is_missing(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    place = GIVEN.index(name)
    with pytest.raises(SystemExit):
        parse_arguments(GIVEN[:place] + GIVEN[place + 2 :])

    assert name in capsys.readouterr().err


def test_ten_thousand_parts_hold_half_a_terabyte() -> None:
    sizes = [part_bytes(number) for number in range(1, 10_001)]

    assert [sizes[at] for at in (0, 999, 1000, 2000, 9999)] == [8 * MIB, 8 * MIB, 16 * MIB, 32 * MIB, 64 * MIB]
    assert sum(sizes) > 500 * 10**9
