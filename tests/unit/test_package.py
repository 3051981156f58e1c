"""scripts/package.py: what is in the artefacts, and that the same tree gives the same bytes."""

import io
import json
import os
import stat
import zipfile
from pathlib import Path

import pytest

from scripts.package import ROOT, Artefact, Packager, PackagingError, Tools, zip_bytes

TREE = {
    "requirements/glue.txt": "fast==1.0\n",
    "requirements/lambda.txt": "dependency==1.0\n",
    "src/ndjson_parquet/__init__.py": "",
    "src/ndjson_parquet/batching.py": "LIMIT = 200\n",
    "src/counter/__init__.py": "",
    "src/counter/handler.py": "def handler(event, context):\n    return event\n",
    "src/no_function/__init__.py": "",
    "src/lake_counter/__init__.py": "",
    "src/lake_counter/handler.py": "def handler(event, context):\n    return event\n",
    "src/ndjson_parquet_lake/__init__.py": "",
    "src/ndjson_parquet_lake/tables.py": "TABLES = ()\n",
    "glue/convert_manifest.py": "print('convert')\n",
    "glue/lake_job.py": "print('lake')\n",
    "glue/ndjson_lake/__init__.py": "",
    "glue/ndjson_converter/__init__.py": "",
    "glue/ndjson_converter/reader.py": "LINES = 0\n",
}
INSTALLED = {
    "dependency/__init__.py": "VERSION = 1\n",
    "dependency/fast.c": "int main;",
    "dependency/fast.pyi": "",
    "dependency/__pycache__/fast.cpython-313.pyc": "",
    "dependency-1.0.dist-info/RECORD": "changes from one installation to the next",
    "dependency-stubs/__init__.pyi": "",
}


class Installer:
    """Takes the place of pip, and remembers for which architecture it was called."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, requirements: Path, architecture: str, target: Path) -> None:
        self.calls.append(architecture)
        write(target, INSTALLED)


class Downloader:
    """Takes the place of pip: one wheel per pin, and a note of each call."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, requirements: Path, target: Path) -> None:
        wanted = requirements.read_text()
        self.calls.append(wanted)
        write(target, {wheel(pin): pin for pin in wanted.split()})


def wheel(pin: str) -> str:
    return f"{pin.replace('==', '-')}-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"


CODE = ("code.o", b"object file")


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def build(
    root: Path,
    output: Path,
    installer: Installer,
    architecture: str = "arm64",
    downloader: Downloader | None = None,
) -> dict[str, Artefact]:
    packager = Packager(root, output, architecture, Tools(installer, downloader or Downloader(), lambda: CODE))
    return {artefact.path.name: artefact for artefact in packager.build()}


def content(artefact: Artefact) -> dict[str, str]:
    with zipfile.ZipFile(artefact.path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "tree", TREE)
    return tmp_path / "tree"


def test_every_package_with_a_handler_becomes_a_function(root: Path, tmp_path: Path) -> None:
    artefacts = build(root, tmp_path / "build", Installer())
    assert {name for name in artefacts if name.endswith(".zip")} == {
        "counter.zip",
        "lake_counter.zip",
        "ndjson_converter.zip",
        "ndjson_lake.zip",
        "ndjson_parquet_lake.zip",
    }


def test_the_lakes_declaration_goes_to_its_functions_and_to_its_jobs(root: Path, tmp_path: Path) -> None:
    artefacts = build(root, tmp_path / "build", Installer())
    declaration = {name: text for name, text in TREE.items() if "ndjson_parquet_lake" in name}
    for name in ("lake_counter.zip", "ndjson_parquet_lake.zip"):
        held = content(artefacts[name])
        assert {f"src/{path}": text for path, text in held.items() if "parquet_lake" in path} == declaration
    assert not any("parquet_lake" in path for path in content(artefacts["counter.zip"]))
    assert artefacts["lake_job.py"].path.read_text() == TREE["glue/lake_job.py"]


def test_a_function_holds_its_package_the_library_and_what_runs_of_the_dependencies(root: Path, tmp_path: Path) -> None:
    write(root, {"src/counter/__pycache__/handler.cpython-311.pyc": "stale"})
    assert content(build(root, tmp_path / "build", Installer())["counter.zip"]) == {
        "counter/__init__.py": "",
        "counter/handler.py": TREE["src/counter/handler.py"],
        "dependency/__init__.py": INSTALLED["dependency/__init__.py"],
        "ndjson_parquet/__init__.py": "",
        "ndjson_parquet/batching.py": TREE["src/ndjson_parquet/batching.py"],
    }


def test_a_function_holds_what_it_alone_needs(root: Path, tmp_path: Path) -> None:
    write(root, {"requirements/lambda-counter.txt": "own==1.0\n", "src/other/handler.py": ""})

    class Both(Installer):
        def __call__(self, requirements: Path, architecture: str, target: Path) -> None:
            write(target, INSTALLED if requirements.name == "lambda.txt" else {"own/__init__.py": ""})

    artefacts = build(root, tmp_path / "build", Both())
    assert "own/__init__.py" in content(artefacts["counter.zip"])
    assert "own/__init__.py" not in content(artefacts["other.zip"])


def test_every_glue_script_and_package_is_an_artefact(root: Path, tmp_path: Path) -> None:
    write(root, {"glue/export.py": "print('export')\n", "glue/exporting/__init__.py": "ROWS = 0\n"})
    artefacts = build(root, tmp_path / "build", Installer())
    assert artefacts["export.py"].path.read_text() == "print('export')\n"
    assert content(artefacts["exporting.zip"]) == {"exporting/__init__.py": "ROWS = 0\n"}


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_what_the_functions_were_built_for_is_written_beside_them(
    root: Path, tmp_path: Path, architecture: str
) -> None:
    artefacts = build(root, tmp_path / "build", Installer(), architecture)
    assert artefacts["architecture.txt"].path.read_text() == architecture


def test_the_glue_artefacts_are_the_script_and_its_package(root: Path, tmp_path: Path) -> None:
    artefacts = build(root, tmp_path / "build", Installer())
    assert artefacts["convert_manifest.py"].path.read_text() == TREE["glue/convert_manifest.py"]
    assert set(content(artefacts["ndjson_converter.zip"])) == {
        "ndjson_converter/__init__.py",
        "ndjson_converter/code.o",
        "ndjson_converter/reader.py",
    }


def test_a_machine_that_cannot_make_the_machine_code_ships_none(root: Path, tmp_path: Path) -> None:
    packager = Packager(root, tmp_path / "build", tools=Tools(Installer(), Downloader(), lambda: None))
    artefacts = {artefact.path.name: artefact for artefact in packager.build()}
    assert "ndjson_converter/code.o" not in content(artefacts["ndjson_converter.zip"])


def test_the_wheels_of_the_glue_job_keep_their_names_and_bytes(root: Path, tmp_path: Path) -> None:
    write(root, {"requirements/glue.txt": "fast==1.0\nslow==2.0\n"})
    artefacts = build(root, tmp_path / "build", Installer())
    built = {path.name: path.read_text() for path in (tmp_path / "build/glue/wheels").iterdir()}
    assert built == {wheel("fast==1.0"): "fast==1.0", wheel("slow==2.0"): "slow==2.0"}
    assert built.keys() <= artefacts.keys()


def test_the_wheels_are_those_of_the_requirements_and_no_older_ones(root: Path, tmp_path: Path) -> None:
    downloader = Downloader()
    for pin in ("fast==1.0", "fast==1.0", "fast==1.1"):
        write(root, {"requirements/glue.txt": pin})
        build(root, tmp_path / "build", Installer(), downloader=downloader)
    assert [path.name for path in (tmp_path / "build/glue/wheels").iterdir()] == [wheel("fast==1.1")]
    assert downloader.calls == ["fast==1.0", "fast==1.1"]


def test_two_builds_are_equal_whatever_the_files_times_and_permissions(root: Path, tmp_path: Path) -> None:
    first = build(root, tmp_path / "first", Installer())
    handler = root / "src/counter/handler.py"
    os.utime(handler, (0, 0))
    handler.chmod(stat.S_IRWXU)
    second = build(root, tmp_path / "second", Installer())
    assert {name: artefact.path.read_bytes() for name, artefact in first.items()} == {
        name: artefact.path.read_bytes() for name, artefact in second.items()
    }


def test_only_what_changed_is_written_again(root: Path, tmp_path: Path) -> None:
    build(root, tmp_path / "build", Installer())
    write(root, {"glue/convert_manifest.py": "print('changed')\n"})
    again = build(root, tmp_path / "build", Installer())
    assert {name for name, artefact in again.items() if artefact.changed} == {"convert_manifest.py"}


def test_the_dependencies_are_installed_once_per_requirements_and_architecture(root: Path, tmp_path: Path) -> None:
    installer = Installer()
    for architecture in ("arm64", "arm64", "x86_64"):
        build(root, tmp_path / "build", installer, architecture)
    write(root, {"requirements/lambda.txt": "dependency==1.1\n"})
    build(root, tmp_path / "build", installer)
    assert installer.calls == ["arm64", "x86_64", "arm64"]


def test_an_installation_that_failed_is_tried_again(root: Path, tmp_path: Path) -> None:
    def fail(requirements: Path, architecture: str, target: Path) -> None:
        write(target, {"half.py": ""})
        raise PackagingError("no wheel")

    with pytest.raises(PackagingError, match="no wheel"):
        list(Packager(root, tmp_path / "build", tools=Tools(fail, Downloader(), lambda: CODE)).build())
    assert "half.py" not in content(build(root, tmp_path / "build", Installer())["counter.zip"])


@pytest.mark.parametrize(
    "missing",
    [
        "requirements/lambda.txt",
        "requirements/glue.txt",
        "glue/convert_manifest.py",
        "glue/ndjson_converter",
        "src/ndjson_parquet",
    ],
)
def test_a_source_that_is_missing_is_named(root: Path, tmp_path: Path, missing: str) -> None:
    (root / missing).rename(tmp_path / "elsewhere")
    with pytest.raises(PackagingError, match=Path(missing).name):
        build(root, tmp_path / "build", Installer())


def test_a_tree_without_a_function_is_refused(root: Path, tmp_path: Path) -> None:
    for handler in (root / "src").glob("*/handler.py"):
        handler.unlink()
    with pytest.raises(PackagingError, match=r"handler\.py"):
        build(root, tmp_path / "build", Installer())


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(PackagingError, match=r"typing_extensions\.py"):
        zip_bytes({"typing_extensions.py": b"1"}, {"typing_extensions.py": b"2"})


def test_an_entry_is_a_plain_readable_file_of_a_fixed_time() -> None:
    with zipfile.ZipFile(io.BytesIO(zip_bytes({"b.py": b"", "a.py": b""}))) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["a.py", "b.py"]
    assert {(entry.external_attr >> 16, entry.date_time) for entry in entries} == {(0o100644, (1980, 1, 1, 0, 0, 0))}


@pytest.mark.parametrize("shipped", ["lambda.txt", "glue.txt"])
def test_what_is_shipped_is_pinned_and_the_same_as_in_the_tests(shipped: str) -> None:
    tested = {name.replace("_", "-"): version for name, version in pins("project.txt").items()}
    different = {
        name: version for name, version in pins(shipped).items() if tested.get(name.replace("_", "-")) != version
    }
    assert not different, json.dumps(different)


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {package.lower(): version for package, version in pairs}
