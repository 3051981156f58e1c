"""Starts, finds and stops the embedded AWS: one MiniStack server, on the loopback interface only, whose Glue jobs run.

    aws = EmbeddedAws(Path(".local/aws"))
    running = aws.start()
    aws.client("s3").list_buckets()
    subprocess.run(["terraform", "plan"], env={**os.environ, **aws.environment()})
    aws.stop()

Everything it keeps lies in its home folder: the state (saved by a clean stop), the log, temporary files, and
`server.json`, which says where it runs.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local.access import HOST, REGION, Access
from local.server_process import SERVER_MODULE, answers, any_free_port, is_free, is_server
from scripts.prerequisites import find_java_home

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".local" / "aws"
EMULATOR_PYTHON = ROOT / ".venv-emulator" / "bin" / "python"
PORT = 4566
ACCOUNT_ID = "000000000000"
LOG_TAIL_LINES = 25
# Of the caller's environment the server gets these and nothing else: no credentials, no proxies, no Python settings.
INHERITED = ("PATH", "LANG", "SYSTEMROOT")


class EmulatorError(Exception):
    """The embedded AWS could not be started or stopped; the message says why and what to do."""


@dataclass(frozen=True)
class Running:
    """Where the embedded AWS answers. `ca_bundle` is the certificate to trust when it speaks https."""

    endpoint: str
    port: int
    pid: int
    log: str
    ca_bundle: str | None = None


class EmbeddedAws:
    """The embedded AWS of one home folder. Any process may ask for it, start it or stop it.

    `settings` are further environment variables of the server, such as SFN_WAIT_SCALE.
    """

    def __init__(
        self,
        home: Path = HOME,
        *,
        python: Path = EMULATOR_PYTHON,
        settings: Mapping[str, str] | None = None,
        start_seconds: float = 60,
        stop_seconds: float = 60,
    ) -> None:
        self.home = home.resolve()
        self.log = self.home / "server.log"
        self._python = python
        self._settings = dict(settings or {})
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._record = self.home / "server.json"
        self._state = self.home / "state"
        # Kept so that its exit status is collected, by whomever it is stopped.
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, port: int | None = None, auth: bool = False, tls: bool = False) -> Running:
        """Start it and wait until it is ready; when it runs already, say where and change nothing.

        Without `port`: that of the last time, the first time 4566 or any free one; 0: any free one. EmulatorError.
        """
        with self._alone():
            return self.running() or self._start(port, auth, tls)

    def stop(self) -> bool:
        """Stop it cleanly, which saves its state; False when it did not run. EmulatorError if it must be killed."""
        running = self.running()
        if running is None:
            return False
        os.kill(running.pid, signal.SIGTERM)
        if self._ends(self._stop_seconds):
            return True
        os.kill(running.pid, signal.SIGKILL)
        self._ends(self._stop_seconds)
        raise EmulatorError(
            f"the embedded AWS (process {running.pid}) did not stop within {self._stop_seconds:g} s and was killed: "
            f"its state is that of the last clean stop. See {self.log}"
        )

    def running(self) -> Running | None:
        """Where it runs, or None. Believes the process list, not the file: the id may be another program's by now."""
        own = self._process
        ended = own is not None and own.poll() is not None
        last = self._last()
        if last and own is not None and own.pid == last.pid:
            # Not by the process list: it drops a process that ends before its exit status can be collected.
            return None if ended else last
        return last if last and is_server(last.pid, self.home) else None

    def environment(self) -> dict[str, str]:
        """AWS_* variables that lead any AWS SDK, the AWS CLI and Terraform here: see `Access.environment`."""
        return self.access.environment()

    def client(self, service: str) -> Any:
        """A boto3 client of this AWS, whatever the AWS settings of this process are."""
        return self.access.client(service)

    @property
    def access(self) -> Access:
        """The way to it, while it runs. Raises EmulatorError."""
        return self._access(self._require())

    def _access(self, running: Running) -> Access:
        return Access(running.endpoint, self.home / "aws-config", running.ca_bundle)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Of several that start one home at once, the first starts it and the others find it running."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _start(self, port: int | None, auth: bool, tls: bool) -> Running:
        self._check_installed()
        chosen = self._choose_port(port)
        temporary = self.home / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        self._process = self._launch(self._server_environment(chosen, temporary, auth, tls))
        running = Running(
            endpoint=f"{'https' if tls else 'http'}://{HOST}:{chosen}",
            port=chosen,
            pid=self._process.pid,
            log=str(self.log),
            ca_bundle=str(temporary / "ministack-tls" / "server.crt") if tls else None,
        )
        self._wait_until_ready(running, self._process)
        self._record.write_text(json.dumps(asdict(running)))
        self._access(running).write_profile()
        return running

    def _require(self) -> Running:
        running = self.running()
        if running is None:
            raise EmulatorError(f"no embedded AWS runs in {self.home}: start it with make local-up")
        return running

    def _last(self) -> Running | None:
        """Where it ran last, whether or not it still does."""
        try:
            return Running(**json.loads(self._record.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def _check_installed(self) -> None:
        if not self._python.exists():
            raise EmulatorError(f"the embedded AWS is not installed ({self._python} is not there): run make setup")

    def _choose_port(self, wanted: int | None) -> int:
        if wanted == 0:
            return any_free_port()
        if wanted is not None:
            if is_free(wanted):
                return wanted
            raise EmulatorError(
                f"port {wanted} is taken by another program: give another --port, or none for any free one"
            )
        last = self._last()
        if last and is_free(last.port):
            return last.port
        if last and self._state.exists():
            # Elsewhere it would start, and take nothing from its queues.
            raise EmulatorError(
                f"port {last.port} is taken by another program, and the state in {self._state} names it, in the URLs "
                "of queues for one: stop that program, or begin anew with make clean"
            )
        return PORT if is_free(PORT) else any_free_port()

    def _launch(self, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [str(self._python), "-m", SERVER_MODULE, str(self.home)],
                cwd=self.home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _server_environment(self, port: int, temporary: Path, auth: bool, tls: bool) -> dict[str, str]:
        java = find_java_home()
        return {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            **({"JAVA_HOME": str(java)} if java else {}),
            **({"USE_SSL": "1"} if tls else {}),
            "AUTH": "true" if auth else "false",
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(port),
            "HOME": str(self.home),
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "MINISTACK_HOST": "localhost",
            "MINISTACK_REGION": REGION,
            "NDJSON_PARQUET_GLUE_PYTHON": sys.executable,
            "PERSIST_STATE": "1",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "S3_DATA_DIR": str(self.home / "s3"),
            "S3_PERSIST": "1",
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(self._state),
            "TMPDIR": str(temporary),
            **self._settings,
        }

    def _wait_until_ready(self, running: Running, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + self._start_seconds
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise EmulatorError(
                    f"the embedded AWS ended while it started (exit code {process.returncode}).\n{self._tail()}"
                )
            if answers(running.endpoint, running.ca_bundle):
                return
            time.sleep(0.05)
        process.kill()
        process.wait()
        raise EmulatorError(f"the embedded AWS was not ready after {self._start_seconds:g} s.\n{self._tail()}")

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return "\n".join([f"The end of {self.log}:", *lines])

    def _ends(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.running() is None:
                return True
            time.sleep(0.1)
        return False
