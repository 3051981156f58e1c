"""Strict NDJSON to Parquet: every value as the text that was sent, every line a row or a reject, all of a manifest or
nothing.
"""

import os

# numpy starts threads for linear algebra when it is imported, of which there is none here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
