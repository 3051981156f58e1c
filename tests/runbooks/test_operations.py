"""Planned and rare work, while files arrive: nothing is lost, and no row comes twice."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from local.generate import landing_key
from local.reconcile import SentFile
from local.sending import Outgoing
from ndjson_parquet.items import item_key
from tests.runbooks.conftest import Commands
from tests.runbooks.system import GOOD, System

LandOn = Callable[[str, int], list[SentFile]]

BAD_RELEASE = 'raise RuntimeError("a bad release")\n'
HANDLER = "src/manifest_builder/handler.py"
COMMIT = "git -c user.name=somebody -c user.email=somebody@example.com commit --quiet --all --message"


@contextmanager
def traffic(system: System) -> Iterator[list[SentFile]]:
    """A file every second and a half while the block runs; all of them are converted at its end."""
    sent: list[SentFile] = []
    is_over = threading.Event()

    def arrive() -> None:
        while not is_over.wait(timeout=1.5):
            sent.extend(system.land(1))

    sender = threading.Thread(target=arrive)
    sender.start()
    try:
        yield sent
    finally:
        is_over.set()
        sender.join()
    system.comes_home(sent)


@pytest.fixture
def land_on(system: System, tmp_path: Path) -> LandOn:
    """Files of a day that no other test has."""

    def land(day: str, count: int) -> list[SentFile]:
        paths = [tmp_path / f"{uuid.uuid4().hex}.ndjson" for _ in range(count)]
        for path in paths:
            path.write_bytes(GOOD)
        return system.send([Outgoing(path, landing_key(date.fromisoformat(day), path.name)) for path in paths])

    return land


@pytest.fixture
def deployed_again(system: System) -> Iterator[None]:
    """The checkout and what it has deployed as other tests expect them."""
    yield
    system.checkout.run(
        "git switch --quiet --force main && git reset --quiet --hard $(git rev-list --max-parents=0 HEAD)"
    )
    system.checkout.apply()


def release(system: System, name: str) -> str:
    """Commit a change of the code of every function; the commit's name."""
    path = system.checkout.folder / "src" / "ndjson_parquet" / "__init__.py"
    path.write_text(f'"""{name}"""\n')
    system.checkout.run(f"{COMMIT} '{name}'")
    return system.checkout.run("git describe --tags --always --dirty").strip()


@pytest.mark.usefixtures("deployed_again")
@pytest.mark.proves("deploy", "before", "do", "worked")
def test_a_release_is_deployed_while_files_arrive(system: System, run: Commands) -> None:
    name = release(system, "the next release")
    with traffic(system):
        assert "lambda_function" in run("deploy", "before")
        run("deploy", "do")
    assert name in run("deploy", "worked")


@pytest.mark.usefixtures("deployed_again")
@pytest.mark.parametrize(
    "block",
    [
        pytest.param("everything", marks=pytest.mark.proves("roll-back", "before", "everything", "redrive", "worked")),
        pytest.param("code", marks=pytest.mark.proves("roll-back", "before", "code", "redrive", "worked")),
    ],
)
def test_a_bad_release_is_taken_back(system: System, run: Commands, block: str) -> None:
    good = system.checkout.run("git rev-parse HEAD").strip()
    handler = system.checkout.folder / HANDLER
    handler.write_text(handler.read_text() + BAD_RELEASE)
    system.checkout.run(f"{COMMIT} bad")
    system.checkout.apply()
    failures = system.embedded_aws.log.read_text().count("a bad release")
    with traffic(system):
        system.wait(
            lambda: system.embedded_aws.log.read_text().count("a bad release") > failures, "the bad release works"
        )
        assert "bad" in run("roll-back", "before")
        run("roll-back", block, GOOD=good)
        run("roll-back", "redrive")
    system.is_quiet()
    run("roll-back", "worked")


@pytest.mark.usefixtures("deployed_again")
@pytest.mark.proves("flip-a-flag", "before", "do", "worked")
def test_flags_are_flipped_while_files_arrive(system: System, run: Commands) -> None:
    """Both flags at once, in every order, are flipped by tests/integration/test_flag_flips.py."""
    run("flip-a-flag", "before")
    for value in ("true", "false"):
        with traffic(system):
            run("flip-a-flag", "do", FLAG="enable_stream_manifest_creation", VALUE=value)
        run("flip-a-flag", "worked")


@pytest.mark.usefixtures("deployed_again")
@pytest.mark.proves("upgrade-glue", "before", "do", "worked", "compare")
def test_the_version_of_glue_is_changed_while_files_arrive(system: System, run: Commands) -> None:
    old = run("upgrade-glue", "before").split()[0]
    before = system.land(3)
    system.comes_home(before)
    _, batch_id = system.batch_of(before[0])
    with traffic(system):
        run("upgrade-glue", "do", NEW="5.0")
    assert "5.0" in run("upgrade-glue", "worked", BATCH_ID=batch_id)
    system.comes_home(before)
    assert batch_id in run("upgrade-glue", "compare")
    run("upgrade-glue", "do", NEW=old)


@pytest.mark.usefixtures("deployed_again")
@pytest.mark.proves("backfill-a-month", "estimate", "do", "worked")
def test_files_that_nobody_was_told_of_are_converted_and_those_of_long_ago_are_not(
    system: System, run: Commands, land_on: LandOn
) -> None:
    day = "2026-10-01"
    long_ago = land_on(day, 3)
    system.comes_home(long_ago)
    items = {file.key: system.item_of(file) for file in long_ago}
    for item in items.values():
        key = item_key(item["date_prefix"], item["file_key"])
        system.clients.dynamodb.delete_item(TableName=system.outputs.tracking_table, Key=key)
    system.faults.stop_announcing_files()
    unheard = land_on(day, 5)

    told = " ".join(run("backfill-a-month", "estimate", DAY=day).split())
    assert "5 announced" in told and "3 forgotten" in told
    for _ in range(3):
        told = run("backfill-a-month", "do", DAY=day, LIMIT="2")
        system.comes_home([file for file in unheard if system.item_of(file)])
    assert "limit reached" not in " ".join(told.split())
    system.comes_home(unheard)
    assert "announced" not in run("backfill-a-month", "worked", DAY=day)
    system.act({"action": "rebuild", "by": "a test"})
    system.comes_home(long_ago + unheard)


@pytest.mark.proves("replay-a-day", "before", "do", "worked", "keep", "remove")
def test_a_day_is_converted_once_more(system: System, run: Commands, land_on: LandOn) -> None:
    day = "2026-10-02"
    sent = land_on(day, 4)
    system.comes_home(sent)
    _, batch_id = system.batch_of(sent[0])

    assert batch_id in run("replay-a-day", "before", DAY=day)
    run("replay-a-day", "do", DAY=day, BEFORE=datetime.now(UTC).isoformat(), LIMIT="1000")
    system.wait(lambda: system.manifest_item(batch_id, day)["attempts"] == 2, "it was not converted once more")
    system.comes_home(sent)
    run("replay-a-day", "worked", DAY=day)

    the_rows_are_kept_when_a_file_is_gone(system, run, sent, day)
    doubled_rows_are_removed(system, run, land_on(day, 1), day)


def the_rows_are_kept_when_a_file_is_gone(system: System, run: Commands, sent: list[SentFile], day: str) -> None:
    _, batch_id = system.batch_of(sent[0])
    version = system.item_of(sent[0])["version_id"]
    system.clients.s3.delete_object(Bucket=system.outputs.input_bucket, Key=sent[0].key, VersionId=version)
    system.act({"action": "reconvert", "by": "a test", "manifests": [{"date_prefix": day, "batch_id": batch_id}]})
    system.wait(lambda: system.manifest_item(batch_id, day)["status"] == "failed", "it did not fail")
    run("replay-a-day", "keep", DAY=day, BATCH_ID=batch_id)
    system.comes_home(sent)


def doubled_rows_are_removed(system: System, run: Commands, sent: list[SentFile], day: str) -> None:
    system.comes_home(sent)
    _, first = system.batch_of(sent[0])
    system.act({"action": "replay", "by": "a test", "keys": [sent[0].key], "again": True})
    system.wait(lambda: system.item_of(sent[0]).get("batch_id") not in (first, None), "it is not in another batch")
    system.settle(sent)
    assert any("repeated" in problem for problem in system.reconciled(sent).problems)
    run("replay-a-day", "remove", DAY=day, BATCH_ID=first)
    system.comes_home(sent)


@pytest.mark.proves("rotate", "before", "worked")
def test_there_is_no_key_of_our_own_to_rotate(system: System, run: Commands) -> None:
    assert "the services' own keys" in run("rotate", "before")
    run("rotate", "worked")


@pytest.mark.proves("lost-region", "settings")
def test_a_second_environment_in_another_region_can_be_planned(system: System, run: Commands) -> None:
    said = run("lost-region", "settings", SECOND="seconddr", REGION="eu-west-1")
    assert "seconddr" in said
    written = system.checkout.folder / "terraform" / "environments" / "seconddr.tfvars"
    assert 'region = "eu-west-1"' in written.read_text()
    Path(written).unlink()
