"""The workflows call targets that there are, and actions that nobody can change."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_and_say_their_version(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text())
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_step_is_a_target_of_the_makefile(path: Path) -> None:
    commands = re.findall(r"run: (.*)", path.read_text())
    words = [re.sub(r"[A-Z]+=.*", "", command).split() for command in commands]
    assert [command for command in words if command[0] != "make" or not set(command[1:]) <= TARGETS] == []


def test_the_plan_of_ci_covers_every_environment() -> None:
    listed = re.search(r"environment: \[(.*)\]", (ROOT / ".github/workflows/ci.yml").read_text())
    environments = {path.stem for path in (ROOT / "terraform" / "environments").glob("*.tfvars")}
    assert listed and set(listed[1].split(", ")) == environments
