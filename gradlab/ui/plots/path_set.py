"""The ways of the racers on a map: coloured over a dark casing, fast however they zigzag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEngine, QPainter, QPainterPath, QPen, QTransform

from gradlab.ui import theme

from .curve_set import pen
from .decimate import close_points, once
from .marks import BRIGHT, CASING, Layer, Symbol, Symbols, head_symbols
from .values import Floats, Path

FAINT_OPACITY = 0.6
SIDES = ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))


@dataclass(frozen=True, slots=True)
class Nib:
    """How broad a path is.

    ``casing_at``, ``face_at``: pixels off the middle, to each of four sides, at which the 1 px strokes of casing and
    face lie; ``casing_px``, ``face_px``: their widths where a drawing wants the lines themselves.
    """

    casing_at: float
    face_at: float
    casing_px: float
    face_px: float


UNSEEN_PX = 0.1
"""What moves less than this is where it was."""
NIB = Nib(casing_at=0.95, face_at=0.35, casing_px=3.4, face_px=1.8)


def face_pen(path: Path) -> QPen:
    """Return the pen of a path's face in the theme in force."""
    return pen(path.colour, dash=path.dash, on_map=True)


def stroke(painter: QPainter, path: QPainterPath, face: QPen, nib: Nib, *, faint: bool) -> None:
    """Stroke the casing, then the face; ``faint``: a hairline alone.

    Strokes of 1 px side by side make it wide: one wide stroke takes 10 to 100 times as long.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if faint:
        full = painter.opacity()
        painter.setOpacity(FAINT_OPACITY * full)
        painter.setPen(face)
        painter.drawPath(path)
        painter.setOpacity(full)
        return
    casing = QPen(face)
    casing.setColor(CASING)
    casing.setDashPattern([])
    if painter.paintEngine().type() == QPaintEngine.Type.SVG:
        for line, width in ((casing, nib.casing_px), (face, nib.face_px)):
            wide = QPen(line)
            wide.setWidthF(width)
            painter.strokePath(path, wide)
        return
    home = painter.transform()
    rings = max(1, round(painter.deviceTransform().m11() / home.m11())) if home.m11() else 1
    for line, outer in ((casing, nib.casing_at), (face, nib.face_at)):
        painter.setPen(line)
        for ring in range(1, rings + 1):  # on dense screens a stroke is thin, so there are more of them
            off = outer * ring / rings * (1 + 0.15 * (rings - 1))
            for dx, dy in SIDES:
                painter.setTransform(home * QTransform.fromTranslate(off * dx, off * dy))
                painter.drawPath(path)
    painter.setTransform(home)


class Way:
    """One path, thinned to what moves a pixel."""

    def __init__(self) -> None:
        self.face = QPen()
        self.visible, self.faint = True, False
        self.style: object = None
        self.x = self.y = np.empty(0)
        self.path = QPainterPath()

    def show(self, x: Floats, y: Floats, width: float, height: float) -> bool:
        """Take new points, NaN where it is parted; tell whether it goes elsewhere in pixels of that size."""
        same = len(x) == len(self.x) and np.allclose(x, self.x, rtol=0, atol=UNSEEN_PX * width, equal_nan=True)
        if same and np.allclose(y, self.y, rtol=0, atol=UNSEEN_PX * height, equal_nan=True):
            return False
        self.x, self.y = x, y
        self.path = pg.arrayToQPath(x, y, connect="finite")
        return True


class Ways(Layer):
    """The paths of a map, faint ones below."""

    def __init__(self) -> None:
        super().__init__(10)
        self.by_key: dict[str, Way] = {}

    def paint(self, p: QPainter, _option: Any, _widget: Any = None) -> None:
        """Stroke them."""
        for way in sorted(self.by_key.values(), key=lambda way: not way.faint):
            if way.visible and len(way.x) > 1:
                stroke(p, way.path, way.face, NIB, faint=way.faint)


class PathSet:
    """Paths kept by key, thinned to what moves a pixel, and where each racer is now."""

    def __init__(self, plot: pg.PlotItem) -> None:
        self._plot = plot
        self._layer = Ways()
        self.ways = self._layer.by_key
        self._heads = Symbols(18)
        for item in (self._layer, self._heads):
            plot.addItem(item, ignoreBounds=True)
        self.paths: tuple[Path, ...] = ()
        self._looks: list[object] = []
        self._seen: list[object] = []

    def show(self, paths: Sequence[Path]) -> None:
        """Draw these paths, all of them."""
        self.paths = tuple(paths)
        for key in self.ways.keys() - {path.key for path in paths}:
            del self.ways[key]
        self.redraw()
        heads = head_symbols(paths, BRIGHT, on_map=True)
        if _seen(heads, self._plot) != self._seen:
            self._seen = _seen(heads, self._plot)
            self._heads.show_symbols(heads)

    def redraw(self, *_range: object) -> None:
        """Thin the paths again, to the pixels of the view in force."""
        width, height = self._plot.getViewBox().viewPixelSize()
        moved = False
        for path in self.paths:
            way = self.ways.setdefault(path.key, Way())
            way.visible = path.visible
            if path.visible:
                self._dress(way, path)
                keep = close_points(path.x, path.y, width, height)
                x, y = once(np.asarray(path.x)[keep], np.asarray(path.y)[keep], width, height)
                moved |= way.show(x, y, width, height)
        looks: list[object] = [(path.key, path.visible, self.ways[path.key].style) for path in self.paths]
        if moved or looks != self._looks:
            self._looks = looks
            self._layer.update()

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        self.show(self.paths)

    def _dress(self, way: Way, path: Path) -> None:
        style = (path.colour, path.dash, path.faint, theme.current().name)
        if way.style != style:
            way.style = style
            way.face = face_pen(path)
            way.faint = path.faint


def _seen(heads: Sequence[Symbol], plot: pg.PlotItem) -> list[object]:
    """Return what changes when a racer is seen to be elsewhere, or otherwise."""
    width, height = (UNSEEN_PX * size or 1.0 for size in plot.getViewBox().viewPixelSize())
    return [(s.x // width, s.y // height, s.shape, s.face.rgba()) for s in heads]
