"""A tracking table that goes back in time, is torn or is empty: told again from the manifest bucket, nothing is lost
and nothing converted twice.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from ndjson_parquet.items import to_item
from tests.component.control_plane import ControlPlane, PlaneClients
from tests.component.processor import End
from tests.component.test_actions import land, outcomes, receive
from tests.component.test_interleavings import SHARDS, Interleavings
from tests.component.watch import FILE_STEPS, MANIFEST_STEPS
from tests.component.world import World
from tests.deep import DEEP
from tests.factories import PREFIX
from tests.faults import Calls, Fault, FaultyClient, Killed

Items = list[dict[str, Any]]
LANDING = f"{PREFIX}2026-11-20/"
NEW_ALONE = {
    **{f"{LANDING}{name}.ndjson": "forgotten" for name in "abc"},
    f"{LANDING}new.ndjson": "announced",
}


def rebuild(plane: ControlPlane, *, shards: int = SHARDS, **parameters: Any) -> Counter[str]:
    """All of it; what was done, by outcome."""
    done = plane.operations(shards=shards).all("rebuild", **parameters)
    return Counter({name: number for name, number in done.items() if name != "manifests"})


def through(plane: ControlPlane, calls: Calls) -> ControlPlane:
    """The same resources, by clients whose calls are counted."""
    wrapped = {name: FaultyClient(getattr(plane.clients, name), calls) for name in ("dynamodb", "s3")}
    return plane.through(replace(plane.clients, **wrapped))


def contents(plane: ControlPlane) -> Items:
    """Every item as DynamoDB has it."""
    pages = plane.dynamodb.get_paginator("scan").paginate(TableName=plane.table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def put_back(plane: ControlPlane, items: Items) -> None:
    """The table holds these items and no others."""
    for item in contents(plane):
        key = {name: item[name] for name in ("date_prefix", "file_key")}
        plane.dynamodb.delete_item(TableName=plane.table, Key=key)
    for item in items:
        plane.dynamodb.put_item(TableName=plane.table, Item=item)


def put_plain(plane: ControlPlane, item: dict[str, Any]) -> None:
    plane.dynamodb.put_item(TableName=plane.table, Item=to_item(item))


def announce_what_is_unknown(world: World) -> int:
    """Have every object announced that the table does not know; how many."""
    world.watch.look(compares=False)
    waiting = len(world.queue)
    assert world.reconcile(["2026-11-19", "2026-11-20"])
    return len(world.queue) - waiting


def files_by_manifest(world: World) -> Counter[tuple[str, str]]:
    """How many committed manifests name a file."""
    objects = world.plane.manifest_objects()
    return Counter((file["uri"], file["etag"]) for batch in world.processor.commits for file in objects[batch]["files"])


def converted_after_the_backup(clients: PlaneClients) -> tuple[World, Items]:
    """At the backup a batch of three is open with two files; since then it was sealed, and the next one too."""
    world = World(clients, shards=1)
    world.send("a.ndjson")
    world.send("b.ndjson")
    world.receive()
    backup = contents(world.plane)
    for name in ("c.ndjson", "d.ndjson", "e.ndjson", "gone.ndjson"):
        world.send(name)
    world.receive()
    world.carry_on()
    assert len(world.processor.commits) == 2
    return world, backup


@pytest.mark.parametrize("is_empty", [False, True], ids=["an hour ago", "empty"])
def test_what_was_converted_since_the_backup_is_not_converted_again(clients: PlaneClients, is_empty: bool) -> None:
    world, backup = converted_after_the_backup(clients)
    before = {key: item["status"] for key, item in world.plane.items().items() if "status" in item}
    put_back(world.plane, [] if is_empty else backup)
    assert rebuild(world.plane)["manifest_rebuilt"] == 2
    assert announce_what_is_unknown(world) == 0
    world.settle()
    assert {key: item["status"] for key, item in world.plane.items().items() if "status" in item} == before
    assert set(files_by_manifest(world).values()) == {1}
    assert world.plane.statuses()["gone.ndjson"] == "failed#0"


def test_without_a_rebuild_files_are_converted_twice(clients: PlaneClients) -> None:
    """Why it is needed: S3 may send an event once more at any time."""
    world, backup = converted_after_the_backup(clients)
    put_back(world.plane, backup)
    world.watch.look(compares=False)
    for name in ("c", "d", "e"):
        world.send(f"{name}.ndjson")
    world.carry_on()
    for _ in range(9):
        world.wait(5)
        world.sweep()
        for execution in world.states.running():
            world.end(execution)
    assert 2 in files_by_manifest(world).values()


@pytest.fixture
def forgotten(plane: ControlPlane) -> ControlPlane:
    """Three files are converted and one is not; the table has lost all of them."""
    land(plane, "a.ndjson", "b.ndjson", "c.ndjson")
    plane.use_real_time()
    plane.operations().all("replay", prefix=LANDING)
    receive(plane, max_files=3)
    land(plane, "new.ndjson")
    put_back(plane, [])
    return plane


def test_what_a_manifest_names_is_not_announced_before_the_rebuild(forgotten: ControlPlane) -> None:
    """The schedule may be faster than the person who restores the table."""
    forgotten.now += timedelta(hours=1)
    answer = forgotten.operations().ask("reconcile", dates=["2026-11-20"])
    assert (answer["counts"]["forgotten"], answer["counts"]["enqueued"]) == (3, 1)
    assert outcomes(forgotten.operations().ask("replay", prefix=LANDING)) == NEW_ALONE
    rebuild(forgotten)
    assert forgotten.operations().ask("replay", prefix=LANDING)["counts"]["tracked"] == 3


def test_objects_older_than_the_table_remembers_are_announced_when_that_is_asked_for(forgotten: ControlPlane) -> None:
    forgotten.now += timedelta(days=40)
    assert set(outcomes(forgotten.operations().ask("replay", prefix=LANDING)).values()) == {"too_old"}
    assert outcomes(forgotten.operations().ask("replay", prefix=LANDING, old=True)) == NEW_ALONE


def test_a_table_that_forgot_nothing_is_only_read(clients: PlaneClients) -> None:
    world, _ = converted_after_the_backup(clients)
    before = contents(world.plane)
    calls = Calls()
    counts = rebuild(through(world.plane, calls), shards=1)
    assert counts == {}
    assert {call for call in calls.made if call.startswith("dynamodb.")} <= {
        "dynamodb.query",
        "dynamodb.get_item",
        "dynamodb.transact_get_items",
    }
    assert contents(world.plane) == before


@pytest.mark.parametrize("lacks", ["BATCH#0", "MEMBERS#", "a.ndjson"])
def test_a_transaction_of_which_one_half_was_restored(clients: PlaneClients, lacks: str) -> None:
    world = World(clients, shards=1)
    world.send("a.ndjson")
    world.send("b.ndjson")
    world.receive()
    put_back(world.plane, [item for item in contents(world.plane) if not item["file_key"]["S"].startswith(lacks)])
    assert rebuild(world.plane)["file_forgotten"] == 2 - (lacks == "a.ndjson")
    assert announce_what_is_unknown(world) == 2
    world.settle()
    assert set(files_by_manifest(world).values()) == {1}


def test_a_piece_that_has_no_time_left_is_carried_on(clients: PlaneClients) -> None:
    world, backup = converted_after_the_backup(clients)
    put_back(world.plane, backup)
    hurried = world.plane.operations(shards=1, seconds=0)
    assert not hurried.ask("rebuild")["done"]
    assert hurried.all("rebuild", dates=["2026-11-19", "2026-11-20"])["manifests"] == 2
    assert rebuild(world.plane) == {}


def test_a_manifest_that_cannot_be_read_does_not_hold_up_the_others(clients: PlaneClients) -> None:
    world, backup = converted_after_the_backup(clients)
    put_back(world.plane, backup)
    world.plane.put_json("manifests/2026-11-20/0.json", {"files": "none"})
    assert rebuild(world.plane) == {"failed": 1, "batch_closed": 1, "manifest_rebuilt": 2}


def test_only_manifests_written_since_a_time_are_looked_at_and_what_was_open(clients: PlaneClients) -> None:
    world, backup = converted_after_the_backup(clients)
    put_back(world.plane, backup)
    assert rebuild(world.plane, since="2099-01-01T00:00:00Z") == {"batch_closed": 1, "manifest_rebuilt": 1}
    assert rebuild(world.plane) == {"manifest_rebuilt": 1}


def test_a_dry_run_says_the_same_and_writes_nothing(clients: PlaneClients) -> None:
    world, backup = converted_after_the_backup(clients)
    put_back(world.plane, backup)
    before = contents(world.plane)
    said = rebuild(world.plane, dry_run=True)
    assert contents(world.plane) == before
    done = rebuild(world.plane)
    assert done == said and done["manifest_rebuilt"] == 2 and done["batch_closed"] == 1


def test_a_manifest_that_was_not_converted_yet_is_started(clients: PlaneClients) -> None:
    world = World(clients, shards=1)
    for name in ("a.ndjson", "b.ndjson", "c.ndjson"):
        world.send(name)
    world.receive()
    [execution] = world.states.running()
    world.end(execution, End.STOPPED_BEFORE_CLAIM)
    put_back(world.plane, [])
    rebuild(world.plane)
    assert [item["status"] for item in world.plane.manifest_items()] == ["pending"]
    world.watch.look(compares=False)
    world.settle()
    assert set(files_by_manifest(world).values()) == {1}


def test_a_file_that_is_in_two_batches_is_told(clients: PlaneClients) -> None:
    """Somebody announced it before the table was rebuilt."""
    world, backup = converted_after_the_backup(clients)
    put_back(world.plane, backup)
    world.watch.look(compares=False)
    world.send("d.ndjson")
    world.receive(list(world.queue)[-1:])
    assert rebuild(world.plane)["file_in_two_batches"] == 1


def test_a_quarantined_file_that_was_released_since_belongs_to_its_manifest(clients: PlaneClients) -> None:
    world, backup = converted_after_the_backup(clients)
    put_back(world.plane, backup)
    [item] = [item for key, item in world.plane.items().items() if key.startswith("a.ndjson")]
    item = {name: value for name, value in item.items() if name != "batch_id"}
    put_plain(world.plane, item | {"status": "quarantined#0", "ttl": 1, "error_message": "too_small"})
    rebuild(world.plane)
    [after] = [item for key, item in world.plane.items().items() if key.startswith("a.ndjson")]
    assert (after["status"], "error_message" in after) == ("completed#0", False)


@pytest.mark.parametrize("fault", list(Fault) if DEEP else [Fault.KILLED_AFTER], ids=lambda one: one.name)
def test_a_rebuild_may_be_cut_short_at_any_call(clients: PlaneClients, fault: Fault) -> None:
    world, backup = converted_after_the_backup(clients)
    expected = {key: item["status"] for key, item in world.plane.items().items() if "status" in item}
    calls = Calls()
    for number in count(1):
        put_back(world.plane, backup)
        calls = Calls({number: fault})
        with suppress(Killed, BotoCoreError):
            rebuild(through(world.plane, calls), shards=1)
        rebuild(world.plane)
        assert {key: item["status"] for key, item in world.plane.items().items() if "status" in item} == expected
        if not calls.happened:
            break
    assert len(calls.made) > 20


class Restores(Interleavings):
    """As its parent, and the table goes back to a backup. One half of a backup may be older than the other."""

    def __init__(self, clients: PlaneClients, counts: Counter[str]) -> None:
        super().__init__(clients, counts)
        # An execution goes on while its attempt is forgotten, and a file while it is `pending` once more.
        self.world.watch.manifest_steps = MANIFEST_STEPS | {("pending", "failed")}
        self.world.watch.file_steps = FILE_STEPS | {("pending", "completed"), ("pending", "failed")}
        self.backup: Items = []
        self.earlier: Items = []

    @rule()
    def one_half_is_backed_up(self) -> None:
        self.earlier = half(contents(self.world.plane), 0)

    @rule()
    def the_other_half_is_backed_up(self) -> None:
        self.backup = self.earlier + half(contents(self.world.plane), 1)

    @rule()
    def the_table_is_backed_up(self) -> None:
        self.backup = contents(self.world.plane)

    @rule()
    def the_table_goes_back(self) -> None:
        """As the runbook has it: nothing is taken in between the restore and the rebuild."""
        put_back(self.world.plane, self.backup)
        rebuild(self.world.plane)
        self.counts["files announced again"] += announce_what_is_unknown(self.world)
        self.counts["restores"] += 1

    @invariant()
    def manifests_are_whole(self) -> None:
        self.counts["steps"] += 1

    def teardown(self) -> None:
        for _ in range(5):
            self.world.carry_on()
        super().teardown()
        assert set(files_by_manifest(self.world).values()) <= {1}


def half(items: Iterable[dict[str, Any]], which: int) -> Items:
    return [item for item in items if sum(item["file_key"]["S"].encode()) % 2 == which]


def test_nothing_is_lost_or_twice_when_the_table_goes_back(clients: PlaneClients) -> None:
    counts: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: Restores(clients, counts),  # type: ignore[arg-type]
        settings=settings(
            max_examples=200 if DEEP else 10,
            stateful_step_count=50 if DEEP else 25,
            derandomize=not DEEP,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    print(dict(counts))  # noqa: T201 - shown by -rP
