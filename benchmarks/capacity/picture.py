"""The answers as pictures: dollars by design, and where the files of a simulated day are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.capacity.report import Answer
from benchmarks.capacity.simulation import Outcome

_DESIGNS = ("#1f77b4", "#d62728", "#9467bd", "#b8bec6")
_STATES = {"queued": "#d62728", "batched": "#aec7e8", "waiting": "#ff7f0e", "converting": "#1f77b4"}
_HOURS = (11, 15)


def draw_costs(answers: Sequence[Answer], picture: Path) -> None:
    """Dollars a TB by design, a group of bars for each load."""
    _prepare("cost")
    figure, panel = plt.subplots(figsize=(8, 3.2), layout="constrained")
    width = 0.8 / len(_DESIGNS)
    for number, colour in enumerate(_DESIGNS):
        days = [one.days[number] for one in answers]
        places = [group + number * width for group in range(len(answers))]
        bars = panel.bar(places, [day.dollars_per_terabyte for day in days], width, label=days[0].design, color=colour)
        panel.bar_label(bars, [f"{day.dollars_per_terabyte:,.3g}" for day in days], padding=2, fontsize=7)
    panel.set_yscale("log")
    panel.set_ylabel("$ a TB of NDJSON")
    panel.set_xticks([group + 1.5 * width for group in range(len(answers))], [f"{one.multiple:g}x" for one in answers])
    panel.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.16))
    _finish(figure, [panel], picture)


def draw_backlog(days: Mapping[str, Outcome], picture: Path) -> None:
    """A panel per day: files in the queue, in open batches, waiting for Glue, being converted, around the burst."""
    _prepare("backlog")
    figure, found = plt.subplots(len(days), 1, figsize=(8, 1.7 * len(days) + 0.5), sharex=True, layout="constrained")
    panels = [found] if len(days) == 1 else list(found)
    for panel, (title, outcome) in zip(panels, days.items(), strict=True):
        shown = [sample for sample in outcome.samples if _HOURS[0] <= sample.seconds / 3600 <= _HOURS[1]]
        layers = [[getattr(sample, state) for sample in shown] for state in _STATES]
        hours = [sample.seconds / 3600 for sample in shown]
        panel.stackplot(hours, layers, labels=list(_STATES), colors=list(_STATES.values()))
        panel.set_title(title, loc="left", fontweight="bold")
        panel.set_ylabel("files")
    panels[0].legend(frameon=False, ncols=4, loc="lower right", bbox_to_anchor=(1, 1))
    panels[-1].set_xlabel("hour of the day; ten times the load from 12 to 13")
    _finish(figure, panels, picture)


def _prepare(name: str) -> None:
    mpl.use("svg")
    # So that the same answers make the same file.
    mpl.rcParams.update({"svg.hashsalt": name, "font.size": 9})


def _finish(figure: Figure, panels: Sequence[Axes], picture: Path) -> None:
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(picture, metadata={"Date": None})
    plt.close(figure)
