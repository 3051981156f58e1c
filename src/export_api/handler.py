"""Lambda handler of export_api, called by API Gateway."""

from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

from export_api.app import api
from export_api.exports import Exports, Rules, utc_now
from export_api.files import SIGNED, Files
from export_api.job_table import JobTable
from export_api.pipeline_reads import PipelineReads
from export_api.routes import Services
from ndjson_parquet.clients import CONFIG, Clients
from ndjson_parquet.settings import ExportSettings
from ndjson_parquet.tracking import TrackingTable

logger = Logger()
tracer = Tracer()


@cache
def services() -> Services:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    settings, clients = ExportSettings.from_environment(), Clients()
    s3 = Clients(CONFIG.merge(SIGNED)).s3
    tracking, outputs = settings.tracking, Files(s3, settings.output_bucket)
    table = TrackingTable(clients.dynamodb, tracking.tracking_table, tracking.manifest_bucket)
    exports = Exports(
        JobTable(clients.dynamodb, settings.jobs_table),
        Files(s3, settings.export_bucket),
        outputs,
        clients.stepfunctions,
        settings.state_machine_arn,
        rules=Rules(
            max_upload_bytes=settings.max_upload_bytes,
            max_running_jobs=settings.max_running_jobs,
            longest=timedelta(minutes=settings.longest_minutes),
            ttl=timedelta(days=settings.ttl_days),
        ),
    )
    return Services(
        exports,
        PipelineReads(clients.dynamodb, tracking.tracking_table, table, outputs, tracking.num_status_shards),
        tracking.environment,
        settings.pipeline_group,
        settings.groups_claim,
        utc_now,
    )


app = api(services, logger)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    services()
    return app.resolve(event, context)
