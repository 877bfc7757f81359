"""A plane of two inputs: a picture of what is made of it, and the data on it as discs and rings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from gradlab.ui import theme

from .canvas import Canvas
from .colours import Bytes
from .dot_key import DotKey
from .map_layer import MapLayer
from .marks import Overlay, placed
from .readout import Note
from .values import Colour, Columns, Curve, Floats

Reading = Callable[[float, float], str]
MOST_POINTS = 4000
"""Points that are drawn; of more, every k-th."""
DISC_PX = 6.0
AIR = 0.08
"""Room around the points, as a part of their extent."""


@dataclass(frozen=True, slots=True)
class Dots:
    """Points of one colour, shapes ``[n]``; hollow ones are set apart, as data held out."""

    key: str
    x: Floats
    y: Floats
    colour: Colour = 0
    name: str = ""
    hollow: bool = False
    size: float = DISC_PX


class PlanePlot(Canvas):
    """A picture over two axes, with points on it."""

    picked = Signal(float, float)
    """The place that was clicked."""

    def __init__(self, parent: QWidget | None = None, *, x: str = "x1", y: str = "x2", locked: bool = True) -> None:
        super().__init__(parent, x=x, y=y)
        self._map, self._points = MapLayer(), Scatter()
        self._dots: tuple[Dots, ...] = ()
        self._reading: Reading | None = None
        self._rect: QRectF | None = None
        self._table: Columns = {}
        self._note, self._remark, self._key = Note(self), Note(self), DotKey(self)
        for item in (self._map, self._points):
            self.plot.addItem(item, ignoreBounds=True)
        self._shown = False
        self._lines: tuple[Curve, ...] = ()
        self._traces: list[pg.PlotCurveItem] = []
        self._map.hide()
        self.plot.showGrid(x=False, y=False)
        self._locked = locked
        self.view.setAspectLocked(locked)

    # what is drawn

    def show_picture(self, pixels: Bytes, x: Floats, y: Floats, *, table: Columns | None = None) -> None:
        """Draw RGBA bytes ``[j, i]`` at even, ascending places (x_i, y_j); ``table`` is what they stand for."""
        dx, dy = (x[-1] - x[0]) / max(1, len(x) - 1), (y[-1] - y[0]) / max(1, len(y) - 1)
        rect = QRectF(x[0] - dx / 2, y[0] - dy / 2, x[-1] - x[0] + dx, y[-1] - y[0] + dy)
        self._table = table or {}
        self._map.set_image(pixels, rect)
        self._shown = True
        self._map.show()
        self._seen(QRectF(x[0], y[0], x[-1] - x[0], y[-1] - y[0]))

    def clear_picture(self) -> None:
        """Draw no picture."""
        self._table, self._shown = {}, False
        self._map.hide()

    def show_dots(self, dots: Sequence[Dots]) -> None:
        """Draw these points."""
        self._dots = tuple(dots)
        self._points.show_dots(self._dots)
        if not self._shown:
            self._see_all()

    def show_lines(self, lines: Sequence[Curve]) -> None:
        """Draw these curves over the points."""
        self._lines = tuple(lines)
        while len(self._traces) < len(lines):
            self._traces.append(pg.PlotCurveItem(connect="finite"))
            self._traces[-1].setZValue(14)
            self.plot.addItem(self._traces[-1], ignoreBounds=True)
        for place, trace in enumerate(self._traces):
            trace.setVisible(place < len(lines))
        for line, trace in zip(lines, self._traces, strict=False):
            trace.setPen(pg.mkPen(theme.current().colour(line.colour), width=2))
            trace.setData(line.x, line.y)
        if not self._shown:
            self._see_all()

    def _see_all(self) -> None:
        """Follow the points; where there are none, the lines."""
        dots: list[Dots | Curve] = [one for one in self._dots if len(one.x)]
        parts = dots or [one for one in self._lines if len(one.x)]
        if not parts:
            return
        x, y = (np.concatenate([np.asarray(getattr(one, axis), dtype=float) for one in parts]) for axis in "xy")
        x, y = x[np.isfinite(x)], y[np.isfinite(y)]
        if x.size and y.size:
            wide, high = max(np.ptp(x), 1e-9), max(np.ptp(y), 1e-9)
            if self._locked:
                wide = high = max(wide, high)
            corner, other = (
                QPointF(x.min() - AIR * wide, y.min() - AIR * high),
                QPointF(x.max() + AIR * wide, y.max() + AIR * high),
            )
            self._seen(QRectF(corner, other))

    def set_bare(self, on: bool) -> None:
        """Leave the numbers of the axes out, where there is nothing that they could measure."""
        for axis, name in zip((self.bottom, self.left), self._names, strict=True):
            axis.set_places([] if on else None)
            axis.set_name("" if on else name)

    def show_key(self, on: bool) -> None:
        """Say beside the points what each colour stands for."""
        self._key.show_entries([(one.name, one.colour, one.hollow) for one in self._dots if one.name] if on else [])
        self._place_overlays()

    def set_reading(self, reading: Reading | None) -> None:
        """Tell what stands at a point under the mouse."""
        self._reading = reading

    def say(self, text: str) -> None:
        """Write a remark into the lower right corner."""
        self._remark.say(text)
        self._place_overlays()

    # what is told

    def dots(self) -> tuple[Dots, ...]:
        """Return the points that are drawn."""
        return self._dots

    def lines(self) -> tuple[Curve, ...]:
        """Return the curves that are drawn."""
        return self._lines

    def has_picture(self) -> bool:
        """Tell whether there is a picture under the points."""
        return self._shown

    def note(self) -> str:
        """Return the remark."""
        return self._remark.text()

    def key(self) -> str:
        """Return what the colours of the points stand for, a name a line."""
        return self._key.text()

    def readout(self) -> str:
        """Return what is said about the place under the mouse."""
        return self._note.text()

    def columns(self) -> Columns:
        """Return the picture, then the points."""
        points = {
            f"{one.name or one.key}: {name}": np.asarray(values)
            for one in self._dots
            for name, values in zip(self._names, (one.x, one.y), strict=True)
        }
        lines = {
            f"{line.name or line.key}: {name}": np.asarray(values)
            for line in self._lines
            for name, values in zip(self._names, (line.x, line.y), strict=True)
        }
        return {**self._table, **points, **lines}

    def summary(self) -> str:
        """Return how many points there are."""
        return self.tr("Plane of {x} and {y} with {count} points").format(
            x=self._names[0], y=self._names[1], count=sum(len(one.x) for one in self._dots)
        )

    # how

    def _seen(self, rect: QRectF) -> None:
        if rect != self._rect:
            self._rect, self._auto = rect, True
        if self._shown:
            self.left.set_bounds(rect.top(), rect.bottom())
            self.bottom.set_bounds(rect.left(), rect.right())
        else:
            self.left.set_bounds()
            self.bottom.set_bounds()
        if self._auto:
            self._fit()

    def _fit(self) -> None:
        if self._rect is not None:
            self.view.setRange(rect=self._rect, padding=0)

    def _pointed(self, at: QPointF | None) -> None:
        text = ""
        if at is not None:
            told = self._reading(at.x(), at.y()) if self._reading is not None else ""
            text = f"{self._names[0]} {at.x():.3g}   {self._names[1]} {at.y():.3g}" + (f"   {told}" if told else "")
        self._note.say(text)
        self._place_overlays()
        super()._pointed(at)

    def _clicked(self, at: QPointF) -> None:
        self.picked.emit(at.x(), at.y())

    def _restyle(self) -> None:
        self._points.show_dots(self._dots)
        self.show_lines(self._lines)
        self._key.update()

    def _place_overlays(self, *_range: object) -> None:
        area = self.area()
        self._note.move(area.left() + 4, area.bottom() - self._note.height() - 4)
        self._remark.fit(max(1, int(area.width()) - 8))
        self._remark.move(area.right() - self._remark.width() - 4, area.top() + 4)
        self._key.move(area.right() - self._key.width() - 2, area.top() + 2)


class Scatter(Overlay):
    """Stamps a disc or a ring at every point."""

    def __init__(self) -> None:
        super().__init__(12)
        self._dots: tuple[Dots, ...] = ()

    def show_dots(self, dots: Sequence[Dots]) -> None:
        """Draw these."""
        self._dots = tuple(dots)
        self.update()

    def draw(self, painter: QPainter, world: Any) -> None:
        """Stamp them all, a picture of the disc for each series."""
        scale = max(1.0, abs(painter.deviceTransform().m11()))
        for one in self._dots:
            stamp = _stamp(one, scale)
            half = stamp.width() / scale / 2
            every = max(1, -(-len(one.x) // MOST_POINTS))
            x, y = placed(world, one.x[::every], one.y[::every])
            for left, top in zip((x - half).tolist(), (y - half).tolist(), strict=True):
                painter.drawPixmap(QPointF(left, top), stamp)


def _stamp(one: Dots, scale: float) -> QPixmap:
    """Return a disc with a rim that sets it off from a ground of its own colour, or a ring."""
    tokens, across = theme.current(), one.size + 4
    pixmap = QPixmap(round(across * scale), round(across * scale))
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    face, middle = tokens.colour(one.colour), QPointF(across / 2, across / 2)
    if one.hollow:
        painter.setPen(QPen(face, 1.4))
        painter.setBrush(QColor(tokens.surface))
        painter.drawEllipse(middle, one.size / 2 - 0.3, one.size / 2 - 0.3)
    else:
        painter.setPen(QPen(QColor(tokens.surface), 0.9))
        painter.setBrush(face)
        painter.drawEllipse(middle, one.size / 2, one.size / 2)
    painter.end()
    return pixmap
