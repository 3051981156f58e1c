"""The steps as a picture: a bar for a cold start and one for a warm one, cut into steps."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.latency.steps import STEPS, until_queryable

_SHORTEST_NAMED = 0.25


def draw(bars: Mapping[str, Mapping[str, float]], picture: Path) -> None:
    """Seconds from PUT on; the line is where the row can be queried."""
    mpl.use("svg")
    # So that the same results make the same file.
    mpl.rcParams.update({"svg.hashsalt": "latency", "font.size": 9})
    figure, panel = plt.subplots(figsize=(9, 1.3 * len(bars) + 2.2), layout="constrained")
    colours = mpl.colormaps["tab20"]
    for row, steps in enumerate(bars.values()):
        start = 0.0
        for number, name in enumerate(STEPS):
            colour = colours(number)
            panel.barh(
                row, steps[name], left=start, height=0.5, color=colour, label=_label(name, bars) if row == 0 else None
            )
            if steps[name] >= _SHORTEST_NAMED:
                panel.text(start + steps[name] / 2, row, f"{steps[name]:.1f}", ha="center", va="center", fontsize=8)
            start += steps[name]
        rows_at = until_queryable(steps)
        panel.vlines(rows_at, row - 0.4, row + 0.4, color="black", linewidth=1.5)
        panel.annotate(f"rows at {rows_at:.1f} s", (rows_at, row - 0.42), ha="right", va="bottom", fontsize=8)
    panel.set_yticks(range(len(bars)), list(bars))
    panel.invert_yaxis()
    panel.set_xlabel("seconds from the start of the PUT")
    panel.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, ncols=3, loc="outside lower center", fontsize=8)
    figure.savefig(picture, metadata={"Date": None})
    plt.close(figure)


def _label(name: str, bars: Mapping[str, Mapping[str, float]]) -> str:
    return f"{name}: {' / '.join(f'{steps[name]:.2f}' for steps in bars.values())} s"
