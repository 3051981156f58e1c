"""The rules of a load: who arrives when, which fault comes when, when memory counts as flat, what the report says."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from rich.console import Console

from local.load.arrivals import Mix, arrivals
from local.load.injection import Produced
from local.load.memory import FLAT_MEGABYTES_AN_HOUR, MEGABYTE, Growth, Sample, growth
from local.load.report import Percentiles, Report, text
from local.load.run import settings_of
from local.load.schedule import FAULTY_SHARE, Fault, schedule
from local.reconcile import Reconciliation
from local.server_process import cpu_seconds

FILES = {
    "new": [f"n{number}" for number in range(200)],
    "bad": ["b0", "b1"],
    "duplicate": [f"n{number}" for number in range(20)],
    "overwrite": [f"o{number}" for number in range(10)],
}


def test_everything_arrives_and_what_repeats_comes_after_what_it_repeats() -> None:
    plan = arrivals(5, FILES, seed=1)  # type: ignore[arg-type]
    assert Counter(one.kind for one in plan) == {"new": 200, "bad": 2, "duplicate": 20, "overwrite": 10}
    first = {one.file: one.at for one in plan if one.kind == "new"}
    assert all(one.at > first[one.file] for one in plan if one.kind == "duplicate")
    assert all(one.at > first[f"n{one.file[1:]}"] for one in plan if one.kind == "overwrite")


def test_arrivals_hold_their_rate_and_are_the_same_again() -> None:
    plan = arrivals(5, FILES, seed=1)  # type: ignore[arg-type]
    assert len(plan) / plan[-1].at == pytest.approx(5, rel=0.15)
    assert [one.at for one in plan] == sorted(one.at for one in plan)
    assert plan == arrivals(5, FILES, seed=1)  # type: ignore[arg-type]
    assert plan != arrivals(5, FILES, seed=2)  # type: ignore[arg-type]


def test_percentages_are_of_the_files() -> None:
    mix = Mix(files=200, rate=5, duplicates=5, overwrites=10, bad=2.5)
    assert [mix.count(kind) for kind in ("new", "duplicate", "overwrite", "bad")] == [200, 10, 20, 5]


def test_a_long_load_has_larger_manifests() -> None:
    short, long = (settings_of(Mix(files, rate=2)) for files in (200, 3_600))
    assert (short["max_wait_minutes"], long["max_wait_minutes"]) == (1, 5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"files": 0}, "FILES=0"),
        ({"rate": 0}, "RATE=0"),
        ({"bad": 101}, "BAD=101"),
        ({"duplicates": -1}, "DUPLICATES=-1"),
    ],
)
def test_an_impossible_mix_is_refused(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Mix(**({"files": 1, "rate": 1} | wrong))  # type: ignore[arg-type]


def test_a_soak_has_rounds_of_every_fault_and_a_quiet_end() -> None:
    planned = schedule(30 * 60)
    assert Counter(one.fault for one in planned) == dict.fromkeys(Fault, 4)
    assert [one.at for one in planned] == sorted(one.at for one in planned)
    assert planned[-1].at < 30 * 60 * FAULTY_SHARE
    assert planned == schedule(30 * 60)


def test_a_short_soak_has_one_round_whose_faults_do_not_meet() -> None:
    planned = schedule(120)
    assert [one.fault for one in planned] == list(Fault)
    ends = [one.at + one.lasts for one in planned]
    assert all(end <= after.at for end, after in zip(ends, planned[1:], strict=False))


def test_a_load_without_faults_has_none() -> None:
    assert schedule(60, ()) == ()


def sampled(rate_mb_an_hour: float, pid: int = 1, level: float = 60, seconds: int = 600) -> list[Sample]:
    """A worker that first takes 20 MB at once, and then grows at the rate."""
    return [
        Sample(at, "f", pid, int((level - 20 * (at < 10) + rate_mb_an_hour * at / 3600) * MEGABYTE))
        for at in range(0, seconds, 5)
    ]


def test_a_worker_that_fills_its_caches_and_stays_there_is_flat() -> None:
    [found] = growth(sampled(0))
    assert found.is_flat
    assert found.megabytes_an_hour == pytest.approx(0, abs=0.01)


def test_a_cache_that_is_filled_late_and_once_is_no_leak() -> None:
    [found] = growth(
        [replace(one, resident_bytes=one.resident_bytes + (one.at > 400) * 7 * MEGABYTE) for one in sampled(0)]
    )
    assert found.is_flat


def test_a_leak_in_steps_is_found() -> None:
    steps = [replace(one, resident_bytes=one.resident_bytes + int(one.at // 60) * MEGABYTE) for one in sampled(0)]
    [found] = growth(steps)
    assert not found.is_flat


def test_a_leak_is_found_also_across_workers_of_different_sizes() -> None:
    [found] = growth([*sampled(2 * FLAT_MEGABYTES_AN_HOUR), *sampled(2 * FLAT_MEGABYTES_AN_HOUR, pid=2, level=90)])
    assert not found.is_flat
    assert found.megabytes_an_hour == pytest.approx(2 * FLAT_MEGABYTES_AN_HOUR, rel=0.01)
    assert found.workers == 2


def test_workers_that_replace_each_other_are_no_growth() -> None:
    [found] = growth([*sampled(0), *sampled(0, pid=2, level=80)])
    assert found.is_flat


def test_a_worker_that_lived_too_shortly_says_nothing() -> None:
    [found] = growth(sampled(100, seconds=90))
    assert found.megabytes_an_hour is None
    assert found.is_flat


def test_percentiles_are_of_seconds() -> None:
    assert Percentiles.of(list(range(101))) == Percentiles(50, 95, 99, 100)
    assert Percentiles.of([]) is None


REPORT = Report(
    started_at="2026-11-21T18:00:00Z",
    settings={"rate": 2.0},
    arrived={"new": 100, "duplicate": 5},
    offered=2.0,
    held=1.98,
    lateness=Percentiles(0.0, 0.1, 0.2, 0.3),
    sent_again=3,
    load_seconds=52.0,
    settle_seconds=70.0,
    most_waiting=40,
    latency=Percentiles(60, 90, 100, 120),
    faults=[Produced(Fault.KILL_SPARK, 10.0, 0.2, 1, "runs")],
    reconciled=7,
    redriven=0,
    growth=[Growth("ndjson-parquet-manifest-builder-local", 2, 40, 71.2, 73.0, 0.5)],
    samples=[Sample(5.0, "ndjson-parquet-manifest-builder-local", 7, 72 * MEGABYTE)],
    machine_load=2.2,
    result=Reconciliation((), 0, 0, 0, 0, ()),
)


def test_the_report_names_load_faults_and_what_is_unaccounted() -> None:
    said = json.loads(json.dumps(REPORT.as_dict()))
    assert said["load"]["held_per_second"] == 1.98
    assert said["faults"] == [{"fault": "Spark runs killed", "at": 10.0, "seconds": 0.2, "hit": 1, "detail": "runs"}]
    assert said["reconciliation"]["unaccounted_files"] == said["reconciliation"]["unaccounted_lines"] == 0
    assert said["memory"][0]["flat"] is said["ok"] is True
    assert said["memory_samples"] == [{"at": 5, "function": REPORT.growth[0].function, "pid": 7, "mb": 72.0}]


def test_a_load_whose_senders_were_late_was_not_held() -> None:
    late = replace(REPORT, lateness=Percentiles(0.1, 0.9, 1.1, 4))
    assert (REPORT.is_held, late.is_held) == (True, False)
    assert late.ok, "late senders lose nothing"


def test_the_report_as_text_fits_a_page() -> None:
    console = Console(width=110, record=True, file=None)
    with console.capture() as capture:
        console.print(text(REPORT))
    lines = capture.get().splitlines()
    assert any("1.98 a second" in line for line in lines)
    assert any("Spark runs killed" in line for line in lines)
    assert any("manifest-builder-local" in line and "flat" in line for line in lines)


@pytest.mark.parametrize(
    ("said", "seconds"), [("00:00:03", 3), ("1-02:03:04", 93784), ("0:03.21", 3.21), ("123:04.05", 7384.05)]
)
def test_the_process_list_tells_cpu_time(said: str, seconds: float) -> None:
    assert cpu_seconds(said) == pytest.approx(seconds)
