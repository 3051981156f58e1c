"""Builds the web console, and finds the browser that tests it.

python -m scripts.console build      into build/console, when its sources are newer
python -m scripts.console lint       with eslint
python -m scripts.console chromium   says where Chromium is; installs Debian's package where that is allowed
"""

import argparse
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "console"
BUILT = ROOT / "build" / "console"
MODULES = SOURCES / "node_modules"
NODE_AT_LEAST = (20, 19)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NOT_SOURCES = {"node_modules", "tests"}


class ConsoleError(Exception):
    """The console cannot be built; the text says why and what to do."""


class NotHereError(ConsoleError):
    """A program that it takes is not on this machine; the text says which and how to get it."""


def node() -> Path:
    """Node.js. Raises NotHereError when there is none, or one that is too old."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        raise NotHereError(
            f"the console needs Node.js {_dotted(NODE_AT_LEAST)} or newer with npm, and there is none on the PATH"
        )
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    if version < NODE_AT_LEAST:
        raise NotHereError(f"the console needs Node.js {_dotted(NODE_AT_LEAST)} or newer, and {found} is {said}")
    return Path(found)


def chromium() -> Path:
    """Chromium. Raises NotHereError when there is none."""
    chosen = os.environ.get("CHROMIUM")
    for name in (chosen,) if chosen else CHROMIUM_NAMES:
        if found := shutil.which(name):
            return Path(found)
    if chosen:
        raise NotHereError(f"CHROMIUM is '{chosen}', which is no program: name one, or leave it out")
    raise NotHereError("the console's browser tests need Chromium: apt-get install chromium, or name it in CHROMIUM")


def install() -> None:
    """Install what package-lock.json names, unless it is there. Raises ConsoleError."""
    node()
    with _alone("install"):
        if not _is_installed():
            _run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")


def build() -> Path:
    """Build it, unless the last build is newer than its sources; answers its folder. Raises ConsoleError."""
    install()
    index = BUILT / "index.html"
    with _alone("build"):
        if not index.exists() or index.stat().st_mtime < _newest_source():
            _run("npm", "run", "--silent", "build")
    return BUILT


def lint() -> None:
    """Raises ConsoleError with what eslint found."""
    install()
    _run("npm", "run", "--silent", "lint")


def install_chromium() -> str:
    """One line on where Chromium is, or why there is none."""
    try:
        return f"Chromium is {chromium()}"
    except NotHereError as error:
        apt = shutil.which("apt-get")
        if apt is None or os.geteuid() != 0:
            return f"skipping browser tests: {error}"
    command = [apt, "install", "--yes", "--no-install-recommends", "chromium"]
    for step in ([apt, "update"], command):
        done = subprocess.run(step, capture_output=True, text=True, check=False)
    return install_result(done.returncode, done.stderr)


def install_result(code: int, said: str) -> str:
    """What came of `apt-get install`, in one line."""
    if code == 0:
        return "installed Debian's Chromium, which tests the console"
    return f"skipping browser tests: apt-get install chromium failed ({(said.strip().splitlines() or ['no word'])[-1]})"


@contextmanager
def _alone(step: str) -> Iterator[None]:
    """Of several processes that need a step at once, the first does it and the others find it done."""
    BUILT.parent.mkdir(exist_ok=True)
    with (BUILT.parent / f"console-{step}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_installed() -> bool:
    """Whether node_modules holds what the lock names; npm keeps a copy of the lock that it installed."""
    try:
        wanted = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
        there = json.loads((MODULES / ".package-lock.json").read_text())["packages"]
    except OSError:
        return False
    return all(
        _version(there, name) == entry.get("version") for name, entry in wanted.items() if _is_for_all(name, entry)
    )


def _is_for_all(name: str, entry: dict[str, object]) -> bool:
    """Not the project itself, and not what npm installs on some platforms alone."""
    return name != "" and not entry.get("optional")


def _version(packages: dict[str, dict[str, object]], name: str) -> object:
    return packages.get(name, {}).get("version")


def _newest_source() -> float:
    """Modification time of the youngest source, seconds since 1970."""
    return max(
        path.stat().st_mtime
        for top in SOURCES.iterdir()
        if top.name not in NOT_SOURCES
        for path in ([top] if top.is_file() else top.rglob("*"))
    )


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ConsoleError(f"{' '.join(command)} failed in {SOURCES}\n{done.stdout}{done.stderr}")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def _build() -> str:
    return f"the console is in {build().relative_to(ROOT)}"


def _lint() -> str:
    try:
        lint()
    except NotHereError as error:
        return f"skipping eslint: {error}"
    return "eslint finds nothing"


COMMANDS = {"build": _build, "lint": _lint, "chromium": install_chromium}


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description="Build or lint the web console, or find the browser that tests it.")
    parser.add_argument("what", choices=COMMANDS)
    try:
        print(COMMANDS[parser.parse_args().what]())
    except ConsoleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
