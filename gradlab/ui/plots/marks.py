"""Symbols that keep their size on screen: stationary points, heads of paths; and the ground for such overlays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gradlab.ui import theme

from .values import Floats, Path, Spot

CASING = QColor(10, 12, 16)
BRIGHT = QColor(255, 255, 255)
Stroke = tuple[tuple[float, float], ...]
STROKES: dict[str, tuple[Stroke, ...]] = {
    "minimum": (((-1, 0), (1, 0)), ((0, -1), (0, 1))),
    "saddle": (((-0.8, -0.8), (0.8, 0.8)), ((-0.8, 0.8), (0.8, -0.8))),
    "cross": (((-1, -1), (1, 1)), ((-1, 1), (1, -1))),
    "maximum": (((-1, 0.8), (0, -0.9), (1, 0.8), (-1, 0.8)),),
    "degenerate": (((0, -1), (1, 0), (0, 1), (-1, 0), (0, -1)),),
}
FILLED = {"dot"}
FAR_PX = 1e5
"""How far off something is no longer painted: Qt's painters have their limits."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol at (x, y) in data units; ``size`` across in pixels."""

    x: float
    y: float
    shape: str
    size: float
    face: QColor
    casing: QColor


class Layer(pg.GraphicsObject):  # type: ignore[misc]
    """Many things of a plot as one item over the whole view: Qt asks each item for its bounds and shape, in Python."""

    def __init__(self, z: float) -> None:
        super().__init__()
        self.setZValue(z)

    def boundingRect(self) -> QRectF:
        """Return the whole view, in data units."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        """Follow the view (pyqtgraph's hook)."""
        super().viewTransformChanged()
        self.prepareGeometryChange()
        self.update()


class Overlay(Layer):
    """Paints in pixels over the whole view; subclasses fill in ``draw``."""

    def paint(self, p: QPainter, _option: Any, _widget: Any = None) -> None:
        """Hand the painter over with its pixels, and the way there."""
        world = p.worldTransform()
        p.save()
        p.resetTransform()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.getViewBox()
        p.setClipRect(box.mapRectToScene(box.boundingRect()))
        self.draw(p, world)
        p.restore()

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint; ``world`` maps data to pixels."""


def placed(world: Any, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the pixels of places, shapes ``[n]``, without those that are not finite or far off."""
    with np.errstate(over="ignore", invalid="ignore"):
        px = np.asarray(x, dtype=float) * world.m11() + world.dx()
        py = np.asarray(y, dtype=float) * world.m22() + world.dy()
    seen = (np.abs(px) < FAR_PX) & (np.abs(py) < FAR_PX)
    return px[seen], py[seen]


class Symbols(Overlay):
    """A few symbols, each with a casing that sets it off from any ground."""

    def __init__(self, z: float) -> None:
        super().__init__(z)
        self._symbols: tuple[Symbol, ...] = ()

    def show_symbols(self, symbols: Sequence[Symbol]) -> None:
        """Draw the ones at finite places."""
        shown = tuple(s for s in symbols if math.isfinite(s.x) and math.isfinite(s.y))
        if shown != self._symbols:
            self._symbols = shown
            self.update()

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint each where it is."""
        for symbol in self._symbols:
            at = world.map(QPointF(symbol.x, symbol.y))
            if abs(at.x()) < FAR_PX and abs(at.y()) < FAR_PX:
                draw_symbol(painter, symbol, at)


def draw_symbol(painter: QPainter, symbol: Symbol, at: QPointF) -> None:
    """Paint ``symbol`` at ``at``, pixels."""
    filled = symbol.shape in FILLED
    path = shape(symbol.shape, symbol.size / 2).translated(at)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.strokePath(path, round_pen(symbol.casing, 2.8 if filled else 4.2))
    if filled:
        painter.fillPath(path, symbol.face)
    else:
        painter.strokePath(path, round_pen(symbol.face, 1.8))


def shape(name: str, r: float) -> QPainterPath:
    """Return the outline of a symbol of radius ``r`` around the origin."""
    path = QPainterPath()
    if name in {"dot", "ring"}:
        path.addEllipse(QPointF(), r, r)
        return path
    for line in STROKES[name]:
        path.moveTo(*(r * c for c in line[0]))
        for point in line[1:]:
            path.lineTo(*(r * c for c in point))
    return path


def spot_symbols(spots: Sequence[Spot], face: QColor, casing: QColor) -> list[Symbol]:
    """Return the symbols of stationary points: + minimum, × saddle, △ maximum, ◇ degenerate."""
    return [Symbol(spot.x, spot.y, spot.kind, 10, face, casing) for spot in spots]


def head_symbols(paths: Sequence[Path], rim: QColor, *, on_map: bool) -> list[Symbol]:
    """Return where each visible racer is: a dot, or a cross for one that stopped."""
    tokens, found = theme.current(), []
    for path in paths:
        finite = np.flatnonzero(np.isfinite(path.x) & np.isfinite(path.y))
        if not path.visible or path.faint or not finite.size:
            continue
        colour = tokens.on_map(path.colour) if on_map else tokens.colour(path.colour)
        at = float(path.x[finite[-1]]), float(path.y[finite[-1]])
        found.append(Symbol(*at, "cross" if path.stopped else "dot", 9, colour, rim))
    return found


def round_pen(colour: QColor, width: float) -> QPen:
    """Return a solid pen with round ends and corners."""
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
