"""The names of column types, one spelling for declarations, Spark, Glue's catalog and Athena."""

import re
from decimal import Decimal

NAMES = frozenset({"string", "int", "bigint", "timestamp", "date", "boolean"})
_DECIMAL = re.compile(r"decimal\((\d{1,2}),(\d{1,2})\)")
_WHOLE_BITS = {"int": 31, "bigint": 63}


class DeclarationError(Exception):
    """A declaration contradicts itself; the message names the dataset or table, the value and the remedy."""


def check_type(name: str) -> None:
    """Raises DeclarationError for a type that Spark, Glue and Athena do not all spell like this."""
    if name in NAMES:
        return
    size = decimal_size(name)
    if not size or not 1 <= size[0] <= 38 or size[1] > size[0]:
        raise DeclarationError(
            f"type {name!r} is none of {', '.join(sorted(NAMES))} or decimal(p,s) with 1 <= p <= 38 and s <= p"
        )


def decimal_size(name: str) -> tuple[int, int] | None:
    """Precision and scale of `decimal(p,s)`; None for other types."""
    found = _DECIMAL.fullmatch(name)
    return (int(found[1]), int(found[2])) if found else None


def is_number(name: str) -> bool:
    return name in _WHOLE_BITS or decimal_size(name) is not None


def bounds(name: str) -> tuple[Decimal, Decimal] | None:
    """The smallest and largest value of a number type; None for other types."""
    if bits := _WHOLE_BITS.get(name):
        return Decimal(-(2**bits)), Decimal(2**bits - 1)
    if size := decimal_size(name):
        largest = Decimal(10 ** size[0] - 1).scaleb(-size[1])
        return -largest, largest
    return None
