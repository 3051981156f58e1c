"""`--additional-python-modules`: the wheels that a job brings, which here must be installed already.

They are built for Glue's Python and platform, and this machine may have another. So nothing is installed: the Python
that runs the jobs must have the very versions, for its own platform, or the run fails.
"""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.emulator.glue_files import LaunchError, listed, require

ARGUMENT = "--additional-python-modules"
# {distribution}-{version}[-{build}]-{python}-{abi}-{platform}.whl
_WHEEL = re.compile(r"s3://[^/]+/(?:.*/)?(?P<file>(?P<name>[^-/]+)-(?P<version>[^-/]+)(-\d[^-/]*)?(-[^-/]+){3}\.whl)")
_ANSWER_SECONDS = 60
_VERSIONS = """
import json, sys
from importlib.metadata import PackageNotFoundError, version

def found(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None

print(json.dumps({name: found(name) for name in sys.argv[1:]}))
"""


@dataclass(frozen=True)
class Wheel:
    """One wheel in S3, and what it says in its name."""

    uri: str
    file: str
    name: str
    version: str

    @classmethod
    def parse(cls, entry: str) -> "Wheel":
        """Raises LaunchError for anything that Glue's pip would have to find elsewhere."""
        match = _WHEEL.fullmatch(entry)
        if match is None:
            raise LaunchError(
                f"{ARGUMENT}: {entry!r} is not the s3:// URI of a wheel, and the embedded AWS knows no others: "
                f"pin it in requirements/glue.txt, and make package brings it as a wheel"
            )
        return cls(entry, match["file"], match["name"], match["version"])


def check(arguments: Mapping[str, str], s3: Any, python: str) -> None:
    """Raises LaunchError unless each wheel can be read and `python` has the distribution in the same version."""
    wheels = [Wheel.parse(entry) for entry in listed(arguments, ARGUMENT)]
    for wheel in wheels:
        require(s3, wheel.uri)
    versions = _installed([wheel.name for wheel in wheels], python)
    for wheel in wheels:
        found = versions[wheel.name]
        if found != wheel.version:
            raise LaunchError(
                f"{ARGUMENT}: {wheel.file} is not installed here: the Python that runs Glue jobs ({python}) has "
                f"{f'version {found}' if found else 'none'} of {wheel.name}; pin {wheel.name}=={wheel.version} in "
                f"requirements/project.txt and run make setup"
            )


def _installed(names: Sequence[str], python: str) -> dict[str, str | None]:
    """The version of each distribution in that Python; None where it has none. Raises LaunchError."""
    if not names:
        return {}
    # Isolated (-I): neither the server's import path nor its folder may answer for the job's Python.
    answer = subprocess.run(
        [python, "-I", "-c", _VERSIONS, *names], capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=False
    )
    if answer.returncode:
        raise LaunchError(f"{python} cannot say what it has installed: {answer.stderr.strip()}")
    versions: dict[str, str | None] = json.loads(answer.stdout)
    return versions
