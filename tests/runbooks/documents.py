"""A runbook as Markdown: its parts, and the commands that tests execute. No I/O.

    ## Do
    ...
    ```sh runnable discard
    ./ndjson-parquet dlq discard "$MESSAGE_ID"
    ```

`runnable` marks a block that tests execute as it stands. The word after it is the block's name, by which a test calls
it; without one the name follows from the part (`look`, `do`, `worked`). Blocks of one name run one after the other. A
block of shell that is not marked begins with `# not tested: ` and the reason.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARTS = {
    "What it means": "means",
    "Look": "look",
    "Do": "do",
    "It worked when": "worked",
    "Why it happens": "why",
}
"""The headings of an alarm's runbook, in this order, and the name of an unnamed block below each."""
PLANNED_PARTS = {
    "What it is for": "purpose",
    "Before": "before",
    "Do": "do",
    "It worked when": "worked",
    "If it does not": "back",
}
"""The same of a runbook for work that somebody plans."""
FORMS = (tuple(PARTS), tuple(PLANNED_PARTS))
_NAMES = PARTS | PLANNED_PARTS
SHELL = ("sh", "bash", "shell", "console")
NOT_TESTED = "# not tested: "
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_VARIABLE = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)")
_ASSIGNED = re.compile(r"^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)=", re.MULTILINE)
_SPACE_OR_WORD = re.compile(r"[^\w\- ]")


class RunbookError(ValueError):
    """The text breaks a rule of runbooks; the message names the line and the rule."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block that is executed: its name, its text as fenced, the line of the document that it begins on."""

    name: str
    script: str
    line: int

    @property
    def variables(self) -> frozenset[str]:
        """What the reader has to fill in: variables that the script uses before it sets any of that name."""
        return frozenset(_VARIABLE.findall(self.script)) - frozenset(_ASSIGNED.findall(self.script))


@dataclass(frozen=True, slots=True)
class Runbook:
    """A runbook: its headings of the second level and its blocks, both in order."""

    parts: tuple[str, ...]
    blocks: tuple[Block, ...]

    def named(self, name: str) -> tuple[Block, ...]:
        """The blocks of a name. Raises RunbookError when there is none."""
        found = tuple(block for block in self.blocks if block.name == name)
        if not found:
            known = ", ".join(dict.fromkeys(block.name for block in self.blocks)) or "none"
            raise RunbookError(f"there is no runnable block {name!r}; there are: {known}")
        return found


def parse(text: str) -> Runbook:
    """Read a runbook. Raises RunbookError."""
    parts: list[str] = []
    blocks: list[Block] = []
    is_heading = False
    for token in _tokens(text):
        if is_heading:
            parts.append(token.content)
        is_heading = token.type == "heading_open" and token.tag == "h2"
        if token.type == "fence" and (block := _block(token, parts[-1] if parts else "")):
            blocks.append(block)
    return Runbook(tuple(parts), tuple(blocks))


def links(text: str) -> Iterator[str]:
    """Where each link and each picture of a document leads, as it is written."""
    for token in _tokens(text):
        for child in token.children or ():
            if target := child.attrs.get("href" if child.type == "link_open" else "src"):
                yield str(target)


def anchors(text: str) -> frozenset[str]:
    """What a link may name after `#`: GitHub's names of the headings."""
    headings = (after.content for token, after in pairwise(_tokens(text)) if token.type == "heading_open")
    return frozenset(_SPACE_OR_WORD.sub("", heading.lower()).replace(" ", "-") for heading in headings)


def _block(token: Token, part: str) -> Block | None:
    line = token.map[0] + 1 if token.map else 0
    language, *words = token.info.split()[:3] or [""]
    if "runnable" not in words:
        if language in SHELL and not token.content.startswith(NOT_TESTED):
            raise RunbookError(
                f"line {line}: a block of shell is marked `{language} runnable`, or begins with '{NOT_TESTED}' and why"
            )
        return None
    if language != "sh" or words[0] != "runnable":
        raise RunbookError(f"line {line}: {token.info!r} is not a mark; allowed are 'sh runnable' and a name after it")
    if part not in _NAMES:
        raise RunbookError(f"line {line}: a runnable block stands below {part!r}; allowed are {', '.join(_NAMES)}")
    name = words[1] if len(words) > 1 else _NAMES[part]
    if not _NAME.fullmatch(name):
        raise RunbookError(f"line {line}: the name {name!r} is not lower-case letters, digits and hyphens")
    return Block(name, token.content, line)


def _tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)
