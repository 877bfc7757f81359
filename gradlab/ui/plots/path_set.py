"""The ways of the racers on a map: coloured over a dark casing, fast however they zigzag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QPaintEngine, QPainter, QPen, QTransform

from gradlab.ui import theme

from .curve_set import pen
from .decimate import close_points
from .marks import BRIGHT, CASING, Symbols, head_symbols
from .values import Path

PATH_PX, CASING_PX = 1.8, 3.4
FAINT_OPACITY = 0.6
SIDES = ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))
CASING_AT, FACE_AT = 0.95, 0.35
"""Pixels off the middle, to each of four sides, at which the 1 px strokes of casing and face lie."""


class Way(pg.PlotCurveItem):  # type: ignore[misc]
    """One path. Strokes of 1 px side by side make it wide: one wide stroke takes 10 to 100 times as long."""

    def __init__(self) -> None:
        super().__init__(connect="finite")
        self.face = QPen()
        self.faint = False
        self.style: object = None

    def paint(self, p: QPainter, _option: Any, _widget: Any = None) -> None:
        """Stroke the casing, then the face."""
        if self.xData is None or len(self.xData) < 2:
            return
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = self.getPath()
        if self.faint:
            p.setPen(self.face)
            p.drawPath(path)
            return
        casing = QPen(self.face)
        casing.setColor(CASING)
        casing.setDashPattern([])
        if p.paintEngine().type() == QPaintEngine.Type.SVG:  # a drawing wants the lines themselves
            for stroke, width in ((casing, CASING_PX), (self.face, PATH_PX)):
                wide = QPen(stroke)
                wide.setWidthF(width)
                p.strokePath(path, wide)
            return
        home = p.transform()
        rings = max(1, round(p.deviceTransform().m11() / home.m11())) if home.m11() else 1
        for stroke, outer in ((casing, CASING_AT), (self.face, FACE_AT)):
            p.setPen(stroke)
            for ring in range(1, rings + 1):  # on dense screens a stroke is thin, so there are more of them
                off = outer * ring / rings * (1 + 0.15 * (rings - 1))
                for dx, dy in SIDES:
                    p.setTransform(home * QTransform.fromTranslate(off * dx, off * dy))
                    p.drawPath(path)
        p.setTransform(home)


class PathSet:
    """Paths kept by key, thinned to what moves a pixel, and where each racer is now."""

    def __init__(self, plot: pg.PlotItem) -> None:
        self._plot = plot
        self.ways: dict[str, Way] = {}
        self._heads = Symbols(18)
        plot.addItem(self._heads, ignoreBounds=True)
        self.paths: tuple[Path, ...] = ()

    def show(self, paths: Sequence[Path]) -> None:
        """Draw these paths, all of them."""
        self.paths = tuple(paths)
        for key in self.ways.keys() - {path.key for path in paths}:
            self._plot.removeItem(self.ways.pop(key))
        self.redraw()
        self._heads.show_symbols(head_symbols(paths, BRIGHT, on_map=True))

    def redraw(self, *_range: object) -> None:
        """Thin the paths again, to the pixels of the view in force."""
        width, height = self._plot.getViewBox().viewPixelSize()
        for path in self.paths:
            way = self.ways.get(path.key) or self._add(path.key)
            way.setVisible(path.visible)
            if path.visible:
                self._dress(way, path)
                keep = close_points(path.x, path.y, width, height)
                way.setData(np.asarray(path.x)[keep], np.asarray(path.y)[keep], connect="finite")

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        self.show(self.paths)

    def _add(self, key: str) -> Way:
        way = self.ways[key] = Way()
        self._plot.addItem(way, ignoreBounds=True)
        return way

    def _dress(self, way: Way, path: Path) -> None:
        style = (path.colour, path.dash, path.faint, theme.current().name)
        if way.style != style:
            way.style = style
            way.face = pen(path.colour, dash=path.dash, on_map=True)
            way.faint = path.faint
            way.setOpacity(FAINT_OPACITY if path.faint else 1.0)
            way.setZValue(8 if path.faint else 10)
