"""The batching rule under any sequence of arrivals."""

from collections import defaultdict
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ndjson_parquet.batching import Limits, OpenBatch, Plan, flush, is_due, plan
from ndjson_parquet.landing import LandedFile
from tests.factories import NOW, landed

limits = st.builds(Limits, max_files=st.integers(1, 7), max_bytes=st.integers(1, 5000))
arrivals = st.lists(st.lists(st.integers(1, 6000), max_size=12), max_size=8)


def run(sizes: list[list[int]], bounds: Limits) -> tuple[list[Plan], list[LandedFile]]:
    """Plans for deliveries of files with these sizes, one after the other."""
    state = OpenBatch("2026-11-20", shard=0)
    plans, sent = [], []
    for number, delivery in enumerate(sizes):
        files = [landed(f"{number}-{i}.ndjson", size=size) for i, size in enumerate(delivery)]
        plans.append(plan(state, files, bounds, NOW, token=f"{number:06x}"))
        sent += files
        state = plans[-1].after
    return plans, sent


def contents(plans: list[Plan]) -> dict[str, list[LandedFile]]:
    by_batch = defaultdict(list)
    for step in plans:
        for file, batch_id in step.assignments:
            by_batch[batch_id].append(file)
    return by_batch


@given(arrivals, limits)
def test_every_file_is_in_exactly_one_batch_in_order(sizes: list[list[int]], bounds: Limits) -> None:
    plans, sent = run(sizes, bounds)
    assert [file for step in plans for file, _ in step.assignments] == sent


@given(arrivals, limits)
def test_counts_and_bytes_are_those_of_the_files(sizes: list[list[int]], bounds: Limits) -> None:
    plans, _ = run(sizes, bounds)
    held = contents(plans)
    counted = {batch.batch_id: (batch.file_count, batch.total_bytes) for step in plans for batch in step.sealed}
    if plans and plans[-1].after.batch_id is not None:
        counted[plans[-1].after.batch_id] = (plans[-1].after.file_count, plans[-1].after.total_bytes)
    assert counted == {
        batch_id: (len(files), sum(file.size_bytes for file in files)) for batch_id, files in held.items()
    }


@given(arrivals, limits)
def test_no_batch_exceeds_a_limit_unless_one_file_alone_does(sizes: list[list[int]], bounds: Limits) -> None:
    plans, _ = run(sizes, bounds)
    for files in contents(plans).values():
        assert len(files) <= bounds.max_files
        assert sum(file.size_bytes for file in files) <= bounds.max_bytes or len(files) == 1


@given(arrivals, limits)
def test_a_batch_is_sealed_exactly_when_it_must_be(sizes: list[list[int]], bounds: Limits) -> None:
    """A sealed batch is full, or the file that came next would not have fitted; the open one is neither."""
    plans, sent = run(sizes, bounds)
    held = contents(plans)
    for step in plans:
        for batch in step.sealed:
            is_full = batch.file_count >= bounds.max_files or batch.total_bytes >= bounds.max_bytes
            following = sent.index(held[batch.batch_id][-1]) + 1
            assert is_full or batch.total_bytes + sent[following].size_bytes > bounds.max_bytes
        assert step.after.file_count < bounds.max_files
        assert step.after.total_bytes < bounds.max_bytes


@given(arrivals, limits)
def test_the_version_rises_by_one_with_every_plan(sizes: list[list[int]], bounds: Limits) -> None:
    plans, _ = run(sizes, bounds)
    assert [step.after.version for step in plans] == [step.before.version + 1 for step in plans]


@given(arrivals, limits)
def test_ids_of_batches_never_repeat(sizes: list[list[int]], bounds: Limits) -> None:
    plans, _ = run(sizes, bounds)
    sealed = [batch.batch_id for step in plans for batch in step.sealed]
    assert len(sealed) == len(set(sealed))


@given(st.lists(st.integers(1, 100), min_size=1, max_size=5), st.integers(1, 6))
def test_a_lowered_limit_seals_what_is_open(sizes: list[int], lowered: int) -> None:
    """Settings may change while a batch is open: it takes no file beyond the new limit."""
    [before], _ = run([sizes], Limits(max_files=10, max_bytes=10_000))
    step = plan(before.after, [landed("next.ndjson", size=1)], Limits(lowered, 10_000), NOW, token="ffffff")
    first = step.assignments[0][1]
    assert (first == before.after.batch_id) == (len(sizes) < lowered)


@given(st.integers(0, 5), st.integers(0, 90), st.integers(1, 6))
def test_flush_is_due_by_age_or_for_a_date_that_is_over(files: int, minutes: int, min_files: int) -> None:
    [step], _ = run([[10] * files], Limits(100, 10_000))
    now = NOW + timedelta(minutes=minutes)
    for day_later, date_is_over in ((now, False), (now + timedelta(days=1), True)):
        max_wait = timedelta(minutes=30) + (day_later - now)
        expected = files > 0 and (minutes >= 30 or (date_is_over and files >= min_files))
        assert is_due(step.after, day_later, max_wait, min_files) == expected


@given(st.lists(st.integers(1, 100), min_size=1, max_size=5))
def test_flush_seals_what_is_open_and_leaves_nothing(sizes: list[int]) -> None:
    [before], _ = run([sizes], Limits(max_files=10, max_bytes=10_000))
    step = flush(before.after)
    [sealed] = step.sealed
    assert (sealed.batch_id, sealed.file_count, sealed.total_bytes) == (
        before.after.batch_id,
        len(sizes),
        sum(sizes),
    )
    assert (step.after.batch_id, step.after.file_count, step.after.version) == (None, 0, before.after.version + 1)
