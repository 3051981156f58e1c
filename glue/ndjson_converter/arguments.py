"""The job's arguments, validated before the first AWS call. Unknown ones are ignored: Glue adds its own."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ndjson_converter.parsed import OnDuplicateKey


@dataclass(frozen=True)
class Arguments:
    """What to convert, where to, and by which rules.

    Without `batch_id` and `date_prefix` the manifest must hold them.
    """

    manifest_path: str
    output_bucket: str
    manifest_bucket: str
    quarantine_bucket: str
    batch_id: str | None = None
    date_prefix: str | None = None
    attempt: int = 1
    execution_arn: str | None = None
    job_run_id: str | None = None
    catalog_database: str | None = None
    catalog_table: str | None = None
    max_reject_percent: float = 10.0
    max_columns: int = 1000
    on_duplicate_key: OnDuplicateKey = "reject"

    @property
    def log_names(self) -> dict[str, Any]:
        """What every line of the run's log names."""
        batch_id = self.batch_id or self.manifest_path
        return {
            "correlation_id": batch_id,
            "batch_id": batch_id,
            "attempt": self.attempt,
            "job_run_id": self.job_run_id,
            "execution_arn": self.execution_arn,
        }


def parse_arguments(argv: Sequence[str]) -> Arguments:
    """Read `argv` (without the program's name).

    Ends the program with status 2 and a message when an argument is wrong.
    """
    parser = _parser()
    values, _ = parser.parse_known_args(argv)
    if bool(values.catalog_database) != bool(values.catalog_table):
        parser.error("--catalog_database and --catalog_table go together; give both or neither")
    return Arguments(**vars(values))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="convert_manifest", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--manifest_path", required=True, type=_object_uri, help="s3:// URI of the manifest")
    add("--output_bucket", required=True, help="bucket of the Parquet parts")
    add("--manifest_bucket", required=True, help="bucket of commit records and run reports")
    add("--quarantine_bucket", required=True, help="bucket of rejected lines")
    add("--batch_id", type=_optional, help="the manifest's batch_id; needed when the manifest has none")
    add("--date_prefix", type=_optional, help="the manifest's date_prefix; needed when the manifest has none")
    add("--attempt", type=_whole_number, default=1, help="number of this attempt, from 1")
    add("--execution_arn", type=_optional, help="the execution that started this run, for the commit record")
    add("--JOB_RUN_ID", dest="job_run_id", type=_optional, help="given by Glue, for the commit record")
    add("--catalog_database", type=_optional, help="Glue database of the table that learns the columns")
    add("--catalog_table", type=_optional, help="Glue table that learns the columns")
    add(
        "--max_reject_percent",
        type=_percent,
        default=10.0,
        help="rejected lines, in percent, above which the run fails",
    )
    add("--max_columns", type=_whole_number, default=1000, help="keys that become columns; the rest goes to _overflow")
    add(
        "--on_duplicate_key",
        choices=("reject", "last"),
        default="reject",
        help="what to do with a key twice in one object",
    )
    return parser


def _object_uri(text: str) -> str:
    bucket, _, key = text.removeprefix("s3://").partition("/")
    if not text.startswith("s3://") or not bucket or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not s3://bucket/key")
    return text


def _optional(text: str) -> str | None:
    """Terraform and Step Functions cannot leave an argument out, so an empty one means none."""
    return text or None


def _whole_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 100")
    return value
