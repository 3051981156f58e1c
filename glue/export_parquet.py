"""The Glue Python shell job: export one Parquet file as JSON.

Runs on Glue and, unchanged, as `python export_parquet.py --job_id ... --jobs_table ... --input_uri s3://...
--output_uri s3://...`.
"""

from __future__ import annotations

import logging
import sys

from ndjson_export import jobs, objects
from ndjson_export.arguments import parse_arguments
from ndjson_export.errors import ExportError
from ndjson_export.job import run
from ndjson_export.log import log_as_json


def main(argv: list[str]) -> None:
    arguments = parse_arguments(argv)
    log_as_json(arguments.job_id)
    item = jobs.JobItem(jobs.make_client(), arguments.jobs_table, arguments.job_id)
    try:
        run(arguments, objects.make_client(), item)
    except ExportError as error:
        logging.getLogger(f"ndjson_export.{__name__}").error("%s", error, exc_info=True)
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
