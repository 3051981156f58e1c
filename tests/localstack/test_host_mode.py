"""LocalStack in host mode ends with whoever started it, and nobody else on the network can reach it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.localstack.host import SERVER_MODULE, LocalStack, LocalStackError
from local.localstack.install import NOT_INSTALLED, ROOT, is_installed
from local.server_process import processes
from tests.localstack.queues import until

pytestmark = pytest.mark.skipif(not is_installed(), reason=NOT_INSTALLED)
# A shell that runs the tests in the background has them ignore Ctrl-C, and so everything that they start.
STARTS_AND_WAITS = """
import signal, sys, time
from pathlib import Path
from local.localstack.host import LocalStack
signal.signal(signal.SIGINT, signal.default_int_handler)
with LocalStack(Path(sys.argv[1]), {}):
    print("started", flush=True)
    time.sleep(300)
"""


def servers(parent: int) -> list[int]:
    return [process.pid for process in processes() if process.parent == parent and SERVER_MODULE in process.command]


@contextmanager
def starter(home: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A program that has started LocalStack and waits."""
    program = [sys.executable, "-c", STARTS_AND_WAITS, str(home)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == b"started\n"
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_it_when_its_starter_ends(tmp_path: Path, by: signal.Signals) -> None:
    with starter(tmp_path) as running:
        [server] = servers(running.pid)
        os.kill(running.pid, by)
        running.wait(timeout=30)
    until(lambda: server not in [process.pid for process in processes()], "the end of LocalStack")


def test_it_answers_on_the_loopback_address_alone(tmp_path: Path) -> None:
    with LocalStack(tmp_path, {}) as access, socket.socket() as caller:
        address = urlsplit(access.endpoint)
        assert address.hostname == "127.0.0.1"
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            caller.settimeout(5)
            caller.connect(("127.0.0.2", address.port))


def test_one_that_cannot_start_says_why(tmp_path: Path) -> None:
    broken = LocalStack(tmp_path, {"GATEWAY_SERVER": "absent"})
    with pytest.raises(LocalStackError, match=r"(?s)ended while it started.*absent"), broken:
        pass
