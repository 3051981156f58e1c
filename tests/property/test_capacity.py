"""What holds for every load: of the model's sums, of the simulated pipeline, and of one beside the other."""

from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.capacity.assumptions import read_assumptions
from benchmarks.capacity.model import files_per_delivery, files_per_manifest, ours
from benchmarks.capacity.settings import environment_settings
from benchmarks.capacity.simulation import Plant, arrivals, plant, simulate
from ndjson_parquet.manifests import ManifestRecord
from ndjson_parquet.sweeping import SweepRules, bounded
from ndjson_parquet_cli.costs import SHORTEST_RUN_SECONDS
from ndjson_parquet_cli.prices import read_prices

KNOWN, PRICES, PROD = read_assumptions(), read_prices(), environment_settings("prod")
HOUR = 3600.0

plants = st.builds(
    Plant,
    files_per_manifest=st.integers(1, 50),
    max_wait_seconds=st.floats(1, 600),
    writers=st.integers(1, 20),
    shards=st.integers(1, 10),
    runs=st.integers(1, 5),
    sweep_seconds=st.floats(10, 600),
    delivery_seconds=st.floats(0.1, 1),
    commit_seconds=st.floats(0.01, 0.1),
    publish_seconds=st.just(lambda files: 0.1 + files * 0.01),
    run_seconds=st.just(lambda files: 1 + files * 0.5),
    retry_seconds=st.floats(1, 60),
    window_seconds=st.sampled_from([0.0, 0.5, 5.0]),
)
landings = st.lists(st.floats(0, 1000), min_size=1, max_size=300).map(sorted)


@given(landings, plants, st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_every_file_is_somewhere_and_is_completed_once(landing: list[float], one: Plant, seed: int) -> None:
    outcome = simulate(landing, one, seed)
    for sample in outcome.samples:
        before, by_then = bisect_left(landing, sample.seconds), bisect_right(landing, sample.seconds)
        assert before <= sample.inside + sample.completed <= by_then
    assert outcome.samples[-1].inside == 0
    assert len(outcome.latencies) == len(landing)
    assert min(outcome.latencies) >= one.delivery_seconds + one.publish_seconds(1) + one.run_seconds(1) - 1e-6
    assert simulate(landing, one, seed) == outcome


@given(landings, plants)
@settings(deadline=None, max_examples=60)
def test_no_more_runs_at_once_than_there_is_room_for_and_no_manifest_is_too_large(
    landing: list[float], one: Plant
) -> None:
    outcome = simulate(landing, one, sample_seconds=1)
    assert max(sample.converting for sample in outcome.samples) <= one.runs * one.files_per_manifest
    assert max(outcome.runs) <= one.run_seconds(one.files_per_manifest)


@given(landings, plants)
@settings(deadline=None, max_examples=30)
def test_little_s_law(landing: list[float], one: Plant) -> None:
    """Files inside, over time, are the files' latencies together."""
    step = 0.5
    outcome = simulate(landing, one, sample_seconds=step)
    inside = sum(before.inside * (after.seconds - before.seconds) for before, after in pairwise(outcome.samples))
    assert inside == pytest.approx(sum(outcome.latencies), abs=step * len(landing))


@pytest.mark.parametrize("rate", [3.9, 20.0])
def test_an_even_load_is_as_the_closed_form_says(rate: float) -> None:
    """But for the batches that are open at the end, and those of a second shard, which nobody fills."""
    load = replace(KNOWN.reference, files_per_day=rate * 86_400, burst_factor=1)
    outcome = simulate(list(arrivals([(4 * HOUR, rate)])), plant(load, PROD, KNOWN.figures))
    files, day = len(outcome.latencies), ours(load, PROD, KNOWN.figures, PRICES)
    assert files / outcome.deliveries == pytest.approx(files_per_delivery(load, PROD), rel=0.1)
    assert files / len(outcome.runs) == pytest.approx(files_per_manifest(load, PROD), rel=0.25)
    billed = max(SHORTEST_RUN_SECONDS, day.run_seconds) / day.files_per_run
    assert outcome.billed_seconds / files == pytest.approx(billed, rel=0.25)
    assert max(outcome.latencies) <= day.latency_seconds + (PROD.max_wait_minutes + PROD.sweep_interval_minutes) * 60


def test_a_burst_beyond_the_runs_at_once_makes_a_backlog_that_drains() -> None:
    load = KNOWN.reference
    landing = list(
        arrivals([(HOUR / 2, load.files_per_second), (HOUR, load.busiest_files_per_second), (HOUR, 1.0)], seed=1)
    )
    enough = simulate(landing, plant(load, PROD, KNOWN.figures))
    one_run = simulate(landing, plant(load, replace(PROD, glue_max_concurrent_runs=1), KNOWN.figures))
    most = max(sample.waiting for sample in one_run.samples)
    assert most > 5 * max(sample.waiting for sample in enough.samples)
    assert one_run.samples[-1].inside == 0
    assert max(one_run.latencies) > 1.5 * max(enough.latencies)


def test_a_batching_window_makes_fewer_conflicts_and_larger_manifests() -> None:
    load = KNOWN.reference
    landing = list(arrivals([(2 * HOUR, load.files_per_second)]))
    waits, does_not = (
        simulate(landing, plant(load, replace(PROD, sqs_batching_window_seconds=window), KNOWN.figures))
        for window in (5, 0)
    )
    assert waits.conflicts < does_not.conflicts / 2
    assert waits.billed_seconds < does_not.billed_seconds


@given(st.floats(0.01, 1000), st.integers(1, 10_000), st.integers(2, 20))
def test_more_files_cost_more_and_hardly_more_each(factor: float, files: int, workers: int) -> None:
    some = replace(PROD, max_files_per_manifest=files, glue_number_of_workers=workers)
    load = KNOWN.reference.times(factor)
    less, more = (ours(one, some, KNOWN.figures, PRICES) for one in (load, load.times(2)))
    assert less.total < more.total
    assert all(dollars >= 0 for dollars in less.dollars.values())
    assert more.dollars_per_terabyte <= less.dollars_per_terabyte * 1.1


@given(st.lists(st.integers(1, 12_000), max_size=50), st.integers(1, 20), st.integers(1, 30_000))
def test_a_duty_takes_the_first_manifests_up_to_its_bounds_and_never_none(
    counts: list[int], limit: int, file_limit: int
) -> None:
    manifests = [
        ManifestRecord(
            date_prefix="2026-11-20",
            batch_id=f"b{number}",
            status="pending",
            shard=0,
            file_count=count,
            total_bytes=1,
            attempts=1,
            opened_at="",
            created_at="",
            updated_at="",
            manifest_path="",
        )
        for number, count in enumerate(counts)
    ]
    rules = SweepRules(*(None,) * 5, limit=limit, file_limit=file_limit)  # type: ignore[arg-type]  # only bounds count
    taken = list(bounded(manifests, rules))
    assert taken == manifests[: len(taken)]
    assert len(taken) <= limit
    assert len(taken) <= 1 or sum(one.file_count for one in taken) <= file_limit
    if len(taken) < min(limit, len(manifests)):
        assert taken
        assert sum(one.file_count for one in manifests[: len(taken) + 1]) > file_limit


def test_a_load_too_small_to_fill_manifests_has_at_most_twice_the_runs() -> None:
    """What came in `max_wait_minutes` is in the batches of two shards, because two writers met."""
    rate = 1.0
    load = replace(KNOWN.reference, files_per_day=rate * 86_400, burst_factor=1)
    outcome = simulate(list(arrivals([(4 * HOUR, rate)])), plant(load, PROD, KNOWN.figures))
    most = files_per_manifest(load, PROD)
    assert most / 2 <= len(outcome.latencies) / len(outcome.runs) <= most * 1.4
