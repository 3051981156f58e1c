"""Every call of every handler fails, loses its answer, or is the last thing before or after the handler's death.

Afterwards AWS does what it does: what failed comes again, executions go on, sweeps run. At rest nothing is lost,
nothing is there twice, nothing waits. The same holds when another handler's whole run takes place before the call.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from ndjson_parquet.breaker import FAILURES_TO_OPEN
from tests.component.control_plane import PlaneClients
from tests.component.processor import GONE, End
from tests.component.world import DAY, NO_FAULT, World
from tests.deep import DEEP
from tests.faults import Fault, Happening, Plan, changes_something

RecordProperty = Callable[[str, object], None]


@dataclass(frozen=True)
class Scenario:
    """`prepare` brings a world to where `act` is one run of a handler."""

    name: str
    prepare: Callable[[World], None]
    act: Callable[[World, Plan], None]
    streams: bool = False
    events: bool = False
    attempts: int = 3
    only_deep: bool = False
    interrupted_by: tuple[Callable[[World], None], ...] = ()
    """What happens before each of its calls; with DEEP, everything does."""

    def __str__(self) -> str:
        return self.name

    def world(self, clients: PlaneClients) -> World:
        world = World(clients, shards=1, attempts=self.attempts, sweep_every=timedelta(minutes=16))
        world.streams_publish, world.events_start = self.streams, self.events
        self.prepare(world)
        return world


def nothing(world: World) -> None:
    """The first files of a date wait in the queue."""
    world.send("a.ndjson")
    world.send("b.ndjson")


def half_full(world: World) -> None:
    """A delivery that fills the open batch, repeats files old and new, and brings one to be refused."""
    nothing(world)
    world.receive()
    world.send("b.ndjson")
    world.send("c.ndjson", times=2)
    world.send("d.csv")


def full(world: World) -> None:
    """A delivery that opens a batch and fills it."""
    nothing(world)
    world.send("c.ndjson")


def emptied(world: World) -> None:
    """The batch before is sealed, so that nothing but its version tells two writers apart who each open the next."""
    full(world)
    world.receive()
    world.send("d.ndjson")


def waiting(world: World) -> None:
    """An open batch that is due."""
    nothing(world)
    world.receive()
    world.wait(16)


def sealed(world: World) -> None:
    """A manifest that nobody has published."""
    streams, world.streams_publish = world.streams_publish, True
    for name in ("a.ndjson", "b.ndjson", f"{GONE}.ndjson"):
        world.send(name)
    world.receive()
    world.streams_publish = streams
    world.wait(2)


def sealed_behind_breaker(world: World) -> None:
    """As above, and the breaker has been open for long enough to be tried."""
    for _ in range(FAILURES_TO_OPEN):
        world.plane.breaker.failed(world.plane.breaker.read(), world.plane.now)
    sealed(world)
    world.wait(5)


def one_failure_short(world: World) -> None:
    """As `sealed`, and one more failure opens the breaker."""
    for _ in range(FAILURES_TO_OPEN - 1):
        world.plane.breaker.failed(world.plane.breaker.read(), world.plane.now)
    sealed(world)


def started(world: World) -> None:
    """An execution runs that has not claimed its manifest."""
    sealed(world)
    world.sweep()
    if world.events_start:
        world.announce()


def ended(how: End) -> Callable[[World], None]:
    """The execution has ended so, and the sweep has not looked at it yet."""

    def prepare(world: World) -> None:
        started(world)
        world.end(world.states.running()[0], how)
        world.wait(6)

    return prepare


def converted(world: World) -> None:
    """A manifest of three files is done, one of which was gone, and a file lies in quarantine."""
    started(world)
    world.end(world.states.running()[0])
    world.receive(world.send("d.csv"))
    world.wait(1)


def converted_and_gone(world: World) -> None:
    """As above, and what landed has been removed since."""
    converted(world)
    world.remove("d.csv")


def open_batch(world: World) -> None:
    """An open batch that is not due."""
    nothing(world)
    world.receive()


def exhausted(world: World) -> None:
    """A manifest that failed for the last time."""
    started(world)
    world.end(world.states.running()[0], End.GLUE_FAILS)
    world.wait(6)


def event_lost(world: World) -> None:
    """Files landed whose events are not delivered, beside one that is."""
    nothing(world)
    world.receive(world.send("c.ndjson"))
    world.queue.clear()
    world.wait(20)


def replay(world: World, plan: Plan) -> None:
    """All that landed, once more: of the file that is released already, and of that which was not there, too."""
    world.conversions = dict.fromkeys((f"{DAY}a.ndjson", f"{DAY}b.ndjson", f"{DAY}{GONE}.ndjson"), 2)
    world.ask("replay", plan, prefix=DAY, again=True)


def release(world: World, plan: Plan) -> None:
    world.conversions = {f"{DAY}d.csv": 1}
    world.ask("release", plan, keys=[f"{DAY}d.csv"])


def retry(world: World, plan: Plan) -> None:
    world.ask("retry", plan, all_failed=True)


def flush(world: World, plan: Plan) -> None:
    world.ask("flush", plan)


def reconcile(world: World, plan: Plan) -> None:
    world.ask("reconcile", plan, dates=["2026-11-20"])


def scheduled_reconcile(world: World, plan: Plan) -> None:
    world.ask("reconcile", plan, dates=["2026-11-20"], by="schedule")


def receive(world: World, plan: Plan) -> None:
    world.receive(plan=plan)


def stream(world: World, plan: Plan) -> None:
    world.stream(plan=plan)


def stream_with_refused_start(world: World, plan: Plan) -> None:
    world.stream(plan={"stepfunctions.start_execution": Fault.REFUSED, **plan})


def sweep(world: World, plan: Plan) -> None:
    world.sweep(plan)


def end(how: End) -> Callable[[World, Plan], None]:
    return lambda world, plan: world.end(world.states.running()[0], how, plan)


def executions_go_on(world: World) -> None:
    for execution in world.states.running():
        world.end(execution)


def other_files_are_received(world: World) -> None:
    world.receive([*world.send("x.ndjson"), *world.send("y.ndjson")])


def a_sweep_runs_later(world: World) -> None:
    world.wait(16)
    world.sweep()
    executions_go_on(world)


def records_are_streamed(world: World) -> None:
    for number in range(len(world.watch.inserted)):
        world.stream(number, again=True)


Interruption = Callable[[World], None]
INTERRUPTIONS: tuple[Interruption, ...] = (
    World.receive,
    other_files_are_received,
    a_sweep_runs_later,
    records_are_streamed,
    executions_go_on,
)


SCENARIOS = (
    Scenario("the first files of a date", nothing, receive, only_deep=True),
    Scenario("a delivery is tracked, sealed, published and started", half_full, receive, interrupted_by=INTERRUPTIONS),
    Scenario("the next batch is opened", emptied, receive, interrupted_by=INTERRUPTIONS),
    Scenario("a delivery is tracked, sealed, published and announced", full, receive, events=True),
    Scenario("a delivery is tracked and sealed for the stream", half_full, receive, streams=True),
    Scenario("a stream record is published and started", sealed, stream, streams=True),
    Scenario("a stream record is published and announced", sealed, stream, streams=True, events=True, only_deep=True),
    Scenario("a start fails and opens the breaker", one_failure_short, stream_with_refused_start, streams=True),
    Scenario("the sweep flushes", waiting, sweep, interrupted_by=(other_files_are_received,)),
    Scenario("the sweep publishes what is pending", sealed, sweep),
    Scenario("the sweep announces what is pending", sealed, sweep, events=True, only_deep=True),
    Scenario("the sweep tries a breaker that was open", sealed_behind_breaker, sweep),
    Scenario(
        "the sweep retries what failed",
        ended(End.GLUE_FAILS),
        sweep,
        only_deep=True,
        interrupted_by=(a_sweep_runs_later,),
    ),
    Scenario("the sweep frees what was stopped", ended(End.STOPPED_BEFORE_COMMIT), sweep, only_deep=True),
    Scenario(
        "the sweep frees what was stopped late", ended(End.STOPPED_AFTER_COMMIT), sweep, events=True, only_deep=True
    ),
    Scenario(
        "the sweep gives up what was stopped", ended(End.STOPPED_BEFORE_COMMIT), sweep, attempts=1, only_deep=True
    ),
    Scenario("the sweep gives up what was stopped late", ended(End.STOPPED_AFTER_COMMIT), sweep, attempts=1),
    Scenario("the sweep frees a name", ended(End.STOPPED_BEFORE_CLAIM), sweep),
    Scenario("the sweep finishes the files", ended(End.UPDATER_LOST), sweep),
    Scenario("the sweep fails the files", ended(End.FAILED_AND_UPDATER_LOST), sweep, attempts=1, only_deep=True),
    Scenario("an operator replays", converted, replay, interrupted_by=(a_sweep_runs_later, World.receive)),
    Scenario("an operator releases", converted, release, interrupted_by=(World.receive,)),
    Scenario("an operator releases what is gone", converted_and_gone, release, only_deep=True),
    Scenario("an operator retries", exhausted, retry, attempts=1, only_deep=True, interrupted_by=(a_sweep_runs_later,)),
    Scenario("an operator flushes", open_batch, flush, only_deep=True),
    Scenario("an operator reconciles", event_lost, reconcile, only_deep=True, interrupted_by=(World.receive,)),
    Scenario("the schedule reconciles", event_lost, scheduled_reconcile, interrupted_by=(a_sweep_runs_later,)),
    Scenario("the files are completed", started, end(End.SUCCEEDS)),
    Scenario("the files are failed", started, end(End.GLUE_FAILS), only_deep=True),
    Scenario("the files are completed after a failure", started, end(End.GLUE_FAILS_AFTER_COMMIT), attempts=1),
    Scenario("the files are failed for good", started, end(End.GLUE_FAILS), attempts=1),
)


def faults(made: Sequence[str]) -> Iterator[tuple[int, Fault]]:
    """Every fault at every call; unless DEEP, without those that leave AWS and the handler as another one does.

    The answer of a call that reads may be lost or never given: the handler sees an error. A killed handler leaves what
    it has written, so between two writes one death is as good as any.
    """
    for number, call in enumerate(made, start=1):
        for fault in Fault:
            is_its_own = fault is Fault.REFUSED or (changes_something(call) and fault is not Fault.KILLED_BEFORE)
            if DEEP or is_its_own or (number, fault) == (1, Fault.KILLED_BEFORE):
                yield number, fault


def calls_of(scenario: Scenario, clients: PlaneClients) -> list[str]:
    """The calls of the handler's run when nothing happens."""
    world = scenario.world(clients)
    scenario.act(world, NO_FAULT)
    made = world.made
    world.settle()
    return made


def try_at(scenario: Scenario, clients: PlaneClients, number: int, what: Callable[[World], Happening]) -> None:
    """One run in which that happens at a call, and all that follows until everything is at rest."""
    world = scenario.world(clients)
    scenario.act(world, {number: what(world)})
    assert world.happened >= 1
    world.settle()


def report(record_property: RecordProperty, scenario: Scenario, calls: int, tried: int) -> None:
    record_property("calls", calls)
    record_property("points tried", tried)
    print(f"{scenario.name}: {calls} calls, {tried} points tried")  # noqa: T201 - shown by -rP


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if DEEP or not s.only_deep], ids=str)
def test_whatever_becomes_of_a_call(scenario: Scenario, clients: PlaneClients, record_property: RecordProperty) -> None:
    made = calls_of(scenario, clients)
    tried = list(faults(made))
    for number, fault in tried:
        try:
            try_at(scenario, clients, number, lambda _, fault=fault: fault)  # type: ignore[misc]
        except AssertionError as error:
            error.add_note(f"call {number} of {len(made)}, {made[number - 1]}, {fault}")
            raise
    report(record_property, scenario, len(made), len(tried))


@pytest.mark.parametrize(
    ("scenario", "interruption"),
    [(scenario, one) for scenario in SCENARIOS for one in (INTERRUPTIONS if DEEP else scenario.interrupted_by)],
    ids=lambda value: str(value) if isinstance(value, Scenario) else value.__name__,
)
def test_whatever_happens_before_a_call(
    scenario: Scenario, interruption: Interruption, clients: PlaneClients, record_property: RecordProperty
) -> None:
    made = calls_of(scenario, clients)
    for number, call in enumerate(made, start=1):
        try:
            try_at(scenario, clients, number, lambda world: partial(interruption, world))
        except AssertionError as error:
            error.add_note(f"call {number} of {len(made)}, {call}, {interruption.__name__}")
            raise
    report(record_property, scenario, len(made), len(made))
