"""Builds what Terraform deploys, reproducibly: the same tree gives the same bytes, so it plans to nothing.

    build/lambda/{function}.zip       the function's package, the shared library, requirements/lambda.txt, and
                                      requirements/lambda-{function}.txt where there is one
    build/lambda/architecture.txt     the processor that they were built for, which Terraform compares with its setting
    build/glue/{script}.py            the script of each Glue job
    build/glue/{package}.zip          each package that they import; the converter's with its machine code where this
                                      machine can make it
    build/glue/wheels/*.whl           requirements/glue.txt: what Glue does not have, for Glue's Python and platform

A function is any package below src/ that has a handler.py.
"""

import argparse
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape

ROOT = Path(__file__).resolve().parents[1]
SHARED_LIBRARY = "ndjson_parquet"
CONVERTER = "ndjson_converter"
LAMBDA_PYTHON = "3.13"
PLATFORMS = {"arm64": "manylinux2014_aarch64", "x86_64": "manylinux2014_x86_64"}
# Of Glue 5.1 (Amazon Linux 2023, glibc 2.34). pip takes a wheel only if it names one of these, and prefers the first.
GLUE_PYTHON = "3.11"
GLUE_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
# The oldest time that a zip can hold.
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
# Neither imported at run time nor the same from one installation to the next.
IGNORED_FOLDERS = ("__pycache__",)
IGNORED_FOLDER_SUFFIXES = (".dist-info", "-stubs")
IGNORED_FILE_SUFFIXES = (".pyc", ".pyi", ".c")

Files = Mapping[str, bytes]
Install = Callable[[Path, str, Path], None]
Download = Callable[[Path, Path], None]
MachineCode = Callable[[], tuple[str, bytes] | None]


class PackagingError(Exception):
    """An artefact cannot be built; the message says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file that was built. `changed` is False when it was there already, byte for byte."""

    path: Path
    size: int
    changed: bool


def pip_install(requirements: Path, architecture: str, target: Path) -> None:
    """Unpack the pinned wheels for Lambda's Python and platform. Raises PackagingError with pip's own words."""
    _pip("install", requirements, LAMBDA_PYTHON, [PLATFORMS[architecture]], "--no-compile", "--target", str(target))


def pip_download(requirements: Path, target: Path) -> None:
    """Fetch the pinned wheels for Glue's Python and platform. Raises PackagingError with pip's own words."""
    _pip("download", requirements, GLUE_PYTHON, GLUE_PLATFORMS, "--dest", str(target))


def _pip(action: str, requirements: Path, python: str, platforms: Sequence[str], *options: str) -> None:
    command = [sys.executable, "-m", "pip", action, "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--implementation", "cp", "--python-version", python]
    command += [text for platform in platforms for text in ("--platform", platform)]
    result = subprocess.run([*command, *options, "-r", str(requirements)], capture_output=True, text=True, check=False)
    if result.returncode:
        raise PackagingError(
            f"pip could not {action} {requirements.name} for {' or '.join(platforms)} and Python {python}: check that "
            f"each version has a wheel and that the package index can be reached.\n{result.stderr.strip()}"
        )


def machine_code() -> tuple[str, bytes] | None:
    """The name and content of the converter's object file, which spares each Glue run some seconds of compiling."""
    from ndjson_converter import kernel  # noqa: PLC0415  # tests of this module have no converter

    return kernel.native.shipped()


@dataclass(frozen=True, slots=True)
class Tools:
    """What fetches and makes the parts that are not in the tree."""

    install: Install = pip_install
    download: Download = pip_download
    machine_code: MachineCode = machine_code


class Packager:
    """Builds the artefacts of one source tree into one build folder."""

    def __init__(
        self,
        root: Path,
        build: Path,
        architecture: str = "arm64",
        tools: Tools | None = None,
    ) -> None:
        self._root = root
        self._build = build
        self._architecture = architecture
        self._tools = tools or Tools()

    def build(self) -> Iterator[Artefact]:
        """Build everything, one artefact after the other. Raises PackagingError."""
        shared = tree(self._root / "src" / SHARED_LIBRARY, SHARED_LIBRARY)
        dependencies = tree(self._dependencies(self._root / "requirements" / "lambda.txt"))
        for name in self._functions():
            own = tree(self._root / "src" / name, name)
            further = self._root / "requirements" / f"lambda-{name}.txt"
            brought = tree(self._dependencies(further)) if further.exists() else {}
            yield self._write(f"lambda/{name}.zip", zip_bytes(dependencies, brought, shared, own))
        yield self._write("lambda/architecture.txt", self._architecture.encode())
        yield from self._jobs(self._root / "glue")
        yield from self._wheels()

    def _jobs(self, glue: Path) -> Iterator[Artefact]:
        for script in sorted({glue / "convert_manifest.py", *glue.glob("*.py")}):
            yield self._write(f"glue/{script.name}", _read(script))
        for package in sorted({glue / CONVERTER, *(path.parent for path in glue.glob("*/__init__.py"))}):
            code = self._shipped_code() if package.name == CONVERTER else {}
            yield self._write(f"glue/{package.name}.zip", zip_bytes(tree(package, package.name), code))

    def _shipped_code(self) -> Files:
        shipped = self._tools.machine_code()
        return {f"{CONVERTER}/{shipped[0]}": shipped[1]} if shipped else {}

    def _functions(self) -> list[str]:
        names = sorted(handler.parent.name for handler in (self._root / "src").glob("*/handler.py"))
        if not names:
            raise PackagingError(
                f"no package with a handler.py below {self._root / 'src'}: there is no function to build"
            )
        return names

    def _wheels(self) -> Iterator[Artefact]:
        """What Glue does not have, under the names that pip knows: it reads version and platform from them."""
        requirements = self._root / "requirements" / "glue.txt"
        downloaded = self._kept(partial(self._tools.download, requirements), requirements, *GLUE_PLATFORMS, GLUE_PYTHON)
        wheels = {path.name: path for path in downloaded.iterdir()}
        for path in (self._build / "glue" / "wheels").glob("*"):
            if path.name not in wheels:
                path.unlink()
        for name in sorted(wheels):
            yield self._write(f"glue/wheels/{name}", wheels[name].read_bytes())

    def _dependencies(self, requirements: Path) -> Path:
        """The unpacked wheels of functions."""
        install = partial(self._tools.install, requirements, self._architecture)
        return self._kept(install, requirements, self._architecture, LAMBDA_PYTHON)

    def _kept(self, fetch: Callable[[Path], None], requirements: Path, *chosen: str) -> Path:
        """What `fetch` brings, kept in a folder that is named by what it was made from."""
        made_from = "\n".join([_read(requirements).decode(), *chosen])
        folder = self._build / "dependencies" / hashlib.sha256(made_from.encode()).hexdigest()[:16]
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            # Fetched aside and renamed, so that an interrupted attempt is never taken for a whole one.
            with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
                fetch(Path(aside) / "fetched")
                (Path(aside) / "fetched").rename(folder)
        return folder

    def _write(self, name: str, content: bytes) -> Artefact:
        path = self._build / name
        changed = not path.exists() or path.read_bytes() != content
        if changed:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return Artefact(path, len(content), changed)


def tree(folder: Path, prefix: str = "") -> Files:
    """The content of each file below the folder by its path from there, `prefix` before it. Raises PackagingError."""
    paths = [path for path in folder.rglob("*") if path.is_file() and _is_wanted(path.relative_to(folder))]
    if not paths:
        raise PackagingError(f"{folder} is absent or empty: it belongs into a package")
    return {(Path(prefix) / path.relative_to(folder)).as_posix(): path.read_bytes() for path in paths}


def zip_bytes(*parts: Files) -> bytes:
    """A zip that depends on names and contents alone. Raises PackagingError when two parts have a file of one name."""
    content: dict[str, bytes] = {}
    for part in parts:
        twice = content.keys() & part.keys()
        if twice:
            raise PackagingError(f"two sources bring {', '.join(sorted(twice))}: one would hide the other, rename one")
        content.update(part)
    buffer = io.BytesIO()
    # Stored, not deflated: the output of zlib differs between its versions, and so from one machine to another.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content[name])
    return buffer.getvalue()


def _is_wanted(path: Path) -> bool:
    folders = path.parts[:-1]
    return not (
        any(folder in IGNORED_FOLDERS or folder.endswith(IGNORED_FOLDER_SUFFIXES) for folder in folders)
        or path.name.endswith(IGNORED_FILE_SUFFIXES)
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise PackagingError(f"{path} is missing: it belongs into a package") from error


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Build the Lambda zips and the Glue artefacts into build/.")
    parser.add_argument("--architecture", choices=sorted(PLATFORMS), default="arm64", help="of the Lambda functions")
    return parser.parse_args()


def main() -> int:
    """Build, and print one line per artefact. The exit code is 1 when one could not be built."""
    console, errors = Console(highlight=False, soft_wrap=True), Console(stderr=True, soft_wrap=True)
    try:
        for artefact in Packager(ROOT, ROOT / "build", _arguments().architecture).build():
            state = "[green]built    [/]" if artefact.changed else "[dim]unchanged[/]"
            console.print(f"{state} {artefact.size / 1e6:7.3f} MB  {artefact.path.relative_to(ROOT)}")
    except PackagingError as error:
        errors.print(f"[red]error:[/] {escape(str(error))}", highlight=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
