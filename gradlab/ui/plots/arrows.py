"""The vectors that explain a step, with their names at the tips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from gradlab.ui import theme

from .marks import BRIGHT, CASING, Overlay, round_pen
from .values import Vector

LEFTWARDS = 0.3
"""From which cosine on a vector goes to the left, and its name ends at its tip."""
EDGE_PX, NEAR_PX = 3, 60
"""Distance of a name from the edge; how far beyond it what is written is still brought inside."""


class Arrows(Overlay):
    """Vectors with their names at the tips."""

    HEAD_PX = 8.0

    def __init__(self) -> None:
        super().__init__(16)
        self._vectors: tuple[Vector, ...] = ()

    def show_vectors(self, vectors: Sequence[Vector]) -> None:
        """Draw the finite ones."""
        shown = tuple(v for v in vectors if all(map(math.isfinite, (v.x, v.y, v.dx, v.dy))))
        if shown != self._vectors:
            self._vectors = shown
            self.update()

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint shafts, heads and names, each with a casing."""
        painter.setFont(theme.sans_font(11, bold=True))
        written: list[QRectF] = []
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
                self._write(painter, vector.text, tip + unit * 6, unit.x() < -LEFTWARDS, written)

    def _stroke(self, painter: QPainter, vector: Vector, shaft: tuple[QPointF, QPointF], head: QPolygonF) -> None:
        colour = theme.current().on_map(vector.colour)
        for shade, width in ((CASING, 4.2), (colour, 2.0)):
            painter.setPen(round_pen(shade, width))
            painter.setBrush(colour)
            painter.drawLine(*shaft)
            painter.setPen(round_pen(shade, width - 1.6))
            painter.drawPolygon(head)

    def _write(self, painter: QPainter, text: str, at: QPointF, left: bool, written: list[QRectF]) -> None:
        """Write a name beside ``at``, ``left`` of it or right, inside the view, below those that are there."""
        letters = QPainterPath()
        letters.addText(at + QPointF(2, 4), painter.font(), text)
        if left:
            letters.translate(-4 - letters.boundingRect().width(), 0)
        letters.translate(_inwards(letters.boundingRect(), painter.clipBoundingRect()))
        while any(letters.boundingRect().intersects(other) for other in written):
            letters.translate(0, 4)
        written.append(letters.boundingRect().adjusted(-2, -1, 2, 1))
        painter.strokePath(letters, round_pen(CASING, 3))
        painter.fillPath(letters, BRIGHT)


def _inwards(words: QRectF, room: QRectF) -> QPointF:
    """Return the way of words that stand over an edge to inside of it; of those far off none."""
    if not room.adjusted(-NEAR_PX, -NEAR_PX, NEAR_PX, NEAR_PX).intersects(words):
        return QPointF()
    inside = room.adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)
    aside = max(0.0, inside.left() - words.left()) or min(0.0, inside.right() - words.right())
    raised = words.top() - (1.5 * words.height() if aside else 0.0)  # not on the shaft
    return QPointF(aside, max(inside.top(), min(raised, inside.bottom() - words.height())) - words.top())
