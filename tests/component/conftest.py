"""An embedded AWS of the tests' own: its own port and home, short Glue minutes, short waits in state machines."""

from collections.abc import Iterator

import pytest

from local.embedded_aws import EmbeddedAws
from tests.component.control_plane import ControlPlane, PlaneClients
from tests.component.emulator_tools import QUICK
from tests.converter_support import BUCKETS


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """Runs for the whole session."""
    aws = EmbeddedAws(tmp_path_factory.mktemp("aws"), settings=QUICK)
    aws.start(port=0)
    yield aws
    aws.stop()


@pytest.fixture(scope="session")
def buckets(emulator: EmbeddedAws) -> EmbeddedAws:
    """The embedded AWS with the buckets of the converter's tests, versioned; each test leaves them empty."""
    s3 = emulator.client("s3")
    for bucket in BUCKETS:
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return emulator


@pytest.fixture(scope="session")
def clients(emulator: EmbeddedAws) -> PlaneClients:
    return PlaneClients.of(emulator)


@pytest.fixture
def plane(clients: PlaneClients) -> ControlPlane:
    """The control plane around a table, buckets and a state machine that no other test sees."""
    return ControlPlane(clients)
