"""DynamoDB's expressions and statements, taken apart once: MiniStack does it anew for every item that a query looks at.

A query of a date with 10,000 items took 0.4 s, in which nothing else was answered.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ministack.services import _dynamodb_keywords, dynamodb

_KEPT = 4096
_PREFIX = re.compile(r"begins_with\s*\(\s*([#\w]+)\s*,\s*(:\w+)\s*\)")


def install() -> None:
    """Remember what MiniStack's parsers said of a text, and look at keys before conditions."""
    dynamodb._tokenize = _remembering(dynamodb._tokenize)
    dynamodb._condition_syntax_error = lru_cache(_KEPT)(dynamodb._condition_syntax_error)
    _dynamodb_keywords._tokenize = _remembering(_dynamodb_keywords._tokenize)
    evaluate = dynamodb._evaluate_condition

    def unless_key_differs(
        expression: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression"
    ) -> Any:
        if slot == "KeyConditionExpression" and not may_hold(expression, item, values, names or {}):
            return False
        return evaluate(expression, item, values, names, slot)

    dynamodb._evaluate_condition = unless_key_differs


def may_hold(expression: str, item: Mapping[str, Any], values: Mapping[str, Any], names: Mapping[str, str]) -> bool:
    """Whether the item's key begins as the condition wants it; key conditions are joined by AND alone."""
    if not (wanted := _prefix_of(expression)):
        return True
    name, value = wanted
    key = item.get(names.get(name, name), {}).get("S", "")
    return str(key).startswith(values.get(value, {}).get("S", ""))


@lru_cache(_KEPT)
def _prefix_of(expression: str) -> tuple[str, str] | None:
    """The attribute of `begins_with`, and the name of its value."""
    found = _PREFIX.search(expression)
    return (found[1], found[2]) if found else None


def _remembering(tokenize: Callable[[str], list[Any]]) -> Callable[[str], list[Any]]:
    known = lru_cache(_KEPT)(tokenize)
    return lambda text: list(known(text))
