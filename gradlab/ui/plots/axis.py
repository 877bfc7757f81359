"""An axis in hairlines with our own ticks: 10ⁿ on log axes, its name at the end, no label cut or jumping."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from gradlab.ui import theme

from . import ticks
from .ticks import Tick

GAP_PX = 6
GRID_ALPHA = 0.12
OVERHANG_PX = 12
"""How far the labels at the two ends may stand beyond the axis."""
MOST_TICKS = 10
SPACING_PX = {"left": 38, "right": 38, "bottom": 66}


class Axis(pg.AxisItem):  # type: ignore[misc]
    """Left, right or bottom axis; in log mode its view is in log10 units."""

    def __init__(self, side: Literal["left", "right", "bottom"]) -> None:
        super().__init__(side, tickLength=0)
        self._log = False
        self._name = ""
        self._labels: dict[float, str] = {}
        self._bounds = (-math.inf, math.inf)
        self._places: tuple[Tick, ...] | None = None
        self.enableAutoSIPrefix(False)
        self.setStyle(tickTextOffset=GAP_PX, autoReduceTextSpace=False, tickAlpha=int(255 * GRID_ALPHA), maxTextLevel=0)
        self.setZValue(-10)
        self.recolour()

    def recolour(self) -> None:
        """Take the colours of the theme in force."""
        tokens = theme.current()
        self.setPen(tokens.line)
        self.setTickPen(tokens.muted)
        self.setTextPen(tokens.muted)
        self.setTickFont(theme.sans_font(11))

    def set_log(self, on: bool) -> None:
        """Read the view as log10 units."""
        self._log = on
        if self.orientation != "bottom":
            self.shrink()

    def shrink(self) -> None:
        """Forget how much room former labels took."""
        self.textWidth = max(24, round(self._name_rect().width()))
        self._updateWidth()
        self.picture = None
        self.update()

    def set_bounds(self, low: float = -math.inf, high: float = math.inf) -> None:
        """Write no labels beyond these."""
        if (low, high) != self._bounds:
            air = 1e-9 * (high - low) if high < math.inf else 0.0
            self._bounds = (low - air, high + air)
            self.picture = None
            self.update()

    def set_places(self, places: Sequence[Tick] | None) -> None:
        """Write these labels where there is room for them, as names of rows or columns; None writes numbers again."""
        wanted = None if places is None else tuple(places)
        if wanted != self._places:
            self._places = wanted
            if self.orientation != "bottom":
                self.shrink()
            self.picture = None
            self.update()

    def set_name(self, name: str) -> None:
        """Say what is measured along the axis."""
        if name == self._name:
            return
        self._name = name
        if self.orientation != "bottom":
            self.shrink()
        self.picture = None
        self.update()

    def tick_list(self, low: float, high: float, pixels: float) -> list[Tick]:
        """Return the ticks of a range in view units."""
        if self._places is not None:
            return self._named(low, high, pixels)
        count = min(MOST_TICKS, max(2, int(pixels / SPACING_PX[self.orientation])))
        found = (ticks.logarithmic if self._log else ticks.linear)(low, high, count)
        first, last = self._bounds
        return [tick for tick in found if first <= tick[0] <= last]

    def _named(self, low: float, high: float, pixels: float) -> list[Tick]:
        """Return the labels in sight, every k-th where they would touch."""
        seen = [tick for tick in self._places or () if low <= tick[0] <= high]
        metrics = QFontMetricsF(self.style["tickFont"])
        size = metrics.height()
        if self.orientation == "bottom":
            size = 10 + max((metrics.horizontalAdvance(text) for _, text in seen), default=0)
        return seen[:: max(1, math.ceil(size * len(seen) / max(1.0, pixels)))]

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Return one level of ticks (pyqtgraph's hook); an inverted axis asks from its larger end."""
        low, high = sorted((minVal, maxVal))
        self._labels = dict(self.tick_list(low, high, size))
        return [(1.0, list(self._labels))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return what is written at the ticks (pyqtgraph's hook)."""
        return [self._labels[value] for value in values]

    def boundingRect(self) -> QRectF:
        """Return the room the labels need, those at the ends included."""
        rect: QRectF = super().boundingRect()
        if self.orientation == "bottom":
            return rect.adjusted(-OVERHANG_PX, 0, OVERHANG_PX, 0)
        return rect.adjusted(0, -OVERHANG_PX, 0, OVERHANG_PX)

    def generateDrawSpecs(self, p: QPainter) -> Any:
        """Return pyqtgraph's drawing plus the axis' name, which takes the place of labels that it would touch."""
        specs = super().generateDrawSpecs(p)
        if specs is None or not self._name:
            return specs
        line, lines, texts = specs
        name = self._name_rect()
        kept = [text for text in texts if not text[0].adjusted(-4, 0, 4, 0).intersects(name)]
        return line, lines, [*kept, (name, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, self._name)]

    def _name_rect(self) -> QRectF:
        bounds = self.mapRectFromParent(self.geometry())
        metrics = QFontMetricsF(self.style["tickFont"])
        width, height = metrics.horizontalAdvance(self._name), metrics.height()
        if self.orientation == "bottom":
            return QRectF(bounds.right() - width, bounds.top() + GAP_PX, width, height)
        return QRectF(bounds.right() - GAP_PX - width, bounds.top() - 2, width, height)
