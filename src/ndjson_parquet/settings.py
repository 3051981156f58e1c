"""Settings of the functions, read from the environment and validated as a whole.

A reader collects its problem instead of raising, so that one start shows everything that is wrong.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from ndjson_parquet.batching import Limits
from ndjson_parquet.errors import SettingsError
from ndjson_parquet.landing import LandingRules

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TrackingSettings:
    """What every function needs: where the tracking table and the manifests are."""

    environment: str
    tracking_table: str
    manifest_bucket: str
    landing_prefix: str
    num_status_shards: int
    ttl_days: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "TrackingSettings":
        """Raises SettingsError that lists every missing or impossible setting."""
        reader = Reader(environment)
        settings = _tracking(reader)
        reader.finish()
        return settings


@dataclass(frozen=True, slots=True)
class PublishingSettings:
    """What a function needs to turn a sealed batch into a running conversion."""

    tracking: TrackingSettings
    state_machine_arn: str
    event_bus_name: str | None
    """The bus of `ManifestReady` events; None when executions are started directly."""
    target_part_bytes: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "PublishingSettings":
        """Raises SettingsError that lists every missing or impossible setting."""
        reader = Reader(environment)
        settings = _publishing(reader)
        reader.finish()
        return settings


@dataclass(frozen=True, slots=True)
class FinishingSettings:
    """What a function needs to write how conversions ended."""

    tracking: TrackingSettings
    metrics_table: str
    glue_dpu_hour_usd: float
    freshness_target_minutes: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "FinishingSettings":
        """Raises SettingsError that lists every missing or impossible setting."""
        reader = Reader(environment)
        settings = _finishing(reader, _tracking(reader))
        reader.finish()
        return settings


@dataclass(frozen=True, slots=True)
class BuilderSettings:
    """Settings of manifest_builder."""

    publishing: PublishingSettings
    quarantine_bucket: str
    limits: Limits
    landing: LandingRules
    on_overwrite: Literal["convert", "quarantine"]
    streams_publish: bool
    """Whether stream_manifest_creator publishes what manifest_builder seals."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "BuilderSettings":
        """Raises SettingsError that lists every missing or impossible setting."""
        reader = Reader(environment)
        settings = cls(
            publishing=_publishing(reader),
            quarantine_bucket=reader.text("QUARANTINE_BUCKET"),
            limits=Limits(
                max_files=reader.integer("MAX_FILES_PER_MANIFEST", 1, 10_000),
                max_bytes=reader.integer("MAX_BATCH_BYTES", MEGABYTE, 100 * 1024 * MEGABYTE),
            ),
            landing=_landing(reader),
            on_overwrite=cast(
                Literal["convert", "quarantine"], reader.choice("ON_OVERWRITE", ("convert", "quarantine"))
            ),
            streams_publish=reader.flag("ENABLE_STREAM_MANIFEST_CREATION"),
        )
        reader.finish()
        return settings


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """Settings of state_manager."""

    publishing: PublishingSettings
    finishing: FinishingSettings
    max_wait_minutes: int
    min_files_for_partial_batch: int
    max_manifest_attempts: int
    retry_backoff_minutes: int
    input_retention_days: int
    input_bucket: str
    quarantine_bucket: str
    file_events_queue_url: str
    dead_letter_queue_url: str
    stream_dead_letter_queue_url: str | None
    """None when the table's stream is not read."""
    events_dead_letter_queue_url: str | None
    """None when executions are started directly."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "SweepSettings":
        """Raises SettingsError that lists every missing or impossible setting."""
        reader = Reader(environment)
        publishing = _publishing(reader)
        settings = cls(
            publishing=publishing,
            finishing=_finishing(reader, publishing.tracking),
            max_wait_minutes=reader.integer("MAX_WAIT_MINUTES", 1, 1440),
            min_files_for_partial_batch=reader.integer("MIN_FILES_FOR_PARTIAL_BATCH", 1, 10_000),
            max_manifest_attempts=reader.integer("MAX_MANIFEST_ATTEMPTS", 1, 20),
            retry_backoff_minutes=reader.integer("RETRY_BACKOFF_MINUTES", 1, 1440),
            input_retention_days=reader.integer("INPUT_RETENTION_DAYS", 1, 3650),
            input_bucket=reader.text("INPUT_BUCKET"),
            quarantine_bucket=reader.text("QUARANTINE_BUCKET"),
            file_events_queue_url=reader.text("FILE_EVENTS_QUEUE_URL"),
            dead_letter_queue_url=reader.text("DEAD_LETTER_QUEUE_URL"),
            stream_dead_letter_queue_url=reader.optional("STREAM_DEAD_LETTER_QUEUE_URL"),
            events_dead_letter_queue_url=reader.optional("EVENTS_DEAD_LETTER_QUEUE_URL"),
        )
        reader.finish()
        return settings


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """Settings of export_api."""

    tracking: TrackingSettings
    output_bucket: str
    export_bucket: str
    jobs_table: str
    state_machine_arn: str
    max_upload_bytes: int
    max_running_jobs: int
    longest_minutes: int
    """Beyond the time that any conversion can take, retries included."""
    ttl_days: int
    pipeline_group: str | None
    """The group that may see the pipeline; None when everybody who is signed in may."""
    groups_claim: str
    """The claim of a token that lists groups."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "ExportSettings":
        """Raises SettingsError that lists every missing or impossible setting."""
        reader = Reader(environment)
        settings = cls(
            tracking=_tracking(reader),
            output_bucket=reader.text("OUTPUT_BUCKET"),
            export_bucket=reader.text("EXPORT_BUCKET"),
            jobs_table=reader.text("EXPORT_JOBS_TABLE"),
            state_machine_arn=reader.text("EXPORT_STATE_MACHINE_ARN"),
            max_upload_bytes=reader.integer("EXPORT_MAX_UPLOAD_MB", 1, 5 * 1024) * MEGABYTE,
            max_running_jobs=reader.integer("EXPORT_MAX_RUNNING_JOBS", 1, 1_000),
            longest_minutes=reader.integer("EXPORT_LONGEST_MINUTES", 1, 100_000),
            ttl_days=reader.integer("EXPORT_TTL_DAYS", 1, 3650),
            pipeline_group=reader.optional("EXPORT_PIPELINE_GROUP"),
            groups_claim=reader.text("EXPORT_GROUPS_CLAIM"),
        )
        reader.finish()
        return settings


@dataclass
class Reader:
    """Reads settings one by one and keeps what is wrong with each; `finish` tells all of it at once."""

    environment: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        value = self.environment.get(name, "").strip()
        if not value:
            self.problems.append(f"{name} is not set")
        return value

    def optional(self, name: str) -> str | None:
        return self.environment.get(name, "").strip() or None

    def integer(self, name: str, minimum: int, maximum: int) -> int:
        return int(self._number(name, minimum, maximum, whole=True))

    def decimal(self, name: str, minimum: float, maximum: float) -> float:
        return self._number(name, minimum, maximum, whole=False)

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name)
        if value and value not in allowed:
            self.problems.append(f"{name}={value!r} is not one of {', '.join(allowed)}")
        return value

    def flag(self, name: str) -> bool:
        return self.choice(name, ("true", "false")) == "true"

    def finish(self) -> None:
        """Raises SettingsError that lists every missing or impossible setting."""
        if self.problems:
            raise SettingsError(
                "the function cannot start: " + "; ".join(self.problems) + ". Terraform sets these as environment "
                "variables of the function: correct the setting of the same name in the environment's tfvars and apply"
            )

    def _number(self, name: str, minimum: float, maximum: float, *, whole: bool) -> float:
        raw = self.text(name)
        if not raw:
            return minimum
        try:
            value = int(raw) if whole else float(raw)
        except ValueError:
            self.problems.append(f"{name}={raw!r} is not a {'whole ' if whole else ''}number")
            return minimum
        if not minimum <= value <= maximum:
            self.problems.append(f"{name}={raw} is not between {minimum} and {maximum}")
            return minimum
        return value


def _tracking(reader: Reader) -> TrackingSettings:
    return TrackingSettings(
        environment=reader.text("ENVIRONMENT"),
        tracking_table=reader.text("TRACKING_TABLE"),
        manifest_bucket=reader.text("MANIFEST_BUCKET"),
        landing_prefix=reader.text("LANDING_PREFIX"),
        num_status_shards=reader.integer("NUM_STATUS_SHARDS", 1, 100),
        ttl_days=reader.integer("TTL_DAYS", 1, 3650),
    )


def _publishing(reader: Reader) -> PublishingSettings:
    return PublishingSettings(
        tracking=_tracking(reader),
        state_machine_arn=reader.text("STATE_MACHINE_ARN"),
        event_bus_name=reader.text("EVENT_BUS_NAME") if reader.flag("ENABLE_EVENTBRIDGE_DECOUPLING") else None,
        target_part_bytes=reader.integer("TARGET_PART_BYTES", MEGABYTE, 100 * 1024 * MEGABYTE),
    )


def _finishing(reader: Reader, tracking: TrackingSettings) -> FinishingSettings:
    return FinishingSettings(
        tracking=tracking,
        metrics_table=reader.text("METRICS_TABLE"),
        glue_dpu_hour_usd=reader.decimal("GLUE_DPU_HOUR_USD", 0, 100),
        freshness_target_minutes=reader.integer("FRESHNESS_TARGET_MINUTES", 1, 10_080),
    )


def _landing(reader: Reader) -> LandingRules:
    minimum = reader.decimal("MIN_FILE_SIZE_MB", 0, 5 * 1024 * 1024)
    maximum = reader.decimal("MAX_FILE_SIZE_MB", 0, 5 * 1024 * 1024)
    extensions = tuple(part.strip().lower() for part in reader.text("ALLOWED_EXTENSIONS").split(",") if part.strip())
    for extension in extensions:
        if not extension.startswith("."):
            reader.problems.append(f"ALLOWED_EXTENSIONS holds {extension!r}, which does not start with a dot")
    if minimum > maximum:
        reader.problems.append(f"MIN_FILE_SIZE_MB={minimum:g} is above MAX_FILE_SIZE_MB={maximum:g}")
    return LandingRules(
        prefix=reader.text("LANDING_PREFIX"),
        min_bytes=int(minimum * MEGABYTE),
        max_bytes=int(maximum * MEGABYTE),
        extensions=extensions,
    )
