"""One LocalStack and one `terraform apply` for these tests, and a table at the end of what they covered."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.access import Access, given_access, is_given
from local.deployment import Terraform
from local.localstack.host import LocalStack
from local.localstack.install import NOT_INSTALLED, is_installed
from tests.localstack.queues import take, until
from tests.localstack.report import COVERS, report_lines

HERE = Path(__file__).parent
SETTINGS = {
    "SFN_MOCK_CONFIG": str(HERE / "processor_mocks.json"),
    # Metrics of the queues every second, not every minute.
    "SQS_CLOUDWATCH_METRICS_REPORT_INTERVAL": "1",
}


@dataclass(frozen=True)
class Deployed:
    """What LocalStack has of the pipeline."""

    aws: Access
    terraform: Terraform
    input_bucket: str
    file_events_queue_url: str
    dead_letter_queue_url: str
    alerts_topic_arn: str
    state_machine_arn: str
    event_bus_name: str


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    """The LocalStack that the caller names, else one of our own in host mode."""
    home = tmp_path_factory.mktemp("localstack")
    if given := given_access(home):
        yield given
    elif is_installed():
        with LocalStack(home, SETTINGS) as access:
            yield access
    else:
        pytest.skip(NOT_INSTALLED)


@pytest.fixture(scope="session")
def deployed(aws: Access, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    terraform = Terraform(aws.environment(), tmp_path_factory.mktemp("terraform"), HERE / "terraform")
    try:
        terraform.apply()
        outputs = {name: output["value"] for name, output in json.loads(terraform.output()).items()}
        yield Deployed(aws, terraform, **outputs)
    finally:
        # One in host mode goes with all that it holds; one that runs on can be used again.
        if is_given():
            terraform.destroy()


@pytest.fixture(scope="session")
def test_event(deployed: Deployed) -> str:
    """The body of the first message, which S3 sends when the notification is configured; it has left the queue."""
    [message] = until(lambda: take(deployed.aws, deployed.file_events_queue_url), "S3's test event")
    return str(message["Body"])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{COVERS}(what): the line of LocalStack's table that the test stands for")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.user_properties += [(COVERS, marker.args[0]) for marker in item.iter_markers(COVERS)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = report_lines(terminalreporter.stats)
    if lines:
        terminalreporter.section("LocalStack")
        for line in lines:
            terminalreporter.write_line(line)
