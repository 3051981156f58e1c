"""The job's arguments, validated before the first AWS call. Unknown ones are ignored: Glue adds its own."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NamedTuple

from ndjson_export.framing import COMPRESSIONS, FORMATS, NDJSON, NONE, Framing
from ndjson_export.objects import Location

_URI = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)", re.DOTALL)


class Arguments(NamedTuple):
    """What to export, where to, and which item of which table follows it."""

    job_id: str
    jobs_table: str
    input: Location
    output: Location
    framing: Framing


def parse_arguments(argv: Sequence[str]) -> Arguments:
    """Read `argv` (without the program's name).

    Ends the program with status 2 and a message when an argument is wrong.
    """
    parser = argparse.ArgumentParser(prog="export_parquet", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--job_id", required=True, help="hash key of the job's item")
    add("--jobs_table", required=True, help="DynamoDB table of the jobs")
    add("--input_uri", required=True, type=_location, help="s3:// URI of the Parquet file")
    add("--output_uri", required=True, type=_location, help="s3:// URI of the result")
    add("--format", choices=FORMATS, default=NDJSON, help="one object a line, or one array")
    add("--compression", choices=COMPRESSIONS, default=NONE, help="of the result")
    values, _ = parser.parse_known_args(argv)
    framing = Framing(values.format, values.compression)
    return Arguments(values.job_id, values.jobs_table, values.input_uri, values.output_uri, framing)


def _location(text: str) -> Location:
    match = _URI.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not an object's URI; write s3://bucket/key")
    return Location(match["bucket"], match["key"])
