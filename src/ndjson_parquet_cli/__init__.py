"""`ndjson-parquet`: what the person on call looks and acts with. Rules, AWS reads and printing are kept apart."""
