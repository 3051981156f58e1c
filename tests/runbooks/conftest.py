"""One embedded AWS, one `make apply`, and the commands of runbooks run against it."""

from collections.abc import Iterator

import pytest

from local.embedded_aws import EmbeddedAws
from tests.runbooks.checkout import Checkout
from tests.runbooks.documents import parse
from tests.runbooks.everything import EVERY_RUNBOOK
from tests.runbooks.system import System

SETTINGS = {
    "enable_alarms": True,
    # A function has half a minute, for a machine that is busy.
    "sqs_visibility_timeout_seconds": 180,
    # Sweeps come every four seconds here, and each takes minutes while the table refuses.
    "lambda_reserved_concurrency": {"state_manager": 5},
    # Who tries again is the runbook, and not the sweep a minute later.
    "retry_backoff_minutes": 60,
    # Low enough for a fault of a few files and minutes.
    "daily_budget_usd": 1,
    "file_events_backlog": 1,
    "oldest_pending_minutes": 5,
    "quarantine_spike_files": 2,
    # With the settings below this is a run every minute, and an alarm after two and a half without one. Longer, and a
    # busy machine has ten seconds without a sweep among them, which the alarm forgives where they are an hour.
    "reconcile_schedule": "rate(15 minutes)",
    "reconciler_overdue_hours": 15,
}
HURRIED = {
    "NDJSON_PARQUET_ALARM_PERIOD_SECONDS": "10",
    "NDJSON_PARQUET_SCHEDULE_SECONDS_PER_MINUTE": "4",
    "NDJSON_PARQUET_RETRY_SECONDS_PER_MINUTE": "1",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without NDJSON_PARQUET_RUNBOOKS=1 only what is marked `in_every_run` is proved: a fault takes its time."""
    for item in items:
        if item.get_closest_marker("proves") and not (EVERY_RUNBOOK or item.get_closest_marker("in_every_run")):
            item.add_marker(pytest.mark.skip(reason="make test-runbooks proves every runbook"))


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The pipeline with its alarms, deployed by `make apply` from a checkout of its own."""
    home = tmp_path_factory.mktemp("runbooks")
    aws = EmbeddedAws(home / "aws", settings=HURRIED)
    aws.start(port=0, auth=True, tls=True)
    try:
        checkout = Checkout(home / "checkout", aws.environment())
        checkout.create(aws.client("s3"), SETTINGS)
        yield System(aws, checkout, checkout.apply(), home / "sent")
    finally:
        aws.stop()


class Commands:
    """The runbooks' blocks that the test claims with `proves`, run as they are fenced."""

    def __init__(self, checkout: Checkout, claimed: dict[str, set[str]]) -> None:
        self._checkout = checkout
        self._claimed = claimed
        self._ran: set[tuple[str, str]] = set()

    def __call__(self, runbook: str, name: str, *, exit_code: int = 0, **variables: str) -> str:
        """Run the blocks of a name; what they printed.

        `variables` are what the reader fills in; without one that a block needs, bash fails. `exit_code` is that of the
        last block; those before it end with 0.
        """
        assert name in self._claimed.get(runbook, ()), f"claim it: @pytest.mark.proves({runbook!r}, {name!r})"
        text = (self._checkout.folder / "docs" / "runbooks" / f"{runbook}.md").read_text()
        blocks = parse(text).named(name)
        said = []
        for block in blocks:
            done = self._checkout.start(block.script, variables)
            said.append(done.stdout)
            expected = exit_code if block is blocks[-1] else 0
            where = f"docs/runbooks/{runbook}.md:{block.line}"
            assert done.returncode == expected, (
                f"{where}: exit code {done.returncode}, expected {expected}\n{block.script}\n{done.stdout}"
            )
        self._ran.add((runbook, name))
        return "\n".join(said)

    @property
    def left_out(self) -> set[tuple[str, str]]:
        """What was claimed and not run."""
        return {(book, name) for book, names in self._claimed.items() for name in names} - self._ran


@pytest.fixture
def run(request: pytest.FixtureRequest, system: System) -> Iterator[Commands]:
    """Runs a runbook's block: `run("dead-letters", "discard", MESSAGE_ID=...)`."""
    claimed: dict[str, set[str]] = {}
    for marker in request.node.iter_markers("proves"):
        claimed.setdefault(marker.args[0], set()).update(marker.args[1:])
    commands = Commands(system.checkout, claimed)
    failed_before = request.session.testsfailed
    yield commands
    if request.session.testsfailed == failed_before:
        assert commands.left_out == set()
