"""The SQL that counts a day, and the facts from its answers. No I/O.

In the SQL that Athena and DuckDB share. One query reads each processed table once for the day; three more, each about
all datasets, read what was rejected, how many rows there were before, and which references lead nowhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from lake_quality.facts import DayFacts
from ndjson_parquet_lake import reference
from ndjson_parquet_lake.datasets import CATEGORIES, DATASETS, Dataset, rules_of
from ndjson_parquet_lake.rules import Complete, References, RowCount

Row = Sequence[str | None]
HISTORY_DAYS: Final = max(
    rule.history_days for dataset in DATASETS.values() for rule in rules_of(dataset) if isinstance(rule, RowCount)
)


@dataclass(frozen=True, slots=True)
class Databases:
    """Names in the catalog."""

    raw: str
    processed: str
    curated: str

    @classmethod
    def of(cls, environment: str) -> "Databases":
        return cls(f"raw_{environment}", f"processed_{environment}", f"curated_{environment}")


def day_query(dataset: Dataset, databases: Databases, date: str) -> str:
    """Rows of the day, those without a value for each column that has to have one, and the newest business time."""
    nulls = [f"count(*) - count({column})" for column in complete_columns(dataset)]
    newest = f"cast(max({dataset.business_time}) AS varchar)" if dataset.business_time else "cast(NULL AS varchar)"
    counts = ", ".join(["count(*)", newest, *nulls])
    return f"SELECT {counts} FROM {databases.processed}.{dataset.table} WHERE \"date\" = date '{date}'"  # noqa: S608


def complete_columns(dataset: Dataset) -> list[str]:
    """The columns whose missing values are counted, in the order of the query."""
    return [rule.column for rule in rules_of(dataset) if isinstance(rule, Complete)]


def rejects_query(databases: Databases, date: str) -> str:
    """Rejected rows by dataset, day, reason and column: of the day and of those that it is compared with."""
    return (
        'SELECT dataset, cast("date" AS varchar), reason, column_name, count(*) '  # noqa: S608
        f"FROM {databases.raw}.rejects WHERE {_with_history(date)} GROUP BY 1, 2, 3, 4"
    )


def history_query(databases: Databases, date: str) -> str:
    """Accepted rows by dataset and day, the day itself included."""
    return " UNION ALL ".join(
        f"SELECT '{dataset.name}', cast(\"date\" AS varchar), count(*) "  # noqa: S608
        f"FROM {databases.processed}.{dataset.table} WHERE {_with_history(date)} GROUP BY 1, 2"
        for dataset in DATASETS.values()
    )


def references_query(databases: Databases, date: str) -> str:
    """Accepted rows of the day whose value the other table of the day does not have, by dataset and column."""
    return " UNION ALL ".join(
        f"SELECT '{dataset.name}', '{rule.column}', count(*) "  # noqa: S608
        f"FROM {databases.processed}.{dataset.table} a {_unmatched(rule, databases, date)}"
        for dataset in DATASETS.values()
        for rule in rules_of(dataset)
        if isinstance(rule, References)
    )


def _unmatched(rule: References, databases: Databases, date: str) -> str:
    here = f"a.\"date\" = date '{date}' AND a.{rule.column} IS NOT NULL"
    if rule.dataset == CATEGORIES:
        known = ", ".join(f"'{category.category_id}'" for category in reference.CATEGORIES)
        return f"WHERE {here} AND a.{rule.column} NOT IN ({known})"
    other = DATASETS[rule.dataset]
    return (
        f"LEFT JOIN {databases.processed}.{other.table} b ON b.{other.key} = a.{rule.column} "
        f"AND b.\"date\" = date '{date}' WHERE {here} AND b.{other.key} IS NULL"
    )


def _with_history(date: str) -> str:
    first = (datetime.fromisoformat(date) - timedelta(days=HISTORY_DAYS)).date().isoformat()
    return f"\"date\" BETWEEN date '{first}' AND date '{date}'"


def facts_of(
    date: str,
    days: Mapping[str, Row],
    rejects: Iterable[Row],
    history: Iterable[Row],
    references: Iterable[Row],
) -> dict[str, DayFacts]:
    """The facts of each dataset from the answers of the queries; `days` holds the one row of each `day_query`."""
    arrived: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rejected: dict[str, dict[tuple[str, str | None], int]] = defaultdict(dict)
    unmatched: dict[str, dict[str, int]] = defaultdict(dict)
    for dataset, day, reason, column, count in rejects:
        arrived[str(dataset)][str(day)] += int(count or 0)
        if day == date:
            rejected[str(dataset)][str(reason), column] = int(count or 0)
    for dataset, day, count in history:
        arrived[str(dataset)][str(day)] += int(count or 0)
    for dataset, column, count in references:
        unmatched[str(dataset)][str(column)] = int(count or 0)
    facts = {}
    for name, (accepted, newest, *nulls) in days.items():
        counted = zip(complete_columns(DATASETS[name]), nulls, strict=True)
        facts[name] = DayFacts(
            accepted=int(accepted or 0),
            rejected=rejected[name],
            nulls={column: int(count or 0) for column, count in counted},
            unmatched=unmatched[name],
            newest=datetime.fromisoformat(newest).replace(tzinfo=UTC) if newest else None,
            history={day: rows for day, rows in sorted(arrived[name].items()) if day != date},
        )
    return facts
