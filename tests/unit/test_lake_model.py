"""The benchmark's model of a day on Glue."""

import pytest

from benchmarks.lake.model import ORIGINAL_PLAN, Assumptions, Fixed, day, fit

JOBS = {
    "transaction_etl": Fixed(5, 10),
    "product_enrichment": Fixed(5, 0),
    "clickstream_aggregation": Fixed(10, 300),
    "master_data_merge": Fixed(20, 30),
}


def test_a_line_is_fitted() -> None:
    cost = fit([(0.1, 15.0), (0.4, 30.0), (1.0, 60.0)])
    assert cost.per_run == pytest.approx(10)
    assert cost.per_gigabyte == pytest.approx(50)
    assert fit([(0.1, 15.0), (1.0, 10.0)]).per_gigabyte == 0


def test_a_day_takes_the_fewest_workers_that_keep_its_time() -> None:
    small, large = day(1, 10, JOBS, Assumptions()), day(100, 45, JOBS, Assumptions())
    assert small.workers == 2
    assert large.workers > 2
    assert large.minutes <= 45 < day(100, 1000, JOBS, Assumptions()).minutes
    assert large.usd > small.usd > 4 * 2 * 60 / 3600 * 0.44, "each of the four jobs bills a minute of two workers"


def test_spare_capacity_costs_the_same_hours_at_its_own_price() -> None:
    modelled = day(10, 15, JOBS, Assumptions())
    assert modelled.flex_usd == pytest.approx(modelled.usd * 0.29 / 0.44)


def test_a_time_that_cannot_be_kept_takes_all_workers_and_says_how_long() -> None:
    never = day(1000, 1, JOBS, Assumptions(most_workers=10))
    assert never.workers == 10
    assert never.minutes > 1


def test_the_plan_s_sizes_grow_with_their_times_and_prices() -> None:
    assert list(ORIGINAL_PLAN) == sorted(ORIGINAL_PLAN)
