"""`./ndjson-parquet`: the command line of the pipeline, led to the embedded AWS where that is meant.

It is meant with --env local, or without --env, when one runs in this tree and the caller names no other AWS.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from ndjson_parquet_cli.app import ENVIRONMENT, main

LOCAL = "local"
_CHOICES = ("AWS_ENDPOINT_URL", "NDJSON_PARQUET_AWS_ENDPOINT")


def is_local(arguments: Sequence[str], shell: Mapping[str, str]) -> bool:
    """Whether the environment is the local one, and the caller has named no AWS for it."""
    chosen = shell.get(ENVIRONMENT) or LOCAL
    for number, word in enumerate(arguments):
        if word == "--":
            break
        if word == "--env":
            chosen = "".join(arguments[number + 1 : number + 2])
        elif word.startswith("--env="):
            chosen = word.removeprefix("--env=")
        elif word == "--profile" or word.startswith("--profile="):
            return False
    return chosen == LOCAL and not any(shell.get(name) for name in _CHOICES)


def asks_for_help(arguments: Sequence[str]) -> bool:
    """Whether no AWS is needed at all."""
    return not arguments or "--help" in arguments or "-h" in arguments


def lead_to_embedded_aws() -> None:
    """Lay the way to the embedded AWS over this process's environment, when one runs."""
    # It brings the AWS SDK, which --help can do without.
    from local.embedded_aws import EmbeddedAws  # noqa: PLC0415

    aws = EmbeddedAws()
    if aws.running():
        os.environ.update(aws.environment())


if __name__ == "__main__":
    if not asks_for_help(sys.argv[1:]) and is_local(sys.argv[1:], os.environ):
        lead_to_embedded_aws()
    main()
