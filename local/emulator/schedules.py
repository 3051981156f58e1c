"""Rules with a rate fire as often as they say, or more often where a test cannot wait for minutes."""

import os

from ministack.services import eventbridge

LONGEST_TICK_SECONDS = 1.0

SECONDS_PER_MINUTE = float(os.environ.get("NDJSON_PARQUET_SCHEDULE_SECONDS_PER_MINUTE", "60"))


def install() -> None:
    """Shorten the rates, and look at the rules often enough for the shortest of them."""
    original = eventbridge._parse_rate_seconds

    def shortened(expression: str) -> float | None:
        seconds = original(expression)
        return None if seconds is None else seconds * SECONDS_PER_MINUTE / 60

    eventbridge._parse_rate_seconds = shortened
    eventbridge._SCHEDULER_TICK_INTERVAL = LONGEST_TICK_SECONDS
