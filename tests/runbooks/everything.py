"""How many runbooks are proved: a few in every run of the tests, all of them with NDJSON_PARQUET_RUNBOOKS=1."""

import os

EVERY_RUNBOOK = os.environ.get("NDJSON_PARQUET_RUNBOOKS") == "1"
