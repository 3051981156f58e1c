"""Strict NDJSON to Parquet: every value as the text that was sent, every line a row or a reject, all of a manifest or
nothing.
"""

__version__ = "0.1.0"
