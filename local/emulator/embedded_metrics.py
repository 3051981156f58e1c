"""CloudWatch's embedded metric format (EMF): metrics that a program writes as a line of JSON into its log."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from local.emulator.metric_data import Datum, metric

# A line without these words is no EMF, and most lines are none.
MARK = '"_aws"'
MOST_DIMENSIONS = 30
MOST_VALUES = 100


def metrics_in(line: str, now: float) -> list[Datum]:
    """What a line of a log says in this format; empty for any other line. `now` in epoch seconds, where it has no time.

    As on AWS, what the specification does not allow is left out and the rest counts.
    """
    if MARK not in line:
        return []
    try:
        document = json.loads(line)
    except ValueError:
        return []
    said = document.get("_aws") if isinstance(document, dict) else None
    if not isinstance(said, dict):
        return []
    stamp = said.get("Timestamp")
    at = stamp / 1000 if _is_number(stamp) else now
    return [datum for directive in _objects(said.get("CloudWatchMetrics")) for datum in _of(directive, document, at)]


def _of(directive: Mapping[str, Any], document: Mapping[str, Any], at: float) -> Iterator[Datum]:
    namespace = directive.get("Namespace")
    if not isinstance(namespace, str) or not namespace:
        return
    sets = [
        found for names in directive.get("Dimensions") or [[]] if (found := _dimensions(names, document)) is not None
    ]
    for definition in _objects(directive.get("Metrics")):
        name, unit = definition.get("Name"), definition.get("Unit", "None")
        if not isinstance(name, str):
            continue
        values = _values(document.get(name))
        yield from (Datum(metric(namespace, name, one), value, at, unit) for one in sets for value in values)


def _dimensions(names: Any, document: Mapping[str, Any]) -> dict[str, str] | None:
    """None when the set cannot be resolved: each of its dimensions has to be a member of the document."""
    if not isinstance(names, list) or len(names) > MOST_DIMENSIONS or not all(name in document for name in names):
        return None
    return {name: str(document[name]) for name in names}


def _values(value: Any) -> list[float]:
    several = value if isinstance(value, list) else [value]
    return [float(one) for one in several[:MOST_VALUES] if _is_number(one)]


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
