"""What is written down about the Terraform says what the Terraform says."""

import difflib
import re
from pathlib import Path

import pytest

from scripts.terraform_docs import BEGIN, documents, with_generated
from scripts.terraform_files import outputs_of, settings_of, variables_of

ROOT = Path(__file__).resolve().parents[2]
MODULES = [ROOT / "terraform", *sorted(path.parent for path in (ROOT / "modules").glob("*/main.tf"))]
TFVARS = sorted((ROOT / "terraform" / "environments").glob("*.tfvars"))
SETTINGS = (ROOT / "terraform" / "tests" / "settings.tftest.hcl").read_text()
MODULE_TESTS = (ROOT / "terraform" / "tests" / "modules.tftest.hcl").read_text()
# What is allowed, or what it contradicts and what to do.
ALLOWED = r"allowed are|choose one of them|; [^;]*(never|only|must not|would|run make)"
DOCUMENTS = list(documents(ROOT))
NAMES = [path.parent.name for path, _ in DOCUMENTS]


def name_of(path: Path) -> str:
    return path.name


@pytest.mark.parametrize(("path", "generated"), DOCUMENTS, ids=NAMES)
def test_generated_text_is_current(path: Path, generated: str) -> None:
    document = path.read_text()
    difference = "\n".join(difflib.unified_diff(document.split("\n"), with_generated(document, generated).split("\n")))
    assert not difference, f"run make docs\n{difference}"


def test_text_around_the_generated_part_stays() -> None:
    once = with_generated("# Title\n\nProse.\n", "| a |")
    assert once.startswith("# Title\n\nProse.\n\n" + BEGIN)
    assert with_generated(once + "\nMore.\n", "| b |") == once.replace("| a |", "| b |") + "\nMore.\n"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_input_and_output_is_described_and_typed(module: Path) -> None:
    inputs = variables_of(module)
    assert [variable.name for variable in inputs if not variable.description.endswith(".")] == []
    assert [variable.name for variable in inputs if not variable.type or re.search(r"\bany\b", variable.type)] == []
    assert [output.name for output in outputs_of(module) if not output.description.endswith(".")] == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_module_has_the_same_files(module: Path) -> None:
    assert {"README.md", "main.tf", "outputs.tf", "variables.tf"} <= {path.name for path in module.iterdir()}


@pytest.mark.parametrize("path", TFVARS, ids=name_of)
def test_an_environment_sets_what_there_is(path: Path) -> None:
    assert settings_of(path).keys() <= {variable.name for variable in variables_of(ROOT / "terraform")}


@pytest.mark.parametrize("path", TFVARS, ids=name_of)
def test_an_environment_is_named_as_its_file(path: Path) -> None:
    assert settings_of(path)["environment"] == path.stem


def test_the_environments_are_those_of_the_design() -> None:
    design = {
        "dev": (2, 3, 30, 200, "G.1X", 2, 1),
        "staging": (5, 7, 15, 2000, "G.1X", 2, 3),
        "prod": (50, 7, 15, 2000, "G.1X", 2, 30),
    }
    names = (
        "manifest_builder_max_concurrency",
        "input_retention_days",
        "max_wait_minutes",
        "max_files_per_manifest",
        "glue_worker_type",
        "glue_number_of_workers",
        "glue_max_concurrent_runs",
    )
    found = {path.stem: settings_of(path) for path in TFVARS}
    assert set(found) == {"local", *design}
    assert {name: tuple(found[name][setting] for setting in names) for name in design} == design


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_refusal_names_the_value_and_what_is_allowed(module: Path) -> None:
    found = [(variable, message) for variable in variables_of(module) for message in variable.refusals]
    assert [message for variable, message in found if not message.startswith(variable.name)] == []
    assert [message for variable, message in found if not re.search(ALLOWED, message)] == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_refusal_is_tried(module: Path) -> None:
    refusing = {variable.name for variable in variables_of(module) if variable.refusals}
    tested = (
        SETTINGS
        if module.name == "terraform"
        else MODULE_TESTS.partition(f'run "{module.name}"')[2].partition("\nrun")[0]
    )
    assert refusing == set(re.findall(r"var\.(\w+)", tested)) & {variable.name for variable in variables_of(module)}
