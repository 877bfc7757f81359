"""Things on a plane that keep their size on screen: rings to drag, spots, heads of paths, arrows, swarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from gradlab.ui import theme

from .values import Path, Spot, Start, Swarm, Vector

RING_PX = 7.0
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


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol at (x, y) in data units; ``size`` across in pixels."""

    x: float
    y: float
    shape: str
    size: float
    face: QColor
    casing: QColor


class Ring(pg.GraphicsObject):  # type: ignore[misc]
    """A start that can be dragged; does not move by itself but says where it is wanted."""

    dragged = Signal(str, float, float, bool)

    def __init__(self, start: Start, *, upright: bool = True) -> None:
        """``upright`` False: dragged along x alone."""
        super().__init__()
        self._upright = upright
        self._grip = QPointF()
        self._hot = False
        self.setCursor(QCursor(Qt.CursorShape.OpenHandCursor))
        self.setZValue(20)
        self.place(start)

    def place(self, start: Start) -> None:
        """Stand at ``start``."""
        self.start = start
        self.setPos(start.x, start.y)
        self.setToolTip(start.name.replace("<", "‹") if start.name else "")
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the ring with its grip, in data units around it."""
        view = self.getViewBox()
        width, height = view.viewPixelSize() if view is not None else (1.0, 1.0)
        w, h = (RING_PX + 4) * width, (RING_PX + 4) * height
        return QRectF(-w, -h, 2 * w, 2 * h)

    def viewTransformChanged(self) -> None:
        """Keep the size on screen (pyqtgraph's hook)."""
        super().viewTransformChanged()
        self.prepareGeometryChange()
        self.update()

    def paint(self, p: QPainter, _option: Any, _widget: Any = None) -> None:
        """Paint a ring that shows on any ground."""
        tokens = theme.current()
        centre = p.worldTransform().map(QPointF())
        p.resetTransform()
        inner = BRIGHT if self.start.colour is None else tokens.colour(self.start.colour)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((CASING, 4.6), (QColor(tokens.accent) if self._hot else inner, 2.2)):
            p.setPen(QPen(colour, width))
            p.drawEllipse(centre, RING_PX, RING_PX)

    def hoverEvent(self, event: Any) -> None:
        """Light up when it can be grabbed."""
        self._hot = not event.isExit() and event.acceptDrags(Qt.MouseButton.LeftButton)
        self.update()

    def mouseDragEvent(self, event: Any) -> None:
        """Say where it is dragged to, and when it is let go."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        view = self.getViewBox()
        if event.isStart():
            self._grip = self.pos() - view.mapSceneToView(event.buttonDownScenePos())
        at = view.mapSceneToView(event.scenePos()) + self._grip
        y = at.y() if self._upright else self.start.y
        self.dragged.emit(self.start.key, at.x(), y, bool(event.isFinish()))


class Rings:
    """The starts of a plot, kept by key."""

    def __init__(self, plot: pg.PlotItem, dragged: Any, *, upright: bool = True) -> None:
        self._plot, self._dragged, self._upright = plot, dragged, upright
        self.rings: dict[str, Ring] = {}

    def show(self, starts: Sequence[Start]) -> None:
        """Have one ring for each start."""
        for key in self.rings.keys() - {start.key for start in starts}:
            self._plot.removeItem(self.rings.pop(key))
        for start in starts:
            if start.key in self.rings:
                self.rings[start.key].place(start)
                continue
            ring = self.rings[start.key] = Ring(start, upright=self._upright)
            ring.dragged.connect(self._dragged)
            self._plot.addItem(ring, ignoreBounds=True)


class Overlay(pg.GraphicsObject):  # type: ignore[misc]
    """Paints in pixels over the whole view; subclasses fill in ``draw``."""

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


class Symbols(Overlay):
    """A few symbols, each with a casing that sets it off from any ground."""

    def __init__(self, z: float) -> None:
        super().__init__(z)
        self._symbols: tuple[Symbol, ...] = ()

    def show_symbols(self, symbols: Sequence[Symbol]) -> None:
        """Draw the ones at finite places."""
        self._symbols = tuple(s for s in symbols if np.isfinite([s.x, s.y]).all())
        self.update()

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint each where it is."""
        for symbol in self._symbols:
            at = world.map(QPointF(symbol.x, symbol.y))
            if abs(at.x()) < 1e5 and abs(at.y()) < 1e5:
                draw_symbol(painter, symbol, at)


def draw_symbol(painter: QPainter, symbol: Symbol, at: QPointF) -> None:
    """Paint ``symbol`` at ``at``, pixels."""
    filled = symbol.shape in FILLED
    path = shape(symbol.shape, symbol.size / 2).translated(at)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.strokePath(path, _round(symbol.casing, 2.8 if filled else 4.2))
    if filled:
        painter.fillPath(path, symbol.face)
    else:
        painter.strokePath(path, _round(symbol.face, 1.8))


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


class Arrows(Overlay):
    """Vectors with their names at the tips."""

    HEAD_PX = 8.0

    def __init__(self) -> None:
        super().__init__(16)
        self._vectors: tuple[Vector, ...] = ()

    def show_vectors(self, vectors: Sequence[Vector]) -> None:
        """Draw the finite ones."""
        self._vectors = tuple(v for v in vectors if np.isfinite([v.x, v.y, v.dx, v.dy]).all())
        self.update()

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint shafts, heads and names, each with a casing."""
        painter.setFont(theme.sans_font(11, bold=True))
        for vector in self._vectors:
            tail = world.map(QPointF(vector.x, vector.y))
            tip = world.map(QPointF(vector.x + vector.dx, vector.y + vector.dy))
            along = tip - tail
            length = float(np.hypot(along.x(), along.y()))
            if not 0 < length < 1e6:
                continue
            unit = along / length
            head = min(self.HEAD_PX, 0.6 * length)
            back = tip - unit * head
            side = QPointF(-unit.y(), unit.x()) * head * 0.45
            self._stroke(painter, vector, (tail, back), QPolygonF([tip, back + side, back - side]))
            if vector.text:
                self._write(painter, vector.text, tip + unit * 6)

    def _stroke(self, painter: QPainter, vector: Vector, shaft: tuple[QPointF, QPointF], head: QPolygonF) -> None:
        colour = theme.current().on_map(vector.colour)
        for shade, width in ((CASING, 4.2), (colour, 2.0)):
            painter.setPen(_round(shade, width))
            painter.setBrush(colour)
            painter.drawLine(*shaft)
            painter.setPen(_round(shade, width - 1.6))
            painter.drawPolygon(head)

    def _write(self, painter: QPainter, text: str, at: QPointF) -> None:
        letters = QPainterPath()
        letters.addText(at + QPointF(2, 4), painter.font(), text)
        painter.strokePath(letters, _round(CASING, 3))
        painter.fillPath(letters, BRIGHT)


def _round(colour: QColor, width: float) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


class Dots(Overlay):
    """Swarms: up to hundreds of thousands of points, written straight into a picture."""

    def __init__(self) -> None:
        super().__init__(12)
        self._swarms: tuple[Swarm, ...] = ()

    def show_swarms(self, swarms: Sequence[Swarm]) -> None:
        """Draw the finite points of the visible ones."""
        self._swarms = tuple(swarm for swarm in swarms if swarm.visible and len(swarm.x))
        self.update()

    def draw(self, painter: QPainter, world: Any) -> None:
        """Write every point as a small disc with a dark rim."""
        if not self._swarms:
            return
        box = self.getViewBox()
        area = box.mapRectToScene(box.boundingRect()).toAlignedRect()
        scale = max(1.0, abs(painter.deviceTransform().m11()))
        pixels = np.zeros((round(area.height() * scale), round(area.width() * scale), 4), dtype=np.uint8)
        for swarm in self._swarms:
            x = (np.asarray(swarm.x) * world.m11() + world.dx() - area.left()) * scale
            y = (np.asarray(swarm.y) * world.m22() + world.dy() - area.top()) * scale
            colour = theme.current().on_map(swarm.colour)
            splat(pixels, x, y, 2.4 * scale, (CASING.red(), CASING.green(), CASING.blue(), 255))
            splat(pixels, x, y, 1.5 * scale, (colour.red(), colour.green(), colour.blue(), 255))
        rows, columns = pixels.shape[:2]
        picture = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        painter.drawImage(QRectF(area), picture)


def splat(pixels: np.ndarray, x: np.ndarray, y: np.ndarray, radius: float, colour: tuple[int, int, int, int]) -> None:
    """Write discs of ``radius`` at (x, y) into RGBA bytes ``[rows, columns, 4]``; outside or NaN is left out."""
    rows, columns = pixels.shape[:2]
    with np.errstate(invalid="ignore"):
        inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    column, row = x[inside].astype(np.intp), y[inside].astype(np.intp)
    flat = pixels.reshape(-1, 4).view(np.uint32).ravel()
    word = np.array(colour, dtype=np.uint8).view(np.uint32)[0]
    reach = int(radius)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dx * dx + dy * dy <= radius * radius:
                at = np.clip(row + dy, 0, rows - 1) * columns + np.clip(column + dx, 0, columns - 1)
                flat[at] = word
