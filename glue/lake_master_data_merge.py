"""The Glue job master_data_merge: the processed tables become the curated ones.

Runs on Glue and, unchanged, as `python lake_master_data_merge.py --date YYYY-MM-DD --lake s3://bucket`.
"""

import sys

from ndjson_lake.merge import master_data_merge
from ndjson_lake.session import main

if __name__ == "__main__":
    main("master_data_merge", master_data_merge, sys.argv[1:])
