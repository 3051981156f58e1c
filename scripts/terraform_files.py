"""Reads Terraform's own files: what a module takes and gives, and what a tfvars file sets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import hcl2


class TerraformFileError(Exception):
    """A file cannot be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Variable:
    """An input. `default` is as it stands in the file, None when there is none; `refusals` are its error messages."""

    name: str
    type: str
    description: str
    default: str | None
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """What a module gives to its caller."""

    name: str
    description: str


def variables_of(module: Path) -> list[Variable]:
    """The inputs of a module, in the order of its files: variables.tf, then variables_*.tf by name."""
    return [
        Variable(
            name,
            expression(body.get("type", "")),
            text(body.get("description", '""')),
            expression(body["default"]) if "default" in body else None,
            tuple(validation["error_message"].strip('"') for validation in body.get("validation", [])),
        )
        for path in sorted(module.glob("variables*.tf"))
        for name, body in _blocks(path, "variable")
    ]


def outputs_of(module: Path) -> list[Output]:
    """The outputs of a module, in the order of its file."""
    return [
        Output(name, text(body.get("description", '""'))) for name, body in _blocks(module / "outputs.tf", "output")
    ]


def settings_of(tfvars: Path) -> dict[str, Any]:
    """What a tfvars file sets."""
    return {name: _plain(value) for name, value in _load(tfvars).items() if not name.startswith("__")}


def runs_of(tests: Path) -> list[str]:
    """The names of the run blocks of a test file, in their order."""
    return [name for name, _ in _blocks(tests, "run")]


def text(literal: str) -> str:
    """The text of a quoted string."""
    return str(json.loads(literal)) if literal.startswith('"') else literal


def expression(value: Any) -> str:
    """A value as HCL writes it."""
    if isinstance(value, str):
        return value[2:-1] if value.startswith("${") and value.endswith("}") else value
    if isinstance(value, list):
        return f"[{', '.join(expression(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {expression(item)}" for name, item in value.items()) + "}"
    return json.dumps(value)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {text(name): _plain(item) for name, item in value.items() if not name.startswith("__")}
    return text(value) if isinstance(value, str) else value


def _blocks(path: Path, kind: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(text(name), body) for block in _load(path).get(kind, []) for name, body in block.items()]


def _load(path: Path) -> dict[str, Any]:
    try:
        with path.open() as file:
            return cast(dict[str, Any], hcl2.load(file))
    except OSError as error:
        raise TerraformFileError(f"{path} cannot be read: {error.strerror}") from error
    except Exception as error:  # the parser's own errors have no class in common
        raise TerraformFileError(f"{path} is not valid HCL: {error}") from error
