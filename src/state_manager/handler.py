"""Lambda handler of state_manager, called by the schedules and by operators."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from ndjson_parquet.clients import Clients
from ndjson_parquet.finishing import finisher
from ndjson_parquet.metrics import Meter
from ndjson_parquet.operations import Answer, Budget, Sweep
from ndjson_parquet.publishing import publisher, utc_now
from ndjson_parquet.requests import parse_request
from ndjson_parquet.settings import SweepSettings
from ndjson_parquet.store import ManifestStore
from state_manager.actions import Operations
from state_manager.reconciler import metrics_of
from state_manager.reports import SweepReports
from state_manager.service import METRICS, StateManager
from state_manager.wiring import operations, state_manager

logger = Logger()
tracer = Tracer()
meter = Meter()


@cache
def service() -> tuple[StateManager, Operations]:
    """Made once per container: a setting that is missing fails the invocation, not the import."""
    settings, clients = SweepSettings.from_environment(), Clients()
    publishes = publisher(settings.publishing, clients)
    finishes = finisher(settings.finishing, clients, meter, logger)
    manager = state_manager(settings, clients, publishes, finishes, logger)
    return manager, operations(settings, clients, publishes, finishes, logger)


@cache
def reports() -> SweepReports:
    return SweepReports(
        ManifestStore(Clients().s3, SweepSettings.from_environment().publishing.tracking.manifest_bucket), logger
    )


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@meter.emitted
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"action": "sweep"}` does what is due and answers with its report; the others are in docs/operations.md."""
    manager, actions = service()
    request = parse_request(event, utc_now())
    budget = Budget(lambda: context.get_remaining_time_in_millis() / 1000)
    if not isinstance(request, Sweep):
        answer = actions.perform(request, budget, event, context.aws_request_id)
        count_reconciled(answer)
        return answer.as_dict()
    started_at = utc_now()
    sweep = manager.sweep()
    meter.add("SweepsDone")
    reports().write(sweep, context.aws_request_id, started_at, utc_now())
    report = sweep.as_dict()
    for name, value in report.items():
        meter.add(METRICS[name], value)
    logger.info("sweep done", extra=report)
    count_reconciled(actions.go_on(budget, context.aws_request_id))
    return report


def count_reconciled(answer: Answer | None) -> None:
    """The metrics of a piece of reconcile, of nothing else."""
    for name, value in metrics_of(answer).items():
        meter.add(name, value)
