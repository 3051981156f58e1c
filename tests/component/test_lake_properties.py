"""What hypothesis draws: sessions against a loop over the events of each browser, and days run in any order, often."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from local.lake.folder_bucket import FolderBucket
from local.lake.generate import Month, write_month
from local.lake.world import World
from ndjson_lake.partitions import schema_of
from ndjson_lake.sessions import sessions
from ndjson_parquet_lake.tables import CLICKSTREAM_EVENTS, PARTITION
from tests.deep import DEEP
from tests.lake_support import UNCLOSED, contents, run_job, small_spark

pytestmark = pytest.mark.filterwarnings(f"ignore:{UNCLOSED}:ResourceWarning")

HALF_AN_HOUR = timedelta(minutes=30)
MIDNIGHT = datetime(2026, 10, 3)  # noqa: DTZ001  # times are stored without a zone
COUNTED = {
    "views": "view",
    "searches": "search",
    "carts": "add_to_cart",
    "checkouts": "checkout",
    "purchases": "purchase",
}


@dataclass(frozen=True)
class Event:
    """Microseconds since the first midnight, of two days; several may be at one time."""

    at: int
    visitor: str
    kind: str
    user: str | None
    product: str | None
    number: int

    @property
    def time(self) -> datetime:
        return MIDNIGHT + timedelta(microseconds=self.at)

    @property
    def row(self) -> dict[str, Any]:
        return {
            "event_id": f"E-{self.number:03d}",
            "user_id": self.user,
            "anonymous_id": self.visitor,
            "event_type": self.kind,
            "product_id": self.product,
            "page_url": f"/{self.number}",
            "referrer": f"https://{self.number}.example" if self.number % 3 else None,
            "device": ("mobile", "desktop")[self.number % 2],
            "event_timestamp": self.time,
            "date": self.time.date(),
        }


# Around the edges: exactly half an hour, a microsecond less and more, midnight, and one time for several events.
_half = 30 * 60 * 1_000_000
_pauses = st.sampled_from([0, 1, 1_000_000, _half - 1, _half, _half + 1, 3 * _half]) | st.integers(0, 4 * _half)


@st.composite
def some_events(draw: st.DrawFn) -> list[Event]:
    events: list[Event] = []
    for visitor in ("A-1", "A-2", "A-3"):
        at = draw(st.sampled_from([0, 47 * _half, 48 * _half - 1]))
        for pause in draw(st.lists(_pauses, max_size=12)):
            at += pause
            kind = draw(st.sampled_from(sorted(COUNTED.values())))
            user = draw(st.sampled_from([None, "CU-1", "CU-2"]))
            product = draw(st.sampled_from([None, "P-1", "P-2"]))
            events.append(Event(at, visitor, kind, user, product, 0))
    numbers = draw(st.permutations(range(len(events))))
    return [Event(e.at, e.visitor, e.kind, e.user, e.product, n) for e, n in zip(events, numbers, strict=True)]


def one_by_one(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The sessions, by the words of the rule."""
    ordered = sorted(events, key=lambda event: (event.visitor, event.at, event.number))
    for _, own in groupby(ordered, key=lambda event: (event.visitor, event.time.date())):
        session: list[Event] = []
        for event in own:
            if session and event.time - session[-1].time > HALF_AN_HOUR:
                yield session
                session = []
            session.append(event)
        yield session


def summary(session: Sequence[Event]) -> dict[str, Any]:
    first, last = session[0], session[-1]
    users = [event.user for event in session if event.user]
    kinds = [event.kind for event in session]
    return {
        "anonymous_id": first.visitor,
        "user_id": users[-1] if users else None,
        "device": first.row["device"],
        "started_at": first.time,
        "ended_at": last.time,
        "duration_seconds": (last.at - first.at) // 1_000_000,
        "events": len(session),
        **{name: kinds.count(kind) for name, kind in COUNTED.items()},
        "products_seen": len({event.product for event in session if event.product}),
        "landing_page": first.row["page_url"],
        "exit_page": last.row["page_url"],
        "referrer": first.row["referrer"],
        "bounced": len(session) == 1,
        "converted": "purchase" in kinds,
        "date": first.time.date(),
    }


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    with small_spark() as session:
        yield session


@settings(max_examples=200 if DEEP else 3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=some_events())
def test_sessions_are_those_of_the_rule(spark: SparkSession, events: list[Event]) -> None:
    schema = schema_of(CLICKSTREAM_EVENTS).add(PARTITION.name, "date")
    rows = [tuple(event.row.get(field.name) for field in schema) for event in events]
    found = [row.asDict() for row in sessions(spark.createDataFrame(rows, schema)).collect()]
    ids = [row["session_id"] for row in found]
    assert len(set(ids)) == len(ids)
    expected = [summary(session) for session in one_by_one(events)]
    assert in_order([{name: row[name] for name in (expected or found)[0]} for row in found]) == in_order(expected)
    assert sum(row["events"] for row in found) == len(events)
    assert all(row["started_at"].date() == row["ended_at"].date() == row["date"] for row in found)


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["anonymous_id"], row["started_at"]))


def test_a_session_has_the_same_name_when_later_events_join_it(spark: SparkSession) -> None:
    schema = schema_of(CLICKSTREAM_EVENTS).add(PARTITION.name, "date")
    first = Event(0, "A-1", "view", None, None, 1)
    later = Event(_half, "A-1", "purchase", None, None, 2)
    names = set()
    for events in ([first], [first, later]):
        rows = [tuple(event.row.get(field.name) for field in schema) for event in events]
        (row,) = sessions(spark.createDataFrame(rows, schema)).collect()
        assert row["date"] == date(2026, 10, 3)
        names.add(row["session_id"])
    assert len(names) == 1


MONTH = Month(date(2026, 10, 3), 3, World(scale=0.05), defects=())
DAYS = [day.isoformat() for day in MONTH.dates]
# The merge takes its time, and what it makes is what the others have made: seldom.
RERUN = ("transaction_etl", "clickstream_aggregation", "master_data_merge") if DEEP else ("clickstream_aggregation",)
# A snapshot of customers holds what was known when its own day, or one of the two after it, was run last.
CURATED = ("daily_sales", "product_performance", "customer_days", "conversion_funnel", "review_summary")
UNORDERED = ("processed/", "rejects/", *(f"curated/{name}/" for name in CURATED))


@st.composite
def some_order(draw: st.DrawFn) -> list[str]:
    """All days, in any order, some of them more than once."""
    return draw(st.permutations([*DAYS, *draw(st.lists(st.sampled_from(DAYS), max_size=2))]))


@pytest.fixture(scope="module")
def in_turn(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each day run once, in turn, makes."""
    return visible(spark, tmp_path_factory.mktemp("turn"), dict.fromkeys(RERUN, DAYS))


def visible(spark: SparkSession, folder: Path, orders: dict[str, list[str]]) -> dict[str, str]:
    bucket = FolderBucket(folder / "bucket")
    write_month(bucket.folder, MONTH)
    for name, days in orders.items():
        for day in days:
            run_job(spark, bucket, folder / "mirror", name, day)
    return contents(bucket, *UNORDERED)


# Backwards, with days between that come again, is the hardest order; others are drawn in the deep runs.
@settings(max_examples=15, deadline=None, phases=list(Phase) if DEEP else [Phase.explicit])
@example(orders={name: [DAYS[2], DAYS[0], DAYS[1], DAYS[0]] for name in RERUN})
@given(orders=st.fixed_dictionaries({name: some_order() for name in RERUN}))
def test_days_run_in_any_order_and_again_make_the_same_objects(
    spark: SparkSession, in_turn: dict[str, str], orders: dict[str, list[str]]
) -> None:
    with TemporaryDirectory() as folder:
        assert visible(spark, Path(folder), orders) == in_turn != {}
