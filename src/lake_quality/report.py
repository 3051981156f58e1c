"""The results of a day as rows of a table, and as a page that a person reads. No I/O."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from lake_quality.evaluation import Outcome, Result, passes
from lake_quality.facts import DayFacts

RESULTS_FOLDER: Final = "reports/quality_results"
"""What `curated.quality_results` reads."""
REPORTS_FOLDER: Final = "reports/quality"
RESULTS_COLUMNS: Final = (
    ("rule", "string", "dataset, column and kind"),
    ("kind", "string", "what the rule asks for"),
    ("dataset", "string", ""),
    ("column_name", "string", "null for rules about whole rows"),
    ("severity", "string", "error stops the merge, warning does not"),
    ("outcome", "string", "passed, failed, warned, accepted or unknown"),
    ("detail", "string", "what was found"),
    ("bad_rows", "bigint", "null where rows are not what is counted"),
    ("total_rows", "bigint", "all rows that arrived"),
    ("share", "double", "bad by all"),
    ("limit", "double", "the share that is allowed"),
    ("run_id", "string", "name of the execution"),
    ("checked_at", "string", "ISO 8601, UTC"),
)
_ORDER: Final[tuple[Outcome, ...]] = ("failed", "accepted", "warned", "unknown", "passed")


def table_rows(results: Sequence[Result], run_id: str, checked_at: str) -> bytes:
    """One JSON object a line, as the table `quality_results` declares them."""
    return b"".join(
        json.dumps({**asdict(result), "run_id": run_id, "checked_at": checked_at}, ensure_ascii=False).encode() + b"\n"
        for result in results
    )


def page(results: Sequence[Result], facts: Mapping[str, DayFacts], date: str, run_id: str) -> str:
    """Markdown: the verdict first, then what is not as it should be, then every rule."""
    counts = Counter(result.outcome for result in results)
    verdict = "may be merged" if passes(results) else "must not be merged"
    lines = [
        f"# Quality of {date}: {verdict}",
        "",
        f"Run `{run_id}`. {len(results)} rules: " + ", ".join(f"{counts[o]} {o}" for o in _ORDER if counts[o]) + ".",
        "",
        *_table(
            ("dataset", "rows arrived", "accepted", "rejected"), [_counted(name, day) for name, day in facts.items()]
        ),
    ]
    if noticed := [result for result in results if result.outcome in _ORDER[:3]]:
        lines += ["", "## What to look at", "", *_rules(noticed)]
    lines += ["", "## Every rule", "", *_rules(results)]
    return "\n".join(lines) + "\n"


def _counted(name: str, day: DayFacts) -> tuple[str, ...]:
    return name, str(day.arrived), str(day.accepted), str(day.arrived - day.accepted)


def _rules(results: Sequence[Result]) -> list[str]:
    ordered = sorted(results, key=lambda result: (_ORDER.index(result.outcome), result.rule))
    rows = [(f"`{one.rule}`", one.outcome, one.detail, _percent(one.share), _percent(one.limit)) for one in ordered]
    return _table(("rule", "outcome", "found", "share", "allowed"), rows)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
