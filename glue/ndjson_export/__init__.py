"""Parquet to JSON: a stream of batches, each turned into JSON text column by column, in memory that does not grow with
the file.

Runs on Python 3.9 and pyarrow 7, which a Glue Python shell job has, and on all later ones.
"""

import os

# numpy starts threads for linear algebra when it is imported, of which there is none here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
