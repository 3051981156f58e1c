"""The exporter on the Python and the pyarrow of a Glue Python shell job writes the same bytes as here: `make
test-glue-shell` installs them.
"""

import io
import json
import pickle
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.generate import Recipe, generate
from ndjson_export.source import coded_columns
from tests.export_reading import export_bytes, to_parquet
from tests.property.test_export_pipeline import converted

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-glue-shell" / "bin" / "python"
PROGRAM = """
import sys
from ndjson_export.errors import BadParquetError
from ndjson_export.export import export
from ndjson_export.framing import Framing
from ndjson_export.source import Source

class Output:
    def write(self, chunk):
        return sys.stdout.buffer.write(chunk)

with open(sys.argv[1], "rb") as file:
    try:
        export(Source(file, 1024), Output(), Framing(), lambda progress: None)
    except BadParquetError as error:
        sys.exit(str(error))
"""

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="make test-glue-shell installs Python 3.9 and pyarrow 7")


def in_the_shell(folder: Path, parquet: bytes) -> subprocess.CompletedProcess[bytes]:
    path = folder / "file.parquet"
    path.write_bytes(parquet)
    command: Sequence[Any] = [PYTHON, "-c", PROGRAM, path]
    environment = {"PYTHONPATH": str(ROOT / "glue")}
    return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=120)


def every_type() -> pa.Table:
    numbers = pa.array([0, 1, -1, None, 10**9])
    columns = {
        "bool": pa.array([True, False, None, True, False]),
        "int64": pa.array([2**63 - 1, -(2**63), None, 0, 7]),
        "uint64": pa.array([2**64 - 1, 0, None, 1, 2], pa.uint64()),
        "float": pa.array([0.1, float("nan"), None, float("-inf"), 1e300]),
        "float32": pa.array([0.1, -0.0, None, 1e30, 5.0], pa.float32()),
        "text": pa.array(['"', "\\\n\0\x1f", None, "Zürich 😀", ""]),
        "binary": pa.array([b"", b"\0", None, b"\xff\xfe", b"abc"]),
        "fixed": pa.array([b"12345", b"\0\0\0\0\0", None, b"abcde", b"fghij"], pa.binary(5)),
        "decimal": numbers.cast(pa.decimal128(19, 0)).cast(pa.decimal128(38, 18)),
        "date": numbers.cast(pa.int32()).cast(pa.date32()).slice(0, 4).take(pa.array([0, 1, 2, 3, 0])),
        "time": pa.array([0, 1, 86_399_999_999, None, 5], pa.time64("us")),
        "instant": numbers.cast(pa.timestamp("us", "Europe/Berlin")),
        "clock": numbers.cast(pa.timestamp("ms")),
        "nanoseconds": numbers.cast(pa.timestamp("ns")),
        "dictionary": pa.array(["a", 'b"', None, "a", "c"]).dictionary_encode(),
        "list": pa.array([[], [1, None], None, [2], [3, 4, 5]]),
        "pair": pa.array([["a", "b"]] * 5, pa.list_(pa.string(), 2)),
        "map": pa.array([[], [("x", 1)], None, [("y", None), ("z", 2)], []], pa.map_(pa.string(), pa.int64())),
        "numbered": pa.array([[(1, "a")], [], None, [], []], pa.map_(pa.int32(), pa.string())),
        "struct": pa.array([{"a": 1, "b": ["x"]}, {"a": None, "b": None}, None, {"a": 2, "b": []}, {"b": [None]}]),
    }
    return pa.table(columns)


@pytest.mark.parametrize("row_group_size", [1, 2, 5])
def test_every_type(tmp_path: Path, row_group_size: int) -> None:
    parquet = to_parquet(every_type(), row_group_size=row_group_size)

    ended = in_the_shell(tmp_path, parquet)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == export_bytes(parquet)


def test_texts_that_repeat(tmp_path: Path) -> None:
    """They are read as places in a dictionary, also inside of lists, groups and maps."""
    table = pa.concat_tables([every_type()] * 100).combine_chunks()
    parquet = to_parquet(table)
    coded = coded_columns(pq.read_metadata(io.BytesIO(parquet)))
    assert {"text", "pair.list.element", "map.key_value.key", "struct.b.list.element"} <= set(coded)

    ended = in_the_shell(tmp_path, parquet)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == export_bytes(parquet)


def test_the_pipelines_parquet(tmp_path: Path) -> None:
    recipe = Recipe(files=6, file_bytes=15_000, broken_every=4, refused=())
    contents = [file.path.read_bytes() for file in generate(tmp_path / "generated", recipe)]

    for part in converted(tmp_path, contents, max_columns=7):
        ended = in_the_shell(tmp_path, part)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout == export_bytes(part)


def test_a_bad_file(tmp_path: Path) -> None:
    ended = in_the_shell(tmp_path, b"PAR1")

    assert ended.returncode == 1
    assert ended.stderr.startswith(b"The file is cut off")


class Touch:
    """What pickle runs when it is loaded."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self._path,)


def test_code_in_a_file_does_not_run(tmp_path: Path) -> None:
    """CVE-2023-47248, which this pyarrow has."""
    proof = tmp_path / "it ran"
    metadata = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": pickle.dumps(Touch(proof)),
    }
    schema = pa.schema([pa.field("id", pa.int64(), metadata=metadata)])

    ended = in_the_shell(tmp_path, to_parquet(pa.table({"id": [1]}, schema=schema)))

    assert not proof.exists()
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"id": 1}
