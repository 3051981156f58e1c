"""Lambda handler of status_updater, called by the state machine."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from ndjson_parquet.clients import Clients
from ndjson_parquet.finishing import Finisher, RunEnd, finisher
from ndjson_parquet.settings import TrackingSettings

logger = Logger()
tracer = Tracer()
metrics = Metrics()


@cache
def service() -> Finisher:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    return finisher(TrackingSettings.from_environment(), Clients())


@logger.inject_lambda_context(correlation_id_path="batch_id", clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Give every file of the manifest its status; the answer says how many changed."""
    end = RunEnd.from_event(event)
    answer = service().finish(end)
    metrics.add_metric(
        "ManifestsCompleted" if answer["outcome"] == "completed" else "ManifestsFailed", MetricUnit.Count, 1
    )
    logger.info("execution ended", **answer, error_message=end.error_message)
    return answer
