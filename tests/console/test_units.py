"""The console's own tests, types and lock file."""

import json
import subprocess

import pytest

from scripts.console import SOURCES


@pytest.mark.parametrize("script", ["test", "types"])
def test_npm_run(installed: None, script: str) -> None:
    done = subprocess.run(["npm", "run", "--silent", script], cwd=SOURCES, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_lock_names_no_registry_and_every_version_is_pinned() -> None:
    lock = json.loads((SOURCES / "package-lock.json").read_text())
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    wanted = json.loads((SOURCES / "package.json").read_text())
    versions = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert [name for name, version in versions.items() if not version[0].isdigit()] == []
