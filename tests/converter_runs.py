"""Runs of the converter's job whose calls are counted, so that a test can have something happen at each of them."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any, Self

from botocore.exceptions import BotoCoreError

from ndjson_converter.catalog import Catalog
from ndjson_converter.errors import ConversionError, NotFoundError, StorageError
from ndjson_converter.job import Job, Outcome
from ndjson_converter.s3 import Store
from tests.converter_support import (
    COMMIT,
    DATE,
    PART_PREFIX,
    REJECTS,
    START,
    InProcessCluster,
    MemoryStore,
    arguments,
    put_batch,
    read_json,
    read_rows,
)
from tests.faults import Calls, Killed, Plan
from tests.glue_table import GlueTable

FILES = {
    "a.ndjson": b"".join(b'{"id":%d,"amount":%d.10}\n' % (number, number) for number in range(1, 13)),
    "b.ndjson": b'{"id":13}\nbroken\n\n{"id":14,"amount":null,"tags":["x"]}',
    "c.ndjson.gz": b"no gzip",
    "d.ndjson": b'{"id":"15","Amount":9}\n{"id":16}\n{"id":17}\n{"id":18}\n',
    "e.ndjson": b"",
}
IDS = [str(number) for number in range(1, 19)]
COLUMNS = ["id", "amount", "tags", "amount__2", "_processing_timestamp", "_source_file", "_json_types"]
SOURCE = f"s3://input/landing/ndjson/{DATE}/d.ndjson"
KEPT = f"s3://quarantine/files/unreadable/{DATE}/landing/ndjson/{DATE}/c.ndjson.gz"
PATIENCE = 60
"""Seconds after which a run that should stand, or go on, never will."""


class CountedStore:
    """A store whose calls are `calls`; what fails there fails here as the real store does."""

    def __init__(self, store: Store, calls: Calls) -> None:
        self._store = store
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        return partial(self._call, name)

    def _call(self, name: str, *args: Any) -> Any:
        try:
            answer = self._calls.make(f"s3.{name}", partial(_answer, getattr(self._store, name)), *args)
        except BotoCoreError as error:
            raise StorageError(f"cannot {name}: {error}") from error
        if isinstance(answer, NotFoundError):
            raise answer
        return answer


def _answer(method: Callable[..., Any], *args: Any) -> Any:
    """What a call gives: that there is no such object is an answer too, which can be lost."""
    try:
        return method(*args)
    except NotFoundError as error:
        return error


class CountedTable:
    """A Glue client whose calls are `calls`."""

    exceptions = GlueTable.exceptions

    def __init__(self, table: GlueTable, calls: Calls) -> None:
        self._table = table
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        return partial(self._calls.make, f"glue.{name}", getattr(self._table, name))


@dataclass
class World:
    """A batch that is cut into parts, has rejects, a source that cannot be read and one that is empty."""

    store: MemoryStore = field(default_factory=MemoryStore)
    table: GlueTable = field(default_factory=lambda: GlueTable("id"))

    def __post_init__(self) -> None:
        put_batch(self.store, FILES, target_part_bytes=54)

    def attempt(self, number: int, calls: Calls | None = None) -> Outcome | None:
        """A run from start to end; None when it failed or was killed."""
        calls = calls or Calls()
        store = CountedStore(self.store, calls)
        catalog = Catalog(CountedTable(self.table, calls), "db", "records", pause=lambda _: None)  # type: ignore[arg-type]  # a fake
        job = Job(arguments(attempt=number), store, InProcessCluster(), catalog, lambda: START, read_ahead=0)
        try:
            return job.run()
        except (ConversionError, Killed):
            return None

    def visible(self) -> list[str]:
        """What a reader of parts, rejects or commit records can see."""
        return [uri for prefix in (PART_PREFIX, REJECTS, COMMIT) for uri in self.store.list_objects(prefix)]

    def check_record(self) -> None:
        """A commit record stands for all rows, each once, under the parts that it lists."""
        if COMMIT not in self.store.objects:
            return
        record = read_json(self.store, COMMIT)
        assert [part["uri"] for part in record["parts"]] == self.store.list_objects(PART_PREFIX)
        assert [row["id"] for row in read_rows(self.store)] == IDS
        rejects = [json.loads(line) for line in self.store.read(REJECTS).splitlines()]
        assert [(reject["line_number"], reject["raw"]) for reject in rejects] == [(2, "broken")]
        assert [entry["quarantined_uri"] for entry in record["missing"]] == [KEPT]
        assert self.store.read(KEPT) == FILES["c.ndjson.gz"]
        assert self.table.columns == COLUMNS

    def check_end(self) -> None:
        """The batch is committed, and nothing of any attempt is left."""
        assert COMMIT in self.store.objects
        self.check_record()
        assert self.store.uploads == {}


def calls_of_a_run() -> Sequence[str]:
    """The names of the calls of a run that nothing happens to."""
    calls = Calls()
    world = World()
    assert world.attempt(1, calls) == Outcome.COMMITTED
    world.check_end()
    return calls.made


def watched(world: World, plan: Plan | None = None) -> Calls:
    """Calls after each of which a reader looks."""
    return Calls(plan, after_each=lambda _: world.check_record())


class OtherRun:
    """A second run, in a thread of its own, that stops before one of its calls until the block ends."""

    def __init__(self, world: World, stops_before: int) -> None:
        self._world = world
        self._calls = watched(world, {stops_before: self._stop})
        self._stands, self._may_go_on = Event(), Event()
        self._pool = ThreadPoolExecutor(1)
        self._runs: list[Future[Outcome | None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._may_go_on.set()
        self._pool.shutdown()
        for run in self._runs:
            run.result()

    def start(self) -> None:
        """Returns when it stands, or has ended before it got so far."""
        run = self._pool.submit(self._world.attempt, 2, self._calls)
        run.add_done_callback(lambda _: self._stands.set())
        self._runs.append(run)
        assert self._stands.wait(PATIENCE)

    def _stop(self) -> None:
        self._stands.set()
        assert self._may_go_on.wait(PATIENCE)
