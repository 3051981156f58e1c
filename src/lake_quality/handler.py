"""Lambda handler of the lake's quality function, called by the state machine of a day."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from lake_quality.athena import Athena
from lake_quality.lake import Catalog, Reports
from lake_quality.queries import Databases
from lake_quality.runs import Runs
from lake_quality.service import Measured, Quality
from lake_quality.settings import QualitySettings
from ndjson_parquet.clients import Clients
from ndjson_parquet.metrics import Meter
from ndjson_parquet.publishing import utc_now

logger = Logger()
tracer = Tracer()
meter = Meter()


@cache
def clients() -> tuple[QualitySettings, Clients]:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    return QualitySettings.from_environment(), Clients()


def service() -> Quality:
    """One for each call: what Athena has read is counted from its beginning."""
    settings, made = clients()
    return Quality(
        Athena(made.athena, settings.workgroup),
        Catalog(made.glue, settings.environment, settings.lake_bucket),
        Reports(made.s3, settings.lake_bucket),
        Runs(made.dynamodb, settings.files_table),
        Databases.of(settings.environment),
        settings.glue_dpu_hour_usd,
        utc_now,
    )


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@meter.emitted
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Compare the catalog, check a day's rules, or finish a run."""
    measured = Measured()
    answer = service().perform(event, measured)
    for name, value in measured.values.items():
        meter.add(name, value)
    meter.add_by_reason("LakeRulesFailed", measured.failed_kinds)
    logger.info("lake quality", extra={"request": event, "answer": answer})
    return answer
