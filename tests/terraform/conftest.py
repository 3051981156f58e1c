"""What the Terraform tests share."""

import zipfile
from pathlib import Path

import pytest

from tests.terraform.offline import SETTINGS, Planned, planned_resources

ROOT = Path(__file__).resolve().parents[2]
GLUE_PACKAGES = ("ndjson_converter", "ndjson_export", "ndjson_lake", "ndjson_parquet_lake")
ZIPS = tuple(f"glue/{name}.zip" for name in GLUE_PACKAGES)


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Placeholders for what `make package` builds: a plan reads every byte of them, and these have none."""
    folder = tmp_path_factory.mktemp("artifacts")
    functions = [path.parent.name for path in (ROOT / "src").glob("*/handler.py")]
    for name in (*(f"lambda/{function}.zip" for function in functions), *ZIPS):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        zipfile.ZipFile(path, "w").close()
    for script in (ROOT / "glue").glob("*.py"):
        (folder / "glue" / script.name).touch()
    (folder / "console").mkdir()
    (folder / "console" / "index.html").touch()
    (folder / "glue" / "wheels").mkdir()
    (folder / "glue" / "wheels" / "placeholder-1.0-py3-none-any.whl").touch()
    return folder


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> dict[str, Planned]:
    return planned_resources(tmp_path_factory.mktemp("plans"), artifacts, SETTINGS)
