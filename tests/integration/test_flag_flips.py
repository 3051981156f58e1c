"""Both flags flipped by `terraform apply`, both ways, while files arrive: nothing lost, nothing twice."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.deployment import Deployment
from local.generate import Recipe, generate
from local.reconcile import SentFile
from local.sending import from_generator
from tests.integration.conftest import DeployedPipeline
from tests.integration.test_pipeline import DAY

FLAGS = ("enable_stream_manifest_creation", "enable_eventbridge_decoupling")
FLIPS: tuple[Mapping[str, bool], ...] = ({FLAGS[0]: True}, dict.fromkeys(FLAGS, True), {FLAGS[1]: True}, {})
FILES_A_FLIP = 24


class Traffic:
    """Files that arrive one after the other until it is told to stop."""

    def __init__(self, deployed: DeployedPipeline, folder: Path, run: str) -> None:
        recipe = Recipe(files=FILES_A_FLIP, file_bytes=4_000, dates=(DAY,), run=run, refused=())
        self._outgoing = from_generator(generate(folder, recipe))
        self._deployed = deployed
        self._stop = threading.Event()
        self.sent: list[SentFile] = []

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Send evenly while the block runs, and the rest at its end."""
        sender = threading.Thread(target=self._send)
        sender.start()
        try:
            yield
        finally:
            self._stop.set()
            sender.join()

    def _send(self) -> None:
        for outgoing in self._outgoing:
            self.sent += self._deployed.send([outgoing])
            self._stop.wait(timeout=1.5)


@pytest.fixture
def flips(deployed: DeployedPipeline) -> Iterator[list[Mapping[str, bool]]]:
    """The flags that were applied, in order; if not all were, they are put back to what other tests expect."""
    applied: list[Mapping[str, bool]] = []
    yield applied
    if len(applied) < len(FLIPS):
        deployed.apply({})


def test_nothing_is_lost_or_doubled_while_flags_flip(
    deployed: DeployedPipeline, flips: list[Mapping[str, bool]], tmp_path: Path
) -> None:
    sent: list[SentFile] = []
    for number, flags in enumerate(FLIPS):
        traffic = Traffic(deployed, tmp_path / str(number), f"flip-{number}")
        with traffic.flowing():
            deployment: Deployment = deployed.apply(flags)
        flips.append(flags)
        sent += traffic.sent
        if all(flags.get(flag) for flag in FLAGS):
            assert deployment.plan_is_empty(), "the second plan with both flags is not empty"
    deployed.settle(sent)
    result = deployed.reconciled(sent)
    assert result.problems == ()
    assert result.unaccounted_files == ()
    assert result.count("completed") == FILES_A_FLIP * len(FLIPS)
