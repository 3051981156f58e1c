"""How long the periods of alarms last here, and how often the clock that evaluates them ticks."""

import os
from collections.abc import Sequence

LONGEST_STEP_SECONDS = 5.0
STEPS_IN_A_PERIOD = 5

_period = os.environ.get("NDJSON_PARQUET_ALARM_PERIOD_SECONDS")
# Tests cannot wait for an hour, and not for a minute either. None: as long as the alarm says.
PERIOD_SECONDS = float(_period) if _period else None
# Gauges are sampled and alarms are evaluated once in each step.
STEP_SECONDS = min(LONGEST_STEP_SECONDS, PERIOD_SECONDS / STEPS_IN_A_PERIOD if PERIOD_SECONDS else LONGEST_STEP_SECONDS)
# So long metrics are kept in steps, for alarms that look at many periods; after that, in minutes.
STEPS_KEPT_SECONDS = 300 * STEP_SECONDS


def last_step(now: float) -> float:
    """The end of the last step that is over, in epoch seconds."""
    return now // STEP_SECONDS * STEP_SECONDS


def windows(period: float, number: int, now: float) -> Sequence[tuple[float, float]]:
    """The last so many periods, oldest first. They end with the last step: CloudWatch's sliding window."""
    end, seconds = last_step(now), PERIOD_SECONDS or period
    return [(end - back * seconds, end - (back - 1) * seconds) for back in range(number, 0, -1)]
