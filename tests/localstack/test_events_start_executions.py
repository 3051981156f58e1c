"""A ManifestReady event on the bus starts the processor as Terraform deployed it."""

import json

import pytest

from tests.localstack.conftest import Deployed
from tests.localstack.queues import until
from tests.localstack.test_processor_paths import INPUT, ended


@pytest.mark.covers("EventBridge bus to the processor")
def test_an_event_starts_an_execution_with_its_detail_as_the_input(deployed: Deployed) -> None:
    entry = {
        "EventBusName": deployed.event_bus_name,
        "Source": "ndjson-parquet",
        "DetailType": "ManifestReady",
        "Detail": json.dumps(INPUT),
    }
    assert deployed.aws.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    states = deployed.aws.client("stepfunctions")
    executions = until(
        lambda: states.list_executions(stateMachineArn=deployed.state_machine_arn)["executions"],
        "the start of the execution",
    )
    [execution] = [ended(states, found["executionArn"]) for found in executions]
    assert (execution.status, execution.path[-1]) == ("SUCCEEDED", "PipelineSucceeded")
    assert json.loads(states.describe_execution(executionArn=execution.arn)["input"]) == INPUT
