"""Paths and swarms on a surface, painted over its picture; what a hill hides is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPainterPath

from gradlab.ui import theme

from .camera import Projection
from .decimate import close_points, once
from .mesh import HeightField
from .path_set import Nib, face_pen, stroke
from .swarm import dotted
from .values import Floats, Path, Swarm

LIFT = 0.006
"""How far paths float above the surface, scene units."""
NIB = Nib(casing_at=1.3, face_at=0.55, casing_px=4.4, face_px=2.4)
UNSEEN = 1e-4
"""Scene units that nobody sees, in a box of two of them."""
FAR = 100.0
"""Scene units beyond which a point of a path is a gap."""
MOST_POINTS = 6000
"""Points of a path after its steps were bent along the ground."""
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
        found[self.hidden(at)] = np.nan
        return found

    def hidden(self, at: Floats) -> NDArray[np.bool_]:
        """Tell which points ``[n, 3]``, pixels and depth, lie behind each pixel around: no hill's edge frays."""
        if self.depth is None or not len(at):
            return np.zeros(len(at), dtype=bool)
        rows, columns = self.depth.shape
        width, height = self.lens.size
        with np.errstate(invalid="ignore"):
            column = np.nan_to_num(np.clip(at[:, 0] * columns / width, 0, columns - 1)).astype(np.intp)
            row = np.nan_to_num(np.clip(at[:, 1] * rows / height, 0, rows - 1)).astype(np.intp)
            return np.asarray((at[:, 2] + 1) / 2 > self._farthest[row, column])

    @cached_property
    def _farthest(self) -> Depth:
        """The greatest depth of each pixel and those beside it."""
        assert self.depth is not None
        found = self.depth.copy()
        np.maximum(found[1:], self.depth[:-1], out=found[1:])
        np.maximum(found[:-1], self.depth[1:], out=found[:-1])
        across = found.copy()
        np.maximum(across[:, 1:], found[:, :-1], out=across[:, 1:])
        np.maximum(across[:, :-1], found[:, 1:], out=across[:, :-1])
        return across


class Way:
    """One path on the ground, bent again only where path or ground are others, placed again where the sight is."""

    def __init__(self) -> None:
        self.points: Floats = np.empty((0, 3))
        self._field: HeightField | None = None
        self._flat: Floats = np.empty((0, 2))
        self.path = QPainterPath()
        """What is in sight of it, in pixels."""
        self.sight: Sight | None = None
        """How that was seen; None where it has not been."""

    def follow(self, field: HeightField, path: Path) -> bool:
        """Take the path's newest points; tell whether it goes anywhere else than before, as far as can be seen."""
        flat = flattened(field, path.x, path.y)
        same = field is self._field and flat.shape == self._flat.shape
        if same and np.allclose(flat, self._flat, rtol=0, atol=UNSEEN, equal_nan=True):
            return False
        self._field, self._flat, self.sight = field, flat, None
        self.points = draped(field, flat)
        return True

    def see(self, sight: Sight, at: Floats) -> None:
        """Take the pixels of its points, ``[n, 2]``."""
        self.sight = sight
        at = at[close_points(at[:, 0], at[:, 1], 0.7, 0.7)]
        self.path = pg.arrayToQPath(at[:, 0].copy(), at[:, 1].copy(), connect="finite")


class Ways:
    """What moves on a surface."""

    def __init__(self) -> None:
        self.ways: dict[str, Way] = {}
        self._field: HeightField | None = None
        self._paths: tuple[Path, ...] = ()
        self._swarms: tuple[Swarm, ...] = ()

    def show(self, field: HeightField, paths: Sequence[Path], swarms: Sequence[Swarm]) -> bool:
        """Take the racers' ways and swarms over a ground; tell whether they look different now."""
        self._field, known = field, bool(self._swarms)
        before = [(path.key, path.colour, path.dash, path.faint) for path in self._paths]
        self._paths = tuple(path for path in paths if path.visible and len(path.x) > 1)
        self._swarms = tuple(swarm for swarm in swarms if swarm.visible and len(swarm.x))
        self.ways = {path.key: self.ways.get(path.key) or Way() for path in self._paths}
        moved = [self.ways[path.key].follow(field, path) for path in self._paths]
        looks = [(path.key, path.colour, path.dash, path.faint) for path in self._paths]
        return any(moved) or looks != before or known or bool(self._swarms)

    @property
    def empty(self) -> bool:
        """There is nothing to paint."""
        return not self._paths and not self._swarms

    def paint(self, painter: QPainter, sight: Sight) -> None:
        """Paint what is in sight, coloured over a dark casing."""
        self._place(sight)
        for path in self._paths:
            stroke(painter, self.ways[path.key].path, face_pen(path), NIB, faint=path.faint)
        if self._swarms:
            self._paint_swarms(painter, sight)

    def _place(self, sight: Sight) -> None:
        """Find the pixels of the ways that moved, or all where the sight is another; of all of them at once."""
        stale = [way for way in self.ways.values() if way.sight is not sight]
        if stale:
            at = sight.place(np.concatenate([way.points for way in stale]))
            for way, part in zip(stale, np.split(at, np.cumsum([len(way.points) for way in stale])[:-1]), strict=True):
                way.see(sight, part)

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


def flattened(field: HeightField, x: Floats, y: Floats) -> Floats:
    """Return the places of a path in the plane of a scene, ``[n, 2]``, without what cannot be told apart on its grid.

    NaN where it is parted.
    """
    flat = field.to_scene(x, y)
    flat[~(np.abs(flat) < FAR).all(axis=1)] = np.nan
    near = _cell(field) / 4
    flat = flat[close_points(flat[:, 0], flat[:, 1], near, near)]
    return np.stack(once(flat[:, 0], flat[:, 1], near, near), axis=1)


def draped(field: HeightField, flat: Floats) -> Floats:
    """Return a path over the ground, its steps cut into pieces no longer than a cell of the grid: ``[n, 3]``.

    NaN beside the ground, over its holes and where the path itself has a gap.
    """
    cell, way = _cell(field), np.diff(flat, axis=0)
    with np.errstate(invalid="ignore"):
        cuts = np.ceil(np.hypot(*way.T) / cell)
    cuts = np.where(np.isfinite(cuts), np.clip(cuts, 1, 400), 1).astype(int)
    cuts = np.maximum(1, (cuts * min(1.0, MOST_POINTS / max(1, cuts.sum()))).astype(int))
    step = np.repeat(np.arange(len(cuts)), cuts)
    part = (np.arange(len(step)) - np.repeat(np.cumsum(cuts) - cuts, cuts)) / cuts[step]
    places = np.concatenate((flat[:-1][step] + part[:, None] * way[step], flat[-1:]))
    return np.asarray(np.c_[places, field.on_surface(places) + LIFT])


def _cell(field: HeightField) -> float:
    return float(2 * field.half.max() / max(field.z.shape))
