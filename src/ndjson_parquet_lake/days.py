"""Which days a run reads and which partitions it replaces, as text `YYYY-MM-DD`.

A run for day D makes the arrival partition D anew, from the raw files of D alone. Rows of D may belong to the business
dates from D - late_days to D, so the tables parted by business date are made anew for these, each from all arrival
partitions that can hold its rows. So every partition is a function of raw files alone, in whatever order days are run.
"""

from collections.abc import Collection
from datetime import date, timedelta

from ndjson_parquet_lake.datasets import DATASETS

# How far the value of a customer looks back, the snapshot's own day included.
VALUE_DAYS = 365
# A product without a snapshot on a day is looked up in those of so many days before.
SNAPSHOT_DAYS = 7
# Rows of a day may be late by different numbers of days; the curated tables are made of all datasets.
LONGEST_DELAY = max(dataset.late_days for dataset in DATASETS.values())


def shift(day: str, days: int) -> str:
    """The day so many days later. Raises ValueError when `day` is no calendar date of the form YYYY-MM-DD."""
    return (date.fromisoformat(day) + timedelta(days)).isoformat()


def days_between(first: str, last: str) -> tuple[str, ...]:
    """All days from the first to the last, both included; none when the last lies before the first."""
    count = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    return tuple(shift(first, number) for number in range(count))


def business_days_of(arrival: str, late_days: int) -> tuple[str, ...]:
    """The business dates that rows of this arrival date can have."""
    return days_between(shift(arrival, -late_days), arrival)


def arrivals_of(business_days: tuple[str, ...], late_days: int) -> tuple[str, ...]:
    """The arrival dates whose partitions can hold rows of these consecutive business dates."""
    return days_between(business_days[0], shift(business_days[-1], late_days))


def mergeable_days(arrival: str, held: Collection[str]) -> tuple[str, ...]:
    """The business dates that the merge of an arrival date may make anew: consecutive ones, or none.

    `held` are arrival dates whose rows nobody has let pass. A date that could hold rows of one of them stays as it is:
    that one's own run makes it anew.
    """
    return tuple(
        day
        for day in business_days_of(arrival, LONGEST_DELAY)
        if not set(arrivals_of((day,), LONGEST_DELAY)) & set(held)
    )


def snapshots_for(day: str) -> tuple[str, ...]:
    """The days whose product snapshot may stand for the day, the best one first."""
    return days_between(shift(day, 1 - SNAPSHOT_DAYS), day)[::-1]
