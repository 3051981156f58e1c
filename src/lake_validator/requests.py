"""What the state machine asks of the function, read and checked. No I/O.

    {"action": "begin", "request": {...}, "started_at": "2026-11-21T02:30:00Z"}
    {"action": "validate", "dataset": "reviews", "date": "2026-11-20"}
    {"action": "accept", "date": "2026-11-20", "run_id": "..."}

The request that begins a run comes from the schedule (`time`), from a ready file (`key`), or from a person (`date`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet_lake.datasets import DATASETS, rules_of
from ndjson_parquet_lake.rules import name_of

READY_PREFIX: Final = "raw/_READY/date="
_RULES: Final = frozenset(name_of(dataset.name, rule) for dataset in DATASETS.values() for rule in rules_of(dataset))
_BY_HAND: Final = frozenset({"date", "accepted_rules", "by", "trigger"})
_RUN_ID: Final = re.compile(r"[\w-]{1,80}")


@dataclass(frozen=True, slots=True)
class Begin:
    """A run of `date`. `accepted_rules`: quality rules whose failure a person has looked at and accepts."""

    date: date
    trigger: str
    accepted_rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Validate:
    dataset: str
    date: date


@dataclass(frozen=True, slots=True)
class Accept:
    date: date
    run_id: str


Request = Begin | Validate | Accept


def parse_request(event: Mapping[str, Any]) -> Request:
    """The request of an event.

    Raises:
        MalformedEventError: the action is unknown or lacks what it needs; the text says what is allowed.
    """
    match event.get("action"):
        case "begin":
            return _begin(event)
        case "validate":
            return Validate(_dataset(event.get("dataset")), _date(event.get("date"), "date"))
        case "accept":
            return Accept(_date(event.get("date"), "date"), _run_id(event.get("run_id")))
    raise MalformedEventError(f"action is {event.get('action')!r}; allowed are begin, validate and accept")


def _begin(event: Mapping[str, Any]) -> Begin:
    request, today = event.get("request"), _moment(event.get("started_at"), "started_at").date()
    if not isinstance(request, Mapping):
        raise MalformedEventError(f"the input of the execution is {request!r}; send an object such as {_EXAMPLE}")
    if request.get("trigger") == "schedule":
        return Begin(_moment(request.get("time"), "time").date() - timedelta(days=1), "schedule")
    if request.get("trigger") == "upload":
        key = str(request.get("key"))
        if not key.startswith(READY_PREFIX):
            raise MalformedEventError(f"key is {key!r}; a ready file is called {READY_PREFIX}YYYY-MM-DD")
        return Begin(_not_after(_date(key.removeprefix(READY_PREFIX), "the date of the ready file"), today), "upload")
    if unknown := sorted(request.keys() - _BY_HAND):
        raise MalformedEventError(f"unknown parameters {', '.join(unknown)}; send an object such as {_EXAMPLE}")
    return Begin(
        _not_after(_date(request.get("date"), "date"), today), "hand", _rules(request.get("accepted_rules", []))
    )


_EXAMPLE: Final = '{"date": "2026-11-20"}'


def _date(value: Any, name: str) -> date:
    try:
        found = date.fromisoformat(value)
    except (TypeError, ValueError):
        found = None
    # fromisoformat takes 20261120 too, which no folder is called.
    if found is None or found.isoformat() != value:
        raise MalformedEventError(f"{name} is {value!r}; send a calendar date such as 2026-11-20")
    return found


def _not_after(found: date, today: date) -> date:
    if found > today:
        raise MalformedEventError(f"date is {found}, which is after today, {today} (UTC); send a day that has begun")
    return found


def _moment(value: Any, name: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise MalformedEventError(f"{name} is {value!r}; send a time such as 2026-11-21T02:30:00Z") from error


def _dataset(value: Any) -> str:
    if value not in DATASETS:
        raise MalformedEventError(f"dataset is {value!r}; allowed are {', '.join(DATASETS)}")
    return str(value)


def _run_id(value: Any) -> str:
    if not isinstance(value, str) or not _RUN_ID.fullmatch(value):
        raise MalformedEventError(f"run_id is {value!r}; send up to 80 letters, digits, hyphens and underscores")
    return value


def _rules(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise MalformedEventError(f"accepted_rules is {value!r}; send a list of rule names, as the report has them")
    if unknown := sorted(str(name) for name in value if name not in _RULES):
        raise MalformedEventError(f"accepted_rules has {', '.join(unknown)}; send names as the report has them")
    return tuple(value)
