"""The capacity model: its sources, its arithmetic beside that of `ndjson-parquet cost`, and what it recommends."""

import json
import re
from dataclasses import replace
from math import ceil
from pathlib import Path

import pytest

from benchmarks.capacity import report
from benchmarks.capacity.__main__ import multiples
from benchmarks.capacity.assumptions import FILE, read_assumptions
from benchmarks.capacity.limits import invocation_shares, uses
from benchmarks.capacity.model import (
    MEMBERS_KILOBYTES_PER_FILE,
    finishing_calls,
    ours,
    publishing_calls,
    replaced,
    write_units_per_file,
)
from benchmarks.capacity.recommendation import MANIFEST_FILES, recommended, with_size
from benchmarks.capacity.settings import environment_settings
from benchmarks.capacity.simulation import Plant, simulate
from benchmarks.control_plane.backlog import DATE, landed
from benchmarks.control_plane.units import item_bytes
from ndjson_parquet.batching import OpenBatch
from ndjson_parquet.items import members_item, to_item
from ndjson_parquet_cli import costs
from ndjson_parquet_cli.prices import read_prices

ROOT = Path(__file__).resolve().parents[2]
FRESHNESS = 30 * 60
KNOWN, PRICES, PROD = read_assumptions(), read_prices(), environment_settings("prod")


def test_every_number_says_where_it_comes_from() -> None:
    content = json.loads(FILE.read_text())
    for name, entry in (content["figures"] | content["quotas"]).items():
        assert entry["basis"] in ("measured", "published", "recalled", "assumed"), name
        assert entry.get("how") or (entry["source"].startswith("https://") and entry["unit"]), name
    for name, entry in content["quotas"].items():
        assert (entry["basis"] == "published") == ("checked" in entry), name


def test_calls_of_a_manifest_are_those_that_were_measured() -> None:
    """Per 1,000 files, so per five manifests."""
    measured = (ROOT / "docs" / "benchmarks" / "control-plane.md").read_text()
    [publishing] = re.findall(r"\| publishing, 5 manifests \| (\d+) \|", measured)
    [finishing] = re.findall(r"\| status updater, 5 manifests \| (\d+) \|", measured)
    assert (5 * publishing_calls(200, 10), 5 * finishing_calls(200)) == (int(publishing), int(finishing))


def test_write_units_of_a_file_are_those_that_were_measured() -> None:
    measured = (ROOT / "docs" / "benchmarks" / "control-plane.md").read_text()
    [units] = re.findall(r"^\| 0 \| this pipeline \| \d+ \| ([\d,]+) \|", measured, re.MULTILINE)
    metrics_items = 5
    assert write_units_per_file(10) == pytest.approx((float(units.replace(",", "")) - metrics_items) / 1000)
    assert write_units_per_file(10) == pytest.approx(costs.WRITE_UNITS_PER_FILE)


@pytest.mark.parametrize("files", [1, 3, 5, 10])
def test_a_members_item_is_as_large_as_the_model_says(files: int) -> None:
    listed = [landed(number, "ndjson-parquet-input-prod-123456789012") for number in range(files)]
    item = to_item(
        members_item(OpenBatch(DATE, 0, 1, "20261120T161000-00-0123456700"), "20261120T161000-00-01", listed)
    )
    assert ceil(item_bytes(item) / 1024) == ceil(files * MEMBERS_KILOBYTES_PER_FILE)


def test_a_day_costs_what_the_command_line_would_say() -> None:
    """Whatever is not logs and metrics, and not for deliveries of fewer than ten, is the command line's own sum."""
    settings = replace(PROD, sqs_batching_window_seconds=20)
    day = ours(KNOWN.reference, settings, KNOWN.figures, PRICES)
    used = costs.Usage(
        runs=round(day.runs),
        files=round(KNOWN.reference.files_per_day),
        bytes_in=round(KNOWN.reference.terabytes_per_day * 1e12),
        dpu_seconds=day.runs * day.run_seconds * settings.dpus,
    )
    said = {line.service: line.usd for line in costs.bill(used, PRICES).lines}
    for service in ("Glue", "DynamoDB", "S3 requests", "SQS", "Step Functions"):
        assert day.dollars[service] == pytest.approx(said[service]), service
    assert day.dollars.keys() == said.keys() | {"CloudWatch"}


def test_a_terabyte_costs_a_fiftieth_of_what_it_cost() -> None:
    before = replaced(KNOWN.reference, KNOWN.figures, PRICES).dollars_per_terabyte
    assert ours(KNOWN.reference, PROD, KNOWN.figures, PRICES).dollars_per_terabyte <= before / 50


@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_an_environment_is_set_as_the_model_recommends(environment: str) -> None:
    found = environment_settings(environment)
    assert recommended(KNOWN.reference, found, KNOWN.figures, PRICES, FRESHNESS) == found


def test_a_fresher_file_needs_a_smaller_manifest_and_some_freshness_cannot_be_had() -> None:
    fresh = recommended(KNOWN.reference, PROD, KNOWN.figures, PRICES, 3 * 60)
    assert fresh.max_files_per_manifest < PROD.max_files_per_manifest
    with pytest.raises(ValueError, match="within 10 s"):
        recommended(KNOWN.reference, PROD, KNOWN.figures, PRICES, 10)


@pytest.mark.parametrize("files", [2_000, 10_000])
def test_a_manifest_is_published_and_finished_in_half_an_invocation(files: int) -> None:
    """10,000 is the most that max_files_per_manifest may be."""
    assert max(invocation_shares(files, KNOWN.figures).values()) < 0.5


def test_the_first_limit_is_the_table_s_key_and_each_is_met_at_its_multiple() -> None:
    found = report.limits(KNOWN, PROD)
    assert found[0].use.name == "table: the items of one date"
    assert [one.burst_multiple for one in found] == sorted(one.burst_multiple for one in found)
    for limit in found:
        at = KNOWN.reference.times(limit.burst_multiple)
        [use] = [use for use in uses(at, PROD, KNOWN.figures, KNOWN.quotas) if use.name == limit.use.name]
        assert use.share == pytest.approx(1, rel=0.05), limit


@pytest.mark.parametrize("text", ["", "1,,2", "ten", "0", "-1"])
def test_a_multiple_is_a_number_above_0(text: str) -> None:
    with pytest.raises(Exception, match="such as 1,10,100"):
        multiples(text)


def test_a_drain_takes_as_long_as_the_one_that_was_measured() -> None:
    """`make demo` in a fresh clone, 2026-11-21: five manifests of one Glue run each, one at a time, done after 49.5 s.

    They were ready after 0.0, 0.1, 2.9, 2.9 and 3.2 s, and their runs took 8.1, 11.1, 12.8, 6.3 and 6.5 s.
    """
    ready, runs = (0.0, 0.1, 2.9, 2.9, 3.2), iter((8.1, 11.1, 12.8, 6.3, 6.5))
    local = Plant(
        files_per_manifest=1,
        max_wait_seconds=60,
        writers=2,
        shards=10,
        runs=1,
        sweep_seconds=60,
        delivery_seconds=0.1,
        commit_seconds=0.02,
        publish_seconds=lambda _: 0.1,
        run_seconds=lambda _: next(runs),
        retry_seconds=1,
    )
    assert simulate(ready, local).ended_at == pytest.approx(49.5, rel=0.1)


def test_the_pages_have_the_model_s_figures() -> None:
    cost, scale = ((ROOT / "docs" / name).read_text() for name in ("cost.md", "scale.md"))
    answers = [report.answer(KNOWN, multiple, PROD, PRICES, FRESHNESS) for multiple in (1, 10, 100, 1000)]
    for one in answers:
        assert f"| {one.multiple:g}x | " + " | ".join(f"{day.total:,.2f}" for day in one.days) + " |" in cost
    for service in answers[0].ours.dollars:
        assert f"| {service} | " + " | ".join(f"{one.ours.dollars[service]:,.2f}" for one in answers) + " |" in cost
    for files in MANIFEST_FILES[:-1]:
        settings = with_size(KNOWN.reference, PROD, files, 2)
        assert f"| {ours(KNOWN.reference, settings, KNOWN.figures, PRICES).total:,.2f} |" in cost
    for setting in ("max_files_per_manifest", "glue_max_concurrent_runs", "manifest_builder_max_concurrency"):
        assert (
            f"| `{setting}` | " + " | ".join(f"{getattr(one.settings, setting):,}" for one in answers) + " |" in scale
        )
    for limit in report.limits(KNOWN, PROD)[:9]:
        assert f"| {limit.average_multiple:,.0f}x |" in scale, limit
