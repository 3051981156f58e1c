"""The lake's tables in DuckDB, as views over a folder that has the bucket's keys."""

from pathlib import Path
from typing import Any

import duckdb

from lake_quality import queries
from lake_quality.facts import DayFacts
from ndjson_parquet_lake.datasets import DATASETS
from ndjson_parquet_lake.tables import TABLES, Table

DATABASES = queries.Databases.of("test")


def sql_type(kind: str) -> str:
    return "varchar" if kind == "string" else kind


def create_tables(connection: duckdb.DuckDBPyConnection, folder: Path | None = None) -> None:
    """A view of each declared table that has files below the folder, an empty table of each other one."""
    for schema in (DATABASES.raw, DATABASES.processed, DATABASES.curated):
        connection.execute(f"CREATE SCHEMA {schema}")
    for table in TABLES:
        name = f"{table.zone}_test.{table.name}"
        files = sorted((folder / table.location).rglob("*.parquet")) if folder else []
        connection.execute(f"CREATE VIEW {name} AS {_files(table, files)}" if files else _empty(table, name))


def _files(table: Table, files: list[Path]) -> str:
    paths = ", ".join(f"'{path}'" for path in files)
    types = ", ".join(f"'{column.name}': {sql_type(column.type)}" for column in table.partition_columns)
    options = f"hive_partitioning = true, hive_types = {{{types}}}, union_by_name = true"
    return f"SELECT * FROM read_parquet([{paths}], {options})"  # noqa: S608


def _empty(table: Table, name: str) -> str:
    columns = (*table.columns, *table.partition_columns)
    said = ", ".join(f'"{c.name}" {sql_type(c.type)}' for c in columns)
    return f"CREATE TABLE {name} ({said})"


def facts_by_duckdb(connection: duckdb.DuckDBPyConnection, date: str) -> dict[str, DayFacts]:
    """The facts of a day, by the quality function's own queries."""

    def rows(sql: str) -> list[list[str | None]]:
        answer: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return [[None if cell is None else str(cell) for cell in row] for row in answer]

    return queries.facts_of(
        date,
        {name: rows(queries.day_query(dataset, DATABASES, date))[0] for name, dataset in DATASETS.items()},
        rows(queries.rejects_query(DATABASES, date)),
        rows(queries.history_query(DATABASES, date)),
        rows(queries.references_query(DATABASES, date)),
    )
