"""Each environment, and each combination of flags, planned against a mocked provider: one Terraform process for all."""

import itertools
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.deploy import plan_offline, show, summary, terraform_reader
from scripts.terraform_files import settings_of
from tests.deep import DEEP

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
THEIR_BUCKET = "somebodys-bucket"
# Each flag, and how a plan shows that it is on.
FLAGS: dict[str, tuple[Any, str]] = {
    "enable_stream_manifest_creation": (True, "length(module.stream_manifest_creator) == 1"),
    "enable_eventbridge_decoupling": (True, "output.event_bus_name != null"),
    "existing_landing_bucket": (THEIR_BUCKET, f'output.input_bucket == "{THEIR_BUCKET}"'),
    "enable_customer_managed_key": (True, "length(module.encryption) == 1"),
    "enable_vpc": (True, "length(module.network) == 1"),
    "enable_access_logs": (True, "output.access_log_bucket != null"),
    "enable_alarms": (True, "length(module.alarms) == 1"),
}
# Each pair of flags in each of its four combinations.
PAIRS = ("0000000", "0001111", "0110011", "0111100", "1010101", "1011010", "1100110", "1101001")
COMBINATIONS = ["".join(bits) for bits in itertools.product("01", repeat=len(FLAGS))] if DEEP else PAIRS
ENVIRONMENTS = {path.stem: path for path in sorted((ROOT / "terraform" / "environments").glob("*.tfvars"))}
MOCKS = {
    "aws_caller_identity": {"account_id": ACCOUNT},
    "aws_partition": {"partition": "aws"},
    "aws_availability_zones": {"names": ["zone-a", "zone-b", "zone-c"]},
    "aws_s3_bucket": {"id": THEIR_BUCKET, "arn": f"arn:aws:s3:::{THEIR_BUCKET}", "region": "us-east-1"},
}


def run_of_flags(bits: str) -> dict[str, Any]:
    """A plan with the flags of the bits that are 1, and what has to be seen of each flag."""
    chosen = {flag for flag, bit in zip(FLAGS, bits, strict=True) if bit == "1"}
    settings = {flag: FLAGS[flag][0] for flag in chosen}
    checks = {flag: check if flag in chosen else f"!({check})" for flag, (_, check) in FLAGS.items()}
    return run({"environment": "test", "enable_alarms": False, **settings}, checks)


def run_of_environment(name: str) -> dict[str, Any]:
    names = [f'output.{use}_bucket == "ndjson-parquet-{use}-{name}-{ACCOUNT}"' for use in ("input", "output")]
    return run(settings_of(ENVIRONMENTS[name]), {"buckets": " && ".join(names)})


def run(settings: Mapping[str, Any], checks: Mapping[str, str]) -> dict[str, Any]:
    asserts = [{"condition": f"${{{check}}}", "error_message": f"{name}: {check}"} for name, check in checks.items()]
    return {"command": "plan", "variables": settings, "assert": asserts}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> dict[str, tuple[str, str]]:
    """How each run ended, and what was wrong, by its name."""
    home = tmp_path_factory.mktemp("plans")
    root = home / "terraform"
    (root / "tests").mkdir(parents=True)
    for path in (ROOT / "terraform").glob("*.*"):
        (root / path.name).symlink_to(path)
    (home / "modules").symlink_to(ROOT / "modules")
    runs = {name: run_of_environment(name) for name in ENVIRONMENTS} | {
        f"flags_{bits}": run_of_flags(bits) for bits in COMBINATIONS
    }
    mocks = {kind: {"defaults": defaults} for kind, defaults in MOCKS.items()}
    document = {
        "variables": {"artifacts_dir": str(artifacts)},
        "mock_provider": {"aws": {"mock_data": mocks}},
        "run": [{name: body} for name, body in runs.items()],
    }
    (root / "tests" / "plans.tftest.json").write_text(json.dumps(document))
    terraform(root, "init", "-backend=false", "-lockfile=readonly", "-input=false")
    said = [json.loads(line) for line in terraform(root, "test", "-json").splitlines()]
    problems: dict[str, str] = {}
    for event in said:
        if event["type"] == "diagnostic":
            problems[event.get("@testrun", "")] = event["diagnostic"]["detail"]
    ended = [event for event in said if event["type"] == "test_run" and event["test_run"]["progress"] == "complete"]
    return {e["@testrun"]: (e["test_run"]["status"], problems.get(e["@testrun"], str(problems))) for e in ended}


def terraform(root: Path, *arguments: str) -> str:
    command = [str(ROOT / "scripts" / "terraform"), f"-chdir={root}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


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
    assert not {"aws_lambda_function_url", "aws_internet_gateway", "aws_nat_gateway", "aws_eip"} & planned.keys()
