"""Lambda handler of status_updater, called by the state machine."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from ndjson_parquet.clients import Clients
from ndjson_parquet.finishing import Finisher, RunEnd, finisher
from ndjson_parquet.metrics import Meter
from ndjson_parquet.settings import FinishingSettings

logger = Logger()
tracer = Tracer()
meter = Meter()
clients = Clients().made("dynamodb", "s3")


@cache
def service() -> Finisher:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    return finisher(FinishingSettings.from_environment(), clients, meter, logger)


@logger.inject_lambda_context(correlation_id_path="batch_id", clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@meter.emitted
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Give every file of the manifest its status; the answer says how many changed, and why the execution failed."""
    answer = service().finish(RunEnd.from_event(event))
    logger.info("execution ended", **answer)
    return answer
