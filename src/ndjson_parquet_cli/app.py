"""The application: its global options, its commands, and how it ends."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from ndjson_parquet_cli.aws import explained
from ndjson_parquet_cli.commands import (
    changes,
    cost,
    dead_letters,
    health,
    listings,
    quarantine,
    query,
    rejects,
    status,
    trace,
)
from ndjson_parquet_cli.errors import CommandError
from ndjson_parquet_cli.output import Output
from ndjson_parquet_cli.tool import Surroundings, Tool

ENVIRONMENT = "NDJSON_PARQUET_ENV"
_FLAGS = ("--json", "--yes", "-y")
_VALUED = ("--env", "--region", "--profile")

app = typer.Typer(
    name="ndjson-parquet",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog="Exit codes: 0 fine, 1 unhealthy or failed, 2 wrong use or not confirmed, 3 AWS cannot be reached or "
    "refuses. The global options may stand before or after the command. More: docs/command-line.md",
)


@app.callback()
def options(  # noqa: PLR0913, PLR0917  # one per option
    context: typer.Context,
    env: Annotated[str, typer.Option("--env", envvar=ENVIRONMENT, help="Environment of the deployment.")] = "local",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Change things without asking.")] = False,
    region: Annotated[str | None, typer.Option("--region", help="AWS region; else the SDK's own choice.")] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="AWS profile; else the SDK's own choice.")] = None,
) -> None:
    """Look at the ndjson-parquet pipeline, and move on what stands still."""
    surroundings = context.obj if isinstance(context.obj, Surroundings) else Surroundings()
    context.obj = Tool(env, yes, region, profile, Output(as_json=as_json), surroundings)


status.register(app)
health.register(app)
trace.register(app)
listings.register(app)
changes.register(app)
quarantine.register(app)
rejects.register(app)
dead_letters.register(app)
cost.register(app)
query.register(app)


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], surroundings: Surroundings | None = None) -> int:
    """Run one command and answer its exit code; errors are told on standard error."""
    ordered = globals_first(arguments)
    output = Output(as_json="--json" in ordered)
    try:
        app(args=ordered, prog_name="ndjson-parquet", obj=surroundings)
    except SystemExit as ended:
        return int(ended.code or 0)
    except CommandError as error:
        output.fail(error)
        return error.exit_code
    except BrokenPipeError:
        # The reader has seen enough: `ndjson-parquet files | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        told = explained(error)
        if told is None:
            raise
        output.fail(told)
        return told.exit_code
    return 0


def globals_first(arguments: Sequence[str]) -> list[str]:
    """The arguments with the global options, which may stand anywhere before `--`, in front of the command."""
    front: list[str] = []
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            return [*front, *rest, word, *waiting]
        if word in _FLAGS or word.startswith(tuple(f"{name}=" for name in _VALUED)):
            front.append(word)
        elif word in _VALUED:
            front += [word, *waiting[:1]]
            del waiting[:1]
        else:
            rest.append(word)
    return [*front, *rest]
