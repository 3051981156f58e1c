"""scripts/deploy.py: what is refused before Terraform starts, and what is run then."""

import json
import re
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
from scripts.terraform_plan import said

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


class Terraform:
    """Takes Terraform's place: remembers the calls, and answers with the exit codes of those whose are given."""

    def __init__(self, **codes: int) -> None:
        self._codes = {"plan": 2, **codes}
        self.calls: list[list[str]] = []

    def __call__(self, arguments: Sequence[str]) -> int:
        self.calls.append([re.sub(r"/.*/plan$", "FILE", argument) for argument in arguments])
        return self._codes.get(arguments[0], 0)

    @property
    def steps(self) -> list[str]:
        return [call[0] for call in self.calls]


class Person:
    """Answers each question with the next of the given words, then with none."""

    def __init__(self, *words: str) -> None:
        self._words = list(words)

    def __call__(self, question: str) -> str:
        return self._words.pop(0) if self._words else ""


def done(tree: Path, request: Request, terraform: Terraform, *words: str) -> int:
    return deploy(tree, request, terraform, terraform, Person(*words))


def test_what_was_shown_is_applied_with_the_environments_own_settings_and_state(tree: Path) -> None:
    terraform = Terraform()
    assert done(tree, Request("apply", "dev"), terraform, "yes") == 0
    assert terraform.calls == [
        ["init", "-reconfigure", "-input=false", "-lockfile=readonly", "-backend-config=environments/dev.s3.tfbackend"],
        ["plan", "-var-file=environments/dev.tfvars", "-out=FILE", "-input=false", "-detailed-exitcode", "-json"],
        ["show", "FILE"],
        ["apply", "FILE"],
    ]


@pytest.mark.parametrize("word", ["", "no", "y"])
def test_nothing_is_changed_without_a_yes(tree: Path, word: str) -> None:
    terraform = Terraform()
    with pytest.raises(DeployError, match="nothing was changed: answer yes in a terminal, or give CONFIRM=dev"):
        done(tree, Request("apply", "dev"), terraform, word)
    assert terraform.steps == ["init", "plan", "show"]


def test_nobody_is_asked_when_nothing_changes(tree: Path) -> None:
    terraform = Terraform(plan=0)
    assert done(tree, Request("apply", "dev"), terraform) == 0
    assert terraform.steps == ["init", "plan", "show"]


@pytest.mark.parametrize(("fails", "steps"), [("init", 1), ("plan", 2), ("show", 3), ("apply", 4)])
def test_nothing_is_done_after_a_step_that_fails(tree: Path, fails: str, steps: int) -> None:
    terraform = Terraform(**{fails: 1})
    assert done(tree, Request("apply", "dev", "dev"), terraform) == 1
    assert terraform.steps == ["init", "plan", "show", "apply"][:steps]


@pytest.mark.parametrize("action", ["apply", "destroy"])
def test_prod_is_left_alone_until_somebody_types_it(tree: Path, action: str) -> None:
    terraform = Terraform()
    with pytest.raises(DeployError, match="was not confirmed: type prod, or give CONFIRM=prod"):
        done(tree, Request(action, "prod"), terraform)
    assert terraform.calls == []
    assert done(tree, Request(action, "prod"), terraform, "prod", "yes") == 0
    assert terraform.steps[-1] == "apply"
    assert ("-destroy" in terraform.calls[1]) == (action == "destroy")


def test_a_confirmation_answers_every_question(tree: Path) -> None:
    terraform = Terraform()
    assert done(tree, Request("apply", "prod", "prod"), terraform) == 0
    assert terraform.steps[-1] == "apply"


def test_a_confirmation_of_another_environment_is_refused(tree: Path) -> None:
    with pytest.raises(DeployError, match="CONFIRM is 'dev', but ENV is 'prod'"):
        done(tree, Request("destroy", "prod", "dev"), Terraform())


def test_a_plan_of_prod_needs_no_confirmation_and_changes_nothing(tree: Path) -> None:
    terraform = Terraform()
    assert done(tree, Request("plan", "prod"), terraform) == 0
    assert terraform.steps == ["init", "plan", "show"]


def test_local_is_the_demos(tree: Path) -> None:
    with pytest.raises(DeployError, match="make demo deploys it"):
        done(tree, Request("apply", "local"), Terraform())


def test_of_a_plan_that_is_made_only_the_warnings_and_errors_are_told_and_how_much_was_read() -> None:
    read = {"type": "refresh_complete", "@message": "aws_s3_bucket.this: Refresh complete [id=input]"}
    warning = {"severity": "warning", "summary": "Argument is deprecated", "detail": "Use the other one."}
    error = {
        "severity": "error",
        "summary": "Invalid value",
        "detail": "max_wait_minutes is 0.",
        "address": "aws_sqs_queue.this",
        "range": {"filename": "main.tf", "start": {"line": 12}},
        "snippet": {"code": "  delay_seconds = var.delay"},
    }
    events = [read, {"type": "diagnostic", "diagnostic": warning}, read, {"type": "diagnostic", "diagnostic": error}]
    lines = [*map(json.dumps, events), "panic: the provider crashed\n"]
    assert list(said(lines)) == [
        "Warning: Argument is deprecated\nUse the other one.\n",
        "Error: Invalid value\nwith aws_sqs_queue.this, on main.tf line 12\n  delay_seconds = var.delay\n"
        "max_wait_minutes is 0.\n",
        "panic: the provider crashed",
        "2 resources read",
    ]


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
        done(tree, Request("plan", "dev"), Terraform())


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
