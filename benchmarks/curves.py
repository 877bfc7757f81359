"""One frame of eight live curves of a million points each: from the new rows to the painted plot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from bench import compare, show
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gradlab.app import make_application
from gradlab.engine.history import History
from gradlab.engine.record import Block, Column
from gradlab.ui.plots.curves import CurvePlot
from gradlab.ui.plots.values import Curve

CURVES = 8
POINTS = 1_000_000
NEW = 100
"""Rows that come between two frames."""
SIZE = (1000, 600)
GOALS = {"gradlab, antialiased": 0.15}
BUILT_IN = "pyqtgraph's best"


def walks() -> np.ndarray:
    """Return the curves, shape (POINTS, CURVES)."""
    rng = np.random.default_rng(0)
    steps = rng.standard_normal((POINTS, CURVES)) / np.sqrt(POINTS)
    return np.asarray(np.cumsum(steps, axis=0))


def opened(widget: QWidget) -> None:
    """Show ``widget`` at the size of the comparison; wait until repaint() really paints."""
    widget.resize(*SIZE)
    widget.show()
    if not QTest.qWaitForWindowExposed(widget):
        raise RuntimeError("no window comes up here")


def built_in(rows: np.ndarray, *, best: bool, smooth: bool) -> Callable[[], None]:
    """Return the frame of pyqtgraph: plain, or with the settings that make it fastest; ``smooth`` as gradlab draws."""
    widget = pg.PlotWidget()
    if best:
        widget.getPlotItem().setDownsampling(auto=True, mode="peak")
        widget.getPlotItem().setClipToView(True)
    curves = [widget.plot(pen=pg.intColor(i), skipFiniteCheck=best, antialias=smooth) for i in range(CURVES)]
    steps, columns = np.arange(POINTS, dtype=float), np.ascontiguousarray(rows.T)
    opened(widget)

    def frame() -> None:
        for index, curve in enumerate(curves):
            curve.setData(steps, columns[index])
        widget.viewport().repaint()

    return frame


def own(rows: np.ndarray) -> Callable[[], None]:
    """Return the frame of gradlab: the history takes the new rows in, the plot draws what it makes of them."""
    names = tuple(f"c{i}" for i in range(CURVES))
    history = History([Column("f", "{0}", (names,), curve=True)])
    history.extend(Block(0, {"f": rows}))
    plot = CurvePlot()
    opened(plot)

    def frame() -> None:
        first = history.rows - 1
        history.extend(Block(first, {"f": rows[: NEW + 1]}))
        steps, values = history.curves("f", points=2 * SIZE[0])
        x = steps.astype(float)
        plot.show_curves([Curve(name, x, values[:, i], i) for i, name in enumerate(names)])
        plot.graphics.viewport().repaint()

    return frame


def main() -> None:
    """Print the table."""
    make_application(["gradlab"])
    rows = walks()
    contenders = {
        BUILT_IN: built_in(rows, best=True, smooth=False),
        "the same, antialiased": built_in(rows, best=True, smooth=True),
        "pyqtgraph plain": built_in(rows, best=False, smooth=True),
        "gradlab, antialiased": own(rows),
    }
    results = compare(contenders, BUILT_IN)
    show(f"{CURVES} live curves of {POINTS:,} points, one frame of {SIZE[0]} × {SIZE[1]}", results, BUILT_IN, GOALS)


if __name__ == "__main__":
    main()
