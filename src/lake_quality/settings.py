"""Settings of the function, read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ndjson_parquet.settings import Reader


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """`glue_dpu_hour_usd`: what an hour of a data processing unit costs, for the metrics."""

    environment: str
    lake_bucket: str
    files_table: str
    workgroup: str
    glue_dpu_hour_usd: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "QualitySettings":
        """Raises SettingsError that lists every missing or impossible setting."""
        reader = Reader(environment)
        settings = cls(
            environment=reader.text("ENVIRONMENT"),
            lake_bucket=reader.text("LAKE_BUCKET"),
            files_table=reader.text("LAKE_FILES_TABLE"),
            workgroup=reader.text("LAKE_WORKGROUP"),
            glue_dpu_hour_usd=reader.decimal("GLUE_DPU_HOUR_USD", 0, 100),
        )
        reader.finish()
        return settings
