"""The function as a shaded surface: orbit, zoom, pick; paths and marks on it. Import only where OpenGL works."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.ui import theme

from . import colours
from .camera import Projection, project
from .isolines import LINES
from .marks import BRIGHT, CASING, Symbol, head_symbols, spot_symbols
from .mesh import HeightField
from .orbit import Orbit
from .scene import Scene
from .surface_items import Block, Lines, shaded
from .surface_overlay import Axes, draw_marks
from .surface_ways import UNSEEN, Sight, Ways
from .values import PERSPECTIVE, TOP, Camera, Columns, Floats, Path, Spot, Start, Swarm, Ticks

GRIP_PX = 11
"""How far from the middle of a ring it can be gripped."""
REST_MS = 120
"""How long a live surface rests before its iso-lines are drawn again."""


class SurfaceView(QWidget):
    """A height field in its box."""

    picked = Signal(float, float)
    """A click on the surface, in data units; a drag never picks."""
    startMoved = Signal(str, float, float, bool)
    """Key of a start that is dragged, x, y, and whether the drag is done; the owner moves it."""
    cameraChanged = Signal(object)
    """The camera after the user moved it."""
    failed = Signal(str)
    """OpenGL gave up (one line, once); show the contour instead."""

    def __init__(self, parent: QWidget | None = None, *, x: str = "x", y: str = "y", z: str = "f") -> None:
        super().__init__(parent)
        self._names = (x, y, z)
        self._orbit = Orbit(self)
        self._orbit.moved.connect(self._moved)
        self._lens: Projection | None = None
        self._lens_key: object = None
        self._field: HeightField | None = None
        self._axes: Axes | None = None
        self._sight: Sight | None = None
        self._marks_key: object = None
        self._heads_key: object = None
        self._marks_picture = QPixmap()
        self._colour: Floats | None = None
        self._z_ticks: Ticks | None = None
        self._line_count = LINES
        self._map_name = "viridis"
        self._paths: tuple[Path, ...] = ()
        self._starts: tuple[Start, ...] = ()
        self._gripped: Start | None = None
        self._spots: tuple[Spot, ...] = ()
        self._swarms: tuple[Swarm, ...] = ()
        self._ways = Ways()
        self._scene = Scene(self)
        self._block, self._lines = Block(self._scene), Lines(self._scene)
        self._build()
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._show_lines)
        theme.watcher().changed.connect(self._recolour)
        self._recolour(theme.current())

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.addWidget(self._scene)
        self.setProperty("class", "plot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._scene.orbited.connect(self._orbit.turn)
        self._scene.panned.connect(self._pan)
        self._scene.zoomed.connect(self._orbit.zoom)
        self._scene.clicked.connect(self._click)
        self._scene.dragged.connect(self._drag)
        self._scene.failed.connect(self.failed)

    # what is drawn

    def set_surface(
        self,
        x: Floats,
        y: Floats,
        z: Floats,
        *,
        colour: Floats | None = None,
        lines: int = LINES,
        ticks: Ticks | None = None,
        values: Floats | None = None,
        live: bool = False,
    ) -> None:
        """Draw z[j, i] over x[i], y[j] (ascending, even), already transformed (log, rank); NaN is a hole.

        ``values``: what z was before it was transformed, for the table.

        ``colour`` (of z's shape) colours it by something else than height; ``ticks`` label the height axis in units of
        z; ``live`` leaves the iso-lines for when it comes to rest.
        """
        self._field = HeightField(np.asarray(x, float), np.asarray(y, float), np.asarray(z, float))
        self._colour, self._z_ticks, self._line_count = colour, ticks, lines
        self._values = self._field.z if values is None else values
        self._axes = Axes(self._field, self._names, ticks)
        self._lens_key = None
        self._block.show(self._field, shaded(self._field, colour, self._map_name))
        self._lines.hide_iso()
        if live:
            self._rest.start()
        else:
            self._show_lines()
        self._show_ways()

    def set_colour_map(self, name: str) -> None:
        """Choose one of ``colours.MAPS``; raise ``ValueError`` for another."""
        colours.table(name)
        if name == self._map_name:
            return
        self._map_name = name
        if self._field is not None:
            self._block.show(self._field, shaded(self._field, self._colour, name))
            self._show_lines()

    def set_axes(self, x: str, y: str, z: str) -> None:
        """Name the axes."""
        if self._names == (x, y, z):
            return
        self._names = (x, y, z)
        if self._field is not None:
            self._axes = Axes(self._field, self._names, self._z_ticks)
            self._scene.update_over()

    def set_paths(self, paths: Sequence[Path]) -> None:
        """Draw the racers' ways on the surface; each step follows the ground below it."""
        self._paths = tuple(paths)
        self._show_ways()

    def set_starts(self, starts: Sequence[Start]) -> None:
        """Mark the starts with rings."""
        if self._starts != tuple(starts):
            self._starts = tuple(starts)
            self._scene.update_over()

    def set_spots(self, spots: Sequence[Spot]) -> None:
        """Mark stationary points: + minimum, × saddle, △ maximum."""
        if self._spots != tuple(spots):
            self._spots = tuple(spots)
            self._scene.update_over()

    def set_swarms(self, swarms: Sequence[Swarm]) -> None:
        """Draw many points on the surface."""
        if swarms or self._swarms:
            self._swarms = tuple(swarms)
            self._show_ways()

    # the camera

    def camera(self) -> Camera:
        """Return where it is seen from."""
        return self._orbit.camera

    def set_camera(self, camera: Camera) -> None:
        """See it from there; emits nothing."""
        before = self._orbit.camera
        self._orbit.place(camera)
        if self._orbit.camera != before:
            self._show_back()

    def perspective(self) -> None:
        """See it from the front, slightly above."""
        self._orbit.move(PERSPECTIVE)

    def top(self) -> None:
        """See it from straight above, as a map."""
        self._orbit.move(TOP)

    def reset_view(self) -> None:
        """See all of it, in the manner in force."""
        self._orbit.reset()

    def pick(self, px: float, py: float) -> tuple[float, float] | None:
        """Return (x, y) of the surface under a pixel of this widget, None beside it."""
        if self._field is None:
            return None
        place = self._field.cast(*self.projection().ray(px - self._scene.x(), py - self._scene.y()))
        return None if place is None else self._field.to_data(place)

    def to_pixels(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of this widget where the surface stands at data point (x, y)."""
        assert self._field is not None
        places = self._field.to_scene(np.array([x]), np.array([y]))
        at = self.projection().to_pixels(np.c_[places, self._field.on_surface(places)])[0]
        return float(at[0]) + self._scene.x(), float(at[1]) + self._scene.y()

    def grip(self, px: float, py: float) -> bool:
        """Take hold of the start whose ring is under a pixel of the scene; tell whether there is one."""
        near = [start for start in self._starts if self._field is not None and self._distance(start, px, py) <= GRIP_PX]
        self._gripped = near[-1] if near else None
        return bool(near)

    def _distance(self, start: Start, px: float, py: float) -> float:
        """Return how far the ring of a start is from a pixel of the scene; NaN off the ground."""
        x, y = self.to_pixels(start.x, start.y)
        return math.hypot(x - self._scene.x() - px, y - self._scene.y() - py)

    def columns(self) -> Columns:
        """Return the grid as three columns, values as they were before they became heights."""
        if self._field is None:
            return {}
        gx, gy = np.meshgrid(self._field.x, self._field.y)
        columns = (gx.ravel(), gy.ravel(), self._values.ravel())
        return dict(zip(self._names, columns, strict=True))

    def summary(self) -> str:
        """Return the domain and the heights."""
        if self._field is None:
            return self.tr("Empty surface")
        f, (low, high) = self._field, self._field.span
        text = self.tr("Surface over {x} {x0:g} to {x1:g} and {y} {y0:g} to {y1:g}, heights {low:g} to {high:g}")
        return text.format(
            x=self._names[0], y=self._names[1], x0=f.x[0], x1=f.x[-1], y0=f.y[0], y1=f.y[-1], low=low, high=high
        )

    def rehearse(self) -> Iterator[None]:
        """Get ready for the first drawing, a bit at a time; nothing of it is seen."""
        yield from self._scene.rehearse()

    def paint_plot(self, painter: QPainter, scale: float) -> None:
        """Paint it for an export at ``scale``: the surface as a picture, axes and marks as lines and text."""
        painter.drawImage(QRectF(self._scene.geometry()), self._scene.fine_picture(scale))
        painter.translate(self._scene.pos())
        self.paint_overlay(painter)

    # what the scene asks for

    def projection(self) -> Projection:
        """Return the picture in force."""
        key = (self._orbit.camera, self._scene.width(), self._scene.height())
        if self._lens is None or self._lens_key != key:
            box = self._axes.corners() if self._axes else np.array([[-1.0, -1, 0], [1, 1, 1]])
            self._lens = project(self._orbit.camera, box, (self._scene.width(), self._scene.height()))
            self._lens_key = key
        return self._lens

    def paint_overlay(self, painter: QPainter) -> None:
        """Paint all that stands around and over the scene."""
        self.paint_axes(painter)
        self.paint_moving(painter, kept=False)

    def axes_key(self) -> tuple[object, ...]:
        """Return what changes with the look of the axes."""
        return self._axes, self.projection(), theme.current().name

    def paint_axes(self, painter: QPainter) -> None:
        """Paint what stands around the scene."""
        if self._axes is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._axes.draw(painter, self.projection())

    def paint_moving(self, painter: QPainter, *, kept: bool = True) -> None:
        """Paint what may change from frame to frame: the racers' ways, then the marks; ``kept``: as they were kept."""
        if self._field is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._ways.empty:
            self._ways.paint(painter, self._seen())
        if kept:
            painter.drawPixmap(0, 0, self._kept_marks(self._field))
        else:
            self.paint_marks(painter, self._field)
        draw_marks(painter, self._seen(), self._field, head_symbols(self._paths, BRIGHT, on_map=True))

    def marks_key(self) -> tuple[object, ...]:
        """Return what changes with what ``paint_marks`` paints, the view apart."""
        return self._spots, self._starts

    def paint_marks(self, painter: QPainter, field: HeightField) -> None:
        """Paint what changes by hand alone: stationary points and starts."""
        draw_marks(painter, self._seen(), field, self._still_marks())

    def _kept_marks(self, field: HeightField) -> QPixmap:
        """Return the marks as a picture, made anew when one of them or the view is another."""
        ratio = self.devicePixelRatioF()
        key = (*self.marks_key(), field, self.projection(), theme.current().name, ratio)
        if self._marks_key != key:
            self._marks_key = key
            self._marks_picture = QPixmap(self._scene.size() * ratio)
            self._marks_picture.setDevicePixelRatio(ratio)
            self._marks_picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._marks_picture)
            try:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self.paint_marks(painter, field)
            finally:
                painter.end()
        return self._marks_picture

    def _seen(self) -> Sight:
        """Return how the ground is seen, the same one as long as nothing of that changes."""
        lens, depth = self.projection(), self._scene.depths()
        if self._sight is None or self._sight.lens is not lens or self._sight.depth is not depth:
            self._sight = Sight(lens, depth)
        return self._sight

    # how

    def _still_marks(self) -> list[Symbol]:
        symbols = spot_symbols(self._spots, BRIGHT, CASING)
        tokens = theme.current()
        for start in self._starts:
            face = BRIGHT if start.colour is None else tokens.on_map(start.colour)
            symbols.append(Symbol(start.x, start.y, "ring", 13, face, CASING))
        return symbols

    def _show_lines(self) -> None:
        self._rest.stop()
        if self._field is not None:
            self._lines.show_iso(self._field, self._line_count, self._map_name)
        self._show_back()

    def _show_back(self) -> None:
        if self._axes is not None:
            self._lines.show_back(self._axes.back_lines(self.projection().towards))
        self._scene.update()

    def _show_ways(self) -> None:
        if self._field is not None:
            moved = self._ways.show(self._field, self._paths, self._swarms)
            heads = self._head_key(self._field)
            if moved or heads != self._heads_key:
                self._heads_key = heads
                self._scene.update_over()

    def _head_key(self, field: HeightField) -> tuple[object, ...]:
        """Return what changes when a racer is seen to be elsewhere, or otherwise."""
        heads = head_symbols(self._paths, BRIGHT, on_map=True)
        if not heads:
            return ()
        places = field.to_scene(np.array([s.x for s in heads]), np.array([s.y for s in heads]))
        rounded = np.round(places / (2 * UNSEEN)).tolist()
        return tuple((*at, s.shape, s.face.rgba()) for at, s in zip(rounded, heads, strict=True))

    def _recolour(self, tokens: theme.Theme) -> None:
        self._scene.set_ground(tokens)
        self._block.recolour(tokens)
        self._lines.recolour(tokens)
        self._show_ways()

    def _moved(self, camera: Camera) -> None:
        self._show_back()
        self.cameraChanged.emit(camera)

    def _pan(self, dx: float, dy: float) -> None:
        self._orbit.pan(dx, dy, self.projection())

    def _click(self, px: float, py: float) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at = self.pick(px + self._scene.x(), py + self._scene.y())
        if at is not None:
            self.picked.emit(*at)

    def _drag(self, px: float, py: float, done: bool) -> None:
        """Say where the gripped start is wanted; beside the surface it stays where it was last."""
        assert self._gripped is not None
        at = self.pick(px + self._scene.x(), py + self._scene.y())
        if at is not None:
            self._gripped = replace(self._gripped, x=at[0], y=at[1])
        if at is not None or done:
            self.startMoved.emit(self._gripped.key, self._gripped.x, self._gripped.y, done)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Orbit with the arrows, zoom with + and -, R resets, T looks from the top, P in perspective."""
        if not self._orbit.key(Qt.Key(event.key())):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell a screen reader what is drawn now."""
        self.setAccessibleDescription(self.summary())
        super().focusInEvent(event)
