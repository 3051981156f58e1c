"""The request log of the embedded AWS, added up. No I/O but the reading of it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """One request: when, how many seconds the server worked on it, and whether a function sent it."""

    at: float
    seconds: float
    function: bool
    operation: str
    path: str
    status: int


@dataclass
class Totals:
    """Requests and the server's seconds, by operation; `from_functions` are those that functions sent."""

    from_functions: Counter[str] = field(default_factory=Counter)
    all: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)


def read(log: Path) -> Iterator[Request]:
    """Every request, in the order in which they were answered."""
    with log.open() as lines:
        for line in lines:
            yield Request(**json.loads(line))


def total(requests: Iterable[Request], since: float, until: float) -> Totals:
    """Those that began in between, in Unix time."""
    totals = Totals()
    for one in requests:
        if since <= one.at <= until:
            totals.all[one.operation] += 1
            totals.seconds[one.operation] = totals.seconds.get(one.operation, 0.0) + one.seconds
            if one.function:
                totals.from_functions[one.operation] += 1
    return totals
