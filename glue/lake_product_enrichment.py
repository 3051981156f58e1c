"""The Glue job product_enrichment: a day's products with categories and stock figures, and the reviews.

Runs on Glue and, unchanged, as `python lake_product_enrichment.py --date YYYY-MM-DD --lake s3://bucket`.
"""

import sys

from ndjson_lake.etl import product_enrichment
from ndjson_lake.session import main

if __name__ == "__main__":
    main("product_enrichment", product_enrichment, sys.argv[1:])
