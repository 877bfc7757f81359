"""Areas under curves: where a unit is saturated, and the band that random paths stay in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from gradlab.ui import theme
from gradlab.ui.plots.marks import Overlay
from gradlab.ui.plots.values import Colour, Floats

SHADE, BAND, BAR = 0.13, 0.18, 0.65
"""How opaque a zone, a band and a bar are."""
BAR_PX = 4
LEAST = 1e-320


@dataclass(frozen=True, slots=True)
class Zone:
    """Ranges of x in the colour of their curve: ``front`` over the whole height, else as a bar at the bottom."""

    unit: str
    ranges: tuple[tuple[float, float], ...]
    colour: Colour
    front: bool = False


class Zones(Overlay):
    """Where units are saturated: shaded for the one in front, a bar above the axis for each of the others."""

    def __init__(self) -> None:
        super().__init__(-30)
        self._zones: tuple[Zone, ...] = ()

    def show_zones(self, zones: Sequence[Zone]) -> None:
        """Shade these ranges, all of them."""
        self._zones = tuple(zones)
        self.update()

    def zones(self) -> tuple[Zone, ...]:
        """Return what is shaded."""
        return self._zones

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint each range over the height of the view, or as a bar."""
        area, bars = painter.clipBoundingRect(), 0
        for zone in self._zones:
            tone = QColor(theme.current().colour(zone.colour))
            tone.setAlphaF(SHADE if zone.front else BAR)
            bars += not zone.front
            top = area.top() if zone.front else area.bottom() - bars * (BAR_PX + 1)
            height = area.height() if zone.front else BAR_PX
            for low, high in zone.ranges:
                left, right = world.map(QPointF(low, 0)).x(), world.map(QPointF(high, 0)).x()
                painter.fillRect(QRectF(left, top, right - left, height), tone)


@dataclass(frozen=True, slots=True)
class Band:
    """What lies between two curves over x, shapes (n,)."""

    x: Floats
    low: Floats
    high: Floats
    colour: Colour


class Bands(Overlay):
    """Bands in the colours of their curves; on a log axis what reaches 0 goes down to the bottom."""

    def __init__(self) -> None:
        super().__init__(-30)
        self._bands: tuple[Band, ...] = ()
        self._log = False

    def show_bands(self, bands: Sequence[Band], *, log: bool) -> None:
        """Draw these bands, all of them."""
        self._bands, self._log = tuple(bands), log
        self.update()

    def bands(self) -> tuple[Band, ...]:
        """Return what is drawn."""
        return self._bands

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint one polygon for each."""
        painter.setPen(Qt.PenStyle.NoPen)
        for band in self._bands:
            tone = QColor(theme.current().colour(band.colour))
            tone.setAlphaF(BAND)
            painter.setBrush(tone)
            good = np.isfinite(band.low) & np.isfinite(band.high) & (~np.array(self._log) | (band.high > 0))
            x = band.x[good]
            low, high = (self._up(side[good]) for side in (band.low, band.high))
            points = [*zip(x, high, strict=True), *zip(x[::-1], low[::-1], strict=True)]
            painter.drawPolygon(QPolygonF([_near(world.map(QPointF(*point))) for point in points]))

    def _up(self, y: Floats) -> Floats:
        return np.log10(np.maximum(y, LEAST)) if self._log else y


def _near(point: QPointF) -> QPointF:
    """Return the point, not so far out that Qt loses it."""
    return QPointF(max(-1e5, min(1e5, point.x())), max(-1e5, min(1e5, point.y())))
