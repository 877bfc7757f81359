"""The directional derivative: a map with a direction to drag, and its value over all directions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from gradlab.labs.function.look import FunctionLook
from gradlab.labs.function.pictures import DirectionReading, Landscape
from gradlab.labs.function.point import PointReading
from gradlab.labs.function.spec import FunctionSpec
from gradlab.ui.memo import Memo
from gradlab.ui.plots.contour import ContourPlot
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.heights import Heights
from gradlab.ui.plots.values import Start, Vector
from gradlab.ui.widgets import splitter

from . import shapes
from .polar import PolarPlot

HANDLE = 0.3
"""How far the handle of the direction is from the point, as a part of the map's width."""
NEAREST, INSIDE = 0.08, 0.9
NO_WAY = 1e-9
KEY = "direction"


class DirectionsPage(QObject):
    """``moved({axis: value}, done)``: the point was dragged; ``turned(angle, done)``: the direction was."""

    moved = Signal(object, bool)
    turned = Signal(float, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget = parent
        self._spec, self._look = FunctionSpec(), FunctionLook()
        self.landscape: Landscape | None = None
        self.point: PointReading | None = None
        self.reading: DirectionReading | None = None
        self._memo = Memo()

    def build(self) -> Iterator[None]:
        """Make the plots, one at a time."""
        self.map = ContourPlot()
        yield
        self.polar = PolarPlot()
        yield
        self.map_frame = PlotFrame("direction", self.map, self.tr("Direction"), parent=self._widget)
        self.polar_frame = PlotFrame("directional-derivative", self.polar, parent=self._widget)
        self.frames = (self.map_frame, self.polar_frame)
        self.widget = splitter("function-directions", Qt.Orientation.Horizontal, *self.frames, sizes=(500, 500))
        self.map.clicked.connect(lambda x, y: self._dragged("", x, y, True))
        self.map.startMoved.connect(self._dragged)
        self.polar.turned.connect(self.turned)
        yield

    def _dragged(self, key: str, x: float, y: float, done: bool) -> None:
        axes = self._look.plane_of(self._spec.objective.dimension)
        if key != KEY:
            self.moved.emit(dict(zip(axes, (x, y), strict=True)), done)
            return
        dx, dy = x - self._spec.point[axes[0]], y - self._spec.point[axes[1]]
        if math.hypot(dx, dy) > 0:
            self.turned.emit(round(math.degrees(math.atan2(dy, dx)), 2), done)

    def show_spec(self, spec: FunctionSpec) -> None:
        """Show the function and the point."""
        if spec.objective != self._spec.objective:
            self.landscape = self.point = self.reading = None
        self._spec = spec
        self._title()

    def arrange(self) -> None:
        """Show both plots."""
        for frame in self.frames:
            frame.show()

    def show_look(self, look: FunctionLook) -> None:
        """Draw in this way from now on."""
        self._look = look
        self.map.set_colour_map(look.color_map)
        self.draw()

    def take(self, reading: Any) -> None:
        """Take a reading in and draw what hangs on it."""
        if isinstance(reading, Landscape):
            if self.landscape is not None and self.landscape.finer(reading):
                return
            self.landscape = reading
        elif isinstance(reading, PointReading):
            self.point = reading
        elif isinstance(reading, DirectionReading):
            self.reading = reading
        else:
            return
        self.draw()

    def draw(self, *_theme: Any) -> None:
        """Draw what is known, where it can be seen."""
        if self._look.page_of(self._spec.objective.dimension) != "directions":
            return
        self._draw_map()
        reading, point = self.reading, self.point
        if reading is None or point is None or reading.point != point.point or point.point != self._spec.point:
            return
        axes = reading.axes
        x, y = (point.point[axis] for axis in axes)
        cos, sin = reading.unit
        reach = _reach((x, y), (cos, sin), [point.objective.domain[axis] for axis in axes])
        self.map.set_starts([Start(x, y), Start(x + reach * cos, y + reach * sin, KEY, shapes.DIRECTION, KEY)])
        along = Vector(x, y, reach * cos, reach * sin, shapes.DIRECTION)
        self.map.set_vectors([*shapes.gradient_arrow(point, axes), along])
        self.map.set_tangent(*shapes.tangent(point, axes))
        self.polar.show_reading(reading)
        self._title()

    def _draw_map(self) -> None:
        if self.landscape is None:
            return
        if self._memo.news("map", self.landscape, self._look.height):
            grid = self.landscape.grid
            heights = Heights.over(self._look.height, grid.z)
            self.map.set_map(grid.x, grid.y, heights.of(grid.z), ticks=heights.ticks(), values=grid.z)
            self.map.set_axes(*(self._spec.objective.variables[axis] for axis in self.landscape.axes))
        if self.point is not None:
            self.map.set_level(self.point.f)

    def _title(self) -> None:
        self.map_frame.set_title(self.tr("Direction"), self.tr("drag point or handle"))
        one = self.reading
        if one is None:
            self.polar_frame.set_title(self.tr("Directional derivative"))
            return
        most = self.tr("max {norm} along ∇f, at {steepest}°")
        self.polar_frame.set_title(
            f"D_u f = {one.slope:.6g}", most.format(norm=f"{one.norm:.4g}", steepest=f"{one.steepest:.2f}")
        )


def _reach(at: tuple[float, float], unit: tuple[float, float], sides: list[tuple[float, float]]) -> float:
    """Return how far off the point the handle is: within the map where there is room."""
    width = min(high - low for low, high in sides)
    room = [
        ((high if way > 0 else low) - place) / way
        for place, way, (low, high) in zip(at, unit, sides, strict=True)
        if abs(way) > NO_WAY
    ]
    return max(NEAREST * width, min(HANDLE * width, *(INSIDE * one for one in room)))
