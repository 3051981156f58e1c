"""CloudWatch's form protocol, which Terraform speaks: requests as forms, answers as XML."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import cloudwatch

Answer = tuple[int, dict[str, str], bytes]
Operation = Callable[..., Answer]

# What is a map, whose keys are data, and no structure.
MAPS = frozenset({"ExtendedStatistics"})


def nested(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What a form with names such as `Metrics.member.1.Id` says, as it would be in JSON; every value is a text."""
    tree: dict[str, Any] = {}
    for name in parameters:
        *parents, last = name.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = cloudwatch._p(parameters, name)
    return {name: _with_lists(node) for name, node in tree.items()}


def xml(value: Any, name: str = "") -> str:
    """The same value in XML; what is absent there is null or empty here."""
    if isinstance(value, dict):
        if name in MAPS:
            return "".join(f"<entry><key>{key}</key><value>{inner}</value></entry>" for key, inner in value.items())
        told = {key: _moment(key, inner) for key, inner in value.items() if inner not in (None, "")}
        return "".join(f"<{key}>{xml(inner, key)}</{key}>" for key, inner in told.items())
    if isinstance(value, list):
        return "".join(f"<member>{xml(inner)}</member>" for inner in value)
    return str(value).lower() if isinstance(value, bool) else escape(str(value))


def through_json(name: str, original: Operation) -> Operation:
    """The operation whose answer in XML says what its answer in JSON does, which MiniStack makes with more care."""

    def wrapped(form: dict[str, Any], document: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Answer:
        if is_cbor or is_json:
            return original(form, document, is_cbor, is_json)
        answer = original({}, nested(form), False, True)
        if answer[0] != 200:
            return original(form, document, is_cbor, is_json)
        told: Answer = cloudwatch._xml(
            200, f"{name}Response", f"<{name}Result>{xml(json.loads(answer[2]))}</{name}Result>"
        )
        return told

    return wrapped


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if "member" in node:
        return [_with_lists(node["member"][number]) for number in sorted(node["member"], key=int)]
    return {name: _with_lists(inner) for name, inner in node.items()}


def _moment(name: str, value: Any) -> Any:
    if name.endswith("Timestamps"):
        return [cloudwatch._ts_iso(one) for one in value]
    return cloudwatch._ts_iso(value) if name.endswith("Timestamp") else value
