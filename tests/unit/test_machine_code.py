"""Where machine code is looked for, and that what is shipped needs neither numba nor a compilation."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ndjson_converter import kernel

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
from ndjson_converter.lines import parse
from ndjson_converter.parsed import Rules
parsed = parse(b'{"a":1.10}', "s3://b/k", Rules())
print(parsed.texts(slice(None)).to_pylist(), "numba" in sys.modules)
"""


def convert(package: Path, cache: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(package), "NDJSON_CONVERTER_CACHE": str(cache)}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    return ended.stdout.strip()


def test_a_zip_with_its_code_needs_no_numba(tmp_path: Path) -> None:
    shipped = kernel.native.shipped()
    if not shipped:
        pytest.skip("only Linux on x86-64 makes the code that is shipped")
    archive = tmp_path / "ndjson_converter.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in (ROOT / "glue" / "ndjson_converter").rglob("*.py"):
            file.write(path, path.relative_to(ROOT / "glue"))
        file.writestr(f"ndjson_converter/{shipped[0]}", shipped[1])

    assert convert(archive, tmp_path / "cache") == "['1.10'] False"
    assert list((tmp_path / "cache").glob("*")) == []


def test_code_is_compiled_once_and_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    assert convert(ROOT / "glue", cache) == "['1.10'] True"
    assert convert(ROOT / "glue", cache) == "['1.10'] False"
    assert len(list(cache.iterdir())) == 1


def test_a_folder_that_others_may_write_to_is_not_trusted(tmp_path: Path) -> None:
    """What lies in it is run."""
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o777)
    cache.chmod(0o777)

    assert convert(ROOT / "glue", cache) == "['1.10'] True"
    assert list(cache.iterdir()) == []
