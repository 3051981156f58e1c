"""Partition columns in joins: MiniStack names their types to DuckDB in a way that a join takes for columns."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from ministack.services import athena

_TYPE = re.compile(r"(?<=': )\w+")


def install() -> None:
    """Put this around what tells DuckDB the types of partition columns."""
    athena._hive_options = _quoted(athena._hive_options)


def _quoted(original: Callable[[Sequence[Any]], str]) -> Callable[[Sequence[Any]], str]:
    """In a join `{'date': DATE}` is the column of that name of the table before; `{'date': 'DATE'}` is a type."""

    def wrapped(partitions: Sequence[Any]) -> str:
        return _TYPE.sub(lambda found: f"'{found[0]}'", original(partitions))

    return wrapped
