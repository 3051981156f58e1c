"""Each command of `ndjson-parquet`: what it shows, its JSON, what it refuses; nothing is wider than 80 columns."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ndjson_parquet_cli.app import run
from ndjson_parquet_cli.errors import ActionError, UnreachableError
from ndjson_parquet_cli.tool import Surroundings
from ndjson_parquet_cli.values import Alarm, BreakerState, DeadLetter, ExecutionView, GlueRun, Schedule, Trigger
from tests.cli_world import (
    BATCH,
    DAY,
    ETAG,
    NOW,
    Run,
    World,
    ago,
    answer,
    commit_record,
    manifest,
    open_batch,
    tracked,
)
from tests.factories import s3_body

KEY = f"landing/ndjson/{DAY}/shop/0001.ndjson"
ARN = "arn:aws:states:us-east-1:123456789012:execution:ndjson-parquet-processor-dev:" + f"{BATCH}-1"
LONG = "a-folder-name-that-is-long/" * 6 + "orders with spaces 2026-11-20.ndjson"
ERROR = (
    "States.TaskFailed: 12.4 % of the lines are rejected, --max_reject_percent is 10: " + "line 17 is not JSON; " * 20
)


@pytest.fixture
def world() -> World:
    """A busy pipeline: files of every state, a failed and an exhausted manifest, and what became of one file."""
    failed = manifest(
        "20261120T150000-00-0000000001", "failed", attempts=1, error_message=ERROR, updated_at=ago(minutes=2)
    )
    exhausted = replace(failed, batch_id="20261119T150000-00-0000000002", date_prefix="2026-11-19", attempts=3)
    world = World(
        files=[
            tracked("shop/0001.ndjson"),
            tracked("shop/0002.ndjson", "failed", error_message="the object version is gone"),
            tracked("shop/0003.ndjson", "pending", batch=open_batch().batch_id),
            tracked("shop/0004.ndjson", "failed", batch=failed.batch_id, error_message=ERROR),
            tracked("a/0005.ndjson"),
            tracked("b/0005.ndjson"),
            tracked(LONG, "manifested", batch="20261120T155500-00-0000000003"),
            tracked("big.ndjson", "quarantined", batch=None, error_message="too_large: 30000000 bytes"),
        ],
        manifests=[
            manifest(rows_out=1990, lines_rejected=3, files_missing=1, execution_arn=ARN, glue_job_run_id="jr_1"),
            failed,
            exhausted,
            manifest("20261120T155500-00-0000000003", "processing"),
        ],
        batches=[open_batch()],
        documents={f"commits/{DAY}/{BATCH}.json": commit_record()},
        executions={
            f"{BATCH}-1": ExecutionView(
                ARN, "SUCCEEDED", NOW - timedelta(minutes=7), NOW - timedelta(minutes=2), None, "jr_1"
            )
        },
        glue_runs={
            "jr_1": GlueRun("jr_1", "SUCCEEDED", NOW - timedelta(minutes=6), NOW - timedelta(minutes=4), 95, 40.0)
        },
        letters=[DeadLetter("5a0b2c1e-6f43-4a3e-9a76-1f5f0c1f7a10", NOW - timedelta(hours=1), 4, "this is no event")],
        contents={
            f"rejects/{DAY}/{BATCH}.ndjson": rejects(),
            f"files/too_large/{DAY}/landing/ndjson/{DAY}/big.ndjson": [b"{}"],
        },
        runs=[
            {
                "metric_date": DAY,
                "outcome": "completed",
                "files": 200,
                "bytes_in": 700_000_000,
                "bytes_written": 130_000_000,
                "rows_out": 1_000_000,
                "glue_seconds": 95,
                "glue_dpu_seconds": 3800,
            }
        ],
    )
    world.store("input", KEY)
    world.store(world.deployment.manifest_bucket, f"manifests/{DAY}/{BATCH}.json", NOW - timedelta(minutes=8))
    world.store(
        world.deployment.quarantine_bucket,
        f"files/too_large/{DAY}/landing/ndjson/{DAY}/big.ndjson",
        metadata={"reason": "too_large", "detail": "30000000 bytes; the maximum is 20971520"},
    )
    return world


def rejects() -> list[bytes]:
    entries = [
        {
            "source": f"s3://input/{KEY}",
            "line_number": 17,
            "byte_offset": 40312,
            "reason": "duplicate_key",
            "raw": '{"a":1}',
        },
        {
            "source": f"s3://input/{KEY}",
            "line_number": 18,
            "byte_offset": 40400,
            "reason": "not_utf8",
            "raw_base64": "/w==",
        },
        {"source": "s3://input/other", "line_number": 1, "byte_offset": 0, "reason": "not_json", "raw": "x" * 500},
    ]
    return [json.dumps(entry | {"detail": "said in words"}).encode() for entry in entries]


@pytest.fixture
def cli(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in a window of 80 columns: (exit code, standard output, standard error)."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NDJSON_PARQUET_ENV", raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["--env", "dev", *arguments], world.surroundings())
        told = capsys.readouterr()
        return code, told.out, told.err

    yield call


def document(cli: Run, *arguments: str, code: int = 0) -> Any:
    """The JSON that a command prints."""
    found, out, error = cli(*arguments, "--json")
    assert found == code, error
    return json.loads(out)


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


READS: dict[str, tuple[str, ...]] = {
    "status": ("status",),
    "health": ("health",),
    "trace": ("trace", KEY),
    "trace of a long name": ("trace", f"landing/ndjson/{DAY}/{LONG}"),
    "trace of several": ("trace", "0005.ndjson", "--date", DAY),
    "files": ("files",),
    "files by state": ("files", "--state", "failed"),
    "manifests": ("manifests",),
    "failures": ("failures",),
    "rejects list": ("rejects", "list"),
    "rejects": ("rejects", "show", BATCH),
    "rejects of a file": ("rejects", "show", KEY),
    "quarantine list": ("quarantine", "list"),
    "quarantine show": ("quarantine", "show", f"landing/ndjson/{DAY}/big.ndjson"),
    "dlq peek": ("dlq", "peek"),
    "cost": ("cost",),
    "query": ("query", "SELECT count(*) AS n FROM records"),
}
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


@pytest.mark.parametrize("arguments", READS.values(), ids=READS.keys())
def test_a_read_fits_80_columns(cli: Run, arguments: tuple[str, ...]) -> None:
    _, out, error = cli(*arguments)
    assert out.strip()
    assert [line for line in (out + error).splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("arguments", READS.values(), ids=READS.keys())
def test_a_read_has_a_json_form(cli: Run, arguments: tuple[str, ...]) -> None:
    code, out, _ = cli(*arguments, "--json")
    assert code in (0, 1)
    assert isinstance(json.loads(out), dict)


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


def test_status_counts_files_by_what_their_manifests_say(cli: Run) -> None:
    told = document(cli, "status")
    [today] = [day for day in told["days"] if day["day"] == DAY]
    files = {"open": 20, "pending": 0, "processing": 200, "completed": 199, "failed": 201, "quarantined": 1}
    assert today["files"] == files
    assert today["manifests"]["open"] == 1
    assert (told["backlog"]["exhausted"], told["backlog"]["failed"]) == (1, 2)


def test_status_shows_dates_on_which_something_stands_however_old(cli: Run, world: World) -> None:
    world.manifests.append(manifest("20200101T000000-00-00", "pending", date_prefix="2020-01-01"))
    assert "2020-01-01" in [day["day"] for day in document(cli, "status", "--days", "1")["days"]]


@pytest.mark.parametrize(("columns", "is_beside"), [("80", False), ("400", True)])
def test_a_key_stays_whole_beside_its_state_or_below_it(
    cli: Run, monkeypatch: pytest.MonkeyPatch, columns: str, is_beside: bool
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    [shown] = [line for line in cli("files", "--date", DAY)[1].splitlines() if KEY in line]
    assert ("completed" in shown) == is_beside


def test_health_of_a_pipeline_that_is_well(cli: Run, world: World) -> None:
    world.manifests, world.letters = [manifest()], []
    world.alarms = [Alarm("ndjson-parquet-oldest-pending-dev", "OK", "", 3600.0)]
    told = document(cli, "health")
    assert told["healthy"] is True
    assert all(check["ok"] for check in told["checks"])


def test_health_names_each_thing_that_is_wrong_and_its_remedy(cli: Run, world: World) -> None:
    world.alarms = [
        Alarm("ndjson-parquet-freshness-dev", "ALARM", "Files are late. Runbook: docs/runbooks/freshness.md", 1.0),
        Alarm("ndjson-parquet-oldest-pending-dev", "OK", "", 60.0),
    ]
    world.breaker = BreakerState("open", 3, ago(minutes=1))
    world.sweep = Schedule(True, 5, ago(minutes=20))
    world.triggers = [Trigger("file events", False, "disabled"), Trigger("reconciler", False, "disabled")]
    world.unaccounted = 4
    told = document(cli, "health", code=1)
    assert not any(check["ok"] for check in told["checks"])
    assert all(check["remedy"] for check in told["checks"])
    assert "docs/runbooks/freshness.md" in told["checks"][0]["remedy"]
    assert "NOT HEALTHY" in cli("health")[1]


def test_health_does_not_fail_for_what_cannot_be_told(cli: Run, world: World) -> None:
    world.manifests, world.letters, world.alarms, world.unaccounted = [manifest()], [], [], None
    told = document(cli, "health")
    assert [check["name"] for check in told["checks"] if check["ok"] is None] == ["alarms", "unaccounted"]


def test_health_says_which_right_it_lacks_and_does_not_fail_for_it(cli: Run, world: World) -> None:
    world.manifests, world.letters = [manifest()], []
    world.alarms = [Alarm("ndjson-parquet-oldest-pending-dev", "OK", "", 3600.0)]
    lacking = "lambda:ListEventSourceMappings is not allowed"
    world.triggers, world.sweep = [Trigger("file events", None, lacking)], Schedule(None, 0, ago(minutes=2))
    told = {check["name"]: check for check in document(cli, "health")["checks"] if check["ok"] is None}
    assert lacking in told["file events"]["detail"]
    assert "events:DescribeRule is not allowed" in told["sweep"]["detail"]
    assert {check["remedy"] for check in told.values()} == {"docs/command-line.md, Rights"}
    assert f"file events: cannot be told: {lacking}" in " ".join(cli("status")[1].split())


@pytest.mark.parametrize(
    ("off", "exit_code", "said"),
    [
        (Trigger("file events", False, "disabled"), 1, "event source mapping of manifest_builder is disabled"),
        (Trigger("stream", False, "disabled"), 1, "event source mapping of stream_manifest_creator is disabled"),
        (Trigger("reconciler", False, "disabled"), 0, "its schedule is disabled"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_what_is_switched_off_is_named(cli: Run, world: World, off: Trigger, exit_code: int, said: str) -> None:
    world.manifests, world.letters, world.queues = [manifest()], [], ["ndjson-parquet-stream-dlq-dev"]
    world.triggers = [off]
    found, health, _ = cli("health")
    assert (found, said in " ".join(health.split())) == (exit_code, True)
    assert said in " ".join(cli("status")[1].split())
    assert document(cli, "status")["triggers"] == [{"name": off.name, "enabled": False, "said": "disabled"}]


def test_the_stream_is_not_looked_at_where_it_is_not_in_use(cli: Run, world: World) -> None:
    world.triggers = [Trigger("stream", False, "absent")]
    assert document(cli, "status")["triggers"] == []


def test_trace_tells_every_step_with_the_time_between(cli: Run) -> None:
    told = document(cli, "trace", KEY)
    assert [step["name"] for step in told["steps"]] == [
        "landed",
        "tracked",
        "sealed",
        "published",
        "execution started",
        "Glue run started",
        "Glue run ended",
        "rows committed",
        "file completed",
        "execution ended",
    ]
    assert [step["seconds"] for step in told["steps"]][:3] == [None, 60.0, 60.0]
    assert told["rejects"] == {"duplicate_key": 1, "not_utf8": 1}
    assert told["parts"][0]["rows"] == 1990


def test_times_are_utc_whatever_the_clock_of_the_sdk_says(cli: Run, world: World) -> None:
    tokyo = timezone(timedelta(hours=9))
    run = world.glue_runs["jr_1"]
    assert run.started_at is not None
    world.glue_runs["jr_1"] = replace(run, started_at=run.started_at.astimezone(tokyo))
    _, out, _ = cli("trace", KEY)
    assert f"{DAY}, UTC" in out
    assert "16:04:00" in out


NAMES = [KEY, f"s3://input/{KEY}", "0001.ndjson", f"{KEY}@{ETAG}", f"s3://input/{KEY}@{ETAG}"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_may_be_called_by(cli: Run, name: str) -> None:
    assert document(cli, "trace", name)["uri"] == f"s3://input/{KEY}"


def test_several_files_of_one_name_are_listed(cli: Run, world: World) -> None:
    assert len(document(cli, "trace", "0005.ndjson", code=1)["matches"]) == 2
    world.files.append(tracked("shop/0001.ndjson", file_key="shop/0001.ndjson@ff", etag="f" * 32))
    assert len(document(cli, "trace", KEY, code=1)["matches"]) == 2
    assert document(cli, "trace", f"{KEY}@{'f' * 32}")["state"] == "completed"


def test_a_file_that_tracking_never_saw(cli: Run, world: World) -> None:
    key = f"landing/ndjson/{DAY}/lost.ndjson"
    world.store(world.deployment.input_bucket, key, NOW - timedelta(hours=2))
    told = document(cli, "trace", key)
    assert told["state"] == "untracked"
    assert "ndjson-parquet reconcile" in told["next"]


def test_a_file_that_is_nowhere(cli: Run) -> None:
    code, _, error = cli("trace", "landing/ndjson/2026-11-20/nowhere.ndjson")
    assert code == 1
    assert "nowhere.ndjson" in error


@pytest.mark.parametrize(
    ("name", "stands", "coming"),
    [
        ("shop/0002.ndjson", "converted without it", "send the file again"),
        ("shop/0003.ndjson", "open batch of 20 files", "ndjson-parquet flush"),
        ("shop/0004.ndjson", "attempt 1 failed: States.TaskFailed", "attempt 2 of 3 at 2026-11-20 16:13:00"),
        (LONG, "is being converted", "committed"),
        ("big.ndjson", "set aside: too_large", "ndjson-parquet quarantine release"),
    ],
    ids=["missing", "open", "failed", "processing", "quarantined"],
)
def test_where_a_file_stands_and_what_comes_next(cli: Run, name: str, stands: str, coming: str) -> None:
    told = document(cli, "trace", f"landing/ndjson/{DAY}/{name}")
    assert stands in told["stands"]
    assert coming in told["next"]


def test_an_attempt_that_waits_for_glue_is_not_shown_with_the_run_of_the_one_before(cli: Run, world: World) -> None:
    batch_id = "20261120T155500-00-0000000003"
    again = manifest(batch_id, "processing", attempts=2, glue_job_run_id="jr_1")
    world.manifests = [again if one.batch_id == batch_id else one for one in world.manifests]
    for attempt, run_id, minutes in ((1, "jr_1", 6), (2, None, 1)):
        arn = f"{ARN.rpartition(':')[0]}:{batch_id}-{attempt}"
        view = ExecutionView(arn, "RUNNING", NOW - timedelta(minutes=minutes), glue_run_id=run_id)
        world.executions[f"{batch_id}-{attempt}"] = view
    told = document(cli, "trace", f"landing/ndjson/{DAY}/{LONG}")
    assert told["stands"] == "is being converted, attempt 2: its execution waits for Glue"


def test_failures_say_when_they_are_tried_again_or_what_to_do(cli: Run) -> None:
    told = document(cli, "failures")
    outlooks = {entry["manifest"]["batch_id"]: entry["outlook"]["text"] for entry in told["manifests"]}
    assert "attempt 2 of 3" in outlooks["20261120T150000-00-0000000001"]
    assert outlooks["20261119T150000-00-0000000002"].endswith("retry 20261119T150000-00-0000000002")
    assert [file["error_message"] for file in told["files"]] == ["the object version is gone"]


def test_a_list_says_when_there_is_more(cli: Run) -> None:
    told = document(cli, "files", "--limit", "2")
    assert (len(told["files"]), told["is_cut"]) == (2, True)
    assert "--limit" in cli("manifests", "--limit", "1")[1]


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


def test_quarantine_is_listed_by_reason_and_shown(cli: Run) -> None:
    [file] = document(cli, "quarantine", "list", "--reason", "too_large", "--date", DAY)["files"]
    assert (file["reason"], file["date"]) == ("too_large", DAY)
    assert document(cli, "quarantine", "list", "--reason", "empty")["files"] == []
    shown = document(cli, "quarantine", "show", file["key"])
    assert (shown["metadata"]["reason"], shown["begin"]) == ("too_large", "{}")
    assert cli("quarantine", "show", "landing/ndjson/2026-11-20/fine.ndjson")[0] == 1


def test_rejects_of_a_file_are_its_own(cli: Run) -> None:
    assert document(cli, "rejects", "show", BATCH)["reasons"] == {"duplicate_key": 1, "not_utf8": 1, "not_json": 1}
    assert document(cli, "rejects", "show", KEY)["count"] == 2
    assert len(document(cli, "rejects", "show", BATCH, "--limit", "1")["rejects"]) == 1


def test_a_dead_letter_is_explained(cli: Run, world: World) -> None:
    world.letters.append(DeadLetter("6", NOW, 4, s3_body(KEY)))
    poison, event = document(cli, "dlq", "peek")["messages"]
    assert poison["about"].startswith("cannot be taken: the message is not JSON")
    assert event["about"] == f"announces {KEY}"


def test_cost_names_services_and_assumptions(cli: Run, tmp_path: Path) -> None:
    told = document(cli, "cost", "--days", "1")
    services = {line["service"]: line for line in told["services"]}
    assert services["Glue"]["usd"] == pytest.approx(3800 / 3600 * 0.44)
    assert services["Lambda"]["usd"] == pytest.approx(2000 * 0.0000133334 + 20_000 * 0.0000002)
    assert services["DynamoDB"]["usd"] == pytest.approx(200 * 10.555 * 0.000000625 + 200 * 0.184 * 0.000000125)
    assert told["usd"] == pytest.approx(sum(line["usd"] for line in told["services"]))
    assert told["usd_per_tb"] == pytest.approx(told["usd"] / 0.0007)
    assert any("recorded" in text for text in told["assumptions"])
    own = tmp_path / "prices.json"
    own.write_text('{"glue_dpu_hour": 0.22}')
    cheaper = document(cli, "cost", "--days", "1", "--prices", str(own))
    assert cheaper["services"][0]["usd"] == pytest.approx(services["Glue"]["usd"] / 2)
    assert any("glue_dpu_hour" in text for text in cheaper["assumptions"])


def test_cost_of_nothing(cli: Run, world: World) -> None:
    world.runs = []
    assert document(cli, "cost")["usd_per_tb"] is None
    assert "no run has ended" in cli("cost")[1]


def test_a_query_says_what_it_scanned_and_costs(cli: Run, world: World) -> None:
    told = document(cli, "query", "SELECT 1")
    assert (told["columns"], told["rows"], told["scanned_bytes"]) == (["n"], [["41"], [None]], 2_000_000)
    assert told["usd"] == pytest.approx(10 * 1024 * 1024 / 1e12 * 5)
    world.result = ActionError("Athena: line 1:8: column 'nope' cannot be resolved", "correct the SQL")
    assert cli("query", "SELECT nope FROM records")[0] == 1


def test_an_error_is_json_too(cli: Run, world: World) -> None:
    world.result = ActionError("Athena: no", "correct the SQL")
    code, out, error = cli("query", "SELECT", "--json")
    assert (code, out) == (1, "")
    assert json.loads(error)["error"] == {"kind": "ActionError", "message": "Athena: no", "remedy": "correct the SQL"}


def test_a_deployment_that_is_not_there_is_exit_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    def connect(*_: object) -> Any:
        raise UnreachableError("no deployment 'prod' in account 1", "name the right one with --env")

    assert run(["--env", "prod", "health"], Surroundings(connect)) == 3
    assert "name the right one with --env" in capsys.readouterr().err


def test_the_manifest_with_the_largest_share_of_rejected_lines_is_first(cli: Run, world: World) -> None:
    world.manifests = [
        manifest("few", rows_out=990, lines_rejected=10),
        manifest("none", rows_out=5, lines_rejected=0),
        manifest("most", rows_out=0, lines_rejected=4),
    ]
    found = document(cli, "rejects", "list")["manifests"]
    assert [one["batch_id"] for one in found] == ["most", "few"]
    assert "100.0%" in cli("rejects", "list")[1]
    assert "no rejected lines" in cli("rejects", "list", "--date", "2020-01-01")[1]
