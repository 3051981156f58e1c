"""What a conversion on one machine finds in its files besides the values."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ndjson_converter.blocks import Block, Stretch
from ndjson_converter.columns import KeyCounts, Schema
from ndjson_converter.lines import Survey
from ndjson_converter.parsed import Reject
from ndjson_converter.rejects import check_reject_limit, describe, reject_line

_REJECTS_IN_ERROR = 3


@dataclass
class Findings:
    """What is found in a stretch, block by block. `lines` are all lines; rejects have the numbers of their lines in the
    stretch and wait in a file of their own, if they are wanted.
    """

    stretch: Stretch
    rejects_path: Path | None
    lines: int = 0
    lines_blank: int = 0
    lines_rejected: int = 0
    first_rejects: list[Reject] = field(default_factory=list)
    keys: list[KeyCounts] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.lines - self.lines_blank - self.lines_rejected

    def add(self, block: Block, survey: Survey) -> None:
        """Take in what was found in the next block."""
        rejects = (reject.moved(self.lines, block.offset) for reject in survey.rejects)
        self.first_rejects.extend(islice(rejects, _REJECTS_IN_ERROR - len(self.first_rejects)))
        if self.rejects_path and survey.rejects:
            rejects = (reject.moved(self.lines, block.offset) for reject in survey.rejects)
            with self.rejects_path.open("ab") as file:
                file.writelines(reject_line(self.stretch.path.as_posix(), reject) for reject in rejects)
        self.keys.append(survey.keys)
        self.lines += survey.lines
        self.lines_blank += survey.lines_blank
        self.lines_rejected += len(survey.rejects)


def write_rejects(findings: Sequence[Findings], target: Path) -> None:
    """Write the rejects of all stretches, with the numbers that their lines have in their files."""
    with target.open("wb") as file:
        for found, lines_before in _with_lines_before(findings):
            if found.rejects_path and found.lines_rejected:
                with found.rejects_path.open("rb") as lines:
                    file.writelines(_renumbered(line, lines_before) for line in lines)


def check_rejects(findings: Sequence[Findings], max_reject_percent: float) -> None:
    """Raise RejectLimitError when there are too many."""
    first = (
        describe(found.stretch.path.as_posix(), reject.moved(before, 0))
        for found, before in _with_lines_before(findings)
        for reject in found.first_rejects
    )
    facts = count_lines(findings)
    check_reject_limit(facts["lines_in"], facts["lines_rejected"], islice(first, _REJECTS_IN_ERROR), max_reject_percent)


def count_lines(findings: Iterable[Findings]) -> dict[str, int]:
    """The numbers of lines by what became of them."""
    rows = blank = rejected = 0
    for found in findings:
        rows, blank, rejected = rows + found.rows, blank + found.lines_blank, rejected + found.lines_rejected
    return {"lines_in": rows + rejected, "lines_blank": blank, "lines_rejected": rejected, "rows_out": rows}


def describe_columns(schema: Schema) -> dict[str, Any]:
    return {
        "columns": [column.name for column in schema.columns],
        "renamed": schema.renamed,
        "overflow_keys": schema.overflow_keys,
    }


def _with_lines_before(findings: Sequence[Findings]) -> Iterator[tuple[Findings, int]]:
    """Each stretch, and how many lines of its file stand before it."""
    before = 0
    for found in findings:
        before = before if found.stretch.start else 0
        yield found, before
        before += found.lines


def _renumbered(line: bytes, lines_before: int) -> bytes:
    reject = json.loads(line)
    reject["line_number"] += lines_before
    return json.dumps(reject, ensure_ascii=False).encode() + b"\n"
