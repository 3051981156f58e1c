"""Lambda handler of the lake's validator, called by the state machine of a day."""

from collections import Counter
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from lake_validator.files_table import FilesTable
from lake_validator.raw_zone import RawZone
from lake_validator.requests import parse_request
from lake_validator.service import Tally, Validator
from lake_validator.settings import ValidatorSettings
from lake_validator.token_key import TokenKey
from ndjson_parquet.clients import Clients
from ndjson_parquet.metrics import Meter
from ndjson_parquet.publishing import utc_now

logger = Logger()
tracer = Tracer()
meter = Meter()


@cache
def service() -> Validator:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    settings, clients = ValidatorSettings.from_environment(), Clients()
    return Validator(
        RawZone(clients.s3, settings.lake_bucket),
        FilesTable(clients.dynamodb, settings.files_table),
        TokenKey(clients.secretsmanager, settings.tokens_secret_arn),
        settings.crawlers,
        utc_now,
    )


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@meter.emitted
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Begin a run, validate a dataset's files of a day, or write the list of accepted ones."""
    tally = Tally(Counter(), Counter())
    try:
        answer = service().perform(parse_request(event), lambda: context.get_remaining_time_in_millis() / 1000, tally)
    finally:
        meter.add("LakeFilesAccepted", tally.files["accepted"])
        meter.add("LakeFilesDuplicate", tally.files["duplicate"])
        meter.add("LakeFilesQuarantined", tally.files["quarantined"])
        meter.add_by_reason("LakeFilesQuarantined", tally.reasons)
    logger.info("lake validator", extra={"request": event, "answer": answer})
    return answer
