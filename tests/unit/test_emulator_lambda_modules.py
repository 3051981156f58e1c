"""Functions whose compiled modules are built for another machine: joined by the same release, and by no other."""

import importlib.machinery
from pathlib import Path

import pytest

from local.emulator.lambda_modules import complete

HERE = f"_fast{importlib.machinery.EXTENSION_SUFFIXES[0]}"
THEIRS = "_fast.cpython-313-other-machine.so"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    return package(tmp_path / "code", "VERSION = 1", THEIRS).parent


def package(folder: Path, source: str, *modules: str) -> Path:
    made = folder / "fast"
    made.mkdir(parents=True)
    (made / "__init__.py").write_text(source)
    for module in modules:
        (made / module).write_text(str(folder))
    return made


def test_the_same_release_joins(code: Path, tmp_path: Path) -> None:
    package(tmp_path / "installed", "VERSION = 1", HERE, THEIRS.replace("313", "399"))
    complete(code, tmp_path / "installed")
    complete(code, tmp_path / "installed")
    assert sorted(path.name for path in (code / "fast").iterdir()) == sorted(["__init__.py", HERE, THEIRS])
    assert (code / "fast" / HERE).read_text() == str(tmp_path / "installed")


@pytest.mark.parametrize("source", ["VERSION = 2", None])
def test_another_release_does_not_join_and_neither_does_none(code: Path, tmp_path: Path, source: str | None) -> None:
    if source:
        package(tmp_path / "installed", source, HERE)
    complete(code, tmp_path / "installed")
    assert not (code / "fast" / HERE).exists()


def test_what_the_function_brings_for_this_machine_stays(code: Path, tmp_path: Path) -> None:
    (code / "fast" / HERE).write_text("its own")
    package(tmp_path / "installed", "VERSION = 1", HERE)
    complete(code, tmp_path / "installed")
    assert (code / "fast" / HERE).read_text() == "its own"
