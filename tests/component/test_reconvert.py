"""A completed manifest that is to be converted once more: it is, or the next request has it, whatever fails."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from ndjson_parquet.store import ManifestStore
from tests.component.control_plane import ControlPlane, PlaneClients
from tests.component.world import CLIENTS, World
from tests.deep import DEEP
from tests.faults import Calls, Fault, FaultyClient, Killed

DAY = "2026-11-20"


@pytest.fixture
def world(clients: PlaneClients) -> World:
    """A manifest of three files, converted."""
    world = World(clients, shards=1)
    for name in ("a.ndjson", "b.ndjson", "c.ndjson"):
        world.send(name)
    world.receive()
    world.carry_on()
    return world


def reconvert(plane: ControlPlane, batch_id: str, **parameters: Any) -> list[str]:
    """What became of the manifest."""
    manifest = {"date_prefix": DAY, "batch_id": batch_id}
    plane.now += timedelta(seconds=1)
    answer = plane.operations().ask("reconvert", manifests=[manifest], **parameters)
    return [item["outcome"] for item in answer["items"]]


def has(plane: ControlPlane, folder: str, batch_id: str) -> bool:
    return ManifestStore(plane.s3, plane.manifests).exists(f"{folder}/{DAY}/{batch_id}.json")


def test_it_is_started_anew_and_its_commit_record_is_kept_aside(world: World) -> None:
    [batch_id] = world.processor.commits
    assert reconvert(world.plane, batch_id) == ["reconverted"]
    [manifest] = world.plane.manifest_items()
    assert (manifest["status"], manifest["attempts"], "ttl" in manifest) == ("pending", 2, False)
    assert (has(world.plane, "commits", batch_id), has(world.plane, "superseded", batch_id)) == (False, True)
    assert [execution.input["attempt"] for execution in world.states.running()] == [2]
    assert reconvert(world.plane, batch_id) == ["not_completed"]


def test_its_files_stay_completed_whether_it_succeeds_or_not(world: World) -> None:
    [batch_id] = world.processor.commits
    before = world.plane.statuses()
    reconvert(world.plane, batch_id)
    world.processor.commits.clear()
    world.watch.look(compares=False)
    world.carry_on()
    [manifest] = world.plane.manifest_items()
    assert (manifest["status"], "ttl" in manifest) == ("completed", True)
    assert world.plane.statuses() == before
    assert has(world.plane, "commits", batch_id)


def test_a_day_is_converted_in_pieces_and_up_to_a_limit(world: World) -> None:
    for name in ("d.ndjson", "e.ndjson", "f.ndjson"):
        world.send(name)
    world.receive()
    world.carry_on()
    world.plane.now += timedelta(seconds=1)
    hurried = world.plane.operations(seconds=0)
    planned = hurried.all("reconvert", dates=["2026-11-19", DAY], dry_run=True)
    assert (planned["reconverted"], planned["files"]) == (2, 6)
    assert hurried.all("reconvert", dates=["2026-11-19", DAY], limit=1)["limit_reached"] == 1
    assert [execution.input["attempt"] for execution in world.states.running()] == [2]


def test_the_same_request_goes_on_where_its_limit_ended_it(world: World) -> None:
    for name in ("d.ndjson", "e.ndjson", "f.ndjson"):
        world.send(name)
    world.receive()
    world.carry_on()
    at = (world.plane.now + timedelta(seconds=1)).isoformat()
    for _ in range(3):
        world.wait(1)
        world.plane.operations().all("reconvert", dates=[DAY], limit=1, at=at)
        world.processor.commits.clear()
        world.watch.look(compares=False)
        world.carry_on()
    assert [manifest["attempts"] for manifest in world.plane.manifest_items()] == [2, 2]


def test_a_dry_run_changes_nothing(world: World) -> None:
    [batch_id] = world.processor.commits
    before = world.plane.items()
    assert reconvert(world.plane, batch_id, dry_run=True) == ["reconverted"]
    assert (world.plane.items(), has(world.plane, "commits", batch_id)) == (before, True)


def test_a_manifest_that_the_table_has_forgotten(world: World) -> None:
    assert reconvert(world.plane, "20261120T161000-00-unknown") == ["not_found"]


@pytest.mark.parametrize("fault", list(Fault) if DEEP else [Fault.KILLED_AFTER], ids=lambda one: one.name)
def test_it_may_be_cut_short_at_any_call(world: World, fault: Fault) -> None:
    [batch_id] = world.processor.commits
    for number in count(1):
        [manifest] = world.plane.manifest_items()
        calls = Calls({number: fault})
        wrapped = {name: FaultyClient(getattr(world.plane.clients, name), calls) for name in CLIENTS}
        with suppress(Killed, BotoCoreError):
            reconvert(world.plane.through(replace(world.plane.clients, **wrapped)), batch_id)
        world.watch.look(compares=False)
        if reconvert(world.plane, batch_id) == ["not_completed"]:
            world.plane.now += timedelta(minutes=2)
            world.sweep()
        world.watch.look(compares=False)
        if not has(world.plane, "commits", batch_id):
            world.processor.commits.clear()
        world.carry_on()
        [after] = world.plane.manifest_items()
        assert (after["status"], "ttl" in after, has(world.plane, "commits", batch_id)) == ("completed", True, True)
        assert after["attempts"] > manifest["attempts"]
        if not calls.happened:
            break
    assert len(calls.made) > 8
