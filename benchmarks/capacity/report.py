"""The model's answers for several loads, as values and as tables. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich import box
from rich.table import Table

from benchmarks.capacity.assumptions import Assumptions, Load
from benchmarks.capacity.limits import Use, uses
from benchmarks.capacity.model import Day, fargate, firehose, ours, replaced
from benchmarks.capacity.recommendation import MANIFEST_FILES, recommended, with_size
from benchmarks.capacity.scenario import Told
from benchmarks.capacity.settings import Settings
from ndjson_parquet_cli.prices import Prices

MOST = 1e6
"""A load beyond which nobody asks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """For one multiple of the reference load; `days` has ours first, `uses` the fullest first."""

    multiple: float
    settings: Settings
    days: tuple[Day, ...]
    uses: tuple[Use, ...]

    @property
    def ours(self) -> Day:
        return self.days[0]

    def as_dict(self) -> dict[str, Any]:
        return {
            "multiple": self.multiple,
            "settings": asdict(self.settings),
            "days": [
                {**asdict(day), "total": day.total, "dollars_per_terabyte": day.dollars_per_terabyte}
                for day in self.days
            ],
            "uses": [{**asdict(use), "share": use.share} for use in self.uses],
        }


@dataclass(frozen=True, slots=True)
class Limit:
    """A quota or setting, and the multiple of the reference load at which its burst, or its average, fills it."""

    use: Use
    burst_multiple: float
    average_multiple: float


def answer(known: Assumptions, multiple: float, base: Settings, prices: Prices, freshness_seconds: float) -> Answer:
    """Raises ValueError when no manifest size meets the freshness."""
    load, figures = known.reference.times(multiple), known.figures
    settings = recommended(load, base, figures, prices, freshness_seconds)
    days = (
        ours(load, settings, figures, prices),
        replaced(load, figures, prices),
        firehose(load, figures, prices),
        fargate(load, figures, prices),
    )
    return Answer(multiple, settings, days, tuple(uses(load, settings, figures, known.quotas)))


def limits(known: Assumptions, settings: Settings) -> list[Limit]:
    """What is full first with these settings, whatever the load: the first one first."""
    bursty, even = known.reference, replace(known.reference, burst_factor=1)
    at_bursts, on_average = (
        {use.name: _fills(use.name, load, settings, known) for use in uses(load, settings, known.figures, known.quotas)}
        for load in (bursty, even)
    )
    found = [
        Limit(use, at_bursts[use.name], on_average[use.name])
        for use in uses(bursty, settings, known.figures, known.quotas)
    ]
    return sorted(found, key=lambda limit: limit.burst_multiple)


def _fills(name: str, load: Load, settings: Settings, known: Assumptions) -> float:
    """The smallest multiple at which a use is at its limit, to a thousandth."""
    low, high = 0.0, MOST
    while high - low > high / 1000:
        middle = (low + high) / 2
        found = uses(load.times(middle), settings, known.figures, known.quotas)
        [use] = [use for use in found if use.name == name]
        low, high = (low, middle) if use.share >= 1 else (middle, high)
    return high


def cost_table(answers: Sequence[Answer]) -> Table:
    """Every design beside ours."""
    table = _table("Dollars a day", "load", "design", "$ a day", "$ a TB", "times ours", "first file's latency")
    for one in answers:
        for day in one.days:
            table.add_row(
                f"{one.multiple:g}x" if day is one.ours else "",
                day.design,
                f"{day.total:,.2f}",
                f"{day.dollars_per_terabyte:,.2f}",
                f"{day.total / one.ours.total:,.1f}",
                _minutes(day.latency_seconds),
            )
    return table


def size_table(load: Load, base: Settings, known: Assumptions, prices: Prices) -> Table:
    """What a larger manifest saves, and what it costs in freshness."""
    table = _table("Manifest sizes at 1x, 2 x G.1X", "files", "runs a day", "seconds of a run", "$ a day", "latency")
    for files in MANIFEST_FILES:
        day = ours(load, with_size(load, base, files, 2), known.figures, prices)
        table.add_row(
            f"{files:,}",
            f"{day.runs:,.0f}",
            f"{day.run_seconds:,.0f}",
            f"{day.total:,.2f}",
            _minutes(day.latency_seconds),
        )
    return table


def service_table(answers: Sequence[Answer]) -> Table:
    """Where ours goes."""
    table = _table("Ours by service, $ a day", "service", *(f"{one.multiple:g}x" for one in answers))
    for service in sorted(answers[0].ours.dollars, key=lambda name: -answers[-1].ours.dollars[name]):
        table.add_row(service, *(f"{one.ours.dollars[service]:,.2f}" for one in answers))
    return table


def settings_table(answers: Sequence[Answer]) -> Table:
    """What to set."""
    table = _table("Settings", "", *(f"{one.multiple:g}x" for one in answers))
    for name in asdict(answers[0].settings):
        table.add_row(name, *(_plain(getattr(one.settings, name)) for one in answers))
    table.add_row("runs a day", *(f"{one.ours.runs:,.0f}" for one in answers))
    table.add_row("seconds of a run", *(f"{one.ours.run_seconds:,.0f}" for one in answers))
    table.add_row("fullest at bursts", *(f"{one.uses[0].name}, {one.uses[0].share:,.0%}" for one in answers))
    return table


def limits_table(found: Iterable[Limit]) -> Table:
    """What breaks first."""
    headings = ("needed at 1x", "limit", "full in bursts at", "full on average at", "then")
    table = _table("What is full first, with prod's settings", "", *headings)
    for limit in found:
        use = limit.use
        table.add_row(
            use.name,
            f"{use.used:,.3g}",
            f"{use.limit:,.0f} {use.unit}",
            _multiple(limit.burst_multiple),
            _multiple(limit.average_multiple),
            use.then,
        )
    return table


def simulation_table(days: Mapping[str, Told]) -> Table:
    """The simulated days."""
    table = _table(
        "A simulated day at 1x, with an hour of 10x",
        *("settings", "runs", "files a run", "files a delivery", "conflicts"),
        *("Glue $", "most waiting", "mean", "p99", "longest"),
    )
    for title, day in days.items():
        table.add_row(
            title,
            f"{day.runs:,}",
            f"{day.files_per_run:,.0f}",
            f"{day.files_per_delivery:.1f}",
            f"{day.conflicts:,}",
            f"{day.glue_dollars:,.2f}",
            f"{day.most_waiting:,}",
            *(_minutes(seconds) for seconds in (day.latency_mean, day.latency_p99, day.latency_max)),
        )
    return table


def sources_table(known: Assumptions) -> Table:
    """Where every number comes from."""
    table = _table("Assumptions", "", "value", "basis", "how, or where")
    for name, entry in known.entries.items():
        where = " ".join(str(entry[key]) for key in ("unit", "how", "source", "checked") if key in entry)
        table.add_row(name, f"{entry['value']:g}", entry["basis"], where)
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    words = {"", "design", "service", "settings", "then", "basis", "how, or where", "load"}
    for heading in headings:
        table.add_column(heading, justify="left" if heading in words else "right")
    return table


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def _multiple(value: float) -> str:
    return f"{value:,.0f}x" if value >= 10 else f"{value:.1f}x"


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
