"""Several handlers at once, in any order and with any faults: hypothesis looks for what the other tests do not expect.

A handler is interrupted before one of its calls, another one's whole run takes place, and it goes on. With messages,
records and events that come twice, flags that are flipped and clocks that go on, this is what AWS can do to it.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from ndjson_parquet.shards import ShardChoice
from tests.component.control_plane import PlaneClients
from tests.component.processor import GONE, End
from tests.component.world import DAY, World
from tests.deep import DEEP
from tests.faults import Fault, Happening

SHARDS = 3
BUILDERS = 3
NAMES = [*(f"f{number}.ndjson" for number in range(12)), f"{GONE}.ndjson", "p-2026-11-19.ndjson", "bad.csv"]
INTERRUPTIONS = ("receive", "stream", "sweep", "announce", "claim", "end", "time passes")

REQUESTS: tuple[dict[str, Any], ...] = (
    {"action": "replay", "prefix": DAY},
    {"action": "replay", "prefix": DAY, "again": True},
    {"action": "release", "keys": [f"{DAY}bad.csv"]},
    {"action": "reconcile", "dates": ["2026-11-20"]},
    {"action": "reconcile", "dates": ["2026-11-20"], "by": "schedule"},
    {"action": "retry", "all_failed": True},
    {"action": "flush"},
)

plans = st.dictionaries(
    st.one_of(st.integers(1, 6), st.integers(1, 24)),
    st.one_of(st.sampled_from(Fault), st.sampled_from(INTERRUPTIONS)),
    max_size=3,
)
some = st.integers(0, 5)


class Interleavings(RuleBasedStateMachine):
    """One pipeline from its first file until all is at rest."""

    def __init__(self, clients: PlaneClients, counts: Counter[str]) -> None:
        super().__init__()
        self.world = World(clients, shards=SHARDS)
        self.counts = counts
        self.builders = [ShardChoice(SHARDS) for _ in range(BUILDERS)]
        counts["pipelines"] += 1

    @rule(names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=8), etag=st.sampled_from(["e1", "e1", "e2"]))
    def files_land(self, names: list[str], etag: str) -> None:
        for name in names:
            self.world.send(name, etag)

    @precondition(lambda self: self.world.queue)
    @rule(builder=st.integers(0, BUILDERS - 1), count=st.integers(1, 10), plan=plans)
    def messages_are_delivered(self, builder: int, count: int, plan: dict[int, Fault | str]) -> None:
        self.world.receive(list(self.world.queue)[:count], self.happenings(plan), self.builders[builder])

    @precondition(lambda self: self.world.streams_publish and self.world.watch.inserted)
    @rule(number=some, again=st.booleans(), plan=plans)
    def a_record_is_delivered(self, number: int, again: bool, plan: dict[int, Fault | str]) -> None:
        records = self.world.watch.inserted if again else self.world.waiting_records()
        if records:
            self.world.stream(number % len(records), self.happenings(plan), again=again)

    @precondition(lambda self: self.world.announced)
    @rule(number=some, again=st.booleans())
    def an_event_is_delivered(self, number: int, again: bool) -> None:
        self.world.announce(number % len(self.world.announced), again=again)

    @precondition(lambda self: self.world.states.running())
    @rule(number=some)
    def an_execution_claims(self, number: int) -> None:
        self.claim(number)

    @precondition(lambda self: self.world.states.running())
    @rule(number=some, how=st.one_of(st.just(End.SUCCEEDS), st.sampled_from(End)), plan=plans)
    def an_execution_ends(self, number: int, how: End, plan: dict[int, Fault | str]) -> None:
        running = self.world.states.running()
        self.world.end(running[number % len(running)], how, self.happenings(plan))

    @rule(plan=plans)
    def the_sweep_runs(self, plan: dict[int, Fault | str]) -> None:
        self.world.sweep(self.happenings(plan))

    @rule(request=st.sampled_from(REQUESTS), plan=plans)
    def an_operator_asks(self, request: dict[str, Any], plan: dict[int, Fault | str]) -> None:
        self.world.ask(plan=self.happenings(plan), **request)

    @rule(minutes=st.sampled_from([1, 3, 6, 16]))
    def time_passes(self, minutes: int) -> None:
        self.world.wait(minutes)

    @rule(flag=st.sampled_from(["streams_publish", "events_start"]))
    def a_flag_is_flipped(self, flag: str) -> None:
        setattr(self.world, flag, not getattr(self.world, flag))

    @invariant()
    def manifests_are_whole(self) -> None:
        self.counts["steps"] += 1
        self.world.watch.check_objects()

    def teardown(self) -> None:
        self.world.settle()
        self.counts["runs of handlers"] += self.world.runs
        self.counts["faults and interruptions"] += self.world.happened
        self.counts["looks at the table"] += self.world.watch.looks
        self.counts["manifests"] += len(self.world.watch.inserted)

    def happenings(self, plan: dict[int, Fault | str]) -> dict[int | str, Happening]:
        return {
            number: what if isinstance(what, Fault) else partial(self.interruption, what)
            for number, what in plan.items()
        }

    def interruption(self, what: str) -> None:
        """Something else happens in the middle of a handler's run."""
        world = self.world
        doings: dict[str, Callable[[], None]] = {
            "receive": lambda: world.receive(list(world.queue)[-3:], shards=self.builders[-1]),
            "stream": lambda: world.stream() if world.streams_publish and world.waiting_records() else None,
            "sweep": world.sweep,
            "announce": lambda: world.announce() if world.announced else None,
            "claim": lambda: self.claim(0) if world.states.running() else None,
            "end": lambda: world.end(world.states.running()[0]) if world.states.running() else None,
            "time passes": lambda: world.wait(3),
        }
        doings[what]()

    def claim(self, number: int) -> None:
        running = self.world.states.running()
        execution = running[number % len(running)]
        if not execution.has_claimed:
            self.world.processor.claim(execution)


def test_nothing_is_lost_or_twice_or_stuck(clients: PlaneClients) -> None:
    counts: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: Interleavings(clients, counts),  # type: ignore[arg-type]
        settings=settings(
            max_examples=200 if DEEP else 15,
            stateful_step_count=50 if DEEP else 25,
            derandomize=not DEEP,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    print(dict(counts))  # noqa: T201 - shown by -rP
