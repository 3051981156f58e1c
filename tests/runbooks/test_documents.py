"""Every runbook has the same form, every command in it is proved by some test, and no link leads nowhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.runbooks.documents import FORMS, anchors, links, parse

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "runbooks"
RUNBOOKS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
DOCUMENTS = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
ALARM_ROW = re.compile(r"^\| `([a-z0-9-]+)` \|.*\]\(runbooks/(.+?)\.md\) \|$", re.MULTILINE)
ALARMS = ALARM_ROW.findall((ROOT / "docs" / "alarms.md").read_text())
EVERYBODY_KNOWS = {"NDJSON_PARQUET_ENV"}
"""What docs/runbooks/README.md has the reader set before anything else."""


def stem(path: Path) -> str:
    return path.stem


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", RUNBOOKS, ids=stem)
def test_a_runbook_has_its_five_parts(path: Path) -> None:
    assert parse(path.read_text()).parts in FORMS


@pytest.mark.parametrize("path", RUNBOOKS, ids=stem)
def test_what_the_reader_fills_in_is_explained(path: Path) -> None:
    text = path.read_text()
    wanted = frozenset().union(*(block.variables for block in parse(text).blocks)) - EVERYBODY_KNOWS
    assert [name for name in sorted(wanted) if f"`${name}`" not in text] == []


@pytest.mark.parametrize("path", RUNBOOKS, ids=stem)
def test_every_command_is_proved(path: Path) -> None:
    names = {block.name for block in parse(path.read_text()).blocks}
    claimed = {name for book, name in claims() if book == path.stem}
    assert claimed == names


def test_no_proof_is_about_a_runbook_that_is_not_there() -> None:
    assert {book for book, _ in claims()} <= {path.stem for path in RUNBOOKS}


def test_the_index_leads_to_every_runbook() -> None:
    assert {path.name for path in RUNBOOKS} <= set(links((FOLDER / "README.md").read_text()))


@pytest.mark.parametrize(("alarm", "runbook"), ALARMS)
def test_an_alarm_is_found_in_the_index_and_in_its_runbook(alarm: str, runbook: str) -> None:
    """docs/alarms.md is compared with what Terraform plans by tests/terraform/test_alarms.py."""
    [row] = [line for line in (FOLDER / "README.md").read_text().splitlines() if f"`{alarm}`" in line]
    assert f"[{runbook}]({runbook}.md)" in row
    assert f"`{alarm}`" in (FOLDER / f"{runbook}.md").read_text().partition("## ")[0]


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_every_link_leads_somewhere(path: Path) -> None:
    assert [link for link in links(path.read_text()) if not leads_somewhere(path, link)] == []


def leads_somewhere(path: Path, link: str) -> bool:
    """Whether a link's file, and its heading, are there. Those that leave the tree are not tried."""
    found = urlsplit(link)
    if found.scheme:
        return True
    target = (path.parent / unquote(found.path)).resolve() if found.path else path
    if not target.exists():
        return False
    return not found.fragment or unquote(found.fragment) in anchors(target.read_text())


def claims() -> Iterator[tuple[str, str]]:
    """The blocks that tests of this folder claim to prove, as (runbook, name)."""
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.proves":
                book, *names = (ast.literal_eval(argument) for argument in node.args)
                yield from ((book, name) for name in names)
