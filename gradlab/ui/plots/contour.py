"""The function from above: colours, iso-lines, racers' paths, arrows, and a start that can be dragged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from . import colours, ticks
from .arrows import Arrows
from .canvas import MARGINS_PX, Canvas
from .colour_bar import ColourBar
from .isolines import LINES, iso_lines
from .level_line import LevelLine
from .map_layer import MapLayer, arrows
from .marks import BRIGHT, CASING, Symbols, spot_symbols
from .path_set import PathSet
from .readout import Note
from .rings import Rings
from .swarm import Dots
from .values import Columns, Floats, Path, Picked, Spot, Start, Swarm, Ticks, Vector

BAR_GAP_PX = 12
NUDGE = 0.005
"""How far an arrow key moves the start, in parts of the view; Shift moves ten times as far."""
EMPTY: Floats = np.empty(0)
Reading = Callable[[float, float], str]


class ContourPlot(Canvas):
    """A map of z over x and y."""

    startMoved = Signal(str, float, float, bool)
    """Key of the start, x, y, and whether the drag (or key press) is done."""
    clicked = Signal(float, float)

    def __init__(self, parent: QWidget | None = None, *, x: str = "x", y: str = "y") -> None:
        super().__init__(parent, x=x, y=y)
        self._grid: tuple[Floats, Floats, Floats] = (EMPTY, EMPTY, np.empty((0, 0)))
        self._map_name = "viridis"
        self._starts: tuple[Start, ...] = ()
        self._nudged: Start | None = None
        self._reading: Reading | None = None
        self._map, self._dots, self._arrows = MapLayer(), Dots(), Arrows()
        self._spots = Symbols(15)
        self._level, self._tangent = LevelLine(9), pg.PlotCurveItem(connect="finite")
        for item in (self._map, self._dots, self._arrows, self._level, self._tangent, self._spots):
            self.plot.addItem(item, ignoreBounds=True)
        self._paths = PathSet(self.plot)
        self._rings = Rings(self.plot, self.startMoved)
        self._bar, self._note, self._gaps = ColourBar(self), Note(self), Note(self)
        self._margins: tuple[int, ...] = ()
        self.missing = 0
        self.plot.showGrid(x=False, y=False)
        self.set_aspect_locked(True)
        self.view.sigRangeChanged.connect(self._paths.redraw)
        self.view.sigRangeChanged.connect(self._place_overlays)
        self._restyle()

    # what is drawn

    def set_map(
        self,
        x: Floats,
        y: Floats,
        z: Floats,
        *,
        lines: int | Sequence[float] = LINES,
        ticks: Ticks | None = None,
        values: Floats | None = None,
    ) -> None:
        """Draw z[j, i] over x[i], y[j] (ascending, even), already transformed (log, rank); NaN is a gap.

        ``lines``: how many iso-lines, or their levels; ``ticks`` label the colour bar in units of z; ``values``: what
        z was before it was transformed, for the table.
        """
        moved = len(self._grid[0]) == 0 or not (_same_ends(x, self._grid[0]) and _same_ends(y, self._grid[1]))
        self._grid = x, y, z
        self._lines, self._ticks, self._values = lines, ticks, z if values is None else values
        self._level.set_grid(x, y, self._values)
        self._show_map()
        if moved:
            self._auto = True
            self._fit()

    def set_colour_map(self, name: str) -> None:
        """Choose one of ``colours.MAPS``; raise ``ValueError`` for another."""
        colours.table(name)
        if name == self._map_name:
            return
        self._map_name = name
        if self._grid[2].size:
            self._show_map()

    def set_aspect_locked(self, on: bool) -> None:
        """Keep a unit of x as long as a unit of y."""
        self.view.setAspectLocked(on)
        if self._auto:
            self._fit()

    def set_paths(self, paths: Sequence[Path]) -> None:
        """Draw the racers' ways, coloured over a dark casing, and where each is now."""
        self._paths.show(paths)

    def set_starts(self, starts: Sequence[Start]) -> None:
        """Draw a ring for each start; dragging one emits ``startMoved`` and the owner moves it."""
        if self._starts != tuple(starts):
            self._starts = tuple(starts)
            self._rings.show(starts)

    def set_spots(self, spots: Sequence[Spot]) -> None:
        """Mark stationary points: + minimum, × saddle, △ maximum."""
        self._spots.show_symbols(spot_symbols(spots, BRIGHT, CASING))

    def set_field(self, x: Floats, y: Floats, dx: Floats, dy: Floats) -> None:
        """Draw arrows dx[j, i], dy[j, i] at x[i], y[j], their lengths compressed to the grid; empty arrays clear."""
        self._map.set_arrows(arrows(x, y, dx, dy))

    def set_vectors(self, vectors: Sequence[Vector]) -> None:
        """Draw what explains a step: gradient, momentum, update."""
        self._arrows.show_vectors(vectors)

    def set_level(self, level: float | None) -> None:
        """Draw where the map's values are this one, which the iterate has; None clears."""
        self._level.set_level(level)

    def set_tangent(self, x: Floats, y: Floats) -> None:
        """Draw the tangent of the level set at the iterate; empty arrays clear."""
        if len(x) or self._tangent.isVisible():
            self._tangent.setVisible(bool(len(x)))
            self._tangent.setData(x, y, connect="finite")

    def set_swarms(self, swarms: Sequence[Swarm]) -> None:
        """Draw many starts at once, 10⁵ points and more."""
        self._dots.show_swarms(swarms)

    def set_hover(self, at: Picked | None) -> None:
        """Say where a linked plot's mouse is; emits nothing."""
        names = zip(self._names, at or (), strict=False)
        text = "   ".join(f"{name} {value:.6g}" for name, value in names)
        if at and self._reading:
            text += "   " + self._reading(*at)
        self._note.say(text)
        self._place_overlays()

    def set_reading(self, reading: Reading | None) -> None:
        """Give a text about the point under the mouse, after its coordinates."""
        self._reading = reading

    def readout(self) -> str:
        """Return what is said about the point under the mouse."""
        return self._note.text()

    def columns(self) -> Columns:
        """Return the paths, or the grid where there are none."""
        x, y, _ = self._grid
        if not self._paths.paths:
            gx, gy = np.meshgrid(x, y)
            return {self._names[0]: gx.ravel(), self._names[1]: gy.ravel(), "z": self._values.ravel()}
        return {
            f"{path.name or path.key}: {name}": column
            for path in self._paths.paths
            for name, column in zip(self._names, (path.x, path.y), strict=True)
        }

    def summary(self) -> str:
        """Return the domain and where the racers are."""
        x, y, _z = self._grid
        if not len(x):
            return self.tr("Empty map")
        where = [f"{p.name or p.key} ({p.x[-1]:g}, {p.y[-1]:g})" for p in self._paths.paths if p.visible and len(p.x)]
        text = self.tr("Map over {x} {x0:g} to {x1:g} and {y} {y0:g} to {y1:g}. {racers}")
        return text.format(
            x=self._names[0], y=self._names[1], x0=x[0], x1=x[-1], y0=y[0], y1=y[-1], racers=", ".join(where)
        )

    # how

    def _show_map(self) -> None:
        x, y, z = self._grid
        self._map.set_image(colours.rgba(z, self._map_name), _cells(x, y))
        self._map.set_lines(*self._iso_lines())
        low, high = colours.finite_range(z)
        self._bar.show_map(self._map_name, low, high, self._ticks)
        self.missing = int(np.count_nonzero(~np.isfinite(z)))
        self._gaps.say(self.tr("Not finite: {count}").format(count=self.missing) if self.missing else "")
        self._place_overlays()

    def _iso_lines(self) -> tuple[Floats, Floats]:
        """Return the iso-lines in data units, apart by whether they lie on a dark or a bright colour."""
        x, y, z = self._grid
        pieces, level = iso_lines(z, self._lines)
        pieces = pieces * [(x[-1] - x[0]) / (len(x) - 1), (y[-1] - y[0]) / (len(y) - 1)] + [x[0], y[0]]
        table = colours.table(self._map_name)
        bright = colours.luminance(table[colours.indices(level, *colours.finite_range(z))]) > 0.5
        return pieces[~bright], pieces[bright]

    def _fit(self) -> None:
        x, y, _z = self._grid
        if len(x):
            self.bottom.set_bounds(x[0], x[-1])
            self.left.set_bounds(y[0], y[-1])
            self.view.setRange(xRange=(x[0], x[-1]), yRange=(y[0], y[-1]), padding=0)

    def _pointed(self, at: QPointF | None) -> None:
        spot = None if at is None else (at.x(), at.y())
        self.set_hover(spot)
        self.hovered.emit(spot)

    def _clicked(self, at: QPointF) -> None:
        self.clicked.emit(*self._short(at.x(), at.y()))

    def _short(self, x: float, y: float) -> Picked:
        width, height = self.view.viewPixelSize()
        return ticks.short(x, width), ticks.short(y, height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nudge the start with the arrow keys; with Ctrl they move the view, as in every plot."""
        way = ARROWS.get(Qt.Key(event.key()))
        if way is None or not self._starts or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        part = NUDGE * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        (x0, x1), (y0, y1) = self.view.viewRange()
        start = self._starts[0]
        at = self._short(start.x + way[0] * part * (x1 - x0), start.y + way[1] * part * (y1 - y0))
        self._nudged = Start(*at, start.key)
        self.startMoved.emit(start.key, self._nudged.x, self._nudged.y, False)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """End a nudge."""
        if self._nudged is not None and not event.isAutoRepeat():
            start, self._nudged = self._nudged, None
            self.startMoved.emit(start.key, start.x, start.y, True)
        super().keyReleaseEvent(event)

    def _restyle(self) -> None:
        self._tangent.setPen(pg.mkPen(BRIGHT, width=1.4, style=Qt.PenStyle.DashLine))
        self._tangent.setShadowPen(pg.mkPen(CASING, width=3))
        self._tangent.setZValue(9)
        self._paths.restyle()
        self._bar.update()

    def _place_overlays(self, *_range: object) -> None:
        self._fit_margins()
        area = self.area()
        self._bar.setGeometry(area.right() + BAR_GAP_PX, 0, self._bar.sizeHint().width(), self.height())
        self._bar.align(area)
        self._note.move(area.left() + 4, area.bottom() - self._note.height() - 4)
        self._gaps.move(area.right() - self._gaps.width() - 4, area.bottom() - self._gaps.height() - 4)

    def _fit_margins(self) -> None:
        """Leave room for the colour bar, and, where scales are equal, draw the axes close around the map."""
        left, top, _, bottom = MARGINS_PX
        right = BAR_GAP_PX + self._bar.sizeHint().width()
        x, y, _z = self._grid
        if len(x) and self.view.state["aspectLocked"]:
            width = self.graphics.width() - left - right - self.left.width()
            height = self.graphics.height() - top - bottom - self.bottom.height()
            wanted = width * (y[-1] - y[0]) / (x[-1] - x[0])
            spare = max(0, round((height - wanted) / 2)), max(0, round((width - width * height / wanted) / 2))
            top, bottom, left, right = top + spare[0], bottom + spare[0], left + spare[1], right + spare[1]
        if self._margins != (left, top, right, bottom):
            self._margins = (left, top, right, bottom)
            self.plot.layout.setContentsMargins(*self._margins)
            self.plot.layout.activate()
            self.plot.setGeometry(self.graphics.range)  # with wider margins it could not be as small as this

    def _moved_by_hand(self, mask: object = None) -> None:
        super()._moved_by_hand(mask)
        self.bottom.set_bounds()
        self.left.set_bounds()
        self._place_overlays()


ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


def _same_ends(a: Floats, b: Floats) -> bool:
    return bool(a[0] == b[0] and a[-1] == b[-1])


def _cells(x: Floats, y: Floats) -> QRectF:
    """Return the rectangle of the cells whose centres are the grid's points."""
    dx, dy = (x[-1] - x[0]) / max(1, len(x) - 1), (y[-1] - y[0]) / max(1, len(y) - 1)
    return QRectF(x[0] - dx / 2, y[0] - dy / 2, dx * len(x), dy * len(y))
