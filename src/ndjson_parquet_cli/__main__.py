"""`python -m ndjson_parquet_cli`."""

from ndjson_parquet_cli.app import main

if __name__ == "__main__":
    main()
