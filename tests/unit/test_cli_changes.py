"""Each command of `ndjson-parquet` that changes something: it says what it will do, asks, does it, names the caller."""

import pytest

from tests.cli_busy import KEY, Run, document
from tests.cli_world import BATCH, DAY, World, answer, manifest


def plans(world: World) -> None:
    """What state_manager says it would do, for every action, and then does."""
    counts = {
        "flush": {"flushed": 2, "files": 27},
        "retry": {"retried": 1},
        "replay": {"objects": 340_000, "bytes": 1_200_000_000_000, "announced": 340_000},
        "release": {"released": 1},
        "reconcile": {"enqueued": 3, "checked": 12_000},
        "reconvert": {"reconverted": 9, "files": 1800, "bytes": 6_000_000_000},
        "rebuild": {"manifest_rebuilt": 40, "manifests": 41},
        "redrive": {"redriven": 1},
        "discard": {"discarded": 1},
    }
    for action, found in counts.items():
        told = answer(found, (KEY, next(iter(found)), "what it is about"))
        world.answers |= {f"{action}:plan": [told], action: [told]}
    world.answers["sweep"] = [{"batches_flushed": 1, "open_batches": 0}]


CHANGES: dict[str, tuple[str, ...]] = {
    "retry": ("retry", "20261120T150000-00-0000000001"),
    "retry all": ("retry", "--all-failed"),
    "flush": ("flush",),
    "replay": ("replay", "--prefix", f"landing/ndjson/{DAY}/", "--from", "2026-11-20T08:00", "--again"),
    "replay a key": ("replay", KEY),
    "reconcile": ("reconcile", "--date", DAY),
    "reconvert": ("reconvert", "20261120T150000-00-0000000001"),
    "reconvert a date": ("reconvert", "--date", DAY, "--limit", "20"),
    "rebuild": ("rebuild", "--since", "2026-11-20T08:00"),
    "release": ("quarantine", "release", f"landing/ndjson/{DAY}/big.ndjson"),
    "redrive": ("dlq", "redrive", "--all"),
    "discard": ("dlq", "discard", "5a0b2c1e-6f43-4a3e-9a76-1f5f0c1f7a10"),
}


@pytest.mark.parametrize("arguments", CHANGES.values(), ids=CHANGES.keys())
class TestEveryChange:
    def test_says_what_it_would_do_and_does_nothing(self, cli: Run, world: World, arguments: tuple[str, ...]) -> None:
        plans(world)
        code, out, error = cli(*arguments, "--dry-run")
        assert (code, error) == (0, "")
        assert "will" in out
        assert [line for line in out.splitlines() if len(line) > 80] == []
        assert [event["dry_run"] for event in world.events] == [True]

    def test_refuses_when_nobody_can_be_asked(self, cli: Run, world: World, arguments: tuple[str, ...]) -> None:
        plans(world)
        code, _, error = cli(*arguments)
        assert code == 2
        assert "--yes" in error
        assert [event["dry_run"] for event in world.events] == [True]

    def test_is_done_when_it_is_confirmed_and_names_the_caller(
        self, cli: Run, world: World, arguments: tuple[str, ...]
    ) -> None:
        plans(world)
        told = document(cli, *arguments, "--yes")
        assert [event["dry_run"] for event in world.events] == [False]
        assert world.events[0]["by"] == told["by"] == world.deployment.caller.arn
        assert told["dry_run"] is False
        assert told["items"][0]["subject"] == KEY

    def test_asks_at_a_terminal(
        self, cli: Run, world: World, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plans(world)
        world.is_terminal = True
        for reply, code, runs in (("n", 2, [True]), ("y", 0, [True, False])):
            plans(world)
            world.events.clear()
            monkeypatch.setattr("typer.confirm", lambda *_, reply=reply, **__: reply == "y")
            assert cli(*arguments)[0] == code
            assert [event["dry_run"] for event in world.events] == runs


def test_retry_finds_the_date_of_a_manifest_by_its_id(cli: Run, world: World) -> None:
    plans(world)
    world.manifests.append(manifest("20261120T000100-00-01", "failed", date_prefix="2026-11-01"))
    world.store(world.deployment.manifest_bucket, "manifests/2026-11-01/x.json")
    cli("retry", "20261120T000100-00-01", "--yes")
    assert world.events[0]["manifests"] == [{"date_prefix": "2026-11-01", "batch_id": "20261120T000100-00-01"}]


def test_replay_says_its_size_and_cost_and_has_a_cap(cli: Run, world: World) -> None:
    plans(world)
    told = document(cli, *CHANGES["replay"], "--dry-run")
    assert told["remarks"]["size"] == "340,000 files, 1.2 TB"
    # 1,715 manifests of 3,800 DPU-seconds at 0.44 dollars an hour.
    assert told["remarks"]["cost"].startswith("about $796.52 of Glue, 1,715 manifests")
    assert world.events[0]["limit"] == 10_000
    assert (world.events[0]["from"], world.events[0]["again"]) == ("2026-11-20T08:00:00+00:00", True)


def test_a_long_action_is_followed_by_its_cursor_to_its_end(cli: Run, world: World) -> None:
    pieces = [answer({"announced": 2}, cursor={"next": 2}), answer({"announced": 1})]
    world.answers["replay"] = pieces
    told = document(cli, "replay", "--prefix", "landing/ndjson/", "--yes")
    assert told["counts"] == {"announced": 3}
    assert [event["cursor"] for event in world.events] == [None, {"next": 2}]


def test_nothing_to_do_is_said_and_nothing_is_asked(cli: Run, world: World) -> None:
    world.answers["flush:plan"] = [answer({})]
    code, out, _ = cli("flush")
    assert (code, out.splitlines()[-1]) == (0, "nothing to do")
    assert [event["dry_run"] for event in world.events] == [True]


def test_what_was_done_before_is_no_failure(cli: Run, world: World) -> None:
    told = answer({"not_failed": 1}, (BATCH, "not_failed", "it is completed: there is nothing to retry"))
    world.answers = {"retry:plan": [told], "retry": [told]}
    assert cli("retry", BATCH)[0] == 0
    code, out, _ = cli("retry", BATCH, "--yes")
    assert (code, "nothing to retry" in out) == (0, True)


def test_what_could_not_be_done_is_told_and_fails(cli: Run, world: World) -> None:
    world.answers["release"] = [answer({"not_found": 1}, ("a.ndjson", "not_found", "it is not in quarantine"))]
    code, out, error = cli("quarantine", "release", "a.ndjson", "--yes")
    assert code == 1
    assert "it is not in quarantine" in out
    assert "could not be done" in error


def test_the_sweep_needs_a_yes(cli: Run, world: World) -> None:
    plans(world)
    assert cli("sweep")[0] == 2
    assert document(cli, "sweep", "--yes") == {"batches_flushed": 1, "open_batches": 0}


REFUSED = {
    "retry of nothing": ("retry",),
    "retry of both": ("retry", "x", "--all-failed"),
    "replay of nothing": ("replay",),
    "replay of both": ("replay", KEY, "--prefix", "x"),
    "times without a prefix": ("replay", KEY, "--from", "2026-11-20T08:00"),
    "a time that is none": ("replay", "--prefix", "x", "--from", "eight"),
    "a date that is none": ("files", "--date", "yesterday"),
    "redrive of nothing": ("dlq", "redrive"),
    "discard of nothing": ("dlq", "discard"),
    "release of nothing": ("quarantine", "release"),
    "local without a date": ("query", "SELECT 1", "--local"),
    "a date without local": ("query", "SELECT 1", "--date", DAY),
    "an unknown state": ("files", "--state", "lost"),
    "an unknown command": ("statsu",),
    "prices that are no file": ("cost", "--prices", "nowhere.json"),
}


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED.keys())
def test_wrong_use_is_exit_code_2_and_changes_nothing(cli: Run, world: World, arguments: tuple[str, ...]) -> None:
    code, _, error = cli(*arguments, "--yes")
    assert code == 2
    assert error
    assert world.events == []
