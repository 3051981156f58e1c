"""The installed MiniStack has every name that the embedded AWS replaces or uses, and the table of them is complete."""

import ast
import subprocess
from pathlib import Path

from local.embedded_aws import EMULATOR_PYTHON, ROOT
from local.emulator.ministack_names import NAMES, PINNED_VERSION

EMULATOR = ROOT / "local" / "emulator"


def in_the_emulators_environment(script: str) -> "subprocess.CompletedProcess[str]":
    command = [str(EMULATOR_PYTHON), "-c", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def imported_from_ministack(tree: ast.AST) -> dict[str, str]:
    """Local name -> full name, for each `from ministack... import ...`."""
    return {
        alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ministack")
        for alias in node.names
    }


def used_names(file: Path) -> set[tuple[str, str]]:
    tree = ast.parse(file.read_text())
    modules = imported_from_ministack(tree)
    return {
        (modules[node.value.id], node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules
    }


def test_the_pinned_version_is_installed_and_has_every_name() -> None:
    script = (
        "from importlib import metadata; from local.emulator import ministack_names as names\n"
        "names.check(); print(metadata.version('ministack'))"
    )
    done = in_the_emulators_environment(script)
    assert done.stdout.strip() == PINNED_VERSION, done.stderr


def test_a_name_that_is_gone_stops_the_server_with_its_reason() -> None:
    script = (
        "from local.emulator.ministack_names import Name, check\n"
        "check((Name('ministack.services.glue', '_gone', 'because of this'), Name('ministack.gone', 'x', 'and that')))"
    )
    done = in_the_emulators_environment(script)
    assert done.returncode == 1
    assert "ministack.services.glue._gone: because of this" in done.stderr
    assert "ministack.gone.x: and that" in done.stderr


def test_the_table_holds_every_name_that_the_code_uses_and_no_other() -> None:
    used = set().union(*(used_names(file) for file in EMULATOR.glob("*.py")))
    assert used == {(name.module, name.attribute) for name in NAMES}
