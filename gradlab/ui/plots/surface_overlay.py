"""What is painted over a surface: its axes with ticks and names, and the marks on it; all by one painter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradlab.ui import theme

from . import ticks
from .camera import Projection
from .marks import BRIGHT, Symbol, draw_symbol
from .mesh import HEIGHT, HeightField
from .surface_ways import LIFT, Sight
from .values import Floats, Ticks

TICK = 0.03
"""Length of a tick in scene units."""
LABEL_PX, NAME_PX = 15.0, 32.0
"""How far labels and names stand off their axis."""
HIDDEN = 0.45
"""Opacity of a mark behind the surface."""


class Axes:
    """The box of a surface: which edges to label from where it is seen, and where ticks stand."""

    def __init__(self, field: HeightField, names: tuple[str, str, str], z_ticks: Ticks | None) -> None:
        self.field, self.names = field, names
        low, high = field.span
        self.x = ticks.linear(float(field.x[0]), float(field.x[-1]), 5)
        self.y = ticks.linear(float(field.y[0]), float(field.y[-1]), 5)
        self.z = [t for t in z_ticks if low <= t[0] <= high] if z_ticks is not None else ticks.linear(low, high, 4)

    def corners(self) -> Floats:
        """Return the eight corners of the box, ``[8, 3]``."""
        a, b = self.field.half
        return np.array([(sx * a, sy * b, z) for z in (0.0, HEIGHT) for sy in (-1, 1) for sx in (-1, 1)])

    def front(self, towards: Floats) -> tuple[float, float]:
        """Return the signs of the corner nearest to the eye."""
        return (1.0 if towards[0] > 1e-6 else -1.0), (1.0 if towards[1] > 1e-6 else -1.0)

    def back_lines(self, towards: Floats) -> Floats:
        """Return the faint lines on the two walls behind the surface, pieces ``[n, 2, 3]``."""
        sx, sy = self.front(towards)
        a, b = self.field.half
        pieces = []
        for value, _text in self.z:
            h = self.field.height(value)
            pieces += [((-a, -sy * b, h), (a, -sy * b, h)), ((-sx * a, -b, h), (-sx * a, b, h))]
        for x in self._places(0):
            pieces.append(((x, -sy * b, 0.0), (x, -sy * b, HEIGHT)))
        for y in self._places(1):
            pieces.append(((-sx * a, y, 0.0), (-sx * a, y, HEIGHT)))
        return np.array(pieces).reshape(-1, 2, 3)

    def _places(self, axis: int) -> list[float]:
        values = np.array([value for value, _ in (self.x, self.y)[axis]])
        other = np.full(len(values), (self.field.y, self.field.x)[axis].mean())
        pair = (values, other) if axis == 0 else (other, values)
        return [float(place[axis]) for place in self.field.to_scene(*pair)]

    def draw(self, painter: QPainter, lens: Projection) -> None:
        """Paint the two front edges of the base and the height at the left, with ticks and names."""
        sx, sy = self.front(lens.towards)
        a, b = self.field.half
        steep = lens.towards[2] > 0.97
        taken: list[QRectF] = []
        x_ticks = [((x, sy * b, 0.0), text) for x, (_, text) in zip(self._places(0), self.x, strict=True)]
        y_ticks = [((sx * a, y, 0.0), text) for y, (_, text) in zip(self._places(1), self.y, strict=True)]
        self._axis(painter, lens, ((-a, sy * b, 0), (a, sy * b, 0)), (0, sy, 0), x_ticks, self.names[0], taken)
        self._axis(painter, lens, ((sx * a, -b, 0), (sx * a, b, 0)), (sx, 0, 0), y_ticks, self.names[1], taken)
        if steep:
            return
        ends = lens.to_pixels(np.array([(sx * a, -sy * b, 0.0), (-sx * a, sy * b, 0.0)]))
        cx, cy = (sx * a, -sy * b) if ends[0, 0] < ends[1, 0] else (-sx * a, sy * b)
        z_ticks = [((cx, cy, self.field.height(value)), text) for value, text in self.z]
        self._axis(painter, lens, ((cx, cy, 0), (cx, cy, HEIGHT)), (cx / a, cy / b, 0), z_ticks, self.names[2], taken)

    def _axis(
        self,
        painter: QPainter,
        lens: Projection,
        ends: tuple[tuple[float, ...], tuple[float, ...]],
        out: tuple[float, ...],
        marks: Sequence[tuple[tuple[float, ...], str]],
        name: str,
        taken: list[QRectF],
    ) -> None:
        """Paint one axis; ``out`` points away from the box in scene units."""
        tokens = theme.current()
        start, stop = lens.to_pixels(np.array(ends, dtype=float))[:, :2]
        away = self._away(lens, np.array(ends, dtype=float).mean(axis=0), np.array(out, dtype=float))
        painter.setPen(QPen(QColor(tokens.faint), 1.0))
        painter.drawLine(QPointF(*start), QPointF(*stop))
        places = np.array([place for place, _ in marks], dtype=float).reshape(-1, 3)
        roots = lens.to_pixels(places)[:, :2]
        tips = lens.to_pixels(places + TICK * np.array(out, dtype=float))[:, :2]
        painter.setFont(theme.sans_font(11))
        for root, tip, (_, text) in zip(roots, tips, marks, strict=True):
            painter.setPen(QPen(QColor(tokens.faint), 1.0))
            painter.drawLine(QPointF(*root), QPointF(*tip))
            painter.setPen(QColor(tokens.muted))
            _write(painter, root + away * LABEL_PX, away, text, taken)
        painter.setFont(theme.sans_font(11, bold=True))
        painter.setPen(QColor(tokens.muted))
        middle = (start + stop) / 2 + away * NAME_PX
        for push in range(0, 30, 6):  # a name is always written, if need be farther out
            if _write(painter, middle + away * push, away, name, taken):
                break

    def _away(self, lens: Projection, middle: Floats, out: Floats) -> Floats:
        """Return the unit direction on screen that leads away from the box."""
        a, b = lens.to_pixels(np.stack((middle, middle + 0.05 * out)))[:, :2]
        length = float(np.hypot(*(b - a)))
        return (b - a) / length if length > 1e-6 else np.array([0.0, 1.0])


def _write(painter: QPainter, at: Floats, away: Floats, text: str, taken: list[QRectF]) -> bool:
    """Write ``text`` so that its near side is at ``at``; do not, and return False, where it would touch another."""
    box = painter.boundingRect(QRectF(0, 0, 400, 40), Qt.AlignmentFlag.AlignCenter, text)
    box.moveCenter(QPointF(at[0] + away[0] * box.width() / 2 * 0.8, at[1] + away[1] * box.height() / 4))
    if any(box.adjusted(-3, 0, 3, 0).intersects(other) for other in taken):
        return False
    taken.append(box)
    painter.drawText(box.adjusted(-20, -4, 20, 4), Qt.AlignmentFlag.AlignCenter, text)
    return True


def draw_marks(painter: QPainter, sight: Sight, field: HeightField, symbols: Sequence[Symbol]) -> None:
    """Paint symbols on the ground, faint where the surface hides them, the nearest last; beside it there are none."""
    if not symbols:
        return
    nothing, behind = QColor(Qt.GlobalColor.transparent), QColor(theme.current().text)
    flat = field.to_scene(np.array([s.x for s in symbols]), np.array([s.y for s in symbols]))
    places = np.c_[flat, field.on_surface(flat)]
    lens = sight.lens
    if sight.depth is None:
        hidden = field.hidden(places, lens.eye, lens.towards, flat=lens.flat)
    else:
        hidden = sight.hidden(lens.to_pixels(places + np.array([0.0, 0.0, LIFT])))
    at = lens.to_pixels(places)
    for k in np.argsort(-at[:, 2]).tolist():
        if np.isfinite(at[k]).all():
            symbol = symbols[k]
            if hidden[k]:
                symbol = replace(symbol, casing=nothing, face=behind if symbol.face == BRIGHT else symbol.face)
            painter.setOpacity(HIDDEN if hidden[k] else 1.0)
            draw_symbol(painter, symbol, QPointF(at[k, 0], at[k, 1]))
    painter.setOpacity(1.0)
