"""The modules apply, and a second plan sees what LocalStack does not keep and nothing else."""

import pytest

from tests.localstack.conftest import Deployed

pytestmark = pytest.mark.covers(
    "terraform apply: storage, queue, alerts, alarms, state_machine, event_bus; second plan"
)
# LocalStack keeps neither the tracing configuration of a state machine nor the tags of alarms.
FORGOTTEN = {
    "module.alarms.aws_cloudwatch_composite_alarm.pipeline_unhealthy",
    "module.alarms.aws_cloudwatch_metric_alarm.math",
    "module.alarms.aws_cloudwatch_metric_alarm.metric",
    "module.state_machine.aws_sfn_state_machine.this",
}


def test_a_second_plan_changes_nothing_that_localstack_keeps(deployed: Deployed) -> None:
    assert {address.partition("[")[0] for address in deployed.terraform.planned_changes()} == FORGOTTEN
