"""Something happens to a run at every one of its calls: no partial visibility, no row twice, nothing left over."""

import pytest

from ndjson_converter.job import Outcome
from tests.converter_runs import SOURCE, OtherRun, World, calls_of_a_run, watched
from tests.converter_support import COMMIT, PART_PREFIX, REJECTS, REPORT, read_json
from tests.deep import DEEP
from tests.faults import Calls, Fault

# Prime: each call gets its turn, unless the number of calls is a multiple of it.
STRIDE = 1 if DEEP else 11


@pytest.fixture
def made() -> list[str]:
    return list(calls_of_a_run())


def check_visibility(world: World, made: list[str]) -> None:
    """Without a commit record, a part or the rejects can be seen only when the run got as far as publishing them."""
    world.check_record()
    if COMMIT not in world.store.objects:
        published = made.count("s3.complete_upload")
        assert len(world.visible()) <= published
        assert REJECTS not in world.visible() or published > len(world.store.list_objects(PART_PREFIX))


@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_a_call(made: list[str], fault: Fault) -> None:
    for number, name in enumerate(made, start=1):
        world, calls = World(), Calls({number: fault})

        outcome = world.attempt(1, calls)

        was_killed = fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
        assert calls.happened == 1, (number, name)
        assert outcome == (None if was_killed or number < len(made) else Outcome.COMMITTED), (number, name)
        check_visibility(world, calls.made)
        assert was_killed or world.store.uploads == {}, (number, name)
        is_committed = COMMIT in world.store.objects
        assert world.attempt(2) == (Outcome.ALREADY_COMMITTED if is_committed else Outcome.COMMITTED), (number, name)
        world.check_end()


def test_when_nothing_works_from_some_call_on(made: list[str]) -> None:
    """Not even cleaning up."""
    for number in range(1, len(made) + 1):
        world, calls = World(), Calls(dict.fromkeys(range(number, 3 * len(made)), Fault.REFUSED))

        world.attempt(1, calls)

        check_visibility(world, calls.made)
        assert world.attempt(2) is not None
        world.check_end()


def test_attempts_that_fail_one_after_the_other(made: list[str]) -> None:
    """Each gets one call further, in one world: what one leaves does not keep the next from its end."""
    for fault in (Fault.ANSWER_LOST, Fault.KILLED_AFTER):
        world = World()
        for number in range(1, len(made) + 1):
            world.attempt(number, watched(world, {number: fault}))
        world.attempt(len(made) + 1)
        world.check_end()


def test_another_run_at_any_call_of_a_run(made: list[str]) -> None:
    """The first one is the attempt that was given up and finishes late."""
    for number in range(1, len(made) + 1):
        world = World()
        outcomes: list[Outcome | None] = []

        def other(world: World = world, outcomes: list[Outcome | None] = outcomes) -> None:
            outcomes.append(world.attempt(2, watched(world)))

        world.attempt(1, watched(world, {number: other}))

        assert outcomes in ([Outcome.COMMITTED], [Outcome.ALREADY_COMMITTED])
        world.check_end()


def test_a_late_run_does_not_take_back_what_another_has_committed(made: list[str]) -> None:
    """It comes to a source that has been deleted since."""
    for number in range(1, len(made)):
        world = World()

        def other(world: World = world) -> None:
            world.attempt(2)
            del world.store.objects[SOURCE]

        world.attempt(1, watched(world, {number: other}))

        world.check_end()


def test_a_run_that_is_overtaken_says_so(made: list[str]) -> None:
    world = World()

    def other() -> None:
        world.attempt(2)

    assert world.attempt(1, Calls({made.index("s3.start_upload") + 1: other})) == Outcome.ALREADY_COMMITTED

    assert read_json(world.store, REPORT)["outcome"] == "already committed"
    assert read_json(world.store, COMMIT)["attempt"] == 2
    world.check_end()


def test_two_runs_that_take_turns(made: list[str]) -> None:
    """The first makes some calls, the second some, then the first goes on to its end, and the second after it."""
    turns = [(first, second) for first in range(1, len(made) + 1) for second in range(1, len(made) + 1)]
    assert len(made) % 11
    for first, second in turns[::STRIDE]:
        world = World()
        with OtherRun(world, stops_before=second) as other:
            world.attempt(1, watched(world, {first: other.start}))
        world.attempt(3)
        world.check_end()
