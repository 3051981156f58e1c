"""What was measured, per 1,000 files; the targets; the table. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rich import box
from rich.table import Table

Design = Literal["this pipeline", "replaced design"]
OURS: Design = "this pipeline"
BASELINE: Design = "replaced design"

MAX_CALLS_PER_FILE = 0.5
MAX_SPREAD = 0.02
MAX_SHARE_OF_BASELINE = 0.1


@dataclass(frozen=True, slots=True)
class Measurement:
    """One design with one backlog: calls by `service:Operation`, and units, for as many files as ran."""

    design: Design
    backlog_files: int
    files: int
    calls: Mapping[str, int]
    read_units: float
    write_units: float

    @property
    def calls_per_thousand(self) -> float:
        return sum(self.calls.values()) * 1000 / self.files

    @property
    def read_units_per_thousand(self) -> float:
        return self.read_units * 1000 / self.files

    @property
    def write_units_per_thousand(self) -> float:
        return self.write_units * 1000 / self.files

    def as_dict(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "calls_per_thousand": self.calls_per_thousand,
            "read_units_per_thousand": self.read_units_per_thousand,
            "write_units_per_thousand": self.write_units_per_thousand,
        }


@dataclass(frozen=True, slots=True)
class Target:
    """What was to be reached, what was, and whether that is good enough."""

    text: str
    measured: str
    met: bool


def targets(measurements: Sequence[Measurement]) -> list[Target]:
    """The three targets; each looks at the worst backlog."""
    ours = {m.backlog_files: m.calls_per_thousand for m in measurements if m.design == OURS}
    baseline = {m.backlog_files: m.calls_per_thousand for m in measurements if m.design == BASELINE}
    most, least = max(ours.values()), min(ours.values())
    spread = most / least - 1
    share = max(ours[files] / baseline[files] for files in ours)
    return [
        Target(
            f"at most {MAX_CALLS_PER_FILE} calls per file",
            f"{most / 1000:.3f}",
            most / 1000 <= MAX_CALLS_PER_FILE,
        ),
        Target(
            f"equal within {MAX_SPREAD:.0%} at every backlog", f"{spread:.1%} apart", most <= least * (1 + MAX_SPREAD)
        ),
        Target(
            f"at most {MAX_SHARE_OF_BASELINE:.0%} of the replaced design's calls",
            f"{share:.1%}",
            share <= MAX_SHARE_OF_BASELINE,
        ),
    ]


def table(measurements: Sequence[Measurement]) -> Table:
    """Both designs beside each other, a row per backlog."""
    result = Table(title="Per 1,000 files, from landing to completed", box=box.SIMPLE_HEAD)
    for heading in ("files in the table", "design", "AWS calls", "write units", "read units", "calls, times ours"):
        result.add_column(heading, justify="left" if heading == "design" else "right", no_wrap=True)
    ours = {m.backlog_files: m.calls_per_thousand for m in measurements if m.design == OURS}
    for measurement in measurements:
        scaled = "" if measurement.files >= 1000 else f" (from {measurement.files})"
        result.add_row(
            f"{measurement.backlog_files:,}",
            f"{measurement.design}{scaled}",
            f"{measurement.calls_per_thousand:,.0f}",
            f"{measurement.write_units_per_thousand:,.0f}",
            f"{measurement.read_units_per_thousand:,.0f}",
            f"{measurement.calls_per_thousand / ours[measurement.backlog_files]:.1f}",
            end_section=measurement.design == BASELINE,
        )
    return result


def calls_table(measurements: Sequence[Measurement]) -> Table:
    """Which calls they are, per 1,000 files, a column per measurement."""
    result = Table(title="Calls per 1,000 files", box=box.SIMPLE_HEAD)
    result.add_column("call", no_wrap=True)
    for measurement in measurements:
        result.add_column(f"{measurement.design}\n{measurement.backlog_files:,}", justify="right")
    for call in sorted({call for measurement in measurements for call in measurement.calls}):
        result.add_row(call, *(f"{m.calls.get(call, 0) * 1000 / m.files:,.0f}" for m in measurements))
    return result
