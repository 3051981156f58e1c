"""make plan, make apply and make destroy: one environment, its settings, its state.

Before Terraform starts, what it would only warn of or find out late is refused: an environment that is not there, a
misspelt setting, artefacts that were not built, a state bucket that nobody named, prod without a confirmation. Without
credentials a plan is made against a mocked provider: it asks nobody, and says what an empty account would get.
"""

import argparse
import difflib
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.session import Session
from rich.console import Console
from rich.markup import escape

from scripts.terraform_files import TerraformFileError, settings_of, variables_of
from scripts.terraform_plan import EXIT_CHANGES, EXIT_NO_CHANGES, said

ROOT = Path(__file__).resolve().parents[1]
ACTIONS = ("plan", "apply", "destroy")
GUARDED = "prod"
LOCAL = "local"
PLACEHOLDER = "ACCOUNT_ID"
ARTEFACTS = ("lambda/manifest_builder.zip", "glue/convert_manifest.py", "glue/ndjson_converter.zip")
OFFLINE_TESTS = "offline"
PLAN_OPTIONS = ("-input=false", "-detailed-exitcode", "-json")
NAME_ARGUMENTS = ("function_name", "alarm_name", "bucket", "name", "statement_id")

Run = Callable[[Sequence[str]], int]
Read = Callable[[Sequence[str]], Iterable[str]]
Ask = Callable[[str], str]


class DeployError(Exception):
    """What was asked for cannot or must not be done; the message says why and what to do."""


def tfvars_of(root: Path, environment: str) -> Path:
    """The settings of an environment. Raises DeployError."""
    folder = root / "terraform" / "environments"
    path = folder / f"{environment}.tfvars"
    if not path.exists():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.tfvars")))
        raise DeployError(
            f"ENV is '{environment}'; allowed are {known}, or a file of your own: {path.relative_to(root)}"
        )
    return path


def check_settings(root: Path, tfvars: Path) -> None:
    """Refuse settings that do not exist, which Terraform only warns of. Raises DeployError."""
    known = [variable.name for variable in variables_of(root / "terraform")]
    unknown = [name for name in settings_of(tfvars) if name not in known]
    if unknown:
        hints = [f"{name} ({_suggestion(name, known)})" for name in unknown]
        raise DeployError(f"{tfvars.relative_to(root)} sets what there is not: {', '.join(hints)}")


def _suggestion(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else "see docs/configuration.md"


def check_artefacts(root: Path) -> None:
    """Refuse to go on without what is deployed. Raises DeployError."""
    absent = [name for name in ARTEFACTS if not (root / "build" / name).exists()]
    if absent:
        raise DeployError(f"build/{absent[0]} is not there: run make package")


def backend_of(root: Path, environment: str) -> Path:
    """Where the state of an environment is. Raises DeployError."""
    path = root / "terraform" / "environments" / f"{environment}.s3.tfbackend"
    where = path.relative_to(root)
    if not path.exists():
        raise DeployError(f"{where} is not there: it names the bucket of the state, see terraform/README.md")
    if any(PLACEHOLDER in str(value) for value in settings_of(path).values()):
        raise DeployError(
            f"{where} still says {PLACEHOLDER}: make the state's bucket as terraform/README.md says and name it"
        )
    return path


def check_confirmed(action: str, environment: str, confirmation: str | None, ask: Ask) -> bool:
    """Whether Terraform's own question is answered already. Raises DeployError when prod is not confirmed."""
    if confirmation == environment:
        return True
    if confirmation:
        raise DeployError(f"CONFIRM is '{confirmation}', but ENV is '{environment}'")
    if environment == GUARDED and ask(f"{action} changes {GUARDED}. Type {GUARDED} to go on: ") != GUARDED:
        raise DeployError(f"{action} of {GUARDED} was not confirmed: type {GUARDED}, or give CONFIRM={GUARDED}")
    return False


def has_credentials() -> bool:
    """Whether the AWS SDK finds credentials; nobody is asked whether they are good."""
    return Session().get_credentials() is not None


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants done to which environment, and the environment that CONFIRM names."""

    action: str
    environment: str
    confirmation: str | None = None


def deploy(root: Path, request: Request, run: Run, plan: Run, ask: Ask) -> int:
    """Plan an environment with its settings and its state, show the plan, and apply what was shown. Raises DeployError.

    Args:
        run: Terraform in the caller's terminal; its exit code.
        plan: the same for `plan -json`, of whose lines only those are printed that somebody has to read.
    """
    action, environment = request.action, request.environment
    tfvars = tfvars_of(root, environment)
    check_settings(root, tfvars)
    if environment == LOCAL:
        raise DeployError(f"{LOCAL} is the embedded AWS of this machine: make demo deploys it")
    check_artefacts(root)
    backend = backend_of(root, environment)
    is_answered = action != "plan" and check_confirmed(action, environment, request.confirmation, ask)
    folder = root / "terraform"
    init = ["init", "-reconfigure", "-input=false", "-lockfile=readonly"]
    init.append(f"-backend-config={backend.relative_to(folder)}")
    if failed := run(init):
        return failed
    # The file holds secrets, as the state does: nobody else may read it, and it does not stay.
    with TemporaryDirectory() as private:
        file = f"{private}/plan"
        purpose = ["-destroy"] if action == "destroy" else []
        made = plan(["plan", *purpose, f"-var-file={tfvars.relative_to(folder)}", f"-out={file}", *PLAN_OPTIONS])
        if made not in (EXIT_NO_CHANGES, EXIT_CHANGES):
            return made
        if (shown := run(["show", file])) or action == "plan" or made == EXIT_NO_CHANGES:
            return shown
        if not is_answered and ask(f"\n{action} {environment} as shown? Only yes goes on: ") != "yes":
            raise DeployError(f"nothing was changed: answer yes in a terminal, or give CONFIRM={environment}")
        return run(["apply", file])


def plan_offline(root: Path, environment: str, read: Read) -> list[Mapping[str, Any]]:
    """What an empty account would get, planned with a mocked provider. Raises DeployError."""
    tfvars = tfvars_of(root, environment)
    check_settings(root, tfvars)
    check_artefacts(root)
    arguments = ["test", f"-test-directory={OFFLINE_TESTS}", f"-var-file={tfvars.relative_to(root / 'terraform')}"]
    events = [json.loads(line) for line in read([*arguments, "-verbose", "-json"]) if line.startswith("{")]
    problems = [event["diagnostic"] for event in events if event["type"] == "diagnostic"]
    errors = [problem for problem in problems if problem["severity"] == "error"]
    plans = [event["test_plan"] for event in events if event["type"] == "test_plan"]
    if errors or not plans:
        said = "\n".join(f"{error['summary']}: {error.get('detail', '')}" for error in errors)
        raise DeployError(said or "terraform test printed no plan: run make terraform-check")
    changes: list[Mapping[str, Any]] = plans[0]["resource_changes"]
    return [change for change in changes if change["mode"] == "managed"]


def summary(changes: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, int, str]]:
    """Component, kind of resource, how many, and those names that are known before anything exists."""
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for change in changes:
        component = change.get("module_address", "root").removeprefix("module.").partition(".module.")[0]
        groups[component.partition("[")[0], change["type"].removeprefix("aws_")].append(_name(change))
    for (component, kind), names in sorted(groups.items()):
        yield component, kind, len(names), ", ".join(sorted(filter(None, names)))


def _name(change: Mapping[str, Any]) -> str:
    after = change["change"]["after"]
    return next((str(after[name]) for name in NAME_ARGUMENTS if after.get(name)), "")


def show(environment: str, rows: Sequence[tuple[str, str, int, str]]) -> None:
    """Print the summary."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{environment}[/]: what an empty account would get")
    last = ""
    for component, kind, number, names in rows:
        if component != last:
            console.print(f"\n[bold]{component}[/]")
        console.print(f"  {number:3} {kind:44} {escape(names)}".rstrip())
        last = component
    total = sum(number for _, _, number, _ in rows)
    console.print(f"\n[bold]Plan: {total} to add[/], against a mocked provider: nobody was asked, no state was read.")


def terraform(root: Path) -> list[str]:
    return [str(root / "scripts" / "terraform"), f"-chdir={root / 'terraform'}"]


def release_of(root: Path) -> str:
    """The commit of the tree, by its nearest tag where it has one; `-dirty` when something is not committed."""
    describe = ["git", "describe", "--tags", "--always", "--dirty"]
    done = subprocess.run(describe, cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _environment() -> Mapping[str, str]:
    return {**os.environ, "TF_VAR_release": release_of(ROOT)}


def _run(arguments: Sequence[str]) -> int:
    return subprocess.run([*terraform(ROOT), *arguments], env=_environment(), check=False).returncode


def _plan(arguments: Sequence[str]) -> int:
    print("reading what is deployed ...", flush=True)
    command = [*terraform(ROOT), *arguments]
    with subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True) as process:
        for text in said(process.stdout or ()):
            print(text, flush=True)
    return process.returncode


def terraform_reader(root: Path, data: Path) -> Read:
    """Runs Terraform and gives its lines; in a data directory of its own, for that of a real plan knows its backend."""

    def read(arguments: Sequence[str]) -> list[str]:
        environment = {**os.environ, "TF_DATA_DIR": str(data), "TF_IN_AUTOMATION": "1"}
        init = ["init", "-backend=false", "-input=false", "-lockfile=readonly", "-no-color"]
        for step in (init, arguments):
            command = [*terraform(root), *step]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if step is init and done.returncode:
                raise DeployError(done.stderr)
        return done.stdout.splitlines()

    return read


def _ask(question: str) -> str:
    return input(question) if sys.stdin.isatty() else ""


def main() -> int:
    """Plan, apply or destroy. The exit code is Terraform's, or 1 when something is refused."""
    parser = argparse.ArgumentParser(description="Plan, apply or destroy one environment.")
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("environment", help="the name of a file in terraform/environments, without .tfvars")
    parser.add_argument("--offline", action="store_true", help="plan against a mocked provider, with credentials too")
    given = parser.parse_args()
    try:
        if given.action == "plan" and (given.offline or given.environment == LOCAL or not has_credentials()):
            read = terraform_reader(ROOT, ROOT / ".local" / "terraform" / OFFLINE_TESTS)
            show(given.environment, list(summary(plan_offline(ROOT, given.environment, read))))
            return 0
        request = Request(given.action, given.environment, os.environ.get("CONFIRM"))
        return deploy(ROOT, request, _run, _plan, _ask)
    except (DeployError, TerraformFileError) as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]error:[/] {escape(str(error))}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
