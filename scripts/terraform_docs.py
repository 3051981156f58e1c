"""Writes what documents take from the code: the modules' inputs and outputs, docs/configuration.md, and the OpenAPI.

`make docs` writes them; `--check` only says which are out of date, with exit code 1.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts import openapi
from scripts.terraform_files import Variable, outputs_of, variables_of

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- begin: make docs -->", "<!-- end: make docs -->"


def documents(root: Path) -> Iterator[tuple[Path, str]]:
    """Each document that holds generated text, and the text as it has to be."""
    for module in sorted(path.parent for path in (root / "modules").glob("*/main.tf")):
        yield module / "README.md", module_tables(module)
    settings = [row(code(v.name), default_of(v), v.description) for v in variables_of(root / "terraform")]
    yield root / "docs" / "configuration.md", table(("setting", "default", "meaning"), settings)


def module_tables(module: Path) -> str:
    """What a module takes and gives."""
    inputs = [row(code(v.name), code(v.type), default_of(v), v.description) for v in variables_of(module)]
    outputs = [row(code(output.name), output.description) for output in outputs_of(module)]
    return "\n\n".join(
        [
            "## Inputs",
            table(("name", "type", "default", "meaning"), inputs),
            "## Outputs",
            table(("name", "meaning"), outputs),
        ]
    )


def table(head: tuple[str, ...], rows: list[str]) -> str:
    """A Markdown table."""
    return "\n".join([row(*head), row(*("---" for _ in head)).replace(" ", ""), *rows])


def row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def code(text: str) -> str:
    return f"`{text}`"


def default_of(variable: Variable) -> str:
    return "none: must be set" if variable.default is None else code(variable.default)


def with_generated(document: str, generated: str) -> str:
    """The document with the text between its markers replaced, or with both at its end."""
    before, _, rest = document.partition(BEGIN)
    after = rest.partition(END)[2] or "\n"
    return f"{before.rstrip()}\n\n{BEGIN}\n\n{generated}\n\n{END}{after}"


def stale(root: Path) -> Iterator[tuple[Path, str]]:
    """The documents that say something else than the code, and what they should say."""
    for path, generated in documents(root):
        document = path.read_text()
        wanted = with_generated(document, generated)
        if wanted != document:
            yield path, wanted


def stale_openapi(root: Path) -> Iterator[tuple[Path, str]]:
    """The document of the export API, when it says something else than the code."""
    path, wanted = root / openapi.DOCUMENT, openapi.text()
    if not path.exists() or path.read_text() != wanted:
        yield path, wanted


def main() -> int:
    """Write, or with --check only look."""
    parser = argparse.ArgumentParser(description="Write the tables that come from Terraform's files.")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail when something is out of date")
    is_check = parser.parse_args().check
    found = [*stale(ROOT), *stale_openapi(ROOT)]
    for path, wanted in found:
        print(f"{'out of date, run make docs' if is_check else 'written'}: {path.relative_to(ROOT)}")
        if not is_check:
            path.write_text(wanted)
    return 1 if is_check and found else 0


if __name__ == "__main__":
    sys.exit(main())
