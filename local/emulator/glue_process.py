"""One Glue run as a real process: script from S3, Glue's arguments, clean environment, rights of the job's role."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from local.emulator import glue_logs, glue_wheels
from local.emulator.glue_errors import last_error
from local.emulator.glue_files import LaunchError, client, download, listed
from local.java_options import java_options

GUARD = Path(__file__).with_name("job_guard.py")
# What outlives a run. The server's home is the folder of its state.
CACHE = Path.home() / "glue-cache"
IMPORTABLE = frozenset({".py", ".zip", ".whl", ".egg"})
UNSUPPORTED = "--extra-jars"
SPARK_SETTINGS = (
    "spark.ui.enabled=false",
    "spark.ui.showConsoleProgress=false",
    "spark.driver.memory=2g",
    "spark.sql.session.timeZone=UTC",
    "spark.driver.host=127.0.0.1",
)


@dataclass(frozen=True)
class Interpreter:
    """What runs the scripts: the Python that has pyspark, and a JDK 17 home (empty: whatever `java` is on the PATH)."""

    python: str
    java_home: str


@dataclass(frozen=True)
class Work:
    """One run: its script as an s3 URI, all of its `--KEY` arguments, and the AWS_* variables of its role."""

    run_id: str
    log_group: str
    script: str
    arguments: Mapping[str, str]
    timeout_seconds: float
    aws: Mapping[str, str]


class Outcome(NamedTuple):
    """Final state of a run, and its error message (empty when it succeeded)."""

    state: str
    error: str


class JobProcess:
    """Runs the work once, in its own folder and process group. `stop` may be called from another thread at any time."""

    def __init__(self, work: Work, interpreter: Interpreter) -> None:
        self._work = work
        self._interpreter = interpreter
        self._stopped = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> Outcome:
        folder = Path(tempfile.mkdtemp(prefix="glue-"))
        try:
            return self._run_in(folder)
        except (LaunchError, ClientError, BotoCoreError, OSError, subprocess.SubprocessError) as error:
            return Outcome("FAILED", f"LAUNCH ERROR | {error}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def stop(self) -> None:
        self._stopped.set()
        self._kill()

    def _run_in(self, folder: Path) -> Outcome:
        command, environment = self._prepare(folder)
        logs = glue_logs.RunLogs(folder / "logs", self._work.log_group, self._work.run_id)
        with logs.stdout.open("wb") as stdout, logs.stderr.open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, str(GUARD), *command],
                cwd=folder / "work",
                env=environment,
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        outcome = self._wait(self._process, logs)
        logs.send(client("logs", self._work.aws))
        return outcome

    def _wait(self, process: "subprocess.Popen[bytes]", logs: glue_logs.RunLogs) -> Outcome:
        if self._stopped.is_set():
            self._kill()
        try:
            ended = process.wait(self._work.timeout_seconds)
        except subprocess.TimeoutExpired:
            self._kill()
            process.wait()
            return Outcome("TIMEOUT", "The run was stopped because it exceeded the job's timeout")
        finally:
            if process.stdin:
                process.stdin.close()
        if self._stopped.is_set():
            return Outcome("STOPPED", "")
        if ended == 0:
            return Outcome("SUCCEEDED", "")
        # What a killed process wrote last is not why it failed.
        return Outcome(
            "FAILED", last_error(logs.stderr_text() if ended > 0 else "", ended if ended > 0 else 128 - ended)
        )

    def _kill(self) -> None:
        """End the process and everything it started: driver, JVM, workers."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def _prepare(self, folder: Path) -> tuple[list[str], dict[str, str]]:
        for name in ("work", "lib", "logs", "tmp"):
            (folder / name).mkdir()
        arguments = self._work.arguments
        _refuse_unsupported(arguments)
        s3 = client("s3", self._work.aws)
        glue_wheels.check(arguments, s3, self._interpreter.python)
        script = download(s3, self._work.script, folder / "work")
        importable = [download(s3, uri, folder / "lib") for uri in listed(arguments, "--extra-py-files")]
        for uri in listed(arguments, "--extra-files"):
            download(s3, uri, folder / "work")
        argv = [text for name, value in arguments.items() for text in (name, value)]
        return [self._interpreter.python, str(script), *argv], self._environment(folder, python_path(importable))

    def _environment(self, folder: Path, import_from: str) -> dict[str, str]:
        java = {"JAVA_HOME": self._interpreter.java_home} if self._interpreter.java_home else {}
        return {
            **base_environment(folder, os.environ.get("PATH", os.defpath)),
            **java,
            **self._work.aws,
            "PYTHONPATH": import_from,
            "PYSPARK_PYTHON": self._interpreter.python,
            "PYSPARK_DRIVER_PYTHON": self._interpreter.python,
            "PYSPARK_SUBMIT_ARGS": submit_arguments(
                java_options(Path(self._interpreter.python).parent.parent), self._work.arguments.get("--conf", "")
            ),
        }


def base_environment(folder: Path, path: str) -> dict[str, str]:
    """What every run gets, whoever started the server: a home and a temporary folder of its own, UTC, loopback only."""
    return {
        "PATH": path,
        "HOME": str(folder / "work"),
        "TMPDIR": str(folder / "tmp"),
        # For machine code, on machines that cannot use what the package brings: there a run compiles for about 10 s.
        "XDG_CACHE_HOME": str(CACHE),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "tmp"),
    }


def submit_arguments(options: str, conf: str) -> str:
    """PYSPARK_SUBMIT_ARGS. `conf` is the job's `--conf`, in Glue's form `a=1 --conf b=2`; it wins over the rest."""
    ours = (*SPARK_SETTINGS, f"spark.driver.extraJavaOptions={options}")
    settings = [*map(shlex.quote, ours), *([conf] if conf else [])]
    return " ".join(["--master local[*]", *(f"--conf {setting}" for setting in settings), "pyspark-shell"])


def python_path(files: list[Path]) -> str:
    """PYTHONPATH for `--extra-py-files`: archives as they are, the folder of single modules.

    Raises LaunchError for a file that Python cannot import from.
    """
    for file in files:
        if file.suffix not in IMPORTABLE:
            raise LaunchError(f"--extra-py-files: {file.name} is none of {', '.join(sorted(IMPORTABLE))}")
    entries = [str(file.parent if file.suffix == ".py" else file) for file in files]
    return os.pathsep.join(dict.fromkeys(entries))


def _refuse_unsupported(arguments: Mapping[str, str]) -> None:
    if arguments.get(UNSUPPORTED):
        raise LaunchError(
            f"{UNSUPPORTED} = {arguments[UNSUPPORTED]} is not supported by the embedded AWS: leave it out here"
        )
