"""The line of one level over a map, found anew only when the level or the map is another."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from .isolines import isolines
from .map_layer import Lines
from .marks import BRIGHT, CASING, Layer
from .values import Floats

WIDTHS = ((CASING, 3.0), (BRIGHT, 1.4))


class LevelLine(Layer):
    """Draws where a grid takes a value, as separate pieces: stroking them as one path takes thirty times as long."""

    def __init__(self, z: float) -> None:
        super().__init__(z)
        self._grid: tuple[Floats, Floats, Floats] | None = None
        self._level = math.nan
        self._found: tuple[Floats, Lines] | None = None
        self.setVisible(False)

    def set_grid(self, x: Floats, y: Floats, z: Floats) -> None:
        """Look for the level on this grid, z[j, i] over x[i], y[j]."""
        self._grid, self._found = (x, y, z), None
        self.update()

    def set_level(self, level: float | None) -> None:
        """Draw this level; none for None, or for one that is not finite."""
        wanted = math.nan if level is None else level
        if wanted != self._level and not (math.isnan(wanted) and math.isnan(self._level)):
            self._level, self._found = wanted, None
            self.setVisible(math.isfinite(wanted))
            self.update()

    def pieces(self) -> Floats:
        """Return what is drawn: pieces ``[n, 2, 2]`` of (x, y)."""
        return self._find()[0]

    def _find(self) -> tuple[Floats, Lines]:
        if self._found is None:
            pieces = np.empty((0, 2, 2))
            if self._grid is not None and math.isfinite(self._level):
                x, y, z = self._grid
                pieces = isolines(z, np.array([self._level]))[0]
                columns, rows = np.arange(len(x)), np.arange(len(y))
                pieces = np.stack((np.interp(pieces[..., 0], columns, x), np.interp(pieces[..., 1], rows, y)), axis=-1)
            self._found = pieces, Lines(pieces)
        return self._found

    def paint(self, p: QPainter, _option: Any, _widget: Any = None) -> None:
        """Paint the pieces over a casing."""
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in WIDTHS:
            self._find()[1].draw(p, _pen(colour, width))


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap)
    pen.setCosmetic(True)
    return pen
