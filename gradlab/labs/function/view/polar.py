"""The directional derivative over all directions, as a polar plot: the radius at an angle is |D_u f| there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from gradlab.labs.function.pictures import DirectionReading
from gradlab.ui import theme
from gradlab.ui.plots.arrows import Arrows
from gradlab.ui.plots.canvas import Canvas
from gradlab.ui.plots.curve_set import pen
from gradlab.ui.plots.readout import Note
from gradlab.ui.plots.rings import Rings
from gradlab.ui.plots.values import Columns, Start, Vector

from .shapes import DIRECTION, GRADIENT

ROOM, HANDLE = 1.45, 1.32
"""Half the width of the view, and how far out the handle is, in lengths of the gradient."""
TURN_DEGREES = 1.0


class PolarPlot(Canvas):
    """``turned(angle, done)``: the handle was dragged, a direction was clicked, or the arrow keys turned it."""

    turned = Signal(float, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading: DirectionReading | None = None
        self._up, self._down, self._circle = (pg.PlotCurveItem() for _ in range(3))
        self._arrows, self._note = Arrows(), Note(self)
        for item in (self._circle, self._down, self._up, self._arrows):
            self.plot.addItem(item, ignoreBounds=True)
        self._rings = Rings(self.plot, self._dragged)
        self.view.setAspectLocked(True)
        self._restyle()

    def show_reading(self, reading: DirectionReading) -> None:
        """Draw D_u f over all directions, the gradient, and the direction that is asked for."""
        self._reading = reading
        names = [reading.objective.variables[axis] for axis in reading.axes]
        self.set_axes(f"∂f/∂{names[0]}", f"∂f/∂{names[1]}")
        turned = np.radians(reading.angles)
        radius = np.where(np.isfinite(reading.slopes), reading.slopes, np.nan)
        for item, part in ((self._up, radius >= 0), (self._down, radius < 0)):
            r = np.where(part, np.abs(radius), np.nan)
            item.setData(r * np.cos(turned), r * np.sin(turned), connect="finite")
        self._circle.setData(reading.norm * np.cos(turned), reading.norm * np.sin(turned), connect="finite")
        self._arrows.show_vectors(list(self._vectors(reading)))
        reach = self._reach()
        cos, sin = reading.unit
        self._rings.show([Start(HANDLE * reach * cos, HANDLE * reach * sin, "u", DIRECTION, self.tr("direction"))])
        self._note.say("" if reading.norm else self.tr("the gradient is 0: every directional derivative is"))
        if self._auto:
            self._fit()
        self._place_overlays()

    def _vectors(self, reading: DirectionReading) -> list[Vector]:
        cos, sin = reading.unit
        found = []
        if reading.norm > 0 and math.isfinite(reading.norm):
            way = math.radians(reading.steepest)
            found.append(Vector(0, 0, reading.norm * math.cos(way), reading.norm * math.sin(way), GRADIENT, "∇f"))
        length = abs(reading.slope)
        if length > 0 and math.isfinite(length):
            found.append(Vector(0, 0, length * cos, length * sin, DIRECTION))
        return found

    def _reach(self) -> float:
        norm = self._reading.norm if self._reading is not None else 1.0
        return norm if norm > 0 and math.isfinite(norm) else 1.0

    def columns(self) -> Columns:
        """Return the angles and D_u f."""
        one = self._reading
        return {} if one is None else {"angle / degrees": one.angles, "D_u f": one.slopes}

    def summary(self) -> str:
        """Return the derivative in the direction, and the steepest."""
        one = self._reading
        if one is None:
            return self.tr("Empty plot")
        text = self.tr(
            "Directional derivative {slope:g} at {angle:g} degrees; greatest {norm:g} at {steepest:g} degrees"
        )
        return text.format(slope=one.slope, angle=one.angle, norm=one.norm, steepest=one.steepest)

    def _fit(self) -> None:
        reach = ROOM * self._reach()
        self.view.setRange(xRange=(-reach, reach), yRange=(-reach, reach), padding=0)

    def _clicked(self, at: QPointF) -> None:
        self._turn(at.x(), at.y(), True)

    def _double_clicked(self, at: QPointF) -> None:
        """Do nothing: the first click has turned it."""

    def _dragged(self, _key: str, x: float, y: float, done: bool) -> None:
        self._turn(x, y, done)

    def _turn(self, x: float, y: float, done: bool) -> None:
        if math.hypot(x, y) > 0:
            self.turned.emit(round(math.degrees(math.atan2(y, x)), 2), done)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn the direction with Left and Right, ten degrees with Shift; with Ctrl they move the view."""
        way = {Qt.Key.Key_Left: 1, Qt.Key.Key_Right: -1}.get(Qt.Key(event.key()))
        if way is None or self._reading is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        step = TURN_DEGREES * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        angle = (self._reading.angle + way * step + 180.0) % 360.0 - 180.0
        self.turned.emit(round(angle, 2), True)

    def _restyle(self) -> None:
        tokens = theme.current()
        self._up.setPen(pen(GRADIENT))
        self._down.setPen(pen(GRADIENT, dash=(5.0, 2.5)))
        self._circle.setPen(pg.mkPen(tokens.faint, width=1, style=Qt.PenStyle.DotLine))
        if self._reading is not None:
            self.show_reading(self._reading)

    def _place_overlays(self, *_args: Any) -> None:
        area = self.area()
        self._note.move(area.left() + 4, area.bottom() - self._note.height() - 4)
