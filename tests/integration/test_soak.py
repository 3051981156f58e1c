"""A minute of load with a few faults, as `make soak` has them: nothing lost, nothing twice."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from local.load.arrivals import Mix
from local.load.run import LoadRun, write
from local.load.schedule import Fault, schedule
from tests.deep import DEEP

SECONDS = 60
FAULTS = (Fault.KILL_WORKERS, Fault.KILL_SPARK, Fault.DROP_EVENTS, Fault.RESTART)


@pytest.mark.skipif(not DEEP, reason="takes five minutes: make test-deep")
def test_nothing_is_lost_or_doubled_in_a_short_soak(tmp_path: Path) -> None:
    mix = Mix(files=2 * SECONDS, rate=2, duplicates=10, overwrites=10, bad=5)
    run = LoadRun(Console(width=110), tmp_path, mix, file_bytes=8_000, seed=1)
    try:
        found = run.run(schedule(SECONDS, FAULTS), timeout=600)
    finally:
        run.stop()
    as_json, _ = write(tmp_path / "reports", found)
    assert found.result.problems == ()
    assert found.result.unaccounted_files == ()
    assert found.result.unaccounted_lines == 0
    assert found.result.count("completed") == mix.count("new") + mix.count("overwrite")
    assert [one.fault for one in found.faults] == list(FAULTS)
    assert found.reconciled > 0, "no event was dropped"
    assert json.loads(as_json.read_text())["ok"] is True
