"""How much the exhaustive tests do: a fixed part of it normally, all of it with NDJSON_PARQUET_DEEP=1."""

import os

DEEP = os.environ.get("NDJSON_PARQUET_DEEP") == "1"
