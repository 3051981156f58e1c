"""What the lake's demo shows fits into the terminal, and its bars say how large the amounts are."""

from io import StringIO

import pytest
from rich.console import Console

from local.lake.runs import Answer
from local.lake.show import show_answer

COLUMNS = ("product_id", "name", "department", "views", "orders", "revenue_usd")
SOLD = tuple(
    (f"P-{n:05d}", f'Headphones "{n}"', "electronics", "1200", "33", f"{20_000 / (n + 1):.2f}") for n in range(20)
)


def shown(answer: Answer, width: int) -> list[str]:
    console = Console(file=StringIO(), width=width, highlight=False)
    show_answer(console, answer)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 110])
def test_identities_and_figures_are_whole_at_any_width(width: int) -> None:
    lines = shown(Answer("Top products", COLUMNS, SOLD), width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert all(cell in text for row in SOLD[:12] for cell in (row[0], row[-1]))
    assert "the first 12 of 20 rows" in text


def test_a_bar_is_as_long_as_its_amount_is_large() -> None:
    lines = shown(Answer("Top products", COLUMNS, SOLD), 110)
    cells = [line.count("█") for line in lines if "P-0000" in line]
    assert cells[:4] == [24, 12, 8, 6]


def test_a_narrow_terminal_has_tables_without_bars() -> None:
    assert "█" not in "".join(shown(Answer("Top products", COLUMNS, SOLD), 70))


def test_of_days_the_last_are_shown() -> None:
    days = tuple((f"2026-11-{n:02d}", f"{n}", None) for n in range(1, 31))
    lines = shown(Answer("Revenue", ("date", "orders", "revenue_usd"), days), 80)
    assert any("2026-11-30" in line for line in lines)
    assert not any("2026-11-18" in line for line in lines)
    assert "the last 12 of 30 rows" in "\n".join(lines)
