"""Starts and stops LocalStack in host mode: one process, nothing of which is left when it is stopped.

with LocalStack(folder, {"SFN_MOCK_CONFIG": "mocks.json"}) as access:
    access.client("sqs").list_queues()
"""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from local.access import HOST, REGION, Access
from local.localstack.install import PYTHON, ROOT
from local.server_process import any_free_port

SERVER_MODULE = "local.localstack.server"
START_SECONDS = 60
LOG_TAIL_LINES = 25


class LocalStackError(Exception):
    """LocalStack could not be started; the message says why."""


class LocalStack:
    """One LocalStack in `home`, gone with the block that it is used in. `settings` are LocalStack's variables."""

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        self.log = home / "localstack.log"
        self._home = home
        self._settings = dict(settings)
        self._port = any_free_port()
        self._access = Access(f"http://{HOST}:{self._port}", home / "aws-config")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Access:
        self._home.mkdir(parents=True, exist_ok=True)
        self._process = self._launch()
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            self._stop(self._process)
            raise
        self._access.write_profile()
        return self._access

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._stop(self._process)

    def _launch(self) -> "subprocess.Popen[bytes]":
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [str(PYTHON), "-m", SERVER_MODULE],
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the tests alone, which then stop it.
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._home),
            # Else it takes itself to be in its container and writes to system folders.
            "OVERRIDE_IN_DOCKER": "0",
            "FILESYSTEM_ROOT": str(self._home / "root"),
            "GATEWAY_LISTEN": f"{HOST}:{self._port}",
            "LOCALSTACK_HOST": f"{HOST}:{self._port}",
            # The other strategies put a name into queue URLs that only a public DNS server resolves.
            "SQS_ENDPOINT_STRATEGY": "off",
            # Else it opens port 53.
            "DNS_ADDRESS": "0",
            "DISABLE_EVENTS": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "AWS_DEFAULT_REGION": REGION,
            **self._settings,
        }

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers(self._access.endpoint):
            if process.poll() is not None:
                raise LocalStackError(f"LocalStack ended while it started.\n{self._tail()}")
            if time.monotonic() > deadline:
                raise LocalStackError(f"LocalStack was not ready after {START_SECONDS} s.\n{self._tail()}")
            time.sleep(0.1)

    def _stop(self, process: "subprocess.Popen[bytes]") -> None:
        # It keeps no state, so there is nothing to wait for; the group is whatever it has started.
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdin:
            process.stdin.close()

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return "\n".join([f"The end of {self.log}:", *lines])


def answers(endpoint: str) -> bool:
    """Whether LocalStack is ready. Never through a proxy: the answer has to be this machine's."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint}/_localstack/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
