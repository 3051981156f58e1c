"""The command line against a busy pipeline in memory."""

from collections.abc import Iterator

import pytest

from ndjson_parquet_cli.app import run
from tests.cli_busy import Run, busy_world
from tests.cli_world import World


@pytest.fixture
def world() -> World:
    return busy_world()


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
