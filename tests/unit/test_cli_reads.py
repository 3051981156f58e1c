"""Each command of `ndjson-parquet` that looks: what it shows, its JSON, its errors; all within 80 columns."""

import json
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ndjson_parquet_cli.app import run
from ndjson_parquet_cli.errors import ActionError, UnreachableError
from ndjson_parquet_cli.tool import Surroundings
from ndjson_parquet_cli.values import Alarm, BreakerState, DeadLetter, ExecutionView, Schedule, Trigger
from tests.cli_busy import ARN, KEY, LONG, Run, document
from tests.cli_world import BATCH, DAY, ETAG, NOW, World, ago, manifest, tracked
from tests.factories import s3_body

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
