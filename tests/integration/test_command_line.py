"""`./ndjson-parquet` against the deployed pipeline: what it shows is what is there, and what it does is done."""

import json
import os
import re
import subprocess
import uuid
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from local.access import is_given
from local.generate import Recipe, generate, landing_key
from local.reconcile import SentFile
from local.sending import Outgoing, from_generator
from tests.integration.conftest import POISON, DeployedPipeline

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 11, 18)
Ended = subprocess.CompletedProcess[str]
Command = Callable[..., Any]


def run(deployed: DeployedPipeline, *arguments: str, settings: Mapping[str, str] | None = None) -> Ended:
    """Call the script as a person does, in a window of 80 columns and without a terminal to ask at."""
    environment = {**os.environ, **deployed.aws.environment(), "COLUMNS": "80", **(settings or {})}
    return subprocess.run(
        [str(ROOT / "ndjson-parquet"), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def command(deployed: DeployedPipeline) -> Command:
    """Runs a command and answers its JSON."""

    def call(*arguments: str, code: int = 0) -> Any:
        ended = run(deployed, *arguments, "--json")
        assert ended.returncode == code, ended.stdout + ended.stderr
        return json.loads(ended.stdout)

    return call


@pytest.fixture(scope="module")
def converted(deployed: DeployedPipeline, tmp_path_factory: pytest.TempPathFactory) -> list[SentFile]:
    """Files with broken lines among them, and ones to be refused, sent and settled."""
    recipe = Recipe(files=6, file_bytes=20_000, dates=(DAY,), run="command-line", broken_every=2)
    sent = deployed.send(from_generator(generate(tmp_path_factory.mktemp("files"), recipe)))
    deployed.settle(sent)
    return sent


def good(files: list[SentFile]) -> list[SentFile]:
    return [file for file in files if file.expected and not file.expected.refused]


def refused(files: list[SentFile], reason: str) -> SentFile:
    return next(file for file in files if file.expected and file.expected.refused == reason)


def test_status_counts_what_landed(command: Command, converted: list[SentFile]) -> None:
    [day] = [day for day in command("status", "--days", "90")["days"] if day["day"] == DAY.isoformat()]
    assert day["files"]["completed"] == 6
    assert sum(day["files"].values()) == day["files"]["completed"] + day["files"]["quarantined"]


def test_a_journey_is_told_to_its_parquet(
    deployed: DeployedPipeline, command: Command, converted: list[SentFile]
) -> None:
    file = next(file for file in good(converted) if file.expected and file.expected.rejects)
    told = command("trace", file.uri)
    steps = [step["name"] for step in told["steps"]]
    assert steps[:4] == ["landed", "tracked", "sealed", "published"]
    assert {"execution started", "Glue run started", "rows committed", "Glue run ended", "file completed"} <= set(steps)
    assert file.expected is not None
    assert sum(told["rejects"].values()) == len(file.expected.rejects)
    assert {part["uri"].rpartition("/")[2] for part in told["parts"]} == {
        key.rpartition("/")[2] for key in deployed.parquet_keys(told["batch_id"])
    }
    assert command("trace", Path(file.key).name, "--date", DAY.isoformat())["uri"] == file.uri
    assert command("rejects", "show", file.key)["count"] == len(file.expected.rejects)


def test_lists_agree_with_the_table(command: Command, converted: list[SentFile]) -> None:
    files = command("files", "--state", "completed", "--date", DAY.isoformat(), "--limit", "1000")["files"]
    assert {file["object_key"] for file in files} == {file.key for file in good(converted)}
    manifests = command("manifests", "--date", DAY.isoformat())["manifests"]
    assert sum(manifest["file_count"] for manifest in manifests) == len(files)


def test_a_file_in_quarantine_says_why(command: Command, converted: list[SentFile]) -> None:
    file = refused(converted, "too_large")
    listed = command("quarantine", "list", "--reason", "too_large", "--limit", "1000")["files"]
    assert any(one["key"].endswith(file.key) for one in listed)
    shown = command("quarantine", "show", file.key)
    assert (shown["metadata"]["reason"], shown["size_bytes"]) == ("too_large", file.size_bytes)
    assert command("trace", file.key)["state"] == "quarantined"


def test_dead_letters_are_shown_and_stay(deployed: DeployedPipeline, command: Command) -> None:
    deployed.dead_letters()
    for _ in range(2):
        [message] = command("dlq", "peek")["messages"]
        assert message["letter"]["body"] == POISON
        assert "cannot be taken" in message["about"]


def test_health_says_what_is_wrong(deployed: DeployedPipeline, command: Command) -> None:
    deployed.dead_letters()
    checks = {check["name"]: check for check in command("health", code=1)["checks"]}
    assert checks["dead letters"]["ok"] is False
    assert checks["dead letters"]["remedy"] == "ndjson-parquet dlq peek"
    assert checks["breaker"]["ok"] is True


def test_a_query_sees_the_rows(command: Command, converted: list[SentFile]) -> None:
    rows = sum(file.expected.rows for file in good(converted) if file.expected)
    sql = "SELECT count(*) AS n FROM records WHERE date_prefix = '2026-11-18'"
    assert command("query", sql, "--local", "--date", DAY.isoformat())["rows"] == [[str(rows)]]
    # The embedded AWS's Athena has no column date_prefix.
    by_source = "SELECT count(*) AS n FROM records WHERE _source_file LIKE '%/2026-11-18/%'"
    assert command("query", by_source)["rows"] == [[str(rows)]]


def test_a_failure_is_seen_explained_and_retried(deployed: DeployedPipeline, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "late.ndjson"
    path.write_text('{"id": 1}\n')
    with deployed.script_removed():
        [file] = sent = deployed.send([Outgoing(path, landing_key(DAY, f"{uuid.uuid4().hex}/late.ndjson"))])
        deployed.settle(sent)
        told = command("trace", file.key)
        failures = {one["manifest"]["batch_id"]: one for one in command("failures")["manifests"]}
    failure = failures[told["batch_id"]]
    assert "script" in failure["manifest"]["error_message"]
    assert failure["outlook"]["text"].startswith("attempt 2 of 3")
    assert told["next"].startswith("attempt 2 of 3")
    assert command("retry", told["batch_id"], "--dry-run")["counts"] == {"retried": 1}
    assert command("retry", told["batch_id"], "--yes")["counts"]["retried"] == 1
    deployed.settle(sent)
    assert command("trace", file.key)["state"] == "completed"
    assert deployed.reconciled(sent).problems == ()


def test_an_open_batch_is_flushed(deployed: DeployedPipeline, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "alone.ndjson"
    path.write_text('{"id": 2}\n')
    sent = deployed.send([Outgoing(path, landing_key(DAY, f"{uuid.uuid4().hex}/alone.ndjson"))])
    deployed.wait_until_queue_is_empty()
    command("flush", "--yes")
    deployed.settle(sent)
    assert command("trace", sent[0].key)["state"] == "completed"


def test_a_replay_of_a_completed_file_adds_nothing(
    deployed: DeployedPipeline, command: Command, converted: list[SentFile]
) -> None:
    file = good(converted)[0]
    before = deployed.reconciled(converted)
    assert command("replay", file.key, "--yes")["counts"].get("announced", 0) == 0
    deployed.wait_until_queue_is_empty()
    assert deployed.reconciled(converted) == before


def test_a_change_without_a_yes_is_refused(deployed: DeployedPipeline, converted: list[SentFile]) -> None:
    ended = run(deployed, "replay", good(converted)[0].key, "--again")
    assert ended.returncode == 2
    assert "--yes" in ended.stderr


def test_a_change_is_recorded_with_who_made_it(deployed: DeployedPipeline, command: Command) -> None:
    by = command("flush", "--yes")["by"]
    pages = deployed.clients.s3.get_paginator("list_objects_v2").paginate(
        Bucket=deployed.outputs.manifest_bucket, Prefix="logs/operations/"
    )
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", []) if "-flush-" in entry["Key"]]
    record = json.loads(deployed.read(f"s3://{deployed.outputs.manifest_bucket}/{max(keys)}"))
    assert (record["action"], record["by"]) == ("flush", by)


@pytest.mark.parametrize("words", ["status", "manifests", "failures", "cost", "quarantine list", "dlq peek"])
def test_no_line_is_longer_than_80_columns(deployed: DeployedPipeline, converted: list[SentFile], words: str) -> None:
    ended = run(deployed, *words.split())
    assert ended.returncode == 0, ended.stderr
    assert [line for line in ended.stdout.splitlines() if len(line) > 80] == []


def test_a_deployment_that_is_not_there(deployed: DeployedPipeline) -> None:
    ended = run(deployed, "--env", "nowhere", "health")
    assert ended.returncode == 3
    assert "ndjson-parquet-state-manager-nowhere" in " ".join(ended.stderr.split())


def test_a_caller_without_rights(deployed: DeployedPipeline, tmp_path: Path) -> None:
    ended = run(deployed, "status", settings=person(deployed, tmp_path, []))
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "AWS refuses" in ended.stderr


def test_the_documented_rights_are_enough(
    deployed: DeployedPipeline, converted: list[SentFile], tmp_path: Path
) -> None:
    looking = person(deployed, tmp_path, documented_rights("every command", "looking", "`dlq peek`"))
    key = good(converted)[0].key
    for words in (["status"], ["trace", key], ["failures"], ["cost"], ["dlq", "peek"], ["rejects", "show", key]):
        ended = run(deployed, *words, settings=looking)
        assert ended.returncode == 0, f"{words}: {ended.stdout}{ended.stderr}"
    assert run(deployed, "health", settings=looking).returncode in (0, 1)
    assert run(deployed, "flush", "--yes", settings=looking).returncode == 3
    acting = person(deployed, tmp_path, documented_rights("every command", "what changes something"))
    assert run(deployed, "flush", "--yes", settings=acting).returncode == 0


def documented_rights(*rows: str) -> list[str]:
    """The actions that the table of rights in docs/command-line.md names; one without a service has the one before."""
    lines = [line for line in (ROOT / "docs" / "command-line.md").read_text().splitlines() if line.startswith("| ")]
    cells = {line.split("|")[1].strip(): line.split("|")[2] for line in lines}
    rights: list[str] = []
    for row in rows:
        service = ""
        for word in re.findall(r"`([a-z0-9]*:?[A-Z]\w+)`", cells[row]):
            service = word.partition(":")[0] if ":" in word else service
            rights.append(word if ":" in word else f"{service}:{word}")
    return rights


def person(deployed: DeployedPipeline, folder: Path, rights: list[str]) -> dict[str, str]:
    """Settings of somebody who may do these things, and nothing else."""
    if is_given():
        pytest.skip("whether IAM is enforced there is its owner's choice")
    iam, name = deployed.aws.client("iam"), f"person-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    if rights:
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": rights, "Resource": "*"}],
        }
        iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    # The profile of the embedded AWS is root's, and a named profile wins over keys.
    config = folder / f"{name}.config"
    config.write_text("[profile ndjson-parquet-local]\n")
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(config),
    }
