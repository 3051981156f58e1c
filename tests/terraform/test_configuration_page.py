"""docs/configuration.md tells of every variable what terraform/variables.tf says."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLES = ROOT / "terraform" / "variables.tf"
PAGE = ROOT / "docs" / "configuration.md"
REQUIRED = "none: must be set"


def expected_rows() -> list[str]:
    """One row of the page's table per variable, in the order of the file."""
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', VARIABLES.read_text(), re.MULTILINE | re.DOTALL)
    return [
        f"| `{name}` | {default_of(block)} | {attribute(block, 'description').strip(chr(34))} |"
        for name, block in blocks
    ]


def default_of(block: str) -> str:
    default = attribute(block, "default")
    return f"`{default}`" if default else REQUIRED


def attribute(block: str, name: str) -> str:
    """The text of a variable's argument as it stands there, empty when it is absent."""
    found = re.search(rf"^  {name} += (.*)$", block, re.MULTILINE)
    return found[1] if found else ""


def test_the_table_says_what_the_variables_say() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert rows == expected_rows()
