"""What a load came to: as JSON, and as text. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from local.load.arrivals import KINDS, Kind
from local.load.injection import Produced
from local.load.memory import FLAT_MEGABYTES_AN_HOUR, MEGABYTE, Growth, Sample
from local.reconcile import Reconciliation

PROBLEMS_KEPT = 50
LATE_SECONDS = 1.0
"""A load whose senders were later than this for one of 100 arrivals was not held: the machine was too busy to send."""


@dataclass(frozen=True)
class Percentiles:
    """Seconds: of half, of 95 in 100, of 99 in 100, and of all."""

    p50: float
    p95: float
    p99: float
    most: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Percentiles | None":
        if len(seconds) < 2:
            return None
        cuts = quantiles(seconds, n=100, method="inclusive")
        return cls(*(round(one, 2) for one in (cuts[49], cuts[94], cuts[98], max(seconds))))


@dataclass(frozen=True)
class Report:
    """One run. Rates are arrivals a second: `offered` as planned, `held` as they landed."""

    started_at: str
    settings: Mapping[str, Any]
    arrived: Mapping[Kind, int]
    offered: float
    held: float
    lateness: Percentiles | None
    sent_again: int
    load_seconds: float
    settle_seconds: float
    most_waiting: int
    latency: Percentiles | None
    faults: Sequence[Produced]
    reconciled: int
    redriven: int
    growth: Sequence[Growth]
    samples: Sequence[Sample]
    machine_load: float
    result: Reconciliation

    @property
    def is_held(self) -> bool:
        """Whether files arrived when they should have."""
        return self.lateness is None or self.lateness.p99 <= LATE_SECONDS

    @property
    def is_flat(self) -> bool:
        return all(one.is_flat for one in self.growth)

    @property
    def ok(self) -> bool:
        """Nothing lost, nothing twice, nothing altered, and memory flat."""
        return self.result.ok and self.is_flat

    def as_dict(self) -> dict[str, Any]:
        result = self.result
        return {
            "started_at": self.started_at,
            "settings": dict(self.settings),
            "load": {
                "offered_per_second": self.offered,
                "held_per_second": self.held,
                "held": self.is_held,
                "arrivals": dict(self.arrived),
                "late_seconds": asdict(self.lateness) if self.lateness else None,
                "sent_again": self.sent_again,
                "seconds": self.load_seconds,
                "most_files_waiting": self.most_waiting,
            },
            "faults": [one.as_dict() for one in self.faults],
            "recovery": {
                "seconds": self.settle_seconds,
                "files_reconciled": self.reconciled,
                "dead_letters_redriven": self.redriven,
            },
            "landing_to_completed_seconds": asdict(self.latency) if self.latency else None,
            "memory": [asdict(one) | {"flat": one.is_flat} for one in self.growth],
            "memory_samples": [
                {
                    "at": round(one.at),
                    "function": one.function,
                    "pid": one.pid,
                    "mb": round(one.resident_bytes / MEGABYTE, 1),
                }
                for one in self.samples
            ],
            "machine_load_average": self.machine_load,
            "reconciliation": {
                "files": len(result.files),
                "completed": result.count("completed"),
                "quarantined": result.count("quarantined"),
                "lines_in": result.lines_in,
                "rows_out": result.rows_out,
                "lines_rejected": result.lines_rejected,
                "manifests": result.manifests,
                "unaccounted_files": len(result.unaccounted_files),
                "unaccounted_lines": result.unaccounted_lines,
                "problems": list(result.problems[:PROBLEMS_KEPT]),
            },
            "ok": self.ok,
        }


def text(report: Report) -> RenderableType:
    """The tables that are printed and kept beside the JSON; the reconciliation has one of its own."""
    return Group(_load(report), *([_faults(report.faults)] if report.faults else []), _memory(report.growth))


def _load(report: Report) -> Table:
    table = Table(title="Load", box=box.SIMPLE_HEAD, show_header=False, title_justify="left")
    late = report.lateness
    kinds = ", ".join(f"{report.arrived.get(kind, 0):,} {kind}" for kind in KINDS)
    table.add_row("arrivals", f"{sum(report.arrived.values()):,}: {kinds}")
    table.add_row("offered, held", f"{report.offered:.2f}, {report.held:.2f} a second for {report.load_seconds:.0f} s")
    if late:
        verdict = "held" if report.is_held else "[bold red]NOT HELD[/]"
        table.add_row("senders late", f"{late.p50:.2f} s in the middle, {late.p99:.2f} s in 99 of 100: {verdict}")
    table.add_row("sent again, no answer", f"{report.sent_again:,}")
    table.add_row("files waiting, at most", f"{report.most_waiting:,}")
    if spent := report.latency:
        table.add_row(
            "landing to completed",
            f"{spent.p50:.0f} s in the middle, {spent.p95:.0f} s in 95 of 100, {spent.most:.0f} s at most",
        )
    table.add_row("settled after the load in", f"{report.settle_seconds:.0f} s")
    table.add_row("events found lost, announced", f"{report.reconciled:,}")
    table.add_row("dead letters redriven", f"{report.redriven:,}")
    table.add_row("load average of the machine", f"{report.machine_load:.1f}")
    table.add_row("faults produced", f"{len(report.faults)}")
    files, lines = len(report.result.unaccounted_files), report.result.unaccounted_lines
    table.add_row("[bold]unaccounted", f"[bold {'red' if files or lines else 'green'}]{files} files, {lines} lines")
    table.add_row("altered, repeated or inconsistent", f"{len(report.result.problems)}")
    return table


def _faults(faults: Sequence[Produced]) -> Table:
    table = Table(title=f"Faults produced: {len(faults)}", box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("at", justify="right", no_wrap=True)
    table.add_column("fault", no_wrap=True)
    table.add_column("for", justify="right", no_wrap=True)
    table.add_column("hit")
    for one in faults:
        table.add_row(f"{one.at:.0f} s", one.fault.value, f"{one.seconds:.0f} s", f"{one.hit} {one.detail}")
    return table


def _memory(functions: Sequence[Growth]) -> Table:
    title = f"Memory of the functions, flat below {FLAT_MEGABYTES_AN_HOUR:g} MB an hour"
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("function", "workers", "median MB", "most MB", "MB an hour", ""):
        table.add_column(heading, justify="left" if heading in ("function", "") else "right", no_wrap=True)
    for one in functions:
        slope = "too short" if one.megabytes_an_hour is None else f"{one.megabytes_an_hour:+.2f}"
        verdict = "" if one.megabytes_an_hour is None else ("flat" if one.is_flat else "[bold red]GROWS")
        row = (str(one.workers), f"{one.median_megabytes:.1f}", f"{one.most_megabytes:.1f}", slope, verdict)
        table.add_row(one.function.removeprefix("ndjson-parquet-"), *row)
    return table
