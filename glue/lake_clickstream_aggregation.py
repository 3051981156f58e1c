"""The Glue job clickstream_aggregation: a day's clicks become typed events, sessions and hours.

Runs on Glue and, unchanged, as `python lake_clickstream_aggregation.py --date YYYY-MM-DD --lake s3://bucket`.
"""

import sys

from ndjson_lake.etl import clickstream_aggregation
from ndjson_lake.session import main

if __name__ == "__main__":
    main("clickstream_aggregation", clickstream_aggregation, sys.argv[1:])
