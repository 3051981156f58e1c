"""The rules of the command line: names of files, counts, retries, costs, text, settings, errors of AWS."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError
from hypothesis import given
from hypothesis import strategies as st

from ndjson_parquet.landing import file_key
from ndjson_parquet.manifests import ManifestRecord, parse_time, record_time
from ndjson_parquet.sweeping import SweepRules, retry_is_due
from ndjson_parquet_cli.aws import explained
from ndjson_parquet_cli.costs import Usage, bill, replay_estimate, usage
from ndjson_parquet_cli.deployment import deployment
from ndjson_parquet_cli.errors import UnreachableError
from ndjson_parquet_cli.health import Reconciled, last_reconciled
from ndjson_parquet_cli.journey import Traces, journey
from ndjson_parquet_cli.prices import FILE, read_prices
from ndjson_parquet_cli.reference import day_of_batch, file_reference, is_batch_id
from ndjson_parquet_cli.retries import RetryRules, outlook
from ndjson_parquet_cli.standing import backlog, day_counts
from ndjson_parquet_cli.text import dollars, duration, plural, size, without_middle
from tests.cli_world import BATCH, CALLER, DAY, ETAG, NOW, VARIABLES, manifest, open_batch, tracked

PREFIX = "landing/ndjson/"
RULES = RetryRules(3, timedelta(minutes=5))
names = st.text(st.characters(exclude_characters="@\x00", exclude_categories=["Cs"]), min_size=1, max_size=1200)


@given(names, st.sampled_from(["2026-11-20/", "2026-13-40/", ""]))
def test_a_whole_key_finds_its_item_however_long_it_is(name: str, folder: str) -> None:
    key = f"{PREFIX}{folder}{name}"
    reference = file_reference(f"{key}@{ETAG}", PREFIX)
    item = file_key(key, ETAG, PREFIX)
    assert any(item.startswith(prefix) for prefix in reference.key_prefixes(PREFIX))
    assert reference.matches(key, ETAG)
    assert not reference.matches(key, "0" * 32)


def test_a_name_matches_the_end_of_a_key_and_no_part_of_a_word() -> None:
    reference = file_reference("001.ndjson", PREFIX)
    assert reference.matches(f"{PREFIX}{DAY}/shop/001.ndjson", ETAG)
    assert not reference.matches(f"{PREFIX}{DAY}/shop/1001.ndjson", ETAG)


def test_a_batch_id_is_told_from_a_file_and_has_its_day() -> None:
    assert is_batch_id(BATCH)
    assert not is_batch_id("landing/ndjson/2026-11-20/a.ndjson")
    assert day_of_batch(BATCH) == DAY


@given(st.integers(1, 8), st.integers(0, 8), st.integers(0, 20_000), st.integers(1, 10))
def test_the_outlook_of_a_failure_is_what_the_sweep_does(
    attempts: int, refusals: int, age_seconds: int, allowed: int
) -> None:
    refusals = min(refusals, attempts)
    updated = record_time(NOW - timedelta(seconds=age_seconds))
    rules = SweepRules(timedelta(), 1, allowed, RULES.backoff, timedelta())
    record = ManifestRecord(
        DAY, BATCH, "failed", 0, 1, 1, attempts, updated, updated, "s3://m/x", updated, refusals=refusals
    )
    failed = manifest(state="failed", attempts=attempts, refusals=refusals, updated_at=updated)
    found = outlook(failed, RetryRules(allowed, RULES.backoff), NOW)
    assert (found.retry_at is not None and found.retry_at <= NOW) == retry_is_due(record, NOW, rules)
    assert (found.retry_at is None) == (attempts - refusals >= allowed)


@given(st.lists(st.tuples(st.sampled_from(["pending", "processing", "completed", "failed"]), st.integers(1, 200))))
def test_every_file_is_counted_in_one_state(made: list[tuple[str, int]]) -> None:
    manifests = [manifest(f"b{number}", state, file_count=count) for number, (state, count) in enumerate(made)]
    counted = day_counts(DAY, manifests, [open_batch(), open_batch(date_prefix="2026-11-19")], 4)
    assert sum(counted.files.values()) == sum(count for _, count in made) + 20 + 4
    assert sum(counted.manifests.values()) == len(made) + 1


def test_the_oldest_that_waits_is_named() -> None:
    waiting = {"pending": [manifest(state="pending", opened_at=record_time(NOW - timedelta(hours=2)))]}
    found = backlog([open_batch()], waiting, 3, NOW)
    assert (found.oldest_waiting, found.oldest_waiting_seconds) == (f"manifest {BATCH}", 7200)
    assert backlog([], {"failed": [manifest(state="failed")]}, 3, NOW).oldest_waiting is None


MINUTES = [NOW - timedelta(minutes=number) for number in range(6)]


@pytest.mark.parametrize(
    ("unaccounted", "found"),
    [([0, 5], Reconciled(0, MINUTES[0])), ([3, 0], Reconciled(3, MINUTES[0])), ([], None)],
    ids=["mended by a second run", "found by the last run", "none has ended"],
)
def test_the_last_whole_run_of_the_reconciler_counts(unaccounted: list[float], found: Reconciled | None) -> None:
    assert last_reconciled(list(zip(MINUTES, unaccounted, strict=False))) == found


def test_a_failed_run_has_its_cost_and_converted_nothing() -> None:
    runs = [
        {"outcome": "failed", "files": 200, "glue_seconds": 10, "glue_dpu_seconds": 120},
        {"outcome": "completed", "files": 200, "files_missing": 1, "bytes_in": 10**9, "glue_dpu_seconds": 240},
        {"outcome": "completed", "files": 1, "bytes_in": 0},
    ]
    found = usage(runs)
    assert (found.runs, found.failed_runs, found.files, found.dpu_seconds) == (3, 1, 200, 360)


@given(st.integers(0, 10**6), st.integers(0, 10**13), st.integers(1, 100))
def test_a_larger_replay_costs_no_less(files: int, total: int, more: int) -> None:
    recent = Usage(runs=4, failed_runs=1, files=600, bytes_in=2 * 10**9, dpu_seconds=4 * 240)
    for used in (recent, Usage()):
        estimates = [replay_estimate(files * step, total * step, used, 4.0, 0.44) for step in (1, more)]
        assert estimates[0].usd <= estimates[1].usd


def test_flex_and_x86_have_their_own_prices() -> None:
    used, prices = Usage(runs=1, dpu_seconds=3600, gb_seconds=1e6), read_prices()
    lines = {line.service: line.usd for line in bill(used, prices, is_flex=True, is_arm=False).lines}
    assert lines["Glue"] == pytest.approx(0.29)
    assert lines["Lambda"] == pytest.approx(16.6667)


def test_every_price_has_a_unit_and_a_source() -> None:
    content = json.loads(FILE.read_text())
    assert content["recorded"]
    assert content["provenance"]
    for entry in content["prices"].values():
        assert entry["usd"] > 0
        assert entry["per"]
        assert entry["source"].startswith("https://aws.amazon.com/")


def test_steps_are_in_order_and_never_before_each_other() -> None:
    later = NOW + timedelta(milliseconds=900)
    file = tracked("a.ndjson", "pending", created_at=record_time(later))
    told = journey(Traces("s3://input/a", file, None), RULES, timedelta(minutes=15), NOW)
    assert all(step.seconds is None or step.seconds >= 0 for step in told.steps)
    assert all(a.at <= b.at for a, b in pairwise(told.steps) if a.at and b.at)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.85, "850 ms"),
        (42, "42 s"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (7800, "2 h 10 min"),
        (356_400, "4 d 3 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_sizes_dollars_and_plurals() -> None:
    assert [size(count) for count in (999, 3_700_000, 10**16)] == ["999 B", "3.7 MB", "10000.0 TB"]
    assert [dollars(amount) for amount in (0, 1234.5, 0.0042, 0.0000004)] == [
        "$0.00",
        "$1,234.50",
        "$0.0042",
        "$0.000000",
    ]
    assert [plural(1, "batch"), plural(2, "batch"), plural(2000, "entry"), plural(3, "file")] == [
        "1 batch",
        "2 batches",
        "2,000 entries",
        "3 files",
    ]


def test_a_deployment_with_its_own_landing_bucket() -> None:
    assert deployment("dev", CALLER, VARIABLES).input_bucket == "ndjson-parquet-input-dev-123456789012"
    assert deployment("dev", CALLER, VARIABLES | {"INPUT_BUCKET": "theirs"}).input_bucket == "theirs"


def test_an_older_deployment_is_told_to_be_deployed() -> None:
    with pytest.raises(UnreachableError, match="TRACKING_TABLE"):
        deployment("dev", CALLER, {name: value for name, value in VARIABLES.items() if name != "TRACKING_TABLE"})


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Query"), "AWS refuses"),
        (ClientError({"Error": {"Code": "ExpiredToken", "Message": "old"}}, "Query"), "does not take the credentials"),
        (ClientError({"Error": {"Code": "InternalServerError", "Message": "?"}}, "Query"), "answers with an error"),
        (NoCredentialsError(), "no credentials"),
        (NoRegionError(), "no region"),
        (EndpointConnectionError(endpoint_url="https://sts.us-east-1.amazonaws.com"), "cannot be reached"),
    ],
    ids=["denied", "expired", "other", "credentials", "region", "network"],
)
def test_errors_of_aws_say_what_to_do(error: Exception, says: str) -> None:
    told = explained(error)
    assert told is not None
    assert (told.exit_code, says in str(told), bool(told.remedy)) == (3, True, True)


def test_errors_of_our_own_are_not_hidden() -> None:
    assert explained(ValueError("a defect")) is None


def test_times_of_the_table_are_read() -> None:
    assert parse_time(record_time(NOW)) == NOW == datetime(2026, 11, 20, 16, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nothing is cut", "nothing is cut"),
        (
            "what happened first, then very much more, and at the end what to do",
            "what happened … the end what to do",
        ),
        (f"s3://bucket/{'a' * 50} is", f"s3://bucket/{'a' * 8} … {'a' * 17} is"),
    ],
)
def test_a_middle_is_left_out_between_words_unless_they_are_addresses(text: str, told: str) -> None:
    assert without_middle(text, 40) == told
