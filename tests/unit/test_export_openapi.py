"""The OpenAPI document: what is written down is what is served, and the gateway has its routes and no others."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scripts.openapi import DOCUMENT, text

ROOT = Path(__file__).resolve().parents[2]
MADE: dict[str, Any] = json.loads(text())
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in MADE["paths"].items()
    for method, operation in methods.items()
}


def test_the_document_in_the_tree_is_current() -> None:
    assert (ROOT / DOCUMENT).read_text() == text(), "run make docs"


def test_the_gateway_routes_are_those_of_the_document() -> None:
    listed = (ROOT / "modules" / "export" / "api.tf").read_text().partition("routes = toset([")[2].partition("])")[0]
    assert set(re.findall(r'"([^"]+)"', listed)) == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_needs_a_token_and_says_what_else_it_answers(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["security"] == [{"token": []}]
    assert {"401", "429", "500"} <= set(operation["responses"])
    assert "422" not in operation["responses"]
    assert operation["summary"] and operation["operationId"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_has_a_model(name: str) -> None:
    for answer in OPERATIONS[name]["responses"].values():
        assert answer["content"]["application/json"]["schema"] or name == "GET /openapi.json"


def test_every_model_that_is_named_is_there_and_every_other_is_not() -> None:
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(MADE)))
    assert named == set(MADE["components"]["schemas"])
