"""Terraform's own checks, in a data directory of their own so that nobody's initialisation is touched."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts.terraform_files import runs_of

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "terraform"
NATIVE_TESTS = [
    (path.name, name) for path in sorted((CONFIGURATION / "tests").glob("*.tftest.hcl")) for name in runs_of(path)
]


class Terraform:
    """The root module, initialised without a backend."""

    def __init__(self, folder: Path, artifacts: Path) -> None:
        self._artifacts = artifacts
        self._environment = {**os.environ, "TF_DATA_DIR": str(folder / "data"), "TF_IN_AUTOMATION": "1"}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [ROOT / "scripts" / "terraform", f"-chdir={CONFIGURATION}", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    @cache  # noqa: B019 - one process for all native tests: each would load the provider again
    def native_results(self) -> dict[tuple[str, str], tuple[str, str]]:
        """(file, run) -> (status, what was wrong)."""
        said = self.run("test", "-json", "-var", f"artifacts_dir={self._artifacts}").stdout
        events: list[dict[str, Any]] = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        problems: dict[tuple[str, str], list[str]] = {}
        for event in events:
            if event["type"] == "diagnostic":
                found = event["diagnostic"]
                where = (Path(event.get("@testfile", "")).name, event.get("@testrun", ""))
                problems.setdefault(where, []).append(f"{found['summary']}: {found['detail']}")
        ended = [e for e in events if e["type"] == "test_run" and e["test_run"]["progress"] == "complete"]
        keys = [((Path(event["@testfile"]).name, event["@testrun"]), event["test_run"]["status"]) for event in ended]
        return {key: (status, "\n".join(problems.get(key, []))) for key, status in keys}


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Terraform:
    terraform = Terraform(tmp_path_factory.mktemp("terraform"), artifacts)
    result = terraform.run("init", "-backend=false", "-lockfile=readonly", "-input=false", "-no-color")
    assert result.returncode == 0, result.stderr
    return terraform


def test_everything_is_formatted(terraform: Terraform) -> None:
    result = terraform.run("fmt", "-check", "-recursive", "..")
    assert result.returncode == 0, f"run scripts/terraform fmt -recursive on: {result.stdout}"


def test_the_configuration_is_valid(terraform: Terraform) -> None:
    # Its native tests are run below; to validate them too takes a provider for each run.
    result = json.loads(terraform.run("validate", "-no-tests", "-json").stdout)
    assert result["valid"] and not result["diagnostics"], result["diagnostics"]


@pytest.mark.parametrize(("file", "run"), NATIVE_TESTS)
def test_native(terraform: Terraform, file: str, run: str) -> None:
    status, problem = terraform.native_results().get((file, run), ("not run", "terraform test ended before it"))
    assert status == "pass", problem
