#!/usr/bin/env python3
"""Check that this machine has what the project needs, before anything is installed.

Standard library only, and nothing newer than Python 3.8, so that an old Python can still say that it is too old.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Which = Callable[[str], str | None]

PYTHON_AT_LEAST = (3, 11)
JDK_MAJOR = 17
TERRAFORM_AT_LEAST = (1, 11)
JDK_FOLDERS = ("/usr/lib/jvm", "/usr/java", "/opt", "/opt/java", "/Library/Java/JavaVirtualMachines")
JDK_NAMES = ("*17*", "java*", "jdk*", "temurin*", "default-java")
SECONDS_PER_PROGRAM = 20


def output_of(*command: str) -> str | None:
    """What a program prints, both streams; None when it cannot be run or fails."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_PER_PROGRAM, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")


def java_major(home: Path) -> int | None:
    """Major version of the Java in a home folder: 17 for `17.0.15`, 8 for `1.8.0_402`; None when there is no Java."""
    printed = output_of(str(home / "bin" / "java"), "-version")
    found = re.search(r'version "(?:1\.)?(\d+)', printed or "")
    return int(found.group(1)) if found else None


def java_candidates(environment: Mapping[str, str], which: Which) -> list[Path]:
    """Folders that may be a Java home, the caller's own choice first."""
    homes = [Path(environment["JAVA_HOME"])] if environment.get("JAVA_HOME") else []
    java = which("java")
    if java:
        homes.append(Path(java).resolve().parent.parent)
    if Path("/usr/libexec/java_home").exists():
        homes += [Path(line) for line in (output_of("/usr/libexec/java_home", "-v", str(JDK_MAJOR)) or "").split()]
    for folder in JDK_FOLDERS:
        for name in JDK_NAMES:
            for home in sorted(Path(folder).glob(name)):
                homes += [home, home / "Contents" / "Home"]
    return homes


def find_java_home(
    environment: Mapping[str, str] = os.environ,
    which: Which = shutil.which,
    candidates: list[Path] | None = None,
) -> Path | None:
    """Home of the first JDK 17, or None."""
    homes = java_candidates(environment, which) if candidates is None else candidates
    for home in homes:
        if (home / "bin" / "java").exists() and java_major(home) == JDK_MAJOR:
            return home
    return None


def find_python(version: str, which: Which = shutil.which) -> str | None:
    """The first interpreter of a version (`3.13`) that runs, on the PATH or held by pyenv, or None."""
    candidates = [which(f"python{version}")]
    if which("pyenv"):
        prefix = (output_of("pyenv", "prefix", version) or "").strip()
        candidates.append(f"{prefix}/bin/python{version}")
    # A version manager's placeholder for a version that is not active is found too, and fails.
    return next((path for path in candidates if path and output_of(path, "-V") is not None), None)


def terraform_version() -> tuple[int, int] | None:
    """Major and minor version of the Terraform on the PATH, or None."""
    printed = output_of("terraform", "version", "-json") or ""
    try:
        text = json.loads(printed[printed.index("{") :])["terraform_version"]
    except (ValueError, KeyError):
        return None
    return version_pair(text)


def version_pair(text: str) -> tuple[int, int]:
    """`1.11.4` -> (1, 11)."""
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


def python_problem(found: tuple[int, int]) -> str | None:
    if found >= PYTHON_AT_LEAST:
        return None
    wanted, this = (".".join(map(str, version)) for version in (PYTHON_AT_LEAST, found))
    return (
        f"Python {wanted} or newer: this is {this}. Install one from python.org or your package manager, "
        "or name the one you have: make PYTHON=/path/to/python3"
    )


def make_problem(path: str | None) -> str | None:
    if path:
        return None
    return "make: not found. Debian/Ubuntu: apt install make; Fedora: dnf install make; macOS: xcode-select --install"


def java_problem(home: Path | None) -> str | None:
    if home:
        return None
    return (
        "JDK 17: not found in JAVA_HOME, on the PATH or in the usual folders. Debian/Ubuntu: apt install "
        "openjdk-17-jdk-headless; Fedora: dnf install java-17-openjdk-headless; macOS: brew install openjdk@17, "
        "then export JAVA_HOME"
    )


def terraform_problem(found: tuple[int, int] | None) -> str | None:
    if found and found >= TERRAFORM_AT_LEAST:
        return None
    wanted = ".".join(map(str, TERRAFORM_AT_LEAST))
    state = f"this is {found[0]}.{found[1]}" if found else "not found on the PATH"
    return f"Terraform {wanted} or newer: {state}. See developer.hashicorp.com/terraform/install"


def main() -> int:
    found = [
        python_problem((sys.version_info[0], sys.version_info[1])),
        make_problem(shutil.which("make")),
        java_problem(find_java_home()),
        terraform_problem(terraform_version()),
    ]
    missing = [problem for problem in found if problem]
    for problem in missing:
        print("missing: " + problem, file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
