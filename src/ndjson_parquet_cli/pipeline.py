"""One deployment as the commands see it: reads and actions, found by environment."""

from dataclasses import dataclass

from ndjson_parquet_cli.actions import Actions
from ndjson_parquet_cli.athena import Athena
from ndjson_parquet_cli.aws import Aws
from ndjson_parquet_cli.deployment import Caller, Deployment, deployment, is_missing, state_manager_function
from ndjson_parquet_cli.object_reads import ObjectReads
from ndjson_parquet_cli.service_reads import ServiceReads
from ndjson_parquet_cli.tracking_reads import TrackingReads


@dataclass(frozen=True)
class Pipeline:
    """A deployment and the ways to it."""

    deployment: Deployment
    tracking: TrackingReads
    objects: ObjectReads
    services: ServiceReads
    actions: Actions
    athena: Athena


def connect(environment: str, region: str | None, profile: str | None) -> Pipeline:
    """The pipeline of an environment.

    Raises:
        UnreachableError: there is none in the caller's account and region.
    """
    aws = Aws(region, profile)
    found = find_deployment(aws, environment)
    return Pipeline(
        found, TrackingReads(aws, found), ObjectReads(aws), ServiceReads(aws, found), Actions(aws, found), Athena(aws)
    )


def find_deployment(aws: Aws, environment: str) -> Deployment:
    """The deployment of an environment in the caller's account and region.

    Raises:
        UnreachableError: there is none.
    """
    identity = aws.sts.get_caller_identity()
    caller = Caller(identity["Arn"], identity["Account"], aws.functions.meta.region_name)
    try:
        answer = aws.functions.get_function_configuration(FunctionName=state_manager_function(environment))
    except aws.functions.exceptions.ResourceNotFoundException as error:
        raise is_missing(environment, caller) from error
    return deployment(environment, caller, answer.get("Environment", {}).get("Variables", {}))
