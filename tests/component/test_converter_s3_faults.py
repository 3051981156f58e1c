"""A run on a real S3 whose single calls fail or lose their answers: the next attempt commits, and nothing is left."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.embedded_aws import EmbeddedAws
from ndjson_converter.errors import ConversionError
from ndjson_converter.job import Job, Outcome
from ndjson_converter.s3 import S3Store
from tests.converter_runs import FILES, IDS
from tests.converter_support import (
    BUCKETS,
    COMMIT,
    PART_PREFIX,
    InProcessCluster,
    StoreOn,
    arguments,
    put_batch,
    read_json,
    read_rows,
)
from tests.deep import DEEP
from tests.faults import Calls, Fault, FaultyClient, changes_something


def empty(store: S3Store) -> None:
    for bucket in BUCKETS:
        store.delete(store.list_objects(f"s3://{bucket}/"))


class World:
    """A batch in buckets that hold nothing else."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.store = StoreOn(client=client)
        empty(self.store)
        assert self.open_uploads() == []
        put_batch(self.store, FILES, target_part_bytes=54)

    def attempt(self, number: int, calls: Calls) -> Outcome | None:
        store = StoreOn(client=FaultyClient(self._client, calls))
        try:
            return Job(arguments(attempt=number), store, InProcessCluster(), read_ahead=0).run()
        except ConversionError as error:
            assert "\n" not in str(error)
            return None

    def open_uploads(self) -> list[str]:
        return [upload.uri for bucket in BUCKETS for upload in self.store.list_uploads(f"s3://{bucket}/")]

    def check_end(self) -> None:
        record = read_json(self.store, COMMIT)
        assert [part["uri"] for part in record["parts"]] == self.store.list_objects(PART_PREFIX)
        assert [row["id"] for row in read_rows(self.store)] == IDS
        assert self.open_uploads() == []


@pytest.fixture
def client(buckets: EmbeddedAws) -> Iterator[Any]:
    client = buckets.client("s3")
    yield client
    empty(StoreOn(client=client))


def faults(made: list[str]) -> Iterator[tuple[int, Fault]]:
    """The first call of each kind fails, DEEP every one; and each answer is lost to a call that changes something."""
    for number, name in enumerate(made, start=1):
        if DEEP or name not in made[: number - 1]:
            yield number, Fault.REFUSED
        if changes_something(name):
            yield number, Fault.ANSWER_LOST


def test_whatever_becomes_of_a_call(client: Any, tmp_path: Path) -> None:
    calm = Calls()
    world = World(client)
    assert world.attempt(1, calm) == Outcome.COMMITTED
    world.check_end()
    for number, fault in faults(calm.made):
        world, calls = World(client), Calls({number: fault})

        outcome = world.attempt(1, calls)

        said = f"call {number} of {len(calm.made)}, {calm.made[number - 1]}, {fault}"
        assert calls.happened == 1, said
        assert world.open_uploads() == [], said
        assert outcome is None or number == len(calm.made), said
        world.attempt(2, Calls())
        world.check_end()
