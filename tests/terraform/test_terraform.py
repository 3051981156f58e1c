"""Terraform's own checks, in a data directory of their own so that nobody's initialisation is touched."""

import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "terraform"
NATIVE_TESTS = sorted(path.name for path in (CONFIGURATION / "tests").glob("*.tftest.hcl"))


class Terraform:
    """The root module, initialised without a backend and with placeholders for what `make package` builds."""

    def __init__(self, folder: Path) -> None:
        self.artifacts = folder / "artifacts"
        self._environment = {**os.environ, "TF_DATA_DIR": str(folder / "data"), "TF_IN_AUTOMATION": "1"}
        functions = [path.parent.name for path in (ROOT / "src").glob("*/handler.py")]
        for name in (*(f"lambda/{function}.zip" for function in functions), "glue/ndjson_converter.zip"):
            path = self.artifacts / name
            path.parent.mkdir(parents=True, exist_ok=True)
            zipfile.ZipFile(path, "w").close()
        (self.artifacts / "glue" / "convert_manifest.py").touch()
        (self.artifacts / "glue" / "wheels").mkdir()
        (self.artifacts / "glue" / "wheels" / "placeholder-1.0-py3-none-any.whl").touch()

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [ROOT / "scripts" / "terraform", f"-chdir={CONFIGURATION}", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    terraform = Terraform(tmp_path_factory.mktemp("terraform"))
    result = terraform.run("init", "-backend=false", "-lockfile=readonly", "-input=false", "-no-color")
    assert result.returncode == 0, result.stderr
    return terraform


def test_everything_is_formatted(terraform: Terraform) -> None:
    result = terraform.run("fmt", "-check", "-recursive", "..")
    assert result.returncode == 0, f"run scripts/terraform fmt -recursive on: {result.stdout}"


def test_the_configuration_is_valid(terraform: Terraform) -> None:
    result = json.loads(terraform.run("validate", "-json").stdout)
    assert result["valid"] and not result["diagnostics"], result["diagnostics"]


@pytest.mark.parametrize("name", NATIVE_TESTS)
def test_native(terraform: Terraform, name: str) -> None:
    result = terraform.run("test", "-no-color", f"-filter=tests/{name}", "-var", f"artifacts_dir={terraform.artifacts}")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 passed" not in result.stdout, f"{name} holds no test"
