"""What was measured, and what it is held against. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich import box
from rich.table import Table

MIN_FILES_PER_SECOND = 150.0
MAX_CALLS_PER_FILE = 0.386
"""docs/benchmarks/control-plane.md, which counts a sweep of 0.031 too; here none is due."""
CALLS_OF_AN_EXECUTION = 4
"""Two updates, Glue, the status updater: made by Step Functions, so not requests of the embedded AWS."""
TRACKING = "DynamoDB.TransactWriteItems"
_OPERATIONS_SHOWN = 9


@dataclass
class Usage:
    """Cores in use, on average over `seconds`: by whom, and of the whole machine."""

    machine_cores: int
    seconds: float = 0.0
    machine: float = 0.0
    cores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Measurement:
    """One run. Times are seconds from the first PUT's start to the last file that got so far."""

    files: int
    offered: float
    landed: float
    tracked: float
    completed: float
    manifests: int
    calls: Mapping[str, int]
    server_seconds: Mapping[str, float]
    server_requests: Mapping[str, int]
    usage: Usage

    @property
    def files_per_second(self) -> float:
        """Sustained: all of them, until the last was completed."""
        return self.files / self.completed

    @property
    def calls_per_file(self) -> float:
        return (sum(self.calls.values()) + CALLS_OF_AN_EXECUTION * self.manifests) / self.files

    @property
    def files_per_transaction(self) -> float:
        return self.files / max(1, self.calls.get(TRACKING, 0))

    @property
    def met(self) -> Mapping[str, bool]:
        """The targets."""
        return {
            f"at least {MIN_FILES_PER_SECOND:g} files a second": self.files_per_second >= MIN_FILES_PER_SECOND,
            f"at most {MAX_CALLS_PER_FILE} calls per file": self.calls_per_file <= MAX_CALLS_PER_FILE,
        }

    @property
    def limit(self) -> str:
        """Which process is nearest to what it can use, in words; each is one thread of Python at a time."""
        usage = self.usage
        name, cores = max(usage.cores.items(), key=lambda one: one[1])
        server = sum(self.server_seconds.values()) / usage.seconds
        text = f"{name}: {cores:.2f} cores; the machine {usage.machine:.2f} of {usage.machine_cores}"
        return f"{text}; requests keep the embedded AWS busy for {server:.0%} of the time"

    def as_dict(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "files_per_second": self.files_per_second,
            "calls_per_file": self.calls_per_file,
            "files_per_transaction": self.files_per_transaction,
            "limit": self.limit,
            "met": dict(self.met),
        }


def tables(found: Measurement) -> Sequence[Table]:
    """The run, who used the cores, and where the embedded AWS spent its time."""
    return (_run(found), _cores(found.usage, found.files), _operations(found))


def _run(found: Measurement) -> Table:
    table = Table(title="Control plane under load", box=box.SIMPLE_HEAD, show_header=False)
    for name, seconds in (("landed", found.landed), ("tracked", found.tracked), ("completed", found.completed)):
        table.add_row(f"{found.files:,} files {name}", f"{seconds:.1f} s, {found.files / seconds:.0f} a second")
    table.add_row("offered", f"{found.offered:.0f} a second")
    table.add_row("manifests", f"{found.manifests:,}")
    table.add_row("AWS calls per file", f"{found.calls_per_file:.3f}")
    table.add_row("files per transaction", f"{found.files_per_transaction:.1f}")
    table.add_row("limited by", found.limit)
    return table


def _cores(usage: Usage, files: int) -> Table:
    table = Table(title=f"Who used the {usage.machine_cores} cores", box=box.SIMPLE_HEAD)
    for heading in ("process", "cores", "ms of CPU a file"):
        table.add_column(heading, justify="left" if heading == "process" else "right")
    for name, cores in sorted(usage.cores.items(), key=lambda one: -one[1]):
        table.add_row(name, f"{cores:.2f}", f"{1000 * cores * usage.seconds / files:.2f}")
    table.add_row("the whole machine", f"{usage.machine:.2f}", "")
    return table


def _operations(found: Measurement) -> Table:
    table = Table(title="The embedded AWS's requests", box=box.SIMPLE_HEAD)
    for heading in ("operation", "requests", "ms each", "share of the time", "from functions, per 1,000 files"):
        table.add_column(heading, justify="left" if heading == "operation" else "right")
    for operation, seconds in sorted(found.server_seconds.items(), key=lambda one: -one[1])[:_OPERATIONS_SHOWN]:
        requests = found.server_requests[operation]
        share = seconds / found.usage.seconds
        calls = 1000 * found.calls.get(operation, 0) / found.files
        table.add_row(operation, f"{requests:,}", f"{1000 * seconds / requests:.2f}", f"{share:.1%}", f"{calls:.0f}")
    return table
