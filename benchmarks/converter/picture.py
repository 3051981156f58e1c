"""The results as a picture: `python -m benchmarks.converter.picture RESULTS.json PICTURE.svg`."""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

_OURS, _OTHERS = "#1f77b4", "#b8bec6"


def draw(results: dict[str, dict[str, dict[str, Any]]], picture: Path) -> None:
    """A panel per shape, a bar per engine: seconds of work, and how many values it changed."""
    mpl.use("svg")
    # So that the same results make the same file.
    mpl.rcParams.update({"svg.hashsalt": "converter", "font.size": 9})
    figure, panels = plt.subplots(len(results), 1, figsize=(8, 1.6 * len(results) + 0.6), layout="constrained")
    for panel, (shape, engines) in zip([panels] if len(results) == 1 else panels, results.items(), strict=True):
        measured = {name: found for name, found in engines.items() if "error" not in found}
        seconds = [found["work_seconds"] for found in measured.values()]
        bars = panel.barh(
            list(measured), seconds, color=[_OURS if name.startswith("ours") else _OTHERS for name in measured]
        )
        panel.bar_label(bars, [_told(found) for found in measured.values()], padding=3)
        panel.set_xlim(0, 1.45 * max(seconds))
        panel.invert_yaxis()
        panel.set_title(shape, loc="left", fontweight="bold")
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(picture, metadata={"Date": None})


def _told(found: dict[str, Any]) -> str:
    changed = found["changed_values"]
    return f"{found['work_seconds']:.1f} s, " + (f"{changed:,} values changed" if changed else "no value changed")


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text())["results"], Path(sys.argv[2]))
