"""A quantity of every layer at every step as colours: one band of rows per arm, the input below, the output on top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QWidget

from gradlab.ui import theme

from .heat import Cells, HeatMap
from .values import Floats

MOST_DECADES = 16.0
"""Decades of the colour scale; what lies farther below the greatest value looks like the least."""
CALM_DECADES = 8.0
"""Over a wider range than this, a few steps far off the others do not set the ends of the colours."""
RARE = 0.02
"""The share of the values, at either end, that counts as few."""
GAP_PX = 3
LABEL_PX = 15
"""Height of a label beside the map."""


@dataclass(frozen=True, slots=True)
class Band:
    """The layers of one arm, from the input to the output: ``values[step, layer]`` and a name for each layer."""

    name: str
    layers: tuple[str, ...]
    values: Floats


class StepMap(HeatMap):
    """Bands over the step, the first one at the bottom; a dashed line shows where one looks."""

    MAP = "inferno"
    cursorMoved = Signal(int)
    """The step that the user dragged the line to."""

    def __init__(self, parent: QWidget | None = None, *, x: str = "step") -> None:
        super().__init__(parent, x=x)
        self.plot.removeItem(self._cells)
        self._cells = Merged()
        self.plot.addItem(self._cells, ignoreBounds=True)
        self._bands: tuple[Band, ...] = ()
        self._parting: list[pg.InfiniteLine] = []
        self._cursor = pg.InfiniteLine(angle=90, movable=True)
        self._cursor.setZValue(10)
        self._cursor.hide()
        self._cursor.sigDragged.connect(self._dragged)
        self._halo = pg.InfiniteLine(angle=90, movable=False)
        """Sets the cursor off from colours as dark, or as light, as itself."""
        self._halo.setZValue(9)
        self._halo.hide()
        self._cursor.sigPositionChanged.connect(self._follow)
        for line in (self._halo, self._cursor):
            self.plot.addItem(line, ignoreBounds=True)
        self._restyle()

    def show_bands(self, bands: Sequence[Band], steps: Floats, *, log: bool = True) -> None:
        """Draw the bands over ``steps`` (ascending); NaN is a gap, an exact zero is hatched."""
        same = [(band.name, band.layers) for band in bands] == [(band.name, band.layers) for band in self._bands]
        self._bands = tuple(bands)
        if not bands or not len(steps):
            self.show_matrix(np.empty((0, 0)))
            return
        matrix = np.concatenate([band.values.T[::-1] for band in reversed(self._bands)])
        names = [self._full(band, name) for band in reversed(self._bands) for name in reversed(band.layers)]
        self.show_matrix(matrix, rows=names, x=steps, log=log, levels=_levels(matrix, log=log))
        self._gaps.hide()
        if not same:
            self._part()

    def set_cursor(self, step: float | None) -> None:
        """Place the dashed line; None hides it."""
        for line in (self._halo, self._cursor):
            line.setVisible(step is not None)
        if step is not None and self._cursor.value() != step:
            self._cursor.setValue(step)

    def layer_at(self, row: int) -> tuple[int, int]:
        """Return the band and the layer of a row of the matrix."""
        for number, band in reversed(list(enumerate(self._bands))):
            if row < len(band.layers):
                return number, len(band.layers) - 1 - row
            row -= len(band.layers)
        raise IndexError(row)

    def _full(self, band: Band, layer: str) -> str:
        return f"{band.name} {layer}" if len(self._bands) > 1 else layer

    def _label(self) -> None:
        """Write where each band begins and ends; the mouse tells the layer."""
        places, top = [], 0
        aside = self._aside()
        for number, band in enumerate(reversed(self._bands)):
            last = top + len(band.layers) - 1
            mark = f"{band.name} " if len(self._bands) > 1 else ""
            places.append((top + (aside if number else 0.0), self.tr("{arm}out").format(arm=mark)))
            if last > top:
                up = aside if number < len(self._bands) - 1 else 0.0
                places.append((last - up, self.tr("{arm}in").format(arm=mark)))
            top = last + 1
        self.left.set_places(places)
        self.bottom.set_places(None)

    def _aside(self) -> float:
        """Return how many rows the labels on both sides of a parting move away from it, so that they do not touch."""
        rows = sum(len(band.layers) for band in self._bands)
        row_px = self.area().height() / max(1, rows)
        return max(0.0, (LABEL_PX - row_px) / 2 / max(1e-9, row_px))

    def _place_overlays(self, *_range: object) -> None:
        super()._place_overlays()
        if self._bands:
            self._label()

    def _part(self) -> None:
        """Draw a line between the bands."""
        for line in self._parting:
            self.plot.removeItem(line)
        edges = np.cumsum([len(band.layers) for band in reversed(self._bands)])[:-1] - 0.5
        pen = pg.mkPen(theme.current().surface, width=GAP_PX)
        self._parting = [pg.InfiniteLine(float(edge), angle=0, pen=pen) for edge in edges]
        for line in self._parting:
            line.setZValue(5)
            self.plot.addItem(line, ignoreBounds=True)

    def _follow(self) -> None:
        self._halo.setValue(self._cursor.value())

    def _dragged(self) -> None:
        step = max(0, round(self._cursor.value()))
        self._cursor.setValue(step)
        self.cursorMoved.emit(step)

    def _restyle(self) -> None:
        super()._restyle()
        tokens = theme.current()
        self._halo.setPen(pg.mkPen(tokens.surface, width=3))
        self._cursor.setPen(pg.mkPen(tokens.text, width=1, style=Qt.PenStyle.DashLine))
        self._cursor.setHoverPen(pg.mkPen(tokens.accent, width=1.5))
        for line in self._parting:
            line.setPen(pg.mkPen(tokens.surface, width=GAP_PX))


class Merged(Cells):
    """Hatches a whole stretch of zeros at once: layers may be dead for thousands of steps."""

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint colours, then the hatches."""
        zero, self._zero = self._zero, np.zeros((0, 0), dtype=bool)
        super().draw(painter, world)
        self._zero = zero
        hatch = QBrush(QColor(theme.current().muted), Qt.BrushStyle.BDiagPattern)
        for row in np.flatnonzero(zero.any(axis=1)).tolist() if zero.size else ():
            ends = np.flatnonzero(np.diff(np.concatenate([[0], zero[row].astype(np.int8), [0]])))
            for first, last in ends.reshape(-1, 2).tolist():
                one = world.map(QPointF(self._across[first], self._down[row]))
                other = world.map(QPointF(self._across[last], self._down[row + 1]))
                painter.fillRect(QRectF(one, other).normalized(), hatch)


def _levels(matrix: Floats, *, log: bool) -> tuple[float, float] | None:
    """Return the ends of the colour scale."""
    good = matrix[np.isfinite(matrix) & ((matrix > 0) if log else True)]
    if not good.size:
        return (1e-1, 1.0) if log else None
    low, high = float(good.min()), float(good.max())
    if not log:
        return low, high
    if math.log10(high) - math.log10(low) > CALM_DECADES:
        low, high = (float(end) for end in np.quantile(good, (RARE, 1 - RARE)))
    return 10.0 ** max(math.log10(low), math.log10(high) - MOST_DECADES), high
