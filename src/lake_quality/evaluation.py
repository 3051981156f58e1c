"""Each rule against a dataset's day. No I/O."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal, cast

from lake_quality.facts import DayFacts
from ndjson_parquet_lake.datasets import Dataset, rules_of
from ndjson_parquet_lake.rules import (
    Allowed,
    Complete,
    Fresh,
    InRange,
    Readable,
    References,
    RowCount,
    Rule,
    Timely,
    Unique,
    Valid,
    name_of,
)

Outcome = Literal["passed", "failed", "warned", "accepted", "unknown"]
ShareRule = Readable | Complete | Valid | InRange | Allowed | Timely | Unique | References


@dataclass(frozen=True, slots=True)
class Result:
    """One rule, one day.

    `bad_rows` of `total_rows` are `share`, and up to `limit` is allowed; for a row count and for freshness these are
    None, and `detail` says what was found. `failed` stops the merge; `accepted` would have, but a person has looked.
    `unknown`: there is nothing to compare with.
    """

    rule: str
    kind: str
    dataset: str
    column_name: str | None
    severity: str
    outcome: Outcome
    detail: str
    bad_rows: int | None = None
    total_rows: int | None = None
    share: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a rule holds (None: nobody can say), what was found, and the bad rows where rows were counted."""

    holds: bool | None
    detail: str
    bad_rows: int | None = None


def evaluate(dataset: Dataset, facts: DayFacts, date: str, accepted: Collection[str] = ()) -> list[Result]:
    """All rules of the dataset, in their order. `accepted`: names of rules whose failure stops nothing."""
    return [_result(dataset, rule, facts, _found(rule, facts, date), accepted) for rule in rules_of(dataset)]


def passes(results: Collection[Result]) -> bool:
    """Whether the day may be merged."""
    return all(result.outcome != "failed" for result in results)


def _result(dataset: Dataset, rule: Rule, facts: DayFacts, found: Finding, accepted: Collection[str]) -> Result:
    name = name_of(dataset.name, rule)
    counted = found.bad_rows is not None
    return Result(
        rule=name,
        kind=name.rpartition(".")[2],
        dataset=dataset.name,
        column_name=getattr(rule, "column", None),
        severity=rule.severity,
        outcome=_outcome(found.holds, rule.severity, name in accepted),
        detail=found.detail,
        bad_rows=found.bad_rows,
        total_rows=facts.arrived if counted else None,
        share=round((found.bad_rows or 0) / facts.arrived, 6) if counted and facts.arrived else None,
        limit=getattr(rule, "at_most", None) if counted else None,
    )


def _outcome(holds: bool | None, severity: str, is_accepted: bool) -> Outcome:
    if holds is None:
        return "unknown"
    if holds:
        return "passed"
    if severity == "warning":
        return "warned"
    return "accepted" if is_accepted else "failed"


def _found(rule: Rule, facts: DayFacts, date: str) -> Finding:
    if isinstance(rule, RowCount):
        return _row_count(rule, facts, date)
    if isinstance(rule, Fresh):
        return _freshness(rule, facts, date)
    bad = _BAD_ROWS[type(rule)](rule, facts)
    if not facts.arrived:
        return Finding(None, "no row arrived", bad)
    return Finding(bad <= rule.at_most * facts.arrived, f"{bad} of {facts.arrived} rows", bad)


def _column(rule: ShareRule) -> str:
    return cast(Complete, rule).column


_BAD_ROWS: Mapping[type, Callable[[ShareRule, DayFacts], int]] = {
    Readable: lambda _, facts: facts.rejected_for("malformed"),
    Complete: lambda rule, facts: facts.rejected_for("missing", _column(rule)) + facts.nulls.get(_column(rule), 0),
    Valid: lambda rule, facts: facts.rejected_for("type", _column(rule)),
    InRange: lambda rule, facts: facts.rejected_for("range", _column(rule)),
    Allowed: lambda rule, facts: facts.rejected_for("not_allowed", _column(rule)),
    Timely: lambda _, facts: facts.rejected_for("late") + facts.rejected_for("future"),
    Unique: lambda _, facts: facts.rejected_for("duplicate"),
    References: lambda rule, facts: facts.unmatched.get(_column(rule), 0),
}


def _row_count(rule: RowCount, facts: DayFacts, date: str) -> Finding:
    first = (datetime.fromisoformat(date) - timedelta(days=rule.history_days)).date().isoformat()
    before = [rows for day, rows in facts.history.items() if first <= day < date and rows]
    if len(before) < rule.minimum_history:
        return Finding(None, f"{facts.arrived} rows; only {len(before)} of {rule.minimum_history} days to compare with")
    mean = sum(before) / len(before)
    holds = rule.at_least * mean <= facts.arrived <= rule.at_most * mean
    wanted = f"{rule.at_least:g} to {rule.at_most:g} times the mean of {len(before)} days, {mean:.0f}"
    return Finding(holds, f"{facts.arrived} rows; allowed is {wanted}")


def _freshness(rule: Fresh, facts: DayFacts, date: str) -> Finding:
    if facts.newest is None:
        return Finding(False, f"no row has a {rule.column}")
    end = datetime.combine(datetime.fromisoformat(date).date() + timedelta(days=1), time(), UTC)
    hours = (end - facts.newest).total_seconds() / 3600
    return Finding(
        hours <= rule.max_hours,
        f"newest is {facts.newest:%Y-%m-%d %H:%M:%S} UTC, {hours:.1f} h before the end of the day",
    )
