"""What a reader reads of the lake: bytes that DuckDB takes from the files for one day, one column, or all of it."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# {table} is read_parquet(...) of a partitioned table. All of them are Athena's SQL as well.
QUERIES: Mapping[str, tuple[str, str]] = {
    "all columns, whole month": ("transactions", "select * from {table}"),
    "all columns, one day": ("transactions", "select * from {table} where date = date '{day}'"),
    "revenue, whole month": ("transactions", "select sum(net_usd) from {table}"),
    "revenue, one day": ("transactions", "select sum(net_usd) from {table} where date = date '{day}'"),
    "one visitor, whole month": ("clickstream_events", "select * from {table} where anonymous_id = 'A-000538'"),
    "one visitor, one day": (
        "clickstream_events",
        "select * from {table} where anonymous_id = 'A-000538' and date = date '{day}'",
    ),
}
# The reader is a process of its own, so that the kernel's count of what it reads is of this query alone.
_READER = """
import sys, duckdb
def read(): return int(open("/proc/self/io").readline().split()[1])
connection = duckdb.connect(); connection.execute("select 1").fetchall()
before = read()
connection.execute(sys.argv[1]).fetchall()
print(read() - before)
"""


@dataclass(frozen=True, slots=True)
class Scan:
    """One query: the bytes of the table it is about, and the bytes that were read for it."""

    query: str
    table: str
    table_bytes: int
    bytes_read: int


def scans(lake: Path, day: str) -> list[Scan]:
    """Each of QUERIES over the lake in this folder."""
    return [_scan(lake, name, table, sql, day) for name, (table, sql) in QUERIES.items()]


def _scan(lake: Path, name: str, table: str, sql: str, day: str) -> Scan:
    folder = lake / "processed" / table
    source = f"read_parquet('{folder}/*/*.parquet', hive_partitioning = true)"
    query = sql.format(table=source, day=day)
    done = subprocess.run([sys.executable, "-c", _READER, query], capture_output=True, text=True, check=True)
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    return Scan(name, table, size, int(done.stdout))
