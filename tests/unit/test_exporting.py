"""The export service's client and its demo: absent outputs are named, and what is compared is what was written."""

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from local.embedded_aws import ROOT
from local.export_demo import differing, write_parquet
from local.exporting import Answer, ExportError, ExportOutputs

NAMES = [field.name for field in fields(ExportOutputs)]


def outputs(**changed: Any) -> str:
    values = {name: f"the {name}" for name in NAMES} | changed
    return json.dumps({name: {"value": value} for name, value in values.items()} | {"other": {"value": 1}})


def test_outputs_are_read_and_unknown_ones_ignored() -> None:
    assert ExportOutputs.parse(outputs()).export_api_id == "the export_api_id"


def test_without_the_service_the_flag_is_named() -> None:
    with pytest.raises(ExportError, match=r"export_api_id.*enable_export_api = true"):
        ExportOutputs.parse(outputs(export_api_id=None))


@pytest.mark.parametrize(
    ("body", "code"),
    [({"error": {"code": "bad_key", "message": "m"}}, "bad_key"), ({"message": "Unauthorized"}, None), (None, None)],
)
def test_an_answer_names_its_error(body: Any, code: str | None) -> None:
    assert Answer(400, body).code == code


def test_the_demo_sees_each_value_that_differs(tmp_path: Path) -> None:
    parquet, result = tmp_path / "orders.parquet", tmp_path / "orders.ndjson"
    write_parquet(parquet, 25)
    command = [sys.executable, "-m", "ndjson_export", str(parquet), "--output", str(result)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT / "glue")})
    lines = result.read_bytes().splitlines()
    assert differing(lines, 25) == 0
    assert differing([*lines[:-1], lines[0]], 25) == 1
    assert differing([line.replace(b'"price":0.10', b'"price":0.1') for line in lines], 25) == 1
    assert differing(lines[:-2], 25) == 2
