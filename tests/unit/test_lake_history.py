"""The days before those of the demo's workflow: every date is merged."""

from datetime import date

import pytest

from local.lake.generate import Month
from local.lake.history import merged_days
from ndjson_parquet_lake.days import LONGEST_DELAY, business_days_of


@pytest.mark.parametrize("days", [1, 2, 3, 4, 20])
def test_the_merges_of_a_few_days_make_all_dates_and_the_last_one_last(days: int) -> None:
    dates = Month(date(2026, 10, 1), days).dates
    merged = merged_days(dates)
    made = {made for day in merged for made in business_days_of(f"{day}", LONGEST_DELAY)}
    assert {f"{day}" for day in dates} <= made
    assert merged == sorted(merged)
    assert merged[-1] == dates[-1]
