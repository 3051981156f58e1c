"""The built console with a service in memory behind it: console/mock, served by Vite."""

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.server_process import any_free_port
from scripts.console import MODULES, SOURCES, node

ADA = ("ada@example.com", "Correct-horse-7")
BEN = ("ben@example.com", "Correct-horse-8")
START_SECONDS = 30


@dataclass(frozen=True)
class MockService:
    """Where it answers. Nothing happens in it by itself."""

    address: str

    def reset(self) -> None:
        """Begin another world."""
        self.order(do="reset")

    def jobs(self) -> list[dict[str, Any]]:
        """Every job there is, newest first."""
        found: list[dict[str, Any]] = self.order(do="jobs")
        return found

    def change(self, job_id: str, **change: Any) -> None:
        """Let a job go on."""
        self.order(do="change", jobId=job_id, to=change)

    def end_sessions(self) -> None:
        """No token is good any more, and no refresh token."""
        self.order(do="end-sessions")

    def fail_next(self, path: str, status: int) -> None:
        """The next request of a path fails."""
        self.order(do="fail-next", path=path, status=status)

    def order(self, **order: Any) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the address is our own
            f"{self.address}/mock/control", json.dumps(order).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)


@contextmanager
def mock_service() -> Iterator[MockService]:
    """Serve build/console, which has to be there."""
    port = any_free_port()
    vite = MODULES / "vite" / "bin" / "vite.js"
    options = ["--config", "vite.mock.config.ts", "--port", str(port), "--strictPort"]
    command: list[str | Path] = [node(), vite, "preview", *options]
    with subprocess.Popen(command, cwd=SOURCES, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            service = MockService(f"http://127.0.0.1:{port}")
            _wait_for(service, process)
            yield service
        finally:
            process.terminate()


def _wait_for(service: MockService, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            service.reset()
        except OSError:
            time.sleep(0.05)
        else:
            return
    process.kill()
    said = process.stdout.read().decode() if process.stdout else ""
    raise RuntimeError(f"the mocked service did not start\n{said}")
