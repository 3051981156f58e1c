"""HTTP API -> Parquet that somebody uploads, or picks from the pipeline's output, becomes JSON."""
