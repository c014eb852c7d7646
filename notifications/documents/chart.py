"""A chart of horizontal bars, and its picture: drawn by matplotlib, which is loaded once somebody asks for one."""

import atexit
import os
import shutil
from collections.abc import Sequence
from io import BytesIO
from tempfile import mkdtemp
from textwrap import fill
from threading import Lock
from typing import Any, NamedTuple

# In inches, at so many points an inch: as wide as Slack shows a picture at most, twice as sharp.
WIDTH, ROW_HEIGHT, AROUND, DENSITY = 6.4, 0.62, 1.35, 160
LABEL_LETTERS = 26
THICKNESS = 0.34
# Far apart where there are no colours, and both told from white.
DARK, LIGHT, INK = "#003b5c", "#7fa8be", "#1a1a1a"

# Where the library looks for its settings, and writes.
FOLDER = "MPLCONFIGDIR"
# The library keeps fonts and much else for all of a process.
_ONE_AT_A_TIME = Lock()


class Bar(NamedTuple):
    """What a row is about, and two lengths, each with the words that say it."""

    label: str
    usual: float
    usual_words: str
    longest: float
    longest_words: str


class Chart(NamedTuple):
    """A title, what is measured along the bars, what each of the two lengths is, and the bars from top to bottom."""

    title: str
    measure: str
    usual: str
    longest: str
    bars: Sequence[Bar]


def png_of(chart: Chart) -> bytes:
    """Return the picture of a chart. It takes a fifth of a second, and ten times that the first time."""
    with _ONE_AT_A_TIME:
        _give_folder()
        return _drawn(chart)


def _give_folder() -> None:
    """Let the library keep what it knows of fonts in a folder of ours, until the process ends.

    Where it would look for one, in somebody's home, there may be nothing that can be written, and what is there would
    say how charts look.
    """
    if FOLDER not in os.environ:
        os.environ[FOLDER] = mkdtemp(prefix="kundportal-charts-")
        atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)


def _drawn(chart: Chart) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    # Any: what its own types say of most of this is unknown.
    figure: Any = Figure(figsize=(WIDTH, AROUND + ROW_HEIGHT * len(chart.bars)), dpi=DENSITY, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    rows, half = range(len(chart.bars)), THICKNESS / 2
    usual = axes.barh([row - half for row in rows], [bar.usual for bar in chart.bars], THICKNESS, color=DARK)
    longest = axes.barh([row + half for row in rows], [bar.longest for bar in chart.bars], THICKNESS, color=LIGHT)
    axes.bar_label(usual, [bar.usual_words for bar in chart.bars], padding=4, color=INK, fontsize=9)
    axes.bar_label(longest, [bar.longest_words for bar in chart.bars], padding=4, color=INK, fontsize=9)
    axes.set_title(chart.title, loc="left", color=INK, fontsize=12, fontweight="bold")
    axes.set_yticks(list(rows), [fill(bar.label, LABEL_LETTERS) for bar in chart.bars], color=INK, fontsize=10)
    axes.set_xlabel(chart.measure, color=INK, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, max([bar.longest for bar in chart.bars] + [1]) * 1.35)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.legend([usual, longest], [chart.usual, chart.longest], loc="outside lower left", frameon=False, ncols=2)
    file = BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()
