# ruff: noqa: S608  # the names in the SQL are the tests' own
"""The lake's tables computed once more, by DuckDB's SQL over the raw files, and sharing nothing with the jobs."""

import hashlib
import hmac
from pathlib import Path

import duckdb

from ndjson_parquet_lake.tables import PARTITION, Table

_SCRIPT = Path(__file__).with_suffix(".sql")


class Oracle:
    """Computes all tables from the raw files below the folder once; `differences` compares one with the lake's."""

    def __init__(self, folder: Path, token_key: bytes) -> None:
        self._folder = folder
        self._duckdb = duckdb.connect()
        self._duckdb.execute("create table tokens (email varchar, token varchar)")
        found = self._duckdb.sql(
            f"select distinct customer_email from read_csv('{folder}/raw/transactions/*/*.csv', all_varchar = true, "
            "header = true, union_by_name = true, ignore_errors = true) where customer_email is not null"
        ).fetchall()
        if found:
            tokens = [(email, _token(email, token_key)) for (email,) in found]
            self._duckdb.executemany("insert into tokens values (?, ?)", tokens)
        self._duckdb.execute(_SCRIPT.read_text().replace("{folder}", str(folder)))

    def rows(self, table: Table) -> int:
        return int(self._duckdb.sql(f"select count(*) from {table.name}").fetchall()[0][0])

    def differences(self, table: Table, since: str = "0001-01-01") -> list[tuple[object, ...]]:
        """Rows that only the oracle (`oracle`) or only the lake (`lake`) has, up to ten of each, since a date."""
        columns = ", ".join([*(column.name for column in table.columns), PARTITION.name])
        stored = f"read_parquet('{self._folder}/{table.location}/*/*.parquet', hive_partitioning = true)"
        oracle, lake = (f"select {columns} from {of} where date >= '{since}'" for of in (table.name, stored))
        only = [("oracle", oracle, lake), ("lake", lake, oracle)]
        return [
            (whose, *row)
            for whose, one, other in only
            for row in self._duckdb.sql(f"{one} except all {other} limit 10").fetchall()
        ]

    def lines(self, dataset: str, date: str) -> int:
        """All lines of the dataset's raw files of the day, headers too."""
        condition = f"dataset = '{dataset}' and date = '{date}'"
        return int(self._duckdb.sql(f"select count(*) from lines where {condition}").fetchall()[0][0])

    def rejects(self) -> dict[tuple[str, str, str], int]:
        """Rejected rows by arrival date, dataset and reason."""
        found = self._duckdb.sql("select date, dataset, reason, rows from rejects").fetchall()
        return {(f"{date}", dataset, reason): count for date, dataset, reason, count in found}

    def stored_rejects(self) -> dict[tuple[str, str, str], int]:
        stored = f"read_parquet('{self._folder}/rejects/*/*/*.parquet', hive_partitioning = true)"
        found = self._duckdb.sql(f"select date, dataset, reason, count(*) from {stored} group by all").fetchall()
        return {(f"{date}", dataset, reason): count for date, dataset, reason, count in found}


def _token(email: str, key: bytes) -> str:
    return f"tok_{hmac.new(key, email.strip().lower().encode(), hashlib.sha256).hexdigest()[:32]}"
