"""One conversion by one engine, in a process of its own: `python -m benchmarks.converter.engines ENGINE JOB.json`.

All write the same: every key as text, the two metadata columns, Snappy. The others are given the list of keys, which
spares them the inference; ours finds it.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.converter import spark_engines
from benchmarks.converter.job import TIMESTAMP, Job


def ours(job: Job) -> None:
    from ndjson_converter.__main__ import app  # noqa: PLC0415  # each process imports its own engine alone

    app(["convert", *job.files, "--output", job.output, "--workers", str(job.cores)], standalone_mode=False)


def duckdb(job: Job) -> None:
    import duckdb as engine  # noqa: PLC0415

    keys = ", ".join(f"{_quoted(key)}: 'VARCHAR'" for key in job.keys)
    files = ", ".join(_quoted(file) for file in job.files)
    with engine.connect() as connection:
        connection.execute(f"SET threads = {job.cores}; SET preserve_insertion_order = false")
        connection.execute(
            f"COPY (SELECT * EXCLUDE filename, '{TIMESTAMP}' AS _processing_timestamp, filename AS _source_file "  # noqa: S608
            f"FROM read_json([{files}], format = 'newline_delimited', columns = {{{keys}}}, filename = true, "
            "maximum_object_size = 16777216)) "
            f"TO {_quoted(job.output + '/part.parquet')} (FORMAT parquet, COMPRESSION snappy)"
        )


def polars(job: Job) -> None:
    os.environ["POLARS_MAX_THREADS"] = str(job.cores)
    import polars as pl  # noqa: PLC0415

    frame = pl.scan_ndjson(job.files, schema=dict.fromkeys(job.keys, pl.String), include_file_paths="_source_file")
    frame = frame.with_columns(pl.lit(TIMESTAMP).alias("_processing_timestamp"))
    frame.sink_parquet(f"{job.output}/part.parquet", compression="snappy")


def pyarrow(job: Job) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.json as pj  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    pa.set_cpu_count(job.cores)
    text = pa.schema([(key, pa.string()) for key in job.keys])
    options = pj.ParseOptions(explicit_schema=text, unexpected_field_behavior="error")
    names = [*job.keys, "_processing_timestamp", "_source_file"]
    with pq.ParquetWriter(f"{job.output}/part.parquet", pa.schema([(name, pa.string()) for name in names])) as writer:
        for file in job.files:
            table = pj.read_json(file, parse_options=options)
            for name, value in (("_processing_timestamp", TIMESTAMP), ("_source_file", file)):
                table = table.append_column(name, pa.repeat(pa.scalar(value), table.num_rows))
            writer.write_table(table.select(names))


ENGINES: dict[str, Callable[[Job], None]] = {
    "ours": ours,
    "duckdb": duckdb,
    "polars": polars,
    "pyarrow": pyarrow,
    **spark_engines.ENGINES,
}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    ENGINES[sys.argv[1]](Job.load(Path(sys.argv[2])))
