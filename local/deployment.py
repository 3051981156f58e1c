"""Deploys the pipeline onto the embedded AWS with the same Terraform that deploys it to AWS."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
VARIABLES = "environments/local.tfvars"
SHARED_BACKEND = "backend.tf"
_CHANGES_IN_PLAN = 2


class DeploymentError(RuntimeError):
    """Terraform failed; the text is all that it said."""


@dataclass(frozen=True)
class Outputs:
    """The root module's outputs: names, URLs and ARNs of what was deployed."""

    input_bucket: str
    manifest_bucket: str
    output_bucket: str
    quarantine_bucket: str
    scripts_bucket: str
    file_events_queue_url: str
    dead_letter_queue_url: str
    tracking_table: str
    metrics_table: str
    manifest_builder_function: str
    status_updater_function: str
    state_manager_function: str
    state_machine_arn: str
    glue_job: str
    alerts_topic_arn: str
    catalog_database: str
    catalog_table: str

    @classmethod
    def parse(cls, text: str) -> "Outputs":
        """From `terraform output -json`; outputs that nobody here needs are ignored.

        Raises:
            DeploymentError: an output is absent.
        """
        values = {name: output["value"] for name, output in json.loads(text).items()}
        wanted = [field.name for field in fields(cls)]
        if absent := [name for name in wanted if name not in values]:
            raise DeploymentError(
                f"terraform has no output {', '.join(absent)}: add it to terraform/outputs.tf and apply again"
            )
        return cls(**{name: values[name] for name in wanted})


@dataclass(frozen=True)
class Progress:
    """How far an apply is: resources done, resources in the plan, the one just finished."""

    done: int
    total: int
    resource: str


class Terraform:
    """The root module in `root`, its state in `home`; `environment` says where AWS is and has the keys to it."""

    def __init__(
        self,
        environment: Mapping[str, str],
        home: Path,
        root: Path,
        variables: Sequence[str] = (),
        repository: Path = REPOSITORY,
    ) -> None:
        self.home = home.resolve()
        self._root = root
        self._repository = repository
        self._environment = {
            **os.environ,
            **environment,
            "TF_DATA_DIR": str(self.home / "data"),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
        }
        self._variables = list(variables)
        self._state = f"-state={self.home / 'terraform.tfstate'}"

    def apply(self, report: Callable[[Progress], None] | None = None) -> None:
        """Create or change what is needed.

        Raises:
            DeploymentError: with Terraform's whole output.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        self._run("init", "-input=false", "-lockfile=readonly", "-no-color")
        arguments = ["apply", "-auto-approve", "-input=false", "-json", self._state, *self._variables]
        said: list[str] = []
        with self._start(arguments) as process:
            for progress in read_progress(_remembered(process.stdout or (), said)):
                if report:
                    report(progress)
        if process.returncode:
            raise DeploymentError("terraform apply failed\n" + "\n".join(_readable(line) for line in said))

    def output(self) -> str:
        """The outputs of the last apply, as JSON."""
        return self._run("output", "-json", self._state)

    def planned_changes(self) -> list[str]:
        """The addresses of what Terraform would change now."""
        said = self._run("plan", "-input=false", "-json", "-lock=false", self._state, *self._variables)
        events = (_event(line) for line in said.splitlines())
        return [event["change"]["resource"]["addr"] for event in events if event.get("type") == "planned_change"]

    def plan_is_empty(self) -> bool:
        """Whether Terraform sees nothing to change, outputs included."""
        arguments = ["plan", "-detailed-exitcode", "-input=false", "-no-color", "-lock=false", self._state]
        with self._start([*arguments, *self._variables]) as process:
            said = process.communicate()[0]
        if process.returncode not in (0, _CHANGES_IN_PLAN):
            raise DeploymentError(f"terraform plan failed\n{said}")
        return process.returncode == 0

    def destroy(self) -> None:
        """Remove everything this state knows."""
        self._run("destroy", "-auto-approve", "-input=false", "-no-color", self._state, *self._variables)

    def _run(self, *arguments: str) -> str:
        with self._start(list(arguments)) as process:
            said = process.communicate()[0]
        if process.returncode:
            raise DeploymentError(f"terraform {arguments[0]} failed\n{said}")
        return said

    def _start(self, arguments: list[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["scripts/terraform", f"-chdir={self._root}", *arguments],
            cwd=self._repository,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )


class Deployment:
    """The pipeline as `terraform/` describes it. `overrides` win over the settings of `environments/local.tfvars`."""

    def __init__(
        self,
        environment: Mapping[str, str],
        home: Path,
        overrides: Mapping[str, Any] | None = None,
        repository: Path = REPOSITORY,
    ) -> None:
        variables = [f"-var={name}={_variable(value)}" for name, value in (overrides or {}).items()]
        self.home = home.resolve()
        self._repository = repository
        self._root = self.home / "root" / "terraform"
        self._terraform = Terraform(
            environment, self.home, self._root, [f"-var-file={VARIABLES}", *variables], repository
        )

    def apply(self, report: Callable[[Progress], None] | None = None) -> Outputs:
        """Create or change what is needed and answer the outputs. DeploymentError when Terraform fails."""
        self._mirror()
        self._terraform.apply(report)
        return self.outputs()

    def outputs(self) -> Outputs:
        """The outputs of the last apply."""
        return Outputs.parse(self.outputs_json())

    def outputs_json(self) -> str:
        """All outputs of the last apply, as JSON."""
        return self._terraform.output()

    def output(self, name: str) -> Any:
        """One output of the last apply, whatever it is; None when there is none of that name."""
        return json.loads(self._terraform.output()).get(name, {}).get("value")

    def plan_is_empty(self) -> bool:
        """Whether Terraform sees nothing to change."""
        return self._terraform.plan_is_empty()

    def destroy(self) -> None:
        """Remove everything this state knows."""
        self._terraform.destroy()

    def _mirror(self) -> None:
        """The root module without its shared backend, for the state of an embedded AWS is nobody else's."""
        self._root.mkdir(parents=True, exist_ok=True)
        for path in (self._repository / "terraform").iterdir():
            if path.name not in (SHARED_BACKEND, ".terraform"):
                _link(self._root / path.name, path)
        for name in ("modules", "build"):
            _link(self._root.parent / name, self._repository / name)


def read_progress(lines: Iterator[str]) -> Iterator[Progress]:
    """One `Progress` per resource that `terraform apply -json` has finished, and one when its plan is made."""
    done = total = 0
    for line in lines:
        event = _event(line)
        if event.get("type") == "change_summary" and event["changes"]["operation"] == "plan":
            total = sum(event["changes"][kind] for kind in ("add", "change", "remove"))
            yield Progress(done, total, "")
        if event.get("type") == "apply_complete" and event["hook"]["action"] != "read":
            done += 1
            yield Progress(done, total, event["hook"]["resource"]["addr"])


def _remembered(lines: Any, said: list[str]) -> Iterator[str]:
    for line in lines:
        said.append(line)
        yield line


def _readable(line: str) -> str:
    """A line of `-json` output as a person reads it; other lines as they are."""
    event = _event(line)
    diagnostic = event.get("diagnostic", {})
    where = f" ({diagnostic['address']})" if diagnostic.get("address") else ""
    return "\n".join(filter(None, [event.get("@message", line.rstrip()) + where, diagnostic.get("detail")]))


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _link(link: Path, target: Path) -> None:
    """Point `link` at `target`, wherever it pointed before."""
    if link.is_symlink() and link.readlink() != target:
        link.unlink()
    if not link.is_symlink():
        link.symlink_to(target)


def _variable(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
