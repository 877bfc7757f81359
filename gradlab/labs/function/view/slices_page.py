"""Slices through the point, one along each coordinate: what a partial derivative is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from gradlab.labs.function.inspect import MOST_SLICES
from gradlab.labs.function.look import FunctionLook
from gradlab.labs.function.pictures import CurveReading
from gradlab.labs.function.point import PointReading
from gradlab.labs.function.spec import FunctionSpec
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Start
from gradlab.ui.widgets import splitter

from . import shapes


class SlicesPage(QObject):
    """``moved({axis: value}, done)``: the point was set or dragged along a coordinate."""

    moved = Signal(object, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget = parent
        self._spec, self._look = FunctionSpec(), FunctionLook()
        self.curves: dict[int, CurveReading] = {}
        self.point: PointReading | None = None

    def build(self) -> Iterator[None]:
        """Make the plots, one at a time."""
        self.lines: list[LinePlot] = []
        for _ in range(MOST_SLICES):
            self.lines.append(LinePlot(legend=True))
            yield
        self.frames = tuple(
            PlotFrame(f"slice-{axis + 1}", line, parent=self._widget) for axis, line in enumerate(self.lines)
        )
        rows = [
            splitter(
                f"function-slices-{row}",
                Qt.Orientation.Horizontal,
                *self.frames[2 * row : 2 * row + 2],
                sizes=(500, 500),
            )
            for row in range((MOST_SLICES + 1) // 2)
        ]
        self.widget = splitter("function-slices", Qt.Orientation.Vertical, *rows, sizes=(300, 300))
        self._rows = rows
        for axis, line in enumerate(self.lines):
            line.clicked.connect(partial(self._clicked, axis))
            line.startMoved.connect(partial(self._dragged, axis))
        yield

    def _clicked(self, axis: int, x: float) -> None:
        self.moved.emit({axis: x}, True)

    def _dragged(self, axis: int, _key: str, x: float, done: bool) -> None:
        self.moved.emit({axis: x}, done)

    def show_spec(self, spec: FunctionSpec) -> None:
        """Show the function and the point."""
        if spec.objective != self._spec.objective:
            self.curves, self.point = {}, None
        self._spec = spec
        self.arrange()

    def arrange(self) -> None:
        """Show as many slices as there are coordinates, and room for."""
        dimension = self._spec.objective.dimension
        for axis, frame in enumerate(self.frames):
            frame.setVisible(axis < dimension)
        for place, row in enumerate(self._rows):
            row.setVisible(2 * place < dimension)
        self._title()

    def _title(self) -> None:
        names = self._spec.objective.variables
        for axis, (frame, line) in enumerate(zip(self.frames, self.lines, strict=True)):
            if axis < len(names):
                line.set_axes(names[axis], "f")
                frame.set_title(self._name(axis), self._rest(axis))

    def _name(self, axis: int) -> str:
        name = self._spec.objective.variables[axis]
        slope = "" if self.point is None else f" = {float(self.point.gradient[axis]):.6g}"
        return f"∂f/∂{name}{slope}"

    def _rest(self, axis: int) -> str:
        names = self._spec.objective.variables
        rest = [f"{n} = {v:.4g}" for i, (n, v) in enumerate(zip(names, self._spec.point, strict=True)) if i != axis]
        return ", ".join(rest[:3]) + (", …" if len(rest) > 3 else "")

    @property
    def _open(self) -> bool:
        return self._look.page_of(self._spec.objective.dimension) == "slices"

    def show_look(self, look: FunctionLook) -> None:
        """Draw in this way from now on."""
        self._look = look
        self.draw()

    def take(self, reading: Any) -> None:
        """Take a reading in and draw what hangs on it."""
        if isinstance(reading, CurveReading):
            self.curves[reading.axis] = reading
            if self._open:
                self._draw(reading.axis)
        elif isinstance(reading, PointReading):
            self.point = reading
            self.draw()

    def draw(self, *_theme: Any) -> None:
        """Draw every slice, where they can be seen."""
        if not self._open:
            return
        self._title()
        for axis in range(min(self._spec.objective.dimension, len(self.lines))):
            self._draw(axis)

    def _draw(self, axis: int) -> None:
        line, curve, point = self.lines[axis], self.curves.get(axis), self.point
        line.show_curves([] if curve is None else list(shapes.curves(curve, self._look)))
        if point is None or not math.isfinite(point.f):
            line.set_starts([])
            line.clear_tangent()
            return
        x, slope = point.point[axis], float(point.gradient[axis])
        line.set_starts([Start(x, point.f)])
        if np.isfinite(slope):
            line.set_tangent(x, point.f, slope)
        else:
            line.clear_tangent()
