"""The curves of a plot as graphics items that are kept by key, fed once per frame, and never rebuilt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform

from gradlab.ui import theme

from .decimate import decimate
from .marks import Layer, Symbol, Symbols
from .values import Colour, Curve, Dash, Floats

BOLDER_PX = 0.3
"""How far the second stroke of a curve lies beside the first: lines of 1 px are drawn 5 to 50 times as fast."""
ALONE = 400
"""Points without neighbours that a curve marks with a dot; of more, as many, evenly."""
FAINT = 0.35
"""Opacity of what belongs to an old run."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What the visible curves span in view units (NaN when nothing), and what could not be drawn."""

    x: tuple[float, float] = (math.nan, math.nan)
    y: tuple[float, float] = (math.nan, math.nan)
    hidden: int = 0
    """Points ≤ 0 on a log axis."""
    broken: int = 0
    """Points that are NaN or infinite."""


def pen(colour: Colour, *, width: float = 1.0, dash: Dash = None, faint: bool = False, on_map: bool = False) -> QPen:
    """Return the pen of a trace in the theme in force."""
    tokens = theme.current()
    shade = tokens.on_map(colour) if on_map else tokens.colour(colour)
    if faint:
        shade.setAlphaF(FAINT)
    made: QPen = pg.mkPen(shade, width=width, cosmetic=True)
    pattern = tokens.dash(colour) if dash is None else dash
    if pattern:
        made.setDashPattern(list(pattern))
    return made


CLOSE_POINTS = 1200
"""Points of a curve past which a second stroke costs more than it shows."""


class Trace:
    """One curve, in view units."""

    def __init__(self) -> None:
        self.pen = QPen()
        self.visible, self.faint = True, False
        self.x = self.y = np.empty(0)
        self._path: QPainterPath | None = None
        self._whole = True

    def show(self, x: Floats, y: Floats, *, whole: bool) -> None:
        """Take new points; ``whole``: all of them are finite."""
        self.x, self.y, self._whole, self._path = x, y, whole, None

    def path(self) -> QPainterPath:
        """Return its line."""
        if self._path is None:
            connect = "all" if self._whole else "finite"
            self._path = pg.arrayToQPath(self.x, self.y, connect=connect, finiteCheck=not self._whole)
        return self._path


class Traces(Layer):
    """The curves of a plot, each about 1.4 px wide at the price of 1 px."""

    def __init__(self) -> None:
        super().__init__(1)
        self.by_key: dict[str, Trace] = {}

    def paint(self, p: QPainter, _option: Any, _widget: Any = None) -> None:
        """Stroke the curves, faint ones first, and once more beside; where points stand close, once is bold enough."""
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setBrush(Qt.BrushStyle.NoBrush)
        home = p.transform()
        dense = max(1, round(p.deviceTransform().m11() / home.m11())) if home.m11() else 1
        for trace in sorted(self.by_key.values(), key=lambda trace: not trace.faint):
            if not trace.visible or not len(trace.x):
                continue
            p.setPen(trace.pen)
            p.drawPath(trace.path())
            if not trace.faint and len(trace.x) <= CLOSE_POINTS:
                for aside in (BOLDER_PX * k for k in range(1, dense + 1)):
                    p.setTransform(home * QTransform.fromTranslate(aside, -aside))  # across one that falls to the right
                    p.drawPath(trace.path())
                p.setTransform(home)


class CurveSet:
    """Draws curves into a plot; everything it is given and returns is in data units but ``Extent``."""

    def __init__(self, plot: pg.PlotItem) -> None:
        self.traces = Traces()
        self._items = self.traces.by_key
        self._drawn: dict[str, tuple[object, ...]] = {}
        self._parts: list[tuple[Curve, tuple[Floats, Floats, Extent]]] = []
        self._dots = Symbols(2)
        for item in (self.traces, self._dots):
            plot.addItem(item, ignoreBounds=True)
        self.curves: tuple[Curve, ...] = ()
        self.extent = Extent()

    def show(self, curves: Sequence[Curve], *, log: bool, pixels: int, window: tuple[float, float] | None) -> Extent:
        """Draw ``curves``; those with more points than pixels thinned, within ``window`` of x where given."""
        self.curves = tuple(curves)
        for key in self._items.keys() - {curve.key for curve in curves}:
            del self._items[key]
            self._drawn.pop(key, None)
        parts = [self._show(curve, log=log, pixels=pixels, window=window) for curve in curves if curve.visible]
        for curve in curves:
            if not curve.visible and curve.key in self._items:
                self._items[curve.key].visible = False
        self.traces.update()
        self._parts = list(zip((c for c in curves if c.visible), parts, strict=True))
        self._show_dots()
        stretching = _union([extent for curve, (_, _, extent) in self._parts if curve.stretches])
        self.extent = _union([part[2] for part in parts]) if stretching.x[0] != stretching.x[0] else stretching
        return self.extent

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        for curve in self.curves:
            if curve.key in self._items:
                self._dress(self._items[curve.key], curve)
        self.traces.update()
        self._show_dots()

    def values_at(self, x: float) -> dict[str, float]:
        """Return each visible curve's value at its sample nearest to ``x``, where it has one."""
        found = {}
        for curve in self.curves:
            if curve.visible and len(curve.x) and curve.x[0] <= x <= curve.x[-1]:
                right = int(np.searchsorted(curve.x, x))
                left = max(0, right - 1)
                found[curve.key] = float(curve.y[left if x - curve.x[left] <= curve.x[right] - x else right])
        return found

    def _show(
        self, curve: Curve, *, log: bool, pixels: int, window: tuple[float, float] | None
    ) -> tuple[Floats, Floats, Extent]:
        item = self._items.setdefault(curve.key, Trace())
        item.visible = True
        x, y = _windowed(curve, pixels, window)
        long = len(x) > 4 * pixels
        if long and not (log and not y.min() > 0):
            x, y = decimate(x, y, pixels)
        x, y, hidden = _logarithm(x, y) if log else (x, y, 0)
        if long and hidden:
            x, y = decimate(x, y, pixels)
        finite = np.isfinite(y)
        good = bool(finite.all())
        if self._drawn.get(curve.key) != (curve.colour, curve.dash, curve.faint):
            self._dress(item, curve)
        item.show(x, y, whole=good)
        return x, y, _extent(x, y, finite, hidden)

    def _dress(self, item: Trace, curve: Curve) -> None:
        self._drawn[curve.key] = (curve.colour, curve.dash, curve.faint)
        item.pen, item.faint = pen(curve.colour, dash=curve.dash, faint=curve.faint), curve.faint

    def _show_dots(self) -> None:
        """Mark points that stand alone: a run's first step, or one between two gaps."""
        spots = []
        for curve, (x, y, _) in self._parts:
            finite = np.isfinite(y)
            alone = finite & ~np.r_[False, finite[:-1]] & ~np.r_[finite[1:], False]
            face, rim = pen(curve.colour, faint=curve.faint).color(), QColor(Qt.GlobalColor.transparent)
            places = np.flatnonzero(alone)
            if len(places) > ALONE:
                places = places[np.linspace(0, len(places) - 1, ALONE).round().astype(int)]
            spots += [Symbol(float(x[i]), float(y[i]), "dot", 4, face, rim) for i in places.tolist()]
        self._dots.show_symbols(spots)


def _windowed(curve: Curve, pixels: int, window: tuple[float, float] | None) -> tuple[Floats, Floats]:
    x, y = np.asarray(curve.x), np.asarray(curve.y, dtype=float)
    if window is None or len(x) <= 4 * pixels:
        return x, y
    low, high = np.searchsorted(x, window)
    part = slice(max(0, int(low) - 1), int(high) + 1)
    return x[part], y[part]


def _logarithm(x: Floats, y: Floats) -> tuple[Floats, Floats, int]:
    """Return log10 of ``y`` with a gap at everything ≤ 0, and how many of those there are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(y)
    low = y <= 0
    hidden = int(np.count_nonzero(low))
    if hidden:
        logs[low] = np.nan
    return x, logs, hidden


def _extent(x: Floats, y: Floats, finite: np.ndarray, hidden: int) -> Extent:
    broken = int(len(y) - np.count_nonzero(finite)) - hidden
    if not finite.any():
        return Extent(hidden=hidden, broken=broken)
    kept = y if finite.all() else y[finite]
    return Extent((float(x[0]), float(x[-1])), (float(kept.min()), float(kept.max())), hidden, broken)


def _union(parts: Sequence[Extent]) -> Extent:
    drawn = [part for part in parts if part.x[0] == part.x[0]]
    hidden, broken = sum(part.hidden for part in parts), sum(part.broken for part in parts)
    if not drawn:
        return Extent(hidden=hidden, broken=broken)
    x = min(part.x[0] for part in drawn), max(part.x[1] for part in drawn)
    y = min(part.y[0] for part in drawn), max(part.y[1] for part in drawn)
    return Extent(x, y, hidden, broken)
