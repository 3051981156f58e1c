"""The end of a run: what the merge says that it wrote beside what readers find, and what the run cost. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lake_quality.queries import Databases, Row
from ndjson_parquet.errors import TransientError

BILLED_AT_LEAST_SECONDS: Final = 60
ATHENA_USD_PER_BYTE: Final = 5 / 10**12


class CuratedMismatchError(TransientError):
    """The curated tables do not hold what the merge reported; the text has both numbers of each table."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """A Glue run: `dpus` it was given, `seconds` that it ran."""

    job: str
    run_id: str
    seconds: float
    dpus: float

    @classmethod
    def of(cls, run: Mapping[str, Any]) -> "JobRun":
        return cls(str(run["job"]), str(run["run_id"]), float(run["seconds"]), float(run["dpus"]))


@dataclass(frozen=True, slots=True)
class Written:
    """What the merge wrote of a table: rows over these days."""

    days: Sequence[str]
    rows: int


def written_tables(report: Mapping[str, Any]) -> dict[str, Written]:
    """From the merge's report."""
    return {name: Written(table["days"], int(table["rows"])) for name, table in report["tables"].items()}


def curated_query(databases: Databases, written: Mapping[str, Written]) -> str:
    """The rows that readers find of each table on these days."""
    return " UNION ALL ".join(
        f"SELECT '{name}', count(*) FROM {databases.curated}.{name} "  # noqa: S608
        f"WHERE \"date\" BETWEEN date '{min(table.days)}' AND date '{max(table.days)}'"
        for name, table in sorted(written.items())
    )


def check_curated(written: Mapping[str, Written], found: Iterable[Row]) -> int:
    """The rows of all tables.

    Raises:
        CuratedMismatchError: a table has another number of rows than was reported.
    """
    rows = {str(name): int(count or 0) for name, count in found}
    wrong = [
        f"{name} has {rows.get(name, 0)} rows, reported were {table.rows}"
        for name, table in sorted(written.items())
        if rows.get(name, 0) != table.rows
    ]
    if wrong:
        raise CuratedMismatchError(
            f"curated: {'; '.join(wrong)}. Look whether something else writes there, and run again"
        )
    return sum(rows.values())


def cost_usd(runs: Iterable[JobRun], dpu_hour_usd: float, scanned_bytes: int) -> float:
    """What Glue and Athena bill, US dollars."""
    glue = sum(max(run.seconds, BILLED_AT_LEAST_SECONDS) / 3600 * run.dpus * dpu_hour_usd for run in runs)
    return round(glue + scanned_bytes * ATHENA_USD_PER_BYTE, 6)


def seconds_since(started_at: str, now: datetime) -> float:
    """Seconds from an ISO 8601 time until now."""
    return round((now - datetime.fromisoformat(started_at)).total_seconds(), 3)
