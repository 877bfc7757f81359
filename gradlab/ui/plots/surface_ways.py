"""Paths and swarms on a surface, painted over its picture; what a hill hides is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPainterPath

from gradlab.ui import theme

from .camera import Projection
from .decimate import close_points
from .mesh import HeightField
from .path_set import Nib, face_pen, stroke
from .swarm import dotted
from .values import Floats, Path, Swarm

LIFT = 0.006
"""How far paths float above the surface, scene units."""
NIB = Nib(casing_at=1.3, face_at=0.55, casing_px=4.4, face_px=2.4)
FAR = 100.0
"""Scene units beyond which a point of a path is a gap."""
MOST_POINTS = 6000
"""Points of a path after its steps were bent along the ground."""
NEAR_PX = (-1, 0, 1)
Depth = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sight:
    """How the surface is seen: through ``lens``, and how deep each pixel of it lies; None hides nothing.

    ``depth``: 0 (near) to 1, rows from the top, ``[rows, columns]``, over the whole picture.
    """

    lens: Projection
    depth: Depth | None

    def place(self, points: Floats) -> Floats:
        """Return the pixels of scene points ``[n, 3]``, shape ``[n, 2]``; NaN for what is hidden."""
        at = self.lens.to_pixels(points)
        found = at[:, :2].copy()
        found[self._hidden(at)] = np.nan
        return found

    def _hidden(self, at: Floats) -> NDArray[np.bool_]:
        """Tell what lies behind every pixel around it, so that no edge of a hill frays."""
        if self.depth is None or not len(at):
            return np.zeros(len(at), dtype=bool)
        rows, columns = self.depth.shape
        width, height = self.lens.size
        with np.errstate(invalid="ignore"):
            column = np.nan_to_num(at[:, 0] * columns / width, posinf=0, neginf=0).astype(np.intp)
            row = np.nan_to_num(at[:, 1] * rows / height, posinf=0, neginf=0).astype(np.intp)
            behind = np.zeros(len(at), dtype=np.float32)
            for dy in NEAR_PX:
                for dx in NEAR_PX:
                    y, x = np.clip(row + dy, 0, rows - 1), np.clip(column + dx, 0, columns - 1)
                    np.maximum(behind, self.depth[y, x], out=behind)
            return np.asarray((at[:, 2] + 1) / 2 > behind)


class Way:
    """One path on the ground, bent again only where path or ground are others, placed again where the sight is."""

    def __init__(self) -> None:
        self.points: Floats = np.empty((0, 3))
        self._field: HeightField | None = None
        self._flat: tuple[Floats, Floats] = (np.empty(0), np.empty(0))
        self._sight: Sight | None = None
        self._path = QPainterPath()

    def follow(self, field: HeightField, path: Path) -> None:
        """Take the path's newest points."""
        x, y = self._flat
        known = field is self._field and np.array_equal(x, path.x, equal_nan=True)
        if known and np.array_equal(y, path.y, equal_nan=True):
            return
        self._field, self._sight = field, None
        self._flat = np.array(path.x, dtype=float), np.array(path.y, dtype=float)
        self.points = draped(field, *self._flat)

    def path(self, sight: Sight) -> QPainterPath:
        """Return what is in sight of it, in pixels."""
        if sight is not self._sight:
            self._sight = sight
            at = sight.place(self.points)
            at = at[close_points(at[:, 0], at[:, 1], 0.7, 0.7)]
            self._path = pg.arrayToQPath(at[:, 0].copy(), at[:, 1].copy(), connect="finite")
        return self._path


class Ways:
    """What moves on a surface."""

    def __init__(self) -> None:
        self.ways: dict[str, Way] = {}
        self._field: HeightField | None = None
        self._paths: tuple[Path, ...] = ()
        self._swarms: tuple[Swarm, ...] = ()

    def show(self, field: HeightField, paths: Sequence[Path], swarms: Sequence[Swarm]) -> None:
        """Take the racers' ways and swarms over a ground."""
        self._field = field
        self._paths = tuple(path for path in paths if path.visible and len(path.x) > 1)
        self._swarms = tuple(swarm for swarm in swarms if swarm.visible and len(swarm.x))
        self.ways = {path.key: self.ways.get(path.key) or Way() for path in self._paths}
        for path in self._paths:
            self.ways[path.key].follow(field, path)

    @property
    def empty(self) -> bool:
        """There is nothing to paint."""
        return not self._paths and not self._swarms

    def paint(self, painter: QPainter, sight: Sight) -> None:
        """Paint what is in sight, coloured over a dark casing."""
        for path in self._paths:
            stroke(painter, self.ways[path.key].path(sight), face_pen(path), NIB, faint=path.faint)
        if self._swarms:
            self._paint_swarms(painter, sight)

    def _paint_swarms(self, painter: QPainter, sight: Sight) -> None:
        assert self._field is not None
        dots = []
        for swarm in self._swarms:
            flat = self._field.to_scene(swarm.x, swarm.y)
            place = np.c_[flat, self._field.on_surface(flat) + LIFT]
            at = sight.place(place[np.isfinite(place).all(axis=1)])
            dots.append((at[:, 0], at[:, 1], theme.current().on_map(swarm.colour)))
        size = QSize(*(round(side) for side in sight.lens.size))
        painter.drawImage(0, 0, dotted(size, dots, max(1.0, abs(painter.deviceTransform().m11()))))


def draped(field: HeightField, x: Floats, y: Floats) -> Floats:
    """Return a path over the ground, its steps cut into pieces no longer than a cell of the grid: ``[n, 3]``.

    NaN beside the ground, over its holes and where the path itself has a gap.
    """
    flat = field.to_scene(x, y)
    flat[~(np.abs(flat) < FAR).all(axis=1)] = np.nan
    cell = 2 * float(field.half.max()) / max(field.z.shape)
    flat = flat[close_points(flat[:, 0], flat[:, 1], cell / 4, cell / 4)]
    way = np.diff(flat, axis=0)
    with np.errstate(invalid="ignore"):
        cuts = np.ceil(np.hypot(*way.T) / cell)
    cuts = np.where(np.isfinite(cuts), np.clip(cuts, 1, 400), 1).astype(int)
    cuts = np.maximum(1, (cuts * min(1.0, MOST_POINTS / max(1, cuts.sum()))).astype(int))
    step = np.repeat(np.arange(len(cuts)), cuts)
    part = (np.arange(len(step)) - np.repeat(np.cumsum(cuts) - cuts, cuts)) / cuts[step]
    places = np.concatenate((flat[:-1][step] + part[:, None] * way[step], flat[-1:]))
    return np.asarray(np.c_[places, field.on_surface(places) + LIFT])
