"""What a Lambda function finds in its environment: what AWS sets, its own variables, and the way to the embedded AWS.

MiniStack gives a function the whole environment of the server, so a function that reads a setting which nobody gave it
works here and fails on AWS.
"""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime

from local.emulator import lambda_modules

# A process needs these to start at all, and AWS sets them as well (TMPDIR stands for its /tmp).
KEPT = frozenset({"PATH", "TMPDIR"})


def install() -> None:
    """Scrub the environment of every function process, and add what AWS sets and MiniStack does not."""
    lambda_runtime.execution_credentials = _with_runtime_variables(lambda_runtime.execution_credentials)
    lambda_runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": _start_function})


def without_server_settings(child: Mapping[str, str], server: Mapping[str, str]) -> dict[str, str]:
    """A function's environment without what it merely inherited from the server.

    A function's own variable that equals the server's is dropped as well; the worker sets those again when it starts.
    """
    return {name: value for name, value in child.items() if name in KEPT or server.get(name) != value}


def runtime_variables(function: Mapping[str, Any]) -> dict[str, str]:
    """Variables that AWS sets for a function and MiniStack leaves out."""
    return {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.get('Runtime', 'python3.13')}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.get('FunctionName', '')}",
        "_HANDLER": function.get("Handler", ""),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        # botocore would look for the user's own configuration and for the metadata service of a real machine.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _with_runtime_variables(credentials: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    def wrapped(function: dict[str, Any]) -> dict[str, str]:
        return {**runtime_variables(function), **credentials(function)}

    return wrapped


def _start_function(command: list[str], env: Mapping[str, str], **settings: Any) -> Any:
    lambda_modules.complete(Path(settings["cwd"]))
    return subprocess.Popen(command, env=without_server_settings(env, os.environ), **settings)
