"""scripts/deploy.py: what is refused before Terraform starts, and what is run then."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts import deploy as tool
from scripts.deploy import (
    DeployError,
    Request,
    backend_of,
    check_settings,
    deploy,
    plan_offline,
    release_of,
    tfvars_of,
)
from scripts.terraform_files import settings_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with one setting, artefacts, and the environments dev and prod."""
    files = {
        "terraform/variables.tf": "".join(f'variable "{name}" {{\n}}\n' for name in ("environment", "enable_vpc")),
        **{f"terraform/environments/{name}.tfvars": f'environment = "{name}"\n' for name in ("dev", "prod", "local")},
        **{f"terraform/environments/{name}.s3.tfbackend": 'bucket = "state"\n' for name in ("dev", "prod")},
        **{f"build/{name}": "" for name in tool.ARTEFACTS},
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


class Recorder:
    """Takes Terraform's place: remembers the calls and answers with the given exit codes."""

    def __init__(self, *codes: int) -> None:
        self._codes = list(codes)
        self.calls: list[list[str]] = []

    def __call__(self, arguments: Sequence[str]) -> int:
        self.calls.append(list(arguments))
        return self._codes.pop(0) if self._codes else 0


def nobody(question: str) -> str:
    return ""


def test_an_environment_is_applied_with_its_own_settings_and_state(tree: Path) -> None:
    run = Recorder()
    assert deploy(tree, Request("apply", "dev"), run, nobody) == 0
    assert run.calls == [
        ["init", "-reconfigure", "-input=false", "-lockfile=readonly", "-backend-config=environments/dev.s3.tfbackend"],
        ["apply", "-var-file=environments/dev.tfvars"],
    ]


def test_nothing_is_applied_when_the_state_is_out_of_reach(tree: Path) -> None:
    run = Recorder(1)
    assert deploy(tree, Request("apply", "dev"), run, nobody) == 1
    assert len(run.calls) == 1


@pytest.mark.parametrize("action", ["apply", "destroy"])
def test_prod_is_left_alone_until_somebody_types_it(tree: Path, action: str) -> None:
    run = Recorder()
    with pytest.raises(DeployError, match="was not confirmed: type prod, or give CONFIRM=prod"):
        deploy(tree, Request(action, "prod"), run, nobody)
    assert run.calls == []
    deploy(tree, Request(action, "prod"), run, lambda question: "prod")
    assert run.calls[-1] == [action, "-var-file=environments/prod.tfvars"]


def test_a_confirmation_answers_terraforms_question(tree: Path) -> None:
    run = Recorder()
    deploy(tree, Request("apply", "prod", "prod"), run, nobody)
    assert run.calls[-1] == ["apply", "-var-file=environments/prod.tfvars", "-auto-approve"]


def test_a_confirmation_of_another_environment_is_refused(tree: Path) -> None:
    with pytest.raises(DeployError, match="CONFIRM is 'dev', but ENV is 'prod'"):
        deploy(tree, Request("destroy", "prod", "dev"), Recorder(), nobody)


def test_a_plan_of_prod_needs_no_confirmation(tree: Path) -> None:
    run = Recorder()
    deploy(tree, Request("plan", "prod"), run, nobody)
    assert run.calls[-1] == ["plan", "-var-file=environments/prod.tfvars"]


def test_local_is_the_demos(tree: Path) -> None:
    with pytest.raises(DeployError, match="make demo deploys it"):
        deploy(tree, Request("apply", "local"), Recorder(), nobody)


def test_an_unknown_environment_is_named_with_those_there_are(tree: Path) -> None:
    with pytest.raises(DeployError, match="ENV is 'production'; allowed are dev, local, prod"):
        tfvars_of(tree, "production")


def test_a_misspelt_setting_is_refused_with_what_it_may_have_meant(tree: Path) -> None:
    path = tree / "terraform" / "environments" / "dev.tfvars"
    path.write_text('environment = "dev"\nenabel_vpc = true\nzebra = 1\n')
    with pytest.raises(
        DeployError, match=r"enabel_vpc \(did you mean enable_vpc\?\), zebra \(see docs/configuration.md\)"
    ):
        check_settings(tree, path)


def test_absent_artefacts_are_refused(tree: Path) -> None:
    (tree / "build" / tool.ARTEFACTS[0]).unlink()
    with pytest.raises(DeployError, match="is not there: run make package"):
        deploy(tree, Request("plan", "dev"), Recorder(), nobody)


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_the_backends_lock_in_s3_and_have_to_be_named_first(name: str) -> None:
    backend = settings_of(ROOT / "terraform" / "environments" / f"{name}.s3.tfbackend")
    assert (backend["use_lockfile"], backend["encrypt"], backend["key"]) == (
        True,
        True,
        f"ndjson-parquet/{name}.tfstate",
    )
    with pytest.raises(DeployError, match="still says ACCOUNT_ID"):
        backend_of(ROOT, name)


def test_an_environment_without_a_backend_is_refused(tree: Path) -> None:
    with pytest.raises(DeployError, match="it names the bucket of the state"):
        backend_of(tree, "other")


def test_a_plan_that_fails_says_what_terraform_said(tree: Path) -> None:
    event = {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "Invalid value", "detail": "too big"}}
    with pytest.raises(DeployError, match="Invalid value: too big"):
        plan_offline(tree, "dev", lambda arguments: [json.dumps(event)])


def test_a_release_is_named_by_its_commit_and_told_when_it_is_changed(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "--message", "first")
    git("tag", "v1.0.0")
    assert release_of(tmp_path) == "v1.0.0"
    (tmp_path / "file").write_text("two")
    assert release_of(tmp_path) == "v1.0.0-dirty"


def test_a_tree_without_git_is_an_unknown_release(tmp_path: Path) -> None:
    assert release_of(tmp_path) == "unknown"
