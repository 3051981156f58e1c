"""The settings that decide cost and latency, read from an environment's tfvars."""

from dataclasses import dataclass
from pathlib import Path

from scripts.terraform_files import settings_of

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "terraform" / "environments"
DPU_CORES = 4
DPUS = {"G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8}
FILES_PER_DELIVERY = 10
"""`sqs_batch_size`."""
POLLERS = 5
"""What Lambda reads a queue with at first, and goes back to. Each fills a delivery of its own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Under Terraform's names; sizes in bytes."""

    max_files_per_manifest: int
    max_batch_bytes: int
    max_wait_minutes: float
    glue_worker_type: str
    glue_number_of_workers: int
    glue_max_concurrent_runs: int
    manifest_builder_max_concurrency: int = 50
    num_status_shards: int = 10
    sqs_batching_window_seconds: float = 0
    sweep_interval_minutes: float = 5
    is_flex: bool = False

    @property
    def dpus(self) -> int:
        """Of all workers of a run."""
        return self.glue_number_of_workers * DPUS[self.glue_worker_type]

    @property
    def executor_cores(self) -> int:
        """One worker is the driver's."""
        return (self.glue_number_of_workers - 1) * DPUS[self.glue_worker_type] * DPU_CORES


REPLACED = Settings(200, 700 * 1024**2, 15, "G.2X", 20, 30)
"""What the replaced design ran with, and this one's prod before the model was there."""


def environment_settings(environment: str) -> Settings:
    """As an environment's tfvars set them."""
    found = settings_of(ENVIRONMENTS / f"{environment}.tfvars")
    names = (
        "max_files_per_manifest",
        "max_batch_bytes",
        "max_wait_minutes",
        "glue_worker_type",
        "glue_number_of_workers",
        "glue_max_concurrent_runs",
        "manifest_builder_max_concurrency",
        "num_status_shards",
        "sqs_batching_window_seconds",
    )
    return Settings(**{name: found[name] for name in names if name in found})
