"""`./ndjson-parquet`: the command line of the pipeline, led to the local AWS where that is meant.

It is meant with --env local, or without --env, unless the caller names another AWS by a profile or an endpoint.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from ndjson_parquet_cli.app import ENVIRONMENT, main

LOCAL = "local"
CHOICE = "AWS_ENDPOINT_URL"


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
    return chosen == LOCAL and not shell.get(CHOICE)


def asks_for_help(arguments: Sequence[str]) -> bool:
    """Whether no AWS is needed at all."""
    return not arguments or "--help" in arguments or "-h" in arguments


def lead_to_local_aws() -> None:
    """Lead this process to the AWS that NDJSON_PARQUET_AWS_ENDPOINT names, or else to the embedded one."""
    # They bring the AWS SDK, which --help can do without.
    from local.access import given_access  # noqa: PLC0415
    from local.embedded_aws import ROOT, EmbeddedAws  # noqa: PLC0415

    folder = ROOT / ".local"
    folder.mkdir(exist_ok=True)
    aws = EmbeddedAws()
    if given := given_access(folder):
        os.environ.update(given.environment())
    elif aws.running():
        os.environ.update(aws.environment())


if __name__ == "__main__":
    if not asks_for_help(sys.argv[1:]) and is_local(sys.argv[1:], os.environ):
        lead_to_local_aws()
    main()
