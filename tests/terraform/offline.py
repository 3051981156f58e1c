"""Plans against a mocked provider, many in one Terraform process: each process loads the provider again."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
THEIR_BUCKET = "somebodys-bucket"
MOCKS = {
    "aws_caller_identity": {"account_id": ACCOUNT},
    "aws_partition": {"partition": "aws"},
    "aws_availability_zones": {"names": ["zone-a", "zone-b", "zone-c"]},
    "aws_s3_bucket": {"id": THEIR_BUCKET, "arn": f"arn:aws:s3:::{THEIR_BUCKET}", "region": "us-east-1"},
}

ELSEWHERE = "https://example.com/runbooks"
EVERYTHING = {
    "environment": "test",
    "enable_stream_manifest_creation": True,
    "enable_eventbridge_decoupling": True,
    "enable_export_api": True,
    "alert_email": "data@example.com",
}
# Another value for each setting that docs/alarms.md names.
OTHER_SETTINGS = {
    "slow_function_percent": 70,
    "manifest_builder_max_concurrency": 7,
    "max_event_age_minutes": 45,
    "file_events_backlog": 1234,
    "oldest_pending_minutes": 55,
    "quarantine_spike_files": 3,
    "reject_spike_percent": 2,
    "freshness_target_percent": 95,
    "reconciler_overdue_hours": 50,
    "daily_budget_usd": 7,
    "export_failed_jobs": 5,
}
# The plans that tests look at, by name.
SETTINGS: dict[str, Mapping[str, Any]] = {
    "everything": EVERYTHING,
    "other": {**EVERYTHING, **OTHER_SETTINGS},
    "nothing": {"environment": "test", "enable_schedule": False, "enable_dashboard": False},
    "no_alarms": {"environment": "test", "enable_alarms": False},
    "elsewhere": {"environment": "test", "runbook_base_url": ELSEWHERE},
    "buckets": {
        "environment": "test",
        "existing_landing_bucket": THEIR_BUCKET,
        "retention_days": {"output": 400},
        "versioned_buckets": ["output"],
        "noncurrent_version_days": 14,
        "enable_access_logs": True,
        "access_log_retention_days": 60,
        "enable_customer_managed_key": True,
        "enable_export_api": True,
        "export_retention_days": 31,
        "enable_export_console": True,
        "enable_lake": True,
    },
    "lake": {"environment": "test", "enable_lake": True, "lake_quarantined_files": 3, "lake_daily_budget_usd": 7},
}

Run = Mapping[str, Any]
Event = Mapping[str, Any]
Planned = Sequence[Mapping[str, Any]]


def plan_run(settings: Mapping[str, Any], checks: Mapping[str, str] | None = None) -> Run:
    """A run block that plans with these settings and asserts the checks: name -> condition."""
    asserts = [
        {"condition": f"${{{check}}}", "error_message": f"{name}: {check}"} for name, check in (checks or {}).items()
    ]
    return {"command": "plan", "variables": settings, "assert": asserts}


def run_tests(home: Path, artifacts: Path, runs: Mapping[str, Run], *options: str) -> list[Event]:
    """What `terraform test` says of the runs, in a copy of the root module that is made of links."""
    root = home / "terraform"
    (root / "tests").mkdir(parents=True)
    for path in (ROOT / "terraform").glob("*.*"):
        (root / path.name).symlink_to(path)
    (home / "modules").symlink_to(ROOT / "modules")
    document = {
        "variables": {"artifacts_dir": str(artifacts)},
        "mock_provider": {
            "aws": {"mock_data": {kind: {"defaults": defaults} for kind, defaults in MOCKS.items()}},
        },
        "run": [{name: body} for name, body in runs.items()],
    }
    (root / "tests" / "plans.tftest.json").write_text(json.dumps(document))
    _terraform(root, "init", "-backend=false", "-lockfile=readonly", "-input=false")
    return [json.loads(line) for line in _terraform(root, "test", "-json", *options).splitlines()]


def planned_resources(home: Path, artifacts: Path, settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Planned]:
    """The managed resources of a plan with each of these settings, by the name of the settings."""
    events = run_tests(home, artifacts, {name: plan_run(chosen) for name, chosen in settings.items()}, "-verbose")
    problems = [event["diagnostic"] for event in events if event["type"] == "diagnostic"]
    assert not [problem for problem in problems if problem["severity"] == "error"], problems
    plans = {event["@testrun"]: event["test_plan"] for event in events if event["type"] == "test_plan"}
    return {name: list(_managed(plans[name]["resource_changes"])) for name in settings}


def _managed(changes: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for change in changes:
        if change["mode"] == "managed":
            yield {**change["change"]["after"], "type": change["type"], "address": change["address"]}


def _terraform(root: Path, *arguments: str) -> str:
    command = [str(ROOT / "scripts" / "terraform"), f"-chdir={root}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
