"""The function and the ways of the racers on it: surface and contour, or the curve of a function of one variable."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gradlab.labs.descent.inspect import Field, Landscape, Profile
from gradlab.labs.descent.look import DescentLook
from gradlab.labs.descent.spec import DescentSpec
from gradlab.ui import theme
from gradlab.ui.gl import gl_available
from gradlab.ui.lab_view import Part, Track
from gradlab.ui.memo import Memo
from gradlab.ui.plots.contour import ContourPlot
from gradlab.ui.plots.fallback import LaterSurface, make_surface
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.heights import Heights
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.ticks import short
from gradlab.ui.plots.values import Camera, Curve, Spot, Start

from . import pictures, step_layer
from .map_tools import MapTools, slice_axes
from .palette import colour

NOTHING = np.empty(0)
PIXELS = 1000
"""How many places along a side of the surface can be told apart."""


class Maps(QObject):
    """``moved(racer, place, done)``: a start was dragged or set, ``""`` is the common one, the place on the axes drawn.

    ``looked(changes)``: fields of the look with new values. Everything is drawn on the axes of the landscape at hand,
    so that a slice that has been asked for and its ways come together.
    """

    moved = Signal(str, object, bool)
    looked = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget = parent
        self._spec, self._look = DescentSpec(), DescentLook()
        self._tracks: Sequence[Track] = ()
        self._cursor: int | None = None
        self.landscape: Landscape | None = None
        self._profile: Profile | None = None
        self._heights = Heights.over("log", np.zeros(1))
        self._minima: list[Spot] = []
        self._memo = Memo()

    def build(self) -> Iterator[None]:
        """Make the plots, one at a time."""
        gl_available()  # the first who asks has a context made
        yield
        self.surface: Any = LaterSurface(self._widget)
        self.contour = ContourPlot()
        yield
        self.line = LinePlot()
        yield
        self.surface_frame = PlotFrame("surface", self.surface, self.tr("Surface"), parent=self._widget)
        self.contour_frame = PlotFrame("contour", self.contour, self.tr("Contour"), parent=self._widget)
        self.line_frame = PlotFrame("line", self.line, self.tr("Function"), parent=self._widget)
        self.frames = (self.surface_frame, self.contour_frame, self.line_frame)
        self._tools = MapTools(self, self.surface_frame, self.contour_frame, self.line_frame)
        self._tools.looked.connect(self.looked)
        self._connect()
        yield

    def _connect(self) -> None:
        self.contour.clicked.connect(lambda x, y: self.moved.emit("", (x, y), True))
        self.contour.startMoved.connect(lambda key, x, y, done: self.moved.emit(key, (x, y), done))
        self.line.clicked.connect(lambda x: self.moved.emit("", (x,), True))
        self.line.startMoved.connect(lambda key, x, done: self.moved.emit(key, (x,), done))
        self.contour.set_reading(self._read)

    def complete(self) -> Iterator[None]:
        """Draw on the surface what the contour shows, then put it in its place."""
        self.surface = make_surface(self._widget)
        yield
        self.surface.picked.connect(lambda x, y: self._place("", (x, y), done=True))
        self.surface.startMoved.connect(lambda key, x, y, done: self._place(key, (x, y), done=done))
        self.surface.cameraChanged.connect(self._camera_moved)
        self.surface.failed.connect(self.arrange)
        self._name_axes()
        self.surface.set_colour_map(self._look.color_map)
        self._place_camera()
        self._draw_ground()
        yield
        self.surface.set_spots(self._minima)
        self._memo.forget("starts", "surface")
        self._draw_starts()
        yield from self.surface.rehearse()
        self.surface_frame.put(self.surface)
        self._draw_surface()
        yield

    def _read(self, x: float, y: float) -> str:
        """Return f on the map at a point, between the nodes of its grid."""
        if self.landscape is None:
            return ""
        grid = self.landscape.grid
        across = np.array([np.interp(x, grid.x, row, np.nan, np.nan) for row in grid.z[_beside(grid.y, y)]])
        value = float(np.interp(y, grid.y[_beside(grid.y, y)], across, np.nan, np.nan))
        return f"f ≈ {value:.4g}" if math.isfinite(value) else ""

    def _place(self, key: str, place: tuple[float, float], *, done: bool) -> None:
        """Take a place on the surface, as finely as it can be seen."""
        sides = [self._spec.objective.domain[axis] for axis in self.axes()]
        fine = [short(value, (high - low) / PIXELS) for value, (low, high) in zip(place, sides, strict=True)]
        self.moved.emit(key, tuple(fine), done)

    def _camera_moved(self, camera: Camera) -> None:
        self.looked.emit({"camera": (camera.azimuth, camera.elevation, camera.zoom)})

    # What the page shows.

    def axes(self) -> tuple[int, ...]:
        """Return the coordinates that are drawn: one, or two."""
        if self._spec.objective.dimension == 1:
            return (0,)
        return slice_axes(self._look, self._spec.objective.dimension) if self.landscape is None else self.landscape.axes

    def show_spec(self, spec: DescentSpec) -> None:
        """Show the function and the starts."""
        if spec.objective != self._spec.objective:
            self.landscape = self._profile = None
            self._memo.forget()
            self.contour.set_field(NOTHING, NOTHING, np.empty((0, 0)), np.empty((0, 0)))
        self._spec = spec
        self._tools.show_objective(spec.objective, self._look)
        self._name_axes()
        self.arrange()
        self._draw_starts()

    def _name_axes(self) -> None:
        names = [self._spec.objective.variables[axis] for axis in self.axes()]
        if len(names) == 1:
            self.line.set_axes(names[0], "f")
            return
        self.contour.set_axes(*names)
        self.surface.set_axes(*names, "f")

    def arrange(self, _reason: str = "") -> None:
        """Show the plots that this function has: one line for one variable, surface and contour for more."""
        flat = self._spec.objective.dimension == 1
        self.line_frame.setVisible(flat)
        self.contour_frame.setVisible(not flat)
        self.surface_frame.setVisible(not flat and gl_available())
        self._title()

    def _title(self) -> None:
        names = [self._spec.objective.variables[axis] for axis in self.axes()]
        words, part = self._heights.words("f"), ""
        if self._spec.objective.dimension > 2:
            part = self.tr("slice {names} through the iterate").format(names=", ".join(names)) + " · "
        missing = "" if gl_available() else " · " + self.tr("3-D needs OpenGL, which is missing here")
        self.surface_frame.set_title(self.tr("Surface"), part + self.tr("height {words}").format(words=words))
        self.contour_frame.set_title(self.tr("Contour"), self.tr("colour {words}").format(words=words) + missing)
        self.line_frame.set_title(self._spec.objective.name(), self.tr("the iterates on the curve"))

    def show_look(self, look: DescentLook) -> None:
        """Draw in this way from now on."""
        self._look = look
        self._tools.show_look(look)
        if self._memo.news("colours", look.color_map):
            self.contour.set_colour_map(look.color_map)
            self.surface.set_colour_map(look.color_map)
        self._place_camera()
        self._draw_map()
        self._draw_minima()
        self._draw_starts()

    def show_landscape(self, landscape: Landscape) -> None:
        """Take the function over a rectangle in."""
        known = self.landscape
        if landscape.objective != self._spec.objective or (known is not None and landscape.coarser(known)):
            return
        if known is landscape:
            return  # asked for again with every row, and drawn already
        self.landscape = landscape
        self._memo.forget("map", "minima", "step")
        if known is None or known.axes != landscape.axes:
            self._name_axes()
            self._draw_starts()
        self._draw_map()
        self._draw_minima()
        for draw in self.set_tracks(self._tracks, self._cursor):
            draw()

    def show_field(self, field: Field) -> None:
        """Draw the gradient field, pointing down."""
        if self._look.field:
            side = round(len(field.at) ** 0.5)
            at, down = field.at.reshape(side, side, 2), -field.gradient.reshape(side, side, 2)
            self.contour.set_field(at[0, :, 0], at[:, 0, 1], down[:, :, 0], down[:, :, 1])

    def show_profile(self, profile: Profile) -> None:
        """Draw a function of one variable."""
        if self._spec.objective.dimension == 1 and profile is not self._profile:
            self._profile = profile
            self._memo.forget("starts", "minima")
            self.recolour()
            self._draw_minima()
            self._draw_starts()

    def recolour(self) -> None:
        """Take the colours of the theme where plots do not do so themselves."""
        if self._profile is not None:
            self.line.show_curves([Curve("f", self._profile.x, self._profile.f, theme.current().muted)])

    # What stands still.

    def _place_camera(self) -> None:
        if self._look.camera is not None:
            self.surface.set_camera(self.surface.camera().turned(*self._look.camera))

    def _draw_map(self) -> None:
        if self.landscape is None or not self._memo.news("map", self._look.height, self._look.field):
            return
        grid = self.landscape.grid
        self._heights = Heights.over(self._look.height, grid.z)
        z, ticks = self._heights.of(grid.z), self._heights.ticks()
        self.contour.set_map(grid.x, grid.y, z, ticks=ticks, values=grid.z)
        self._draw_ground()
        self._title()
        if not self._look.field:
            self.contour.set_field(NOTHING, NOTHING, np.empty((0, 0)), np.empty((0, 0)))

    def _draw_ground(self) -> None:
        if self.landscape is not None:
            grid = self.landscape.grid
            z, ticks = self._heights.of(grid.z), self._heights.ticks()
            self.surface.set_surface(grid.x, grid.y, z, ticks=ticks, values=grid.z)

    def _draw_minima(self) -> None:
        axes, objective = self.axes(), self._spec.objective
        if not self._memo.news("minima", self._look.minima, axes):
            return
        through = None if self.landscape is None or len(axes) == 1 else self.landscape.at
        text = self.tr("known minimum")
        found = list(pictures.minima(objective, axes, through)) if self._look.minima else []
        if len(axes) == 1:
            self.line.set_spots([Spot(m[0], self._height(m[0]), "minimum", text) for m in found])
            return
        self._minima = [Spot(m[axes[0]], m[axes[1]], "minimum", text) for m in found]
        self.surface.set_spots(self._minima)
        self._memo.forget("step")

    def _height(self, x: float) -> float:
        """Return f(x) of a function of one variable, off its domain that of the nearer end; NaN while not known."""
        return float("nan") if self._profile is None else float(np.interp(x, self._profile.x, self._profile.f))

    def _draw_starts(self) -> None:
        axes, spec, look = self.axes(), self._spec, self._look
        if not self._memo.news("starts", axes, spec.start, spec.racers, look.racers):
            return
        places = [(racer.start, racer.id, colour(look.of(racer.id))) for racer in spec.racers if racer.start]
        common: list[Any] = []
        if len(places) < len(spec.racers):
            common = [(spec.start or spec.objective.start, "", None)]
        if len(axes) == 1:
            rings = [Start(at[0], self._height(at[0]), key, tone) for at, key, tone in common + places]
            self.line.set_starts([ring for ring in rings if math.isfinite(ring.y)])
            return
        starts = [Start(at[axes[0]], at[axes[1]], key, tone) for at, key, tone in common + places]
        self.contour.set_starts(starts)
        self.surface.set_starts(starts)

    # What moves from frame to frame.

    def set_tracks(self, tracks: Sequence[Track], cursor: int | None) -> list[Part]:
        """Take the runs; return what draws them, a part for each plot."""
        self._tracks, self._cursor = tracks, cursor
        return [self._draw_flat, self._draw_surface, self._draw_step]

    def _draw_flat(self) -> bool:
        return self._draw_ways("line", self.line) or self._draw_ways("contour", self.contour)

    def _draw_surface(self) -> bool:
        return self._draw_ways("surface", self.surface)

    def _draw_ways(self, name: str, plot: Any) -> bool:
        axes, tracks, look = self.axes(), self._tracks, self._look
        causes = pictures.stamp(tracks), self._cursor, axes, look.racers
        if not plot.isVisible() or not self._memo.news(name, *causes):
            return False
        plane = (axes[0], axes[-1])
        plot.set_paths(pictures.paths(tracks, self._spec, look, self._cursor, plane))
        if len(axes) == 2:
            plot.set_swarms(pictures.swarms(tracks[-1], look, self._cursor, plane) if tracks else [])
        return True

    def _draw_step(self) -> bool:
        axes, look, track = self.axes(), self._look, self._tracks[-1] if self._tracks else None
        shown = (look.racers, look.focus, look.vectors, look.tangent)
        if not self._memo.news("step", pictures.stamp(self._tracks[-1:]), self._cursor, axes, shown):
            return False
        if track is not None and track.spec.objective != self._spec.objective:
            track = None
        if len(axes) == 1:
            step_layer.draw_slope(self.line, track, self._cursor, look)
            return True
        plane = (axes[0], axes[1])
        rings = step_layer.draw_vectors(self.contour, track, self._cursor, look, plane)
        self.contour.set_spots([*self._minima, *rings])
        step_layer.draw_level(self.contour, track, self._cursor, look, self.landscape)
        return True


def _beside(nodes: np.ndarray, at: float) -> slice:
    """Return the two nodes around a point."""
    last = min(max(int(np.searchsorted(nodes, at)), 1), len(nodes) - 1)
    return slice(last - 1, last + 1)
