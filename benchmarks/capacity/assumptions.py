"""What the model starts from: one data file, in which every number says where it comes from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

FILE = Path(__file__).with_name("assumptions.json")
DAY_SECONDS = 86_400
TERABYTE = 1e12

Basis = Literal["measured", "published", "recalled", "assumed"]


@dataclass(frozen=True, slots=True)
class Load:
    """Files of one size, evenly over the day; the busiest minute has `burst_factor` times the average."""

    files_per_day: float
    bytes_per_file: float
    burst_factor: float

    @property
    def terabytes_per_day(self) -> float:
        return self.files_per_day * self.bytes_per_file / TERABYTE

    @property
    def files_per_second(self) -> float:
        return self.files_per_day / DAY_SECONDS

    @property
    def busiest_files_per_second(self) -> float:
        return self.files_per_second * self.burst_factor

    def times(self, factor: float) -> "Load":
        return Load(self.files_per_day * factor, self.bytes_per_file, self.burst_factor)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured or assumed of one file, call, gigabyte or run; assumptions.json says how."""

    delivery_seconds: float
    call_seconds: float
    lambda_gb: float
    log_bytes_per_file: float
    log_bytes_per_run: float
    glue_start_seconds: float
    glue_core_factor: float
    core_seconds_per_gb: float
    replaced_core_seconds_per_gb: float
    replaced_parallel_tasks: float
    duckdb_core_seconds_per_gb: float
    parquet_bytes_per_byte: float
    custom_metrics: float
    alarms: float


@dataclass(frozen=True, slots=True)
class Assumptions:
    """All of the file: `quotas` by name, `entries` as they are written, for whoever wants to see the sources."""

    recorded: str
    reference: Load
    figures: Figures
    quotas: Mapping[str, float]
    entries: Mapping[str, Mapping[str, Any]]


def read_assumptions(path: Path = FILE) -> Assumptions:
    """Raises KeyError for a figure that the file lacks."""
    content = json.loads(path.read_text())
    figures = {field.name: float(content["figures"][field.name]["value"]) for field in fields(Figures)}
    return Assumptions(
        recorded=content["recorded"],
        reference=Load(**content["reference_load"]),
        figures=Figures(**figures),
        quotas={name: float(entry["value"]) for name, entry in content["quotas"].items()},
        entries={**content["figures"], **content["quotas"]},
    )
