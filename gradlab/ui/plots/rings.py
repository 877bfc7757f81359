"""Starts on a plane as rings that can be dragged; they say where they are wanted and the owner moves them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QPainter, QPen

from gradlab.ui import theme

from . import ticks
from .marks import BRIGHT, CASING
from .values import Start

RING_PX = 7.0


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
        width, height = view.viewPixelSize()
        y = ticks.short(at.y(), height) if self._upright else self.start.y
        self.dragged.emit(self.start.key, ticks.short(at.x(), width), y, bool(event.isFinish()))


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
