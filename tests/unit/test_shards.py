"""Which open batch a writer that meets others goes to."""

from datetime import UTC, datetime, timedelta

import pytest

from ndjson_parquet.shards import STAY, ShardChoice

NOW = datetime(2026, 11, 20, 16, 10, tzinfo=UTC)


def test_a_writer_moves_to_the_next_shard_and_comes_back_after_a_while() -> None:
    choice = ShardChoice(3)
    assert choice.current(NOW) == 0
    choice.conflict(NOW)
    assert choice.current(NOW + STAY - timedelta(seconds=1)) == 1
    assert choice.current(NOW + STAY) == 0


@pytest.mark.parametrize(("shards", "visited"), [(1, [0, 0, 0]), (2, [1, 0, 1]), (4, [1, 2, 3])])
def test_conflicts_in_a_row_lead_through_all_shards(shards: int, visited: list[int]) -> None:
    choice = ShardChoice(shards)
    found = []
    for _ in visited:
        choice.conflict(NOW)
        found.append(choice.current(NOW))
    assert found == visited
