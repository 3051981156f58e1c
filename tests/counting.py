"""A meter that keeps what it counts, in the place of the one that prints it."""

from collections import defaultdict
from collections.abc import Mapping

from ndjson_parquet.metrics import UNITS, Meter, MetricName, ReasonedMetric


class CountingMeter(Meter):
    """Sums by name, and by name and reason."""

    def __init__(self) -> None:
        super().__init__("test")
        self.sums: defaultdict[str, float] = defaultdict(float)

    def add(self, name: MetricName, value: float = 1) -> None:
        assert name in UNITS
        self.sums[name] += value

    def add_by_reason(self, name: ReasonedMetric, reasons: Mapping[str, float]) -> None:
        for reason, value in reasons.items():
            self.sums[f"{name} {reason}"] += value
