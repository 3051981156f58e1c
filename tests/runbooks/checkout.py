"""A checkout of its own, deployed as a person does it: `make apply`, with the state in S3.

So a runbook's `make apply`, its `git` and its edits of settings work here as they do for the one who is woken, and
touch nobody else's tree. The environment is called `drill`.
"""

import contextlib
import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from local.access import REGION
from local.deployment import REPOSITORY, DeploymentError, Outputs
from local.embedded_aws import ACCOUNT_ID
from scripts.terraform_files import settings_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ENVIRONMENT = "drill"
STATE_BUCKET = f"ndjson-parquet-tfstate-{ENVIRONMENT}-{ACCOUNT_ID}"
BACKEND = {
    "bucket": STATE_BUCKET,
    "key": f"ndjson-parquet/{ENVIRONMENT}.tfstate",
    "region": REGION,
    "use_lockfile": True,
    # The embedded AWS has no name of its own for each bucket.
    "use_path_style": True,
    "skip_credentials_validation": True,
    "skip_requesting_account_id": True,
    "skip_metadata_api_check": True,
}
ENVIRONMENTS = (".venv", ".venv-emulator")
# A dumb terminal would be 80 columns wide for rich, whatever its size.
TERMINAL = {
    "TERM": "xterm",
    "NO_COLOR": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "AWS_PAGER": "",
    "TF_IN_AUTOMATION": "1",
}
STYLE = re.compile(r"\x1b\[[0-9;]*m")
ANSWERS = b"yes\n" * 50
# Wide enough that no key of a file is folded.
LINES, COLUMNS = 50, 200


class Checkout:
    """The tree as it is on disk, committed to a repository of its own, with an environment `drill` to deploy.

    `access` are the AWS_* variables that lead to the embedded AWS.
    """

    def __init__(self, folder: Path, access: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = {**os.environ, **access, **TERMINAL, "NDJSON_PARQUET_ENV": ENVIRONMENT}
        self.environment.pop("PYTHONPATH", None)

    def create(self, s3: "S3Client", settings: Mapping[str, object]) -> None:
        """Copy the tree, add the environment and make its bucket of states. `settings` win over local.tfvars."""
        for name in self._tracked():
            _copy(REPOSITORY / name, self.folder / name)
        shutil.copytree(REPOSITORY / "build", self.folder / "build")
        for name in ENVIRONMENTS:
            (self.folder / name).symlink_to((REPOSITORY / name).resolve())
        # They are installed: without this make compares the copies' times with the installations'.
        for path in (self.folder / "requirements").iterdir():
            os.utime(path, (0, 0))
        environments = self.folder / "terraform" / "environments"
        self._settings = {**settings_of(environments / "local.tfvars"), "environment": ENVIRONMENT, **settings}
        self._tfvars = environments / f"{ENVIRONMENT}.tfvars"
        self.reset()
        (environments / f"{ENVIRONMENT}.s3.tfbackend").write_text(_hcl(BACKEND))
        s3.create_bucket(Bucket=STATE_BUCKET)
        s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.run("git init --quiet --initial-branch=main && git add --all && git commit --quiet --message deployed")

    def apply(self) -> Outputs:
        """Deploy, or mend what differs. Raises DeploymentError."""
        self.run(f"make --silent apply ENV={ENVIRONMENT} CONFIRM={ENVIRONMENT}")
        return self.outputs()

    def set(self, **settings: object) -> None:
        """Change settings of the environment, as an edit of its tfvars."""
        path = self._tfvars
        path.write_text(_hcl({**settings_of(path), **settings}))

    def reset(self) -> None:
        """Undo every edit of the settings."""
        self._tfvars.write_text(_hcl(self._settings))

    def outputs(self) -> Outputs:
        """The outputs of the last apply."""
        return Outputs.parse(self.run("scripts/terraform -chdir=terraform output -json"))

    def run(self, script: str) -> str:
        """Run a script of bash in the checkout; what it printed. Raises DeploymentError when it fails."""
        done = self.start(script)
        if done.returncode:
            raise DeploymentError(f"exit code {done.returncode}\n{script}\n{done.stdout}")
        return done.stdout

    def start(self, script: str, variables: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a script of bash in the checkout, in a terminal in which somebody answers `yes` to whatever is asked."""
        with _terminal() as (inside, screen):
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=self.folder,
                env={**self.environment, **(variables or {})},
                stdin=inside,
                stdout=inside,
                stderr=inside,
                check=False,
            )
        return subprocess.CompletedProcess(done.args, done.returncode, "".join(screen))

    def _tracked(self) -> list[str]:
        """What git knows or would add, as it is on disk now."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
        ).stdout
        return [name for name in listed.split("\0") if name and (REPOSITORY / name).is_file()]


@contextmanager
def _terminal() -> Iterator[tuple[int, list[str]]]:
    """A terminal for a child process, with answers typed ahead; what it showed, when the block is over."""
    outside, inside = pty.openpty()
    attributes = termios.tcgetattr(inside)
    # What is typed is not shown, and the ends of lines stay as they are written.
    attributes[3] &= ~termios.ECHO
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(inside, termios.TCSANOW, attributes)
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    os.write(outside, ANSWERS)
    screen: list[str] = []
    reader = threading.Thread(target=_read, args=(outside, screen))
    reader.start()
    try:
        yield inside, screen
    finally:
        os.close(inside)
        reader.join()
        os.close(outside)


def _read(terminal: int, screen: list[str]) -> None:
    """Everything until the last one who writes is gone, which a terminal tells as an error."""
    found = bytearray()
    with contextlib.suppress(OSError):
        while chunk := os.read(terminal, 65536):
            found += chunk
    screen.append(STYLE.sub("", found.decode(errors="replace")))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def _hcl(settings: Mapping[str, object]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
