"""A function of one variable: its curve, the tangent, the iterates on it, and a start that can be dragged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QWidget

from gradlab.ui import theme

from . import ticks
from .beads import Beads
from .curve_set import pen
from .curves import CurvePlot
from .marks import Symbols, head_symbols, spot_symbols
from .rings import Rings
from .swarm import Dots
from .values import Columns, Curve, Path, Spot, Start, Swarm

ITERATES = 400
"""Iterates of a path that are marked with a dot, the newest."""
NUDGE = 0.005


class LinePlot(CurvePlot):
    """y over x; several curves (f, f′, f″) may share it. Everything on it is given with its own y, in data units."""

    startMoved = Signal(str, float, bool)
    """Key of the start, x, and whether the drag (or key press) is done."""
    clicked = Signal(float)

    def __init__(
        self, parent: QWidget | None = None, *, x: str = "x", y: str = "f", legend: bool = False, log: bool = False
    ) -> None:
        super().__init__(parent, x=x, y=y, legend=legend, log=log)
        self._paths: tuple[Path, ...] = ()
        self._spot_list: tuple[Spot, ...] = ()
        self._starts: tuple[Start, ...] = ()
        self._swarms: tuple[Swarm, ...] = ()
        self._line: tuple[float, float, float] | None = None
        self._nudged: float | None = None
        self._chords: dict[str, pg.PlotCurveItem] = {}
        self._tangent = pg.PlotCurveItem()
        self._dots, self._iterates, self._spots, self._heads = Dots(), Beads(13), Symbols(15), Symbols(18)
        for item in (self._tangent, self._dots, self._iterates, self._spots, self._heads):
            self.plot.addItem(item, ignoreBounds=True)
        self._tangent.setZValue(6)
        self._rings = Rings(self.plot, self._ring_dragged, upright=False)
        self.view.sigRangeChanged.connect(self._show_tangent)
        self._restyle_points()

    # what is drawn

    def set_log(self, on: bool) -> None:
        """Draw log10 of everything; what is ≤ 0 is a gap."""
        super().set_log(on)
        self._restyle_points()

    def set_paths(self, paths: Sequence[Path]) -> None:
        """Draw the iterates (x, f(x)) of each racer, joined in order."""
        self._paths = tuple(paths)
        for key in self._chords.keys() - {path.key for path in paths}:
            self.plot.removeItem(self._chords.pop(key))
        self._show_paths()

    def set_starts(self, starts: Sequence[Start]) -> None:
        """Draw a ring for each start; dragging one along x emits ``startMoved`` and the owner moves it."""
        self._starts = tuple(starts)
        self._rings.show([Start(s.x, self._up(s.y), s.key, s.colour, s.name) for s in starts])

    def set_spots(self, spots: Sequence[Spot]) -> None:
        """Mark stationary points."""
        self._spot_list = tuple(spots)
        tokens = theme.current()
        up = [Spot(s.x, self._up(s.y), s.kind, s.text) for s in spots]
        self._spots.show_symbols(spot_symbols(up, QColor(tokens.text), QColor(tokens.surface)))

    def set_tangent(self, x: float, y: float, slope: float) -> None:
        """Draw the tangent at (x, y) across the view."""
        self._line = (x, y, slope)
        self._show_tangent()

    def clear_tangent(self) -> None:
        """Draw no tangent."""
        self._line = None
        self._show_tangent()

    def set_swarms(self, swarms: Sequence[Swarm]) -> None:
        """Draw many points at once."""
        self._swarms = tuple(swarms)
        self._dots.show_swarms([Swarm(s.key, s.x, self._ups(s.y), s.colour, s.visible) for s in swarms])

    def columns(self) -> Columns:
        """Return the curves and the paths, in data units."""
        paths = {
            f"{path.name or path.key}: {name}": column
            for path in self._paths
            for name, column in zip(self._names, (path.x, path.y), strict=True)
        }
        return {**super().columns(), **paths}

    # how

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw these curves, all of them; keys keep their graphics items."""
        super().show_curves(curves)
        self._show_tangent()

    def _up(self, y: float) -> float:
        """Return where y stands in the view."""
        return float(self._ups(np.array([y]))[0])

    def _ups(self, y: np.ndarray) -> np.ndarray:
        if not self._log:
            return np.asarray(y, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            up = np.log10(y)
        return np.where(np.isfinite(up), up, np.nan)

    def _show_paths(self) -> None:
        tokens, ways = theme.current(), []
        for path in self._paths:
            chord = self._chords.get(path.key) or self._add_chord(path)
            chord.setVisible(path.visible)
            y = self._ups(path.y)
            chord.setData(np.asarray(path.x), y, connect="finite")
            chord.setPen(pen(path.colour, dash=path.dash, faint=True))
            if path.visible and not path.faint:
                ways.append(Swarm(path.key, path.x[-ITERATES:], y[-ITERATES:], path.colour))
        self._iterates.show_ways(ways)
        up = [Path(p.key, p.x, self._ups(p.y), p.colour, visible=p.visible, stopped=p.stopped, faint=p.faint)
              for p in self._paths]  # fmt: skip
        self._heads.show_symbols(head_symbols(up, QColor(tokens.text), on_map=False))

    def _add_chord(self, path: Path) -> pg.PlotCurveItem:
        item = self._chords[path.key] = pg.PlotCurveItem()
        item.setZValue(7)
        self.plot.addItem(item, ignoreBounds=True)
        return item

    def _show_tangent(self) -> None:
        """Draw the tangent as a line, which a log axis bends."""
        if self._line is None:
            self._tangent.setData([], [])
            return
        x0, y0, slope = self._line
        low, high = self.view.viewRange()[0]
        x = np.linspace(low, high, 200 if self._log else 2)
        with np.errstate(over="ignore", invalid="ignore"):
            y = self._ups(y0 + slope * (x - x0))
        self._tangent.setData(x, np.nan_to_num(y, nan=np.nan, posinf=np.nan, neginf=np.nan), connect="finite")

    def _pointed(self, at: QPointF | None) -> None:
        x = None if at is None else at.x()
        self.set_hover(x)
        self.hovered.emit(x)

    def _clicked(self, at: QPointF) -> None:
        self.clicked.emit(ticks.short(at.x(), self.view.viewPixelSize()[0]))

    def _double_clicked(self, at: QPointF) -> None:
        """Do nothing: the first click has set the start."""

    def _ring_dragged(self, key: str, x: float, _y: float, done: bool) -> None:
        self.startMoved.emit(key, x, done)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nudge the start with Left and Right; with Ctrl they move the view."""
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is None or not self._starts or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        part = NUDGE * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        low, high = self.view.viewRange()[0]
        moved = self._starts[0].x + way * part * (high - low)
        self._nudged = ticks.short(moved, self.view.viewPixelSize()[0])
        self.startMoved.emit(self._starts[0].key, self._nudged, False)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """End a nudge."""
        if self._nudged is not None and not event.isAutoRepeat():
            x, self._nudged = self._nudged, None
            self.startMoved.emit(self._starts[0].key, x, True)
        super().keyReleaseEvent(event)

    def _restyle(self) -> None:
        super()._restyle()
        self._restyle_points()

    def _restyle_points(self) -> None:
        self._tangent.setPen(pg.mkPen(theme.current().text, width=1, style=Qt.PenStyle.DashLine))
        self.set_paths(self._paths)
        self.set_starts(self._starts)
        self.set_spots(self._spot_list)
        self.set_swarms(self._swarms)
        self._show_tangent()
