"""Which fault happens when, in a soak of some length. No I/O: the same length gives the same schedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong, and what it stands for on AWS."""

    KILL_WORKERS = "Lambda workers killed"
    KILL_SPARK = "Spark runs killed"
    THROTTLE_TABLE = "tracking table throttled"
    THROTTLE_STARTS = "StartExecution throttled"
    DROP_EVENTS = "S3 events dropped"
    RESTART = "embedded AWS restarted"
    FLIP_FLAGS = "flags flipped by terraform apply"


FAULTY_SHARE = 0.6
"""Of the load's time. The rest is quiet: long enough to see that memory is flat, and that a backlog drains."""
ROUND_SECONDS = 270
LASTING = frozenset({Fault.THROTTLE_TABLE, Fault.THROTTLE_STARTS, Fault.DROP_EVENTS})
"""They go on for a while; the others happen."""
LONGEST_SECONDS = 20.0


@dataclass(frozen=True)
class Planned:
    """A fault, `at` seconds after the load's start. One that happens at once lasts 0 seconds."""

    at: float
    fault: Fault
    lasts: float


def schedule(seconds: float, faults: Sequence[Fault] = tuple(Fault)) -> tuple[Planned, ...]:
    """Rounds of every fault, evenly spread over the first part of the load.

    Args:
        seconds: of the load.
        faults: those of a round, in their order.
    """
    faulty = seconds * FAULTY_SHARE
    rounds = max(1, round(faulty / ROUND_SECONDS))
    step = faulty / (rounds * len(faults)) if faults else 0
    lasts = min(LONGEST_SECONDS, step / 2)
    return tuple(
        Planned(step * (number + 0.5), fault, lasts if fault in LASTING else 0)
        for number, fault in enumerate(list(faults) * rounds)
    )
