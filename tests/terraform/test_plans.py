"""Each environment, and flags together, planned against a mocked provider: one Terraform process for all.

In every run each pair of flags; in the deep runs also each flag alone, and each one missing from all the others.
"""

import itertools
from pathlib import Path
from typing import Any

import pytest

from scripts.deploy import plan_offline, show, summary, terraform_reader
from scripts.terraform_files import settings_of
from tests.deep import DEEP
from tests.terraform.offline import ACCOUNT, ROOT, THEIR_BUCKET, Run, plan_run, run_tests

# Each flag, and how a plan shows that it is on.
FLAGS: dict[str, tuple[Any, str]] = {
    "enable_stream_manifest_creation": (True, "length(module.stream_manifest_creator) == 1"),
    "enable_eventbridge_decoupling": (True, "output.event_bus_name != null"),
    "existing_landing_bucket": (THEIR_BUCKET, f'output.input_bucket == "{THEIR_BUCKET}"'),
    "enable_customer_managed_key": (True, "length(module.encryption) == 1"),
    "enable_vpc": (True, "length(module.network) == 1"),
    "enable_access_logs": (True, "output.access_log_bucket != null"),
    "enable_alarms": (True, "length(module.alarms) == 1"),
    "enable_dashboard": (True, "output.dashboard != null"),
    "enable_lake": (True, "output.lake != null && length(module.lake) == 1"),
    "enable_export_api": (True, "length(module.export) == 1"),
}
# What anybody outside of the account could reach.
PUBLIC = {
    "aws_apigatewayv2_api",
    "aws_apigatewayv2_route",
    "aws_cloudfront_distribution",
    "aws_cognito_user_pool",
    "aws_eip",
    "aws_internet_gateway",
    "aws_lambda_function_url",
    "aws_nat_gateway",
}


def pairs(flags: int) -> list[str]:
    """Six runs in which each pair of up to ten flags has each of its four combinations.

    In the first run no flag is on. Each flag is on in three of the other five, no two flags in the same three: so any
    two are on together in one, and each without the other in one.
    """
    choices = list(itertools.islice(itertools.combinations(range(1, 6), 3), flags))
    assert len(choices) == flags, f"{flags} flags do not fit into six runs"
    return ["".join(str(int(number in chosen)) for chosen in choices) for number in range(6)]


def singles(flags: int) -> list[str]:
    """Each flag on while all others are off, each off while all others are on, and all of them on."""
    alone = ["".join(str(int(one == number)) for number in range(flags)) for one in range(flags)]
    missing = [bits.translate(str.maketrans("01", "10")) for bits in alone]
    return [*alone, *missing, "1" * flags]


COMBINATIONS = [*pairs(len(FLAGS)), *(singles(len(FLAGS)) if DEEP else ())]
ENVIRONMENTS = {path.stem: path for path in sorted((ROOT / "terraform" / "environments").glob("*.tfvars"))}


def run_of_flags(bits: str) -> Run:
    """A plan with the flags of the bits that are 1, and what has to be seen of each flag."""
    chosen = {flag for flag, bit in zip(FLAGS, bits, strict=True) if bit == "1"}
    settings = {flag: FLAGS[flag][0] for flag in chosen}
    checks = {flag: check if flag in chosen else f"!({check})" for flag, (_, check) in FLAGS.items()}
    return plan_run({"environment": "test", "enable_alarms": False, "enable_dashboard": False, **settings}, checks)


def run_of_environment(name: str) -> Run:
    names = [f'output.{use}_bucket == "ndjson-parquet-{use}-{name}-{ACCOUNT}"' for use in ("input", "output")]
    return plan_run(settings_of(ENVIRONMENTS[name]), {"buckets": " && ".join(names)})


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> dict[str, tuple[str, str]]:
    """How each run ended, and what was wrong, by its name."""
    runs = {name: run_of_environment(name) for name in ENVIRONMENTS} | {
        f"flags_{bits}": run_of_flags(bits) for bits in COMBINATIONS
    }
    said = run_tests(tmp_path_factory.mktemp("plans"), artifacts, runs)
    problems: dict[str, str] = {}
    for event in said:
        if event["type"] == "diagnostic":
            problems[event.get("@testrun", "")] = event["diagnostic"]["detail"]
    ended = [event for event in said if event["type"] == "test_run" and event["test_run"]["progress"] == "complete"]
    return {e["@testrun"]: (e["test_run"]["status"], problems.get(e["@testrun"], str(problems))) for e in ended}


@pytest.mark.parametrize("name", [*ENVIRONMENTS, *(f"flags_{bits}" for bits in COMBINATIONS)])
def test_it_plans(results: dict[str, tuple[str, str]], name: str) -> None:
    status, problem = results.get(name, ("not run", "terraform test ended before it"))
    assert status == "pass", problem


def test_prod_plans_without_asking_anybody_and_is_protected(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    changes = plan_offline(ROOT, "prod", terraform_reader(ROOT, tmp_path))
    show("prod", list(summary(changes)))
    said = capsys.readouterr().out
    assert f"ndjson-parquet-output-prod-{ACCOUNT}" in said
    assert f"Plan: {len(changes)} to add" in said
    planned: dict[str, list[dict[str, Any]]] = {}
    for change in changes:
        planned.setdefault(change["type"], []).append(change["change"]["after"])
    assert all(table["deletion_protection_enabled"] for table in planned["aws_dynamodb_table"])
    assert all(table["point_in_time_recovery"] == [{"enabled": True}] for table in planned["aws_dynamodb_table"])
    assert not any(bucket["force_destroy"] for bucket in planned["aws_s3_bucket"])
    assert all(group["retention_in_days"] for group in planned["aws_cloudwatch_log_group"])
    assert {"aws_kms_key", "aws_s3_bucket_logging", "aws_cloudwatch_metric_alarm"} <= planned.keys()
    kinds = ("aws_s3_bucket", "aws_s3_bucket_public_access_block", "aws_s3_bucket_policy")
    assert len({len(planned[kind]) for kind in kinds}) == 1
    assert not PUBLIC & planned.keys()
