"""What a deployment is made of: from names, and from the configuration of its state_manager. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass

from ndjson_parquet_cli.errors import UnreachableError


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, where: as STS says."""

    arn: str
    account_id: str
    region: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """Names of the resources of one environment, and the settings that the rules here need."""

    environment: str
    caller: Caller
    input_bucket: str
    manifest_bucket: str
    output_bucket: str
    quarantine_bucket: str
    tracking_table: str
    metrics_table: str
    dead_letter_queue_url: str
    state_machine_arn: str
    landing_prefix: str
    shards: int
    max_attempts: int
    retry_backoff_minutes: int
    max_wait_minutes: int
    input_retention_days: int

    @property
    def service(self) -> str:
        """Value of the dimension `service` of every metric."""
        return f"ndjson-parquet-{self.environment}"

    @property
    def state_manager(self) -> str:
        return state_manager_function(self.environment)

    @property
    def functions(self) -> tuple[str, ...]:
        names = ("manifest-builder", "stream-manifest-creator", "batch-status-updater", "state-manager")
        return tuple(f"ndjson-parquet-{name}-{self.environment}" for name in names)

    @property
    def file_events_queue(self) -> str:
        return f"ndjson-parquet-file-events-{self.environment}"

    @property
    def dead_letter_queues(self) -> dict[str, str]:
        """Names by what they are about; those of the stream and the events exist with their flags only."""
        others = {name: f"ndjson-parquet-{name}-dlq-{self.environment}" for name in ("stream", "events")}
        return {"file-events": self.dead_letter_queue_url.rpartition("/")[2], **others}

    @property
    def manifest_builder(self) -> str:
        return f"ndjson-parquet-manifest-builder-{self.environment}"

    @property
    def stream_manifest_creator(self) -> str:
        return f"ndjson-parquet-stream-manifest-creator-{self.environment}"

    @property
    def sweep_rule(self) -> str:
        return f"ndjson-parquet-sweep-{self.environment}"

    @property
    def reconcile_rule(self) -> str:
        return f"ndjson-parquet-reconcile-{self.environment}"

    @property
    def glue_job(self) -> str:
        return f"ndjson-parquet-batch-job-{self.environment}"

    @property
    def database(self) -> str:
        return f"ndjson_parquet_{self.environment}"


def state_manager_function(environment: str) -> str:
    return f"ndjson-parquet-state-manager-{environment}"


def deployment(environment: str, caller: Caller, variables: Mapping[str, str]) -> Deployment:
    """The deployment whose state_manager has these variables; what they do not name follows from the environment.

    Raises:
        UnreachableError: a variable is absent that every version of the function has.
    """

    def bucket(purpose: str) -> str:
        return f"ndjson-parquet-{purpose}-{environment}-{caller.account_id}"

    try:
        return Deployment(
            environment=environment,
            caller=caller,
            input_bucket=variables.get("INPUT_BUCKET") or bucket("input"),
            manifest_bucket=variables["MANIFEST_BUCKET"],
            output_bucket=bucket("output"),
            quarantine_bucket=variables.get("QUARANTINE_BUCKET") or bucket("quarantine"),
            tracking_table=variables["TRACKING_TABLE"],
            metrics_table=variables.get("METRICS_TABLE") or f"ndjson-parquet-sqs-metrics-{environment}",
            dead_letter_queue_url=variables["DEAD_LETTER_QUEUE_URL"],
            state_machine_arn=variables["STATE_MACHINE_ARN"],
            landing_prefix=variables["LANDING_PREFIX"],
            shards=int(variables["NUM_STATUS_SHARDS"]),
            max_attempts=int(variables["MAX_MANIFEST_ATTEMPTS"]),
            retry_backoff_minutes=int(variables["RETRY_BACKOFF_MINUTES"]),
            max_wait_minutes=int(variables["MAX_WAIT_MINUTES"]),
            input_retention_days=int(variables["INPUT_RETENTION_DAYS"]),
        )
    except KeyError as error:
        raise UnreachableError(
            f"{state_manager_function(environment)} has no environment variable {error.args[0]}",
            f"deploy this version: make apply ENV={environment}",
        ) from error


def is_missing(environment: str, caller: Caller) -> UnreachableError:
    """No deployment was found where it should be."""
    return UnreachableError(
        f"no deployment '{environment}' in account {caller.account_id}, region {caller.region}: "
        f"there is no function {state_manager_function(environment)}",
        "name the right one with --env, --profile and --region, or deploy it: "
        + ("make demo" if environment == "local" else f"make apply ENV={environment}"),
    )
