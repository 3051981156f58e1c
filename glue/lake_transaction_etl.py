"""The Glue job transaction_etl: a day's raw transactions become typed rows.

Runs on Glue and, unchanged, as `python lake_transaction_etl.py --date YYYY-MM-DD --lake s3://bucket`.
"""

import sys

from ndjson_lake.etl import transaction_etl
from ndjson_lake.session import main

if __name__ == "__main__":
    main("transaction_etl", transaction_etl, sys.argv[1:], with_tokens=True)
