"""The arguments of a job, validated before the first AWS call. Unknown ones are ignored: Glue adds its own."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Arguments:
    """The day of the run and the lake's bucket.

    `accepted` is the key of a list of raw files; without it all files of the day are read. `held` are arrival dates
    whose rows must not reach the curated tables.
    """

    date: str
    bucket: str
    run_id: str
    tokens_secret: str | None = None
    accepted: str | None = None
    held: tuple[str, ...] = ()


def parse_arguments(job: str, argv: Sequence[str]) -> Arguments:
    """Read `argv` (without the program's name).

    Ends the program with status 2 and a message when an argument is wrong.
    """
    parser = argparse.ArgumentParser(prog=job, description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--date", required=True, type=_day, help="the day of the run: the arrival date of the raw files")
    add("--lake", required=True, type=_bucket, help="s3://bucket of the lake")
    add("--tokens_secret", help="Secrets Manager secret with the key of the tokens; transaction_etl needs it")
    add("--accepted", help='s3://bucket/key of {"keys": [...]}: the raw files to read, instead of all of the day')
    add("--held", type=_days, default=(), help="arrival dates, with commas between, that master_data_merge leaves out")
    add("--JOB_RUN_ID", default="by-hand", help="given by Glue; names the report")
    values, _ = parser.parse_known_args(argv)
    accepted = values.accepted or None
    if accepted and not accepted.startswith(f"s3://{values.lake}/"):
        parser.error(f"--accepted {accepted!r} is not an object of s3://{values.lake}: give the lake's own list")
    return Arguments(
        date=values.date,
        bucket=values.lake,
        run_id=values.JOB_RUN_ID,
        # Step Functions cannot leave an argument out, so an empty one means none.
        tokens_secret=values.tokens_secret or None,
        accepted=accepted.removeprefix(f"s3://{values.lake}/") if accepted else None,
        held=values.held,
    )


def _days(text: str) -> tuple[str, ...]:
    return tuple(_day(day) for day in text.split(",") if day)


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        text = ""
    if not _DAY.fullmatch(text):
        raise argparse.ArgumentTypeError("not a calendar date of the form YYYY-MM-DD")
    return text


def _bucket(text: str) -> str:
    name = text.removeprefix("s3://").rstrip("/")
    if not text.startswith("s3://") or not _NAME.fullmatch(name):
        raise argparse.ArgumentTypeError(f"{text!r} is not s3://bucket")
    return name
