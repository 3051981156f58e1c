"""Settings of the function, read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ndjson_parquet.settings import Reader


@dataclass(frozen=True, slots=True)
class ValidatorSettings:
    """`crawlers`: names of those to run after validation; may be none."""

    environment: str
    lake_bucket: str
    files_table: str
    tokens_secret_arn: str
    crawlers: tuple[str, ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "ValidatorSettings":
        """Raises SettingsError that lists every missing or impossible setting."""
        reader = Reader(environment)
        settings = cls(
            environment=reader.text("ENVIRONMENT"),
            lake_bucket=reader.text("LAKE_BUCKET"),
            files_table=reader.text("LAKE_FILES_TABLE"),
            tokens_secret_arn=reader.text("LAKE_TOKENS_SECRET"),
            crawlers=tuple(filter(None, (reader.optional("LAKE_CRAWLERS") or "").split(","))),
        )
        reader.finish()
        return settings
