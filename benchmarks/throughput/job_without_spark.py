"""Stands in for the Glue job: a process that commits a manifest and converts nothing.

No library, so that starting it takes nothing from what is measured. It signs nothing: the embedded AWS does not ask
without --auth.
"""

import json
import os
import sys
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import urlsplit

given = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
record = {
    "attempt": 1,
    "job_run_id": given["--JOB_RUN_ID"],
    "committed_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
    "bytes_in": 0,
    "lines_in": 0,
    "rows_out": 0,
    "lines_rejected": 0,
    "parts": [],
    "missing": [],
}
connection = HTTPConnection(urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc)
key = f"commits/{given['--date_prefix']}/{given['--batch_id']}.json"
connection.request("PUT", f"/{given['--manifest_bucket']}/{key}", json.dumps(record))
status = connection.getresponse().status
sys.exit(0 if status == HTTPStatus.OK else f"{key} could not be put: {status}")
