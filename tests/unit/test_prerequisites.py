"""What the check of the prerequisites finds, and what it says about what is missing."""

import ast
from pathlib import Path

import pytest

from local.embedded_aws import ROOT
from scripts.prerequisites import (
    find_java_home,
    find_python,
    java_major,
    java_problem,
    make_problem,
    python_problem,
    terraform_problem,
    version_pair,
)


def java(home: Path, version: str) -> Path:
    """A Java home whose java says it is this version."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    program.chmod(0o755)
    return home


@pytest.mark.parametrize(("version", "major"), [("17.0.15", 17), ("1.8.0_402", 8), ("21", 21)])
def test_the_major_version_of_java(tmp_path: Path, version: str, major: int) -> None:
    assert java_major(java(tmp_path / "jdk", version)) == major


def test_the_first_jdk_17_is_taken(tmp_path: Path) -> None:
    old, right = java(tmp_path / "a", "11.0.2"), java(tmp_path / "b", "17.0.15")
    later = java(tmp_path / "c", "17.0.1")
    assert find_java_home(candidates=[tmp_path / "absent", old, right, later]) == right
    assert find_java_home(candidates=[old]) is None


def test_the_callers_own_choice_comes_first(tmp_path: Path) -> None:
    chosen, on_path = java(tmp_path / "chosen", "17.0.15"), java(tmp_path / "path", "17.0.15")
    found = find_java_home({"JAVA_HOME": str(chosen)}, lambda _: str(on_path / "bin" / "java"))
    assert found == chosen
    assert find_java_home({}, lambda _: str(on_path / "bin" / "java")) == on_path


def test_a_python_is_taken_when_it_runs(tmp_path: Path) -> None:
    for name, answer in (("python3.13", "exit 0"), ("python3.12", "exit 127")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / name).chmod(0o755)

    def which(name: str) -> str | None:
        return str(tmp_path / name) if (tmp_path / name).exists() else None

    assert find_python("3.13", which) == str(tmp_path / "python3.13")
    assert find_python("3.12", which) is None
    assert find_python("3.11", which) is None


def test_nothing_is_said_about_what_is_there() -> None:
    found = (python_problem((3, 11)), make_problem("make"), java_problem(Path()), terraform_problem((1, 11)))
    assert found == (None, None, None, None)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        pytest.param(python_problem((3, 8)), "Python 3.11 or newer: this is 3.8", id="old-python"),
        pytest.param(make_problem(None), "apt install make", id="no-make"),
        pytest.param(java_problem(None), "openjdk-17-jdk-headless", id="no-java"),
        pytest.param(terraform_problem((1, 9)), "Terraform 1.11 or newer: this is 1.9", id="old-terraform"),
        pytest.param(terraform_problem(None), "not found on the PATH", id="no-terraform"),
    ],
)
def test_what_is_missing_is_named_with_its_remedy(problem: str | None, said: str) -> None:
    assert problem is not None
    assert said in problem


def test_versions_are_compared_as_numbers() -> None:
    assert version_pair("1.11.4") > version_pair("1.9.8")


def test_an_old_python_can_still_read_the_check() -> None:
    source = (ROOT / "scripts" / "prerequisites.py").read_text()
    tree = ast.parse(source, feature_version=(3, 8))
    # Newer spellings of types are fine in annotations that nothing evaluates.
    assert "__future__" in {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
