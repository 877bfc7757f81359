"""The stage of a descent: surface and contour above, curves below, all from values handed in once per frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, cast, get_args

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton

from gradlab.labs.descent.inspect import Curvature, Curvatures, Field, Landscape, Profile
from gradlab.labs.descent.look import DescentLook, Quantity
from gradlab.labs.descent.spec import DescentSpec
from gradlab.ui import theme
from gradlab.ui.editors import Decoration
from gradlab.ui.gl import gl_available
from gradlab.ui.lab_view import LabView, Track
from gradlab.ui.plots.contour import ContourPlot
from gradlab.ui.plots.curves import CurvePlot
from gradlab.ui.plots.fallback import make_surface
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Camera, Curve, Path, Spot, Start
from gradlab.ui.widgets import splitter

from . import pictures
from .heights import Heights
from .palette import colour, pinned, racer_name
from .reading import ReadingPane

NOTHING = np.empty(0)


class DescentView(LabView):
    """Draws a race; edits of the start come from its plots."""

    def __init__(self) -> None:
        super().__init__()
        self._spec, self._look = DescentSpec(), DescentLook()
        self._tracks: Sequence[Track] = ()
        self._cursor: int | None = None
        self._found: dict[str, Curvature] = {}
        self._landscape: Landscape | None = None
        self._drawn_map: Any = None
        self._turn = 0
        self._windows: list[tuple[float, float] | None] = [None, None]
        self._heights = Heights.over("log", np.zeros(1))

    # Building.

    def build(self) -> Iterator[None]:
        """Make the plots and the reading pane, one at a time."""
        self.surface: Any = make_surface(self)
        yield
        self.contour = ContourPlot()
        yield
        self.line = LinePlot()
        yield
        self.curves = [CurvePlot()]
        yield
        self.curves.append(CurvePlot())
        yield
        self.reading = ReadingPane(self)
        yield
        self._frame_plots()
        yield
        self._lay_out()
        self._connect()
        yield

    def _frame_plots(self) -> None:
        self.surface_frame = PlotFrame("surface", self.surface, self.tr("Surface"), parent=self)
        self.contour_frame = PlotFrame("contour", self.contour, self.tr("Contour"), parent=self)
        self.line_frame = PlotFrame("line", self.line, self.tr("Function"), parent=self)
        self.curve_frames = [PlotFrame(f"curve-{n}", plot, log=True, parent=self) for n, plot in enumerate(self.curves)]
        for frame, slot in zip(self.curve_frames, range(2), strict=True):
            self._add_quantities(frame, slot)
        self._add_map_menu()

    def _lay_out(self) -> None:
        self._top = splitter(
            "descent-top", Qt.Orientation.Horizontal, self.surface_frame, self.contour_frame, self.line_frame
        )
        bottom = splitter("descent-bottom", Qt.Orientation.Horizontal, *self.curve_frames)
        stage = splitter("descent-stage", Qt.Orientation.Vertical, self._top, bottom, sizes=(560, 290))
        body = splitter("descent-body", Qt.Orientation.Horizontal, stage, self.reading, sizes=(760, 316))
        body.setStretchFactor(0, 1)
        body.setStretchFactor(1, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(body)

    def _add_quantities(self, frame: PlotFrame, slot: int) -> None:
        action = QAction(self.tr("Quantity"), frame)
        menu = QMenu(frame)
        for quantity in get_args(Quantity):
            entry = menu.addAction(self._words(quantity))
            entry.triggered.connect(lambda _=False, slot=slot, quantity=quantity: self._choose(slot, quantity))
        action.setMenu(menu)
        button = frame.add_tool(action)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)

    def _add_map_menu(self) -> None:
        self._map_actions: dict[str, QAction] = {}
        flags = {
            "minima": self.tr("Known minima"),
            "field": self.tr("Gradient field"),
            "tangent": self.tr("Level set and tangent"),
            "vectors": self.tr("Vectors of the step"),
        }
        for name, text in flags.items():
            action = QAction(text, self, checkable=True)
            action.toggled.connect(lambda on, name=name: self._looked(**{name: on}))
            self._map_actions[name] = action
            self.contour_frame.add_menu_action(action)
        for frame in (self.surface_frame, self.contour_frame):
            self._add_choice(
                frame, "height", {"linear": self.tr("linear"), "log": self.tr("log"), "rank": self.tr("rank")}
            )

    def _add_choice(self, frame: PlotFrame, name: str, words: Mapping[str, str]) -> None:
        action = QAction(self.tr("Scale"), frame)
        menu, group = QMenu(frame), QActionGroup(frame)
        for value, text in words.items():
            entry = menu.addAction(text)
            entry.setCheckable(True)
            entry.setChecked(getattr(self._look, name) == value)
            entry.setData(value)
            group.addAction(entry)
            entry.triggered.connect(lambda _=False, name=name, value=value: self._looked(**{name: value}))
        action.setMenu(menu)
        button = frame.add_tool(action)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._choices = [*getattr(self, "_choices", []), (action, group, name)]

    def _connect(self) -> None:
        self.contour.clicked.connect(lambda x, y: self._start("", (x, y), done=True))
        self.contour.startMoved.connect(lambda key, x, y, done: self._start(key, (x, y), done=done))
        self.line.clicked.connect(lambda x: self._start("", (x,), done=True))
        self.line.startMoved.connect(lambda key, x, done: self._start(key, (x,), done=done))
        self.surface.picked.connect(lambda x, y: self._start("", (x, y), done=True))
        self.surface.cameraChanged.connect(self._camera_moved)
        self.surface.failed.connect(self._arrange)
        self.reading.focused.connect(lambda racer: self._looked(focus=racer))
        for slot, (frame, plot) in enumerate(zip(self.curve_frames, self.curves, strict=True)):
            frame.logToggled.connect(partial(self._set_log, slot))
            plot.hovered.connect(partial(self._link_hover, plot))
            plot.toggled.connect(self._toggle)
            plot.cursorMoved.connect(self.scrubbed)
            plot.windowChanged.connect(partial(self._look_at, slot))
            plot.set_readings(partial(self._exact, slot))
        theme.watcher().changed.connect(self._recolour)

    # What the user does on the stage.

    def _start(self, key: str, place: tuple[float, ...], *, done: bool) -> None:
        axes = self._axes()[: len(place)]
        point = list(next((self._spec.start_of(r) for r in self._spec.racers if r.id == key), self._common_start()))
        for axis, value in zip(axes, place, strict=True):
            point[axis] = float(value)
        if key:
            racers = tuple(r.replace(start=tuple(point)) if r.id == key else r for r in self._spec.racers)
            spec = self._spec.replace(racers=racers)
        else:
            spec = self._spec.replace(start=tuple(point))
        self.edited.emit(spec, done)

    def _common_start(self) -> tuple[float, ...]:
        return self._spec.start or self._spec.objective.start

    def _looked(self, **changes: Any) -> None:
        look = self._look.replace(**changes)
        if look != self._look:
            self.looked.emit(look)

    def _choose(self, slot: int, quantity: Quantity) -> None:
        shown = list(self._look.curves)
        shown[slot] = quantity
        self._looked(curves=tuple(shown))

    def _set_log(self, slot: int, on: bool) -> None:
        quantity = self._look.curves[slot]
        others = tuple(name for name in self._look.linear if name != quantity)
        self._looked(linear=others if on else (*others, quantity))

    def _toggle(self, key: str) -> None:
        racer = self._look.of(key.removeprefix("old-"))
        self._looked(racers=self._look.with_racer(racer.replace(visible=not racer.visible)).racers)

    def _camera_moved(self, camera: Camera) -> None:
        self._looked(camera=(camera.azimuth, camera.elevation, camera.zoom))

    def _look_at(self, slot: int, low: float, high: float) -> None:
        """Draw finer points where the user has zoomed in."""
        window = None if math.isnan(low) else (low, high)
        if window != self._windows[slot]:
            self._windows[slot] = window
            self._draw_curves(slot)

    def _exact(self, slot: int, step: float) -> Mapping[str, float]:
        return pictures.readings(self._tracks, self._look.curves[slot], step)

    def _link_hover(self, source: CurvePlot, x: float | None) -> None:
        for plot in self.curves:
            if plot is not source:
                plot.set_hover(x)

    # What the page shows.

    def show_spec(self, spec: DescentSpec) -> None:
        """Show the function and the starts."""
        if spec.objective != self._spec.objective:
            self._found.clear()
            self._landscape = None
        self._spec = spec
        if pinned(spec, self._look) != self._look:
            self.looked.emit(pinned(spec, self._look))
        self.reading.show_objective(spec)
        names = spec.objective.variables
        axes = self._axes()
        if len(axes) == 2:
            self.contour.set_axes(names[axes[0]], names[axes[1]])
            self.surface.set_axes(names[axes[0]], names[axes[1]], "f")
        else:
            self.line.set_axes(names[0], "f")
        self._arrange()
        self._draw_starts()

    def _arrange(self, _reason: str = "") -> None:
        """Show the plots that this function has: one line for one variable, surface and contour for more."""
        flat = self._spec.objective.dimension == 1
        solid = gl_available()
        self.line_frame.setVisible(flat)
        self.contour_frame.setVisible(not flat)
        self.surface_frame.setVisible(not flat and solid)
        self._title_maps()

    def _title_maps(self) -> None:
        words = self._heights.words("f")
        slices = ""
        if self._spec.objective.dimension > 2:
            names = self._spec.objective.variables
            slices = " · " + self.tr("slice through the iterate, {x} and {y}").format(
                x=names[self._axes()[0]], y=names[self._axes()[1]]
            )
        self.surface_frame.set_title(self.tr("Surface"), self.tr("height {words}").format(words=words) + slices)
        missing = "" if gl_available() else " · " + self.tr("3-D needs OpenGL, which is missing here")
        self.contour_frame.set_title(
            self.tr("Contour"), self.tr("colour {words}").format(words=words) + slices + missing
        )
        self.line_frame.set_title(self._spec.objective.name(), self.tr("the iterates on the curve"))

    def _axes(self) -> tuple[int, ...]:
        dimension = self._spec.objective.dimension
        if dimension == 1:
            return (0,)
        first, second = self._look.axes
        return (first, second) if max(first, second) < dimension and first != second else (0, 1)

    def show_look(self, look: DescentLook) -> None:
        """Draw in this way from now on."""
        self._look = look
        for name, action in self._map_actions.items():
            action.blockSignals(True)
            action.setChecked(getattr(look, name))
            action.blockSignals(False)
        for button, group, name in self._choices:
            for entry in group.actions():
                entry.setChecked(entry.data() == getattr(look, name))
                if entry.isChecked():
                    button.setText(entry.text())
        for slot, quantity in enumerate(look.curves):
            frame, plot = self.curve_frames[slot], self.curves[slot]
            frame.set_title(self._words(quantity), self.tr("against step"))
            frame.set_log(quantity not in look.linear)
            plot.set_axes(self.tr("step"), self._words(quantity))
            plot.set_log(quantity not in look.linear)
        self.contour.set_colour_map(look.color_map)
        self.surface.set_colour_map(look.color_map)
        if look.camera is not None:
            azimuth, elevation, zoom = look.camera
            self.surface.set_camera(Camera(azimuth, elevation, zoom, flat=elevation >= 90))
        self._draw_map()
        self._draw_starts()
        self.show_tracks(self._tracks, self._cursor)

    def _words(self, quantity: str) -> str:
        return {
            "f": "f",
            "grad_norm": "|∇f|",
            "step_length": self.tr("step length"),
            "effective_lr": self.tr("effective lr"),
            "lr": "lr",
        }[quantity]

    def show_reading(self, reading: Any) -> None:
        """Take a picture of the state in."""
        match reading:
            case Landscape():
                if self._landscape is None or not reading.coarser(self._landscape):
                    self._landscape = reading
                    self._draw_map()
            case Field():
                self._draw_field(reading)
            case Profile():
                curve = Curve("f", reading.x, reading.f, self._neutral())
                self.line.show_curves([curve])
                self._draw_spots()
            case Curvatures():
                self._found = {one.racer: one for one in reading.racers}
                self._show_numbers(reading.row)

    def _neutral(self) -> str:
        return theme.current().muted

    def _draw_map(self) -> None:
        if self._landscape is None or self._spec.objective.dimension == 1:
            return
        wanted = (id(self._landscape), self._look.height, self._look.minima, self._look.field, theme.current().name)
        if wanted == self._drawn_map:
            return
        self._drawn_map = wanted
        grid = self._landscape.grid
        self._heights = Heights.over(self._look.height, grid.z)
        z, ticks = self._heights.of(grid.z), self._heights.ticks()
        self.contour.set_map(grid.x, grid.y, z, ticks=ticks)
        self.surface.set_surface(grid.x, grid.y, z, ticks=ticks)
        self._title_maps()
        self._draw_spots()
        if not self._look.field:
            self.contour.set_field(NOTHING, NOTHING, np.empty((0, 0)), np.empty((0, 0)))

    def _draw_spots(self) -> None:
        axes, objective = self._axes(), self._spec.objective
        minima = objective.minima if self._look.minima and objective.dimension <= 2 else ()
        text = self.tr("known minimum")
        if len(axes) == 1:
            self.line.set_spots([Spot(m[0], self._value_at(m), "minimum", text) for m in minima])
            return
        spots = [Spot(m[axes[0]], m[axes[1]], "minimum", text) for m in minima]
        self.contour.set_spots(spots)
        self.surface.set_spots(spots)

    def _value_at(self, point: tuple[float, ...]) -> float:
        found = self.line.columns()
        x, f = (np.asarray(found[name], dtype=float) for name in list(found)[:2])
        return float(np.interp(point[0], x, f))

    def _draw_field(self, field: Field) -> None:
        side = round(len(field.at) ** 0.5)
        at, down = field.at.reshape(side, side, 2), -field.gradient.reshape(side, side, 2)
        self.contour.set_field(at[0, :, 0], at[:, 0, 1], down[:, :, 0], down[:, :, 1])

    def _draw_starts(self) -> None:
        axes = self._axes()
        own = [racer for racer in self._spec.racers if racer.start is not None]
        places: list[tuple[tuple[float, ...], str, Any]] = []
        if len(own) < len(self._spec.racers):
            places.append((self._common_start(), "", None))
        places += [(cast("tuple[float, ...]", racer.start), racer.id, colour(self._look.of(racer.id))) for racer in own]
        if len(axes) == 1:
            self.line.set_starts([Start(place[0], 0.0, key, tone) for place, key, tone in places])
            return
        starts = [Start(place[axes[0]], place[axes[1]], key, tone) for place, key, tone in places]
        self.contour.set_starts(starts)
        self.surface.set_starts(starts)

    def show_tracks(self, tracks: Sequence[Track], cursor: int | None, *, hurried: bool = False) -> None:
        """Draw the runs at a row: everything, or, when hurried, one plot after the other, frame by frame."""
        self._tracks, self._cursor = tracks, cursor
        front = tracks[-1] if tracks else None
        if front is None or not front.history.rows:
            self._draw_nothing()
            return
        curves = [partial(self._draw_curves, slot) for slot in range(len(self.curves))]
        parts: list[Callable[[], None]] = [self._draw_contour, self._draw_surface, *curves, self._draw_step]
        self._turn = (self._turn + 1) % len(parts)
        for draw in parts[self._turn :][:1] if hurried else parts:
            draw()

    def _draw_curves(self, slot: int) -> None:
        plot = self.curves[slot]
        if plot.isVisible():
            quantity, points = self._look.curves[slot], max(400, 2 * plot.width())
            plot.show_curves(pictures.curves(self._tracks, self._look, quantity, self._windows[slot], points))
            plot.set_cursor(None if self._cursor is None else float(self._cursor))

    def _draw_nothing(self) -> None:
        for plot in self.curves:
            plot.show_curves([])
        self.line.set_paths([])
        self.contour.set_paths([])
        self.surface.set_paths([])
        self._show_race()

    def _draw_contour(self) -> None:
        if self.line.isVisible():
            self.line.set_paths(self._paths())
        elif self.contour.isVisible():
            self._draw_paths(self.contour)

    def _draw_surface(self) -> None:
        if self.surface.isVisible():
            self._draw_paths(self.surface)

    def _draw_paths(self, plot: Any) -> None:
        axes = self._axes()
        plot.set_paths(self._paths())
        plot.set_swarms(pictures.swarms(self._tracks[-1], self._look, self._cursor, (axes[0], axes[-1])))

    def _paths(self) -> list[Path]:
        axes = self._axes()
        return pictures.paths(self._tracks, self._spec, self._look, self._cursor, (axes[0], axes[-1]))

    def _draw_step(self) -> None:
        self._show_race()
        track = self._tracks[-1]
        row = track.history.rows - 1 if self._cursor is None else self._cursor
        _, state = pictures.explained(track.history, row)
        index = self._focus_index(track.spec)
        self.reading.show_step(state, index)
        axes = self._axes()
        if len(axes) == 1:
            slope = float(state["grad"][index][0])
            self.line.set_tangent(float(state["x"][index][0]), float(state["f"][index]), slope)
            return
        both = (axes[0], axes[1])
        self.contour.set_vectors(
            list(pictures.vectors(track.spec, self._look, state, both)) if self._look.vectors else []
        )
        self._draw_tangent(track, row, index, both)

    def _draw_tangent(self, track: Track, row: int, index: int, axes: tuple[int, int]) -> None:
        if not self._look.tangent or self._landscape is None:
            self.contour.set_level(NOTHING, NOTHING)
            self.contour.set_tangent(NOTHING, NOTHING)
            return
        state, grid = track.history.row(row), self._landscape.grid
        self.contour.set_level(*pictures.level_set(grid.x, grid.y, grid.z, float(state["f"][index])))
        self.contour.set_tangent(*pictures.tangent(track.spec, state["x"][index], state["grad"][index], axes))

    def _focus_index(self, spec: DescentSpec) -> int:
        ids = [racer.id for racer in spec.racers]
        return ids.index(self._look.focus) if self._look.focus in ids else 0

    def _show_numbers(self, step: int | None) -> None:
        spec = self._tracks[-1].spec if self._tracks and step is not None else self._spec
        index = self._focus_index(spec)
        racer = spec.racers[index]
        one = self._found.get(racer.id)
        if one is None:
            return
        lr = racer.optimizer.lr
        if step is not None and self._tracks and step < self._tracks[-1].history.rows:
            lr = float(self._tracks[-1].history.row(step)["lr"][index])
        self.reading.show_numbers(spec, self._look, step, one, lr)
        self._show_race()

    def _show_race(self) -> None:
        track = self._tracks[-1] if self._tracks and self._tracks[-1].history.rows else None
        if track is None:
            self.reading.show_race(self._spec, self._look, None, self._found)
            return
        row = track.history.rows - 1 if self._cursor is None else self._cursor
        self.reading.show_race(track.spec, self._look, track.history.row(row), self._found)

    def _recolour(self, _theme: Any) -> None:
        self._draw_map()
        self.show_tracks(self._tracks, self._cursor)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while this was hidden."""
        super().showEvent(event)
        self.show_tracks(self._tracks, self._cursor)

    # Cards, plots.

    def decorations(self, spec: DescentSpec, look: DescentLook) -> Mapping[str, Decoration]:
        """Return how each racer's card looks."""
        tokens = theme.current()
        return {
            racer.id: Decoration(
                tokens.colour(colour(look.of(racer.id))).name(),
                racer_name(spec, look, racer),
                look.of(racer.id).visible,
            )
            for racer in spec.racers
        }

    def decorated(self, spec: DescentSpec, look: DescentLook, part: str, name: str, value: object) -> DescentLook:
        """Return the look after the user gave a racer another colour, name or visibility."""
        return look.with_racer(look.of(part).replace(**{name: value}))

    def maximise(self, plot: PlotFrame | None) -> None:
        """Give the stage to one plot; the reading pane stays."""
        super().maximise(plot)
        if plot is None:
            self._arrange()

    def set_compact(self, on: bool) -> None:
        """Leave the reading pane out where the window is too narrow for it."""
        self.reading.setVisible(not on)

    def plots(self) -> Sequence[PlotFrame]:
        """Return the plots on the stage."""
        return (self.surface_frame, self.contour_frame, self.line_frame, *self.curve_frames)
