"""One export by one engine, in a process of its own: `python -m benchmarks.export.engines ENGINE FROM TO CORES`."""

import os
import sys
from collections.abc import Callable
from pathlib import Path


def ours(source: str, output: str, cores: int) -> None:
    """As the Glue job calls it; the other engines have no command line around them either."""
    from ndjson_export.export import export  # noqa: PLC0415  # each process imports its own engine alone
    from ndjson_export.framing import Framing  # noqa: PLC0415
    from ndjson_export.sinks import replacing  # noqa: PLC0415
    from ndjson_export.source import Source  # noqa: PLC0415

    with Path(source).open("rb") as file, replacing(Path(output)) as sink:
        export(Source(file), sink, Framing(), lambda _progress: None, cores)


def duckdb(source: str, output: str, cores: int) -> None:
    _duckdb(source, output, cores, keep_order=True)


def duckdb_unordered(source: str, output: str, cores: int) -> None:
    _duckdb(source, output, cores, keep_order=False)


def _duckdb(source: str, output: str, cores: int, *, keep_order: bool) -> None:
    import duckdb as engine  # noqa: PLC0415

    with engine.connect() as connection:
        connection.execute(f"SET threads = {cores}; SET preserve_insertion_order = {keep_order}")
        connection.execute(f"COPY (FROM '{source}') TO '{output}' (FORMAT json)")


def polars(source: str, output: str, cores: int) -> None:
    os.environ["POLARS_MAX_THREADS"] = str(cores)
    import polars as pl  # noqa: PLC0415

    pl.scan_parquet(source).sink_ndjson(output)


def pandas(source: str, output: str, _cores: int) -> None:
    import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415

    pd.read_parquet(source).to_json(output, orient="records", lines=True)


ENGINES: dict[str, Callable[[str, str, int], None]] = {
    "ours": ours,
    "duckdb": duckdb,
    "duckdb unordered": duckdb_unordered,
    "polars": polars,
    "pandas": pandas,
}


if __name__ == "__main__":
    ENGINES[sys.argv[1]](sys.argv[2], Path(sys.argv[3]).as_posix(), int(sys.argv[4]))
