"""The table at the end: what ran on LocalStack, by the marks of the tests, and what no test can run there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

COVERS = "covers"

# What the pipeline has and these tests do not touch, and why.
NOT_COVERED = (
    ("the functions, and SQS and streams that call them", "LocalStack runs functions in Docker only"),
    (
        "the tracking table, its conditions, transactions and stream",
        "LocalStack downloads DynamoDB Local when first used",
    ),
    ("Glue job and catalog, Athena", "not in LocalStack's free edition: the processor's calls are mocked"),
    ("the parameters of mocked calls", "a mock answers whatever it is sent"),
    ("the timeouts of the processor's states", "a mock answers at once"),
    ("the roles' rights", "not in LocalStack's free edition"),
    ("order by the events' sequencer", "LocalStack gives every event the same"),
    ("X-Ray tracing of the processor, tags of alarms", "LocalStack forgets both: a second plan sets them again"),
)


def report_lines(stats: Mapping[str, Sequence[Any]]) -> list[str]:
    """Nothing when no test of the table ran or was skipped."""
    counts: dict[str, dict[str, int]] = {}
    for outcome, what in _outcomes(stats):
        of_this = counts.setdefault(what, {})
        of_this[outcome] = of_this.get(outcome, 0) + 1
    if not counts:
        return []
    ran = [(what, _counted(outcomes)) for what, outcomes in counts.items() if set(outcomes) != {"skipped"}]
    skipped = [(what, "skipped") for what, outcomes in counts.items() if set(outcomes) == {"skipped"}]
    width = max(len(what) for what, _ in (*ran, *skipped, *NOT_COVERED))
    return ["covered", *_rows(ran, width), "not covered by these tests", *_rows((*skipped, *NOT_COVERED), width)]


def _rows(rows: Sequence[tuple[str, str]], width: int) -> list[str]:
    return [f"  {left:<{width}}  {right}" for left, right in rows]


def _outcomes(stats: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, str]]:
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in stats.get(outcome, ()):
            for name, value in getattr(report, "user_properties", ()):
                if name == COVERS:
                    yield outcome, value


def _counted(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
