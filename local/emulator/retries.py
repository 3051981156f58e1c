"""How long deliveries wait: between attempts, and until an event or a record is too old."""

import os

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0

# AWS takes minutes and its shortest age limit is 60 s; tests cannot wait for that.
_scale = float(os.environ.get("NDJSON_PARQUET_RETRY_SECONDS_PER_MINUTE", "60")) / 60


def wait_seconds(failures: int) -> float:
    """The wait after so many failures in a row (from 1): doubled each time, up to a minute."""
    return _scale * min(FIRST_WAIT_SECONDS * 2.0 ** min(failures - 1, 16), LONGEST_WAIT_SECONDS)


def age_seconds(limit: float) -> float:
    """How long an age limit of so many seconds lasts here."""
    return limit * _scale
