"""The first page: the curve of a function of one variable; surface and contour of one of more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from gradlab.labs.function.inspect import MAP_FINE
from gradlab.labs.function.look import FunctionLook
from gradlab.labs.function.pictures import CriticalReading, CurveReading, Landscape
from gradlab.labs.function.point import PointReading, StepReading
from gradlab.labs.function.spec import FunctionSpec
from gradlab.ui.gl import gl_available
from gradlab.ui.memo import Memo
from gradlab.ui.plots.choice import Choice
from gradlab.ui.plots.contour import ContourPlot
from gradlab.ui.plots.fallback import make_surface
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.heights import Heights
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Camera, Curve, Start
from gradlab.ui.widgets import splitter

from . import shapes

EMPTY = np.empty((0, 0))


class MapPage(QObject):
    """``moved({axis: value}, done)``: the point was set or dragged; ``looked(changes)``: fields of the look."""

    moved = Signal(object, bool)
    looked = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget = parent
        self._spec, self._look = FunctionSpec(), FunctionLook()
        self.curve: CurveReading | None = None
        self.landscape: Landscape | None = None
        self.point: PointReading | None = None
        self.steps: StepReading | None = None
        self.critical: CriticalReading | None = None
        self._memo = Memo()

    def build(self) -> Iterator[None]:
        """Make the plots, one at a time."""
        self.surface: Any = _surface(self._widget)
        yield
        self.contour = ContourPlot()
        yield
        self.line = LinePlot(legend=True)
        yield
        self.surface_frame = PlotFrame("surface", self.surface, self.tr("Surface"), parent=self._widget)
        self.contour_frame = PlotFrame("contour", self.contour, self.tr("Contour"), parent=self._widget)
        self.line_frame = PlotFrame("function", self.line, self.tr("Function"), parent=self._widget)
        self.frames = (self.surface_frame, self.contour_frame, self.line_frame)
        self.widget = splitter("function-maps", Qt.Orientation.Horizontal, *self.frames, sizes=(500, 500, 500))
        self._add_tools()
        self._connect()
        yield

    def _add_tools(self) -> None:
        self.flags: dict[str, QAction] = {}
        for frame, flags in (
            (self.line_frame, {"slope": "∂f", "bend": "∂²f", "parabola": self.tr("parabola")}),
            (self.contour_frame, {"steps": self.tr("steps")}),
            (self.surface_frame, {"plane": self.tr("plane")}),
        ):
            for name, text in flags.items():
                frame.add_tool(self._flag(name, text))
        self.line_frame.add_tool(self.flags["steps"])
        critical = self._flag("critical", self.tr("Critical points"))
        self.contour_frame.add_menu_action(critical)
        self.contour_frame.add_menu_action(self._flag("eigen", self.tr("Eigenvectors of the Hessian")))
        self.line_frame.add_menu_action(critical)
        words: dict[object, str] = {"linear": self.tr("linear"), "log": self.tr("log"), "rank": self.tr("rank")}
        self.heights = [Choice(frame, self.tr("Scale"), words) for frame in (self.surface_frame, self.contour_frame)]
        self.across = Choice(self.contour_frame, self.tr("Coordinate across"), {}, "→ ")
        self.up = Choice(self.contour_frame, self.tr("Coordinate up"), {}, "↑ ")

    def _flag(self, name: str, text: str) -> QAction:
        action = self.flags[name] = QAction(text, self, checkable=True)
        action.triggered.connect(partial(self._toggle, name))
        return action

    def _connect(self) -> None:
        for choice in self.heights:
            choice.chosen.connect(partial(self._choose, "height"))
        self.across.chosen.connect(partial(self._choose_axis, 0))
        self.up.chosen.connect(partial(self._choose_axis, 1))
        self.contour.clicked.connect(lambda x, y: self._place(x, y, done=True))
        self.contour.startMoved.connect(lambda _key, x, y, done: self._place(x, y, done=done))
        self.surface.picked.connect(lambda x, y: self._place(x, y, done=True))
        self.surface.startMoved.connect(lambda _key, x, y, done: self._place(x, y, done=done))
        self.surface.cameraChanged.connect(self._camera_moved)
        self.surface.failed.connect(self.arrange)
        self.line.clicked.connect(lambda x: self.moved.emit({0: x}, True))
        self.line.startMoved.connect(lambda _key, x, done: self.moved.emit({0: x}, done))
        self.line.toggled.connect(self._toggle)

    def _choose(self, name: str, value: object) -> None:
        self.looked.emit({name: value})

    def _choose_axis(self, place: int, axis: int) -> None:
        axes = list(self.axes)
        if axes[1 - place] == axis:
            axes[1 - place] = axes[place]
        axes[place] = axis
        self.looked.emit({"axes": tuple(axes)})

    def _toggle(self, name: str) -> None:
        name = "steps" if name in shapes.CHORDS else name
        if name in self.flags:
            self.looked.emit({name: not getattr(self._look, name)})

    def _place(self, x: float, y: float, *, done: bool) -> None:
        self.moved.emit(dict(zip(self.axes, (x, y), strict=True)), done)

    def _camera_moved(self, camera: Camera) -> None:
        self.looked.emit({"camera": (camera.azimuth, camera.elevation, camera.zoom)})

    # What is shown.

    @property
    def axes(self) -> tuple[int, int]:
        """The two coordinates that are drawn."""
        return self._look.plane_of(self._spec.objective.dimension)

    def show_spec(self, spec: FunctionSpec) -> None:
        """Show the function and the point."""
        if spec.objective != self._spec.objective:
            self.curve = self.landscape = self.point = self.steps = self.critical = None
            self._clear()
        self._spec = spec
        names, flat = spec.objective.variables, spec.objective.dimension == 1
        several: dict[object, str] = dict(enumerate(names)) if len(names) > 2 else {}
        for choice, axis in zip((self.across, self.up), self.axes, strict=True):
            choice.offer(several)
            choice.show_value(axis)
            choice.button.setVisible(bool(several))
        if flat:
            self.line.set_axes(names[0], "f")
        self.arrange()
        self._show_start()

    def _clear(self) -> None:
        self._memo.forget()
        self.line.show_curves([])
        self.line.clear_tangent()
        self.line.set_spots([])
        self.contour.set_spots([])
        self.contour.set_vectors([])
        self.contour.set_paths([])
        self.contour.set_level(None)
        self.contour.set_tangent(shapes.NOTHING, shapes.NOTHING)
        self.surface.set_spots([])
        self._set_plane(None)

    def arrange(self, _reason: str = "") -> None:
        """Show the plots that this function has."""
        flat = self._spec.objective.dimension == 1
        self.line_frame.setVisible(flat)
        self.contour_frame.setVisible(not flat)
        self.surface_frame.setVisible(not flat and gl_available())
        self._title()

    def _title(self) -> None:
        words = Heights(self._look.height, 0.0, 1.0, np.zeros(1)).words("f")
        names = [self._spec.objective.variables[axis] for axis in (self.axes if not self._flat else (0,))]
        part = ""
        if self._spec.objective.dimension > 2:
            part = self.tr("slice {names} through the point").format(names=", ".join(names)) + " · "
        missing = "" if gl_available() else " · " + self.tr("3-D needs OpenGL, which is missing here")
        self.surface_frame.set_title(self.tr("Surface"), part + self.tr("height {words}").format(words=words))
        self.contour_frame.set_title(self.tr("Contour"), self.tr("colour {words}").format(words=words) + missing)
        self.line_frame.set_title(self._spec.objective.name(), self.tr("drag the point, or click"))
        if not self._flat:
            self.contour.set_axes(*names)
            self.surface.set_axes(*names, "f")

    @property
    def _flat(self) -> bool:
        return self._spec.objective.dimension == 1

    def show_look(self, look: FunctionLook) -> None:
        """Draw in this way from now on."""
        self._look = look
        for name, action in self.flags.items():
            action.setChecked(getattr(look, name))
        for choice in self.heights:
            choice.show_value(look.height)
        axes = self.axes
        self.across.show_value(axes[0])
        self.up.show_value(axes[1])
        self.contour.set_colour_map(look.color_map)
        self.surface.set_colour_map(look.color_map)
        if look.camera is not None:
            self.surface.set_camera(self.surface.camera().turned(*look.camera))
        if self.landscape is not None and self.landscape.axes != axes:
            self.landscape = None
        self._title()
        self._show_start()
        self.draw()

    def take(self, reading: Any) -> None:
        """Take a reading in and draw what hangs on it."""
        if isinstance(reading, Landscape):
            if reading.axes != self.axes or (self.landscape is not None and self.landscape.finer(reading)):
                return
            self.landscape = reading
        elif isinstance(reading, CurveReading):
            self.curve = reading
        elif isinstance(reading, PointReading):
            self.point = reading
        elif isinstance(reading, StepReading):
            if len(reading.descent) == self._spec.objective.dimension:
                self.steps = reading
        elif isinstance(reading, CriticalReading):
            self.critical = reading
        else:
            return
        self.draw()

    def draw(self, *_theme: Any) -> None:
        """Draw what is known, where it can be seen."""
        if self._look.page_of(self._spec.objective.dimension) != "map":
            return
        if self._flat:
            self._draw_curve()
        else:
            self._draw_map()
            self._draw_point()

    # One variable.

    def _draw_curve(self) -> None:
        point, look = self.point, self._look
        if self.curve is None:
            return
        curves = list(shapes.curves(self.curve, look))
        if point is not None and look.parabola:
            one = shapes.parabola(
                self.curve, point.point[0], point.f, float(point.gradient[0]), float(point.hessian[0, 0])
            )
            curves += [one] if one is not None else []
        chords: list[Curve] = []
        if point is not None and look.steps and self.steps is not None and self.steps.way[0, 0] == point.point[0]:
            chords = list(shapes.step_chords(self.curve, point, self.steps))
        self.line.show_curves(curves + chords)
        if point is None:
            return
        self.line.set_spots([*self._marks((0,)), *shapes.chord_ends(chords, point)])
        self._show_start()
        x, slope = point.point[0], float(point.gradient[0])
        if np.isfinite([point.f, slope]).all():
            self.line.set_tangent(x, point.f, slope)
        else:
            self.line.clear_tangent()

    def _marks(self, axes: tuple[int, ...]) -> list[Any]:
        if self.critical is None or self.point is None or not self._look.critical:
            return []
        return shapes.spots(self.critical.points, axes, self.point)

    def _show_start(self) -> None:
        """Put the ring where the point is."""
        at = self._spec.point
        if self._flat:
            f = math.nan if self.curve is None else float(np.interp(at[0], self.curve.x, self.curve.f))
            if self.point is not None and self.point.point == at:
                f = self.point.f
            self.line.set_starts([Start(at[0], f)] if math.isfinite(f) else [])
            return
        self.contour.set_starts([Start(at[self.axes[0]], at[self.axes[1]])])

    # Two and more.

    def _draw_map(self) -> None:
        if self.landscape is None:
            return
        if not self._memo.news("map", self.landscape, self._look.height):
            return
        grid = self.landscape.grid
        self._heights = Heights.over(self._look.height, grid.z)
        z, ticks = self._heights.of(grid.z), self._heights.ticks()
        self.contour.set_map(grid.x, grid.y, z, ticks=ticks, values=grid.z)
        coarse = len(grid.x) < MAP_FINE
        self.surface.set_surface(grid.x, grid.y, z, ticks=ticks, values=grid.z, live=coarse)

    def _draw_point(self) -> None:
        point, axes = self.point, self.axes
        if point is None or point.point != self._spec.point:
            return
        self.surface.set_starts([Start(point.point[axes[0]], point.point[axes[1]])])
        vectors = list(shapes.gradient_arrow(point, axes))
        if self._look.steps and self.steps is not None:
            vectors += shapes.step_arrows(point, self.steps, axes)
        elif self._look.eigen:
            vectors += shapes.eigen_arrows(point, axes)
        self.contour.set_vectors(vectors)
        show_way = self._look.steps and self.steps is not None
        self.contour.set_paths([shapes.newton_path(self.steps, axes)] if show_way and self.steps else [])
        marks = self._marks(axes)
        self.contour.set_spots(marks)
        self.surface.set_spots(marks)
        if self.landscape is None:
            return
        self.contour.set_level(point.f)
        if self._memo.news("tangent", point, axes):
            self.contour.set_tangent(*shapes.tangent(point, axes))
        if self._memo.news("plane", point, axes, self._look.plane, self._look.height, self.landscape):
            self._set_plane(point if self._look.plane else None)

    def _set_plane(self, point: PointReading | None) -> None:
        if not hasattr(self.surface, "set_plane"):
            return
        from .tangent_surface import Plane

        if point is None or not np.isfinite(point.gradient).all() or not math.isfinite(point.f):
            self.surface.set_plane(None)
            return
        x, y = (point.point[axis] for axis in self.axes)
        p, q = (float(point.gradient[axis]) for axis in self.axes)
        self.surface.set_plane(Plane(x, y, point.f, (p, q), self._heights.of))


def _surface(parent: QWidget) -> Any:
    """Return a surface that can carry a tangent plane, or the notice where OpenGL does not work."""
    if not gl_available():
        return make_surface(parent)
    from .tangent_surface import TangentSurface

    return TangentSurface(parent)
