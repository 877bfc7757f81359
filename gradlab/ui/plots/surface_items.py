"""The OpenGL items of a surface: shaded block, iso-lines, walls, paths and swarms; uploaded only when they change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pyqtgraph.opengl as gl
from numpy.typing import NDArray
from OpenGL import GL
from PySide6.QtGui import QColor

from gradlab.ui import theme

from . import colours
from .decimate import close_points
from .isolines import isolines, levels, readable
from .marks import CASING
from .mesh import HEIGHT, HeightField
from .scene import Scene
from .values import Floats, Path, Swarm

Words = NDArray[np.uint32]
LIGHTS = 64
BRIGHTEST = 1.06
"""Light goes from 0 to this in ``LIGHTS`` steps."""
ISO_DARK = np.array([0, 0, 0, 0.26], dtype=np.float32)
ISO_LIGHT = np.array([1, 1, 1, 0.30], dtype=np.float32)
"""Iso-lines on the bright and on the dark part of a map."""
PATH_LIFT = 0.006
"""How far paths float above the surface, scene units."""
OVERLAP = 0.002
"""How far the pieces of a path reach into each other, so that no gap shows between them."""
PATH_PX, CASING_PX, POINT_PX = 2.4, 4.4, 2.8
FAR = 100.0
"""Scene units beyond which a point of a path is a gap."""
PATH_POINTS = 6000
"""Points of a path after its steps were bent along the ground."""
SOLID = {
    GL.GL_DEPTH_TEST: True, GL.GL_BLEND: False, GL.GL_CULL_FACE: False,
    GL.GL_POLYGON_OFFSET_FILL: True, "glPolygonOffset": (1.0, 1.0), "glDepthFunc": (GL.GL_LEQUAL,),
}  # fmt: skip
ON_TOP = {
    GL.GL_DEPTH_TEST: True, GL.GL_BLEND: True, GL.GL_CULL_FACE: False, "glDepthFunc": (GL.GL_LEQUAL,),
    "glBlendFuncSeparate": (GL.GL_SRC_ALPHA, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA),
}  # fmt: skip


@cache
def _lit_table(name: str) -> Words:
    """Return the colours of a map under each light, ``[256 * LIGHTS]`` words of RGBA bytes."""
    light = np.linspace(0, BRIGHTEST, LIGHTS)
    table = colours.table(name).astype(float)
    lit = np.clip(table[:, None, :] * light[None, :, None], 0, 255)
    lit[..., 3] = 255
    return np.ascontiguousarray(lit.astype(np.uint8)).view(np.uint32).ravel()


def shaded(field: HeightField, colour: Floats | None, name: str) -> colours.Bytes:
    """Return the colours of the grid points under the light, RGBA bytes ``[ny * nx, 4]``."""
    values = field.z if colour is None else np.asarray(colour, float)
    place = colours.indices(values, *colours.finite_range(values)).astype(np.intp)
    place *= LIGHTS
    light = field.shading()
    light *= (LIGHTS - 1) / BRIGHTEST
    np.minimum(light, LIGHTS - 1, out=light)
    place += light.astype(np.intp)
    return _lit_table(name)[place.ravel()].view(np.uint8).reshape(-1, 4)


class Block:
    """The surface and the walls that reach from its rim to the base."""

    def __init__(self, scene: Scene) -> None:
        self._data, self._wall_data = gl.MeshData(), gl.MeshData()
        options = {"smooth": True, "computeNormals": False, "shader": None}
        self._mesh = gl.GLMeshItem(meshdata=self._data, glOptions="opaque", **options)
        self._walls = gl.GLMeshItem(meshdata=self._wall_data, glOptions="opaque", **options)
        for item in (self._mesh, self._walls):
            item.setGLOptions(SOLID)
            item.setVisible(False)
            scene.addItem(item)
        self._scene = scene
        self._shape: object = None
        self._field: HeightField | None = None

    def show(self, field: HeightField, lit: colours.Bytes) -> None:
        """Upload heights and colours; triangles only where their pattern changed."""
        self._field = field
        self._data.setVertexes(field.vertexes())
        if not field.solid or self._shape != field.z.shape:
            self._data.setFaces(field.faces())
            self._shape = field.z.shape if field.solid else None
        self._data.setVertexColors(lit)
        self._mesh.meshDataChanged()
        self._mesh.setVisible(True)
        self._show_walls()
        self._scene.still_changed()

    def recolour(self, _tokens: theme.Theme) -> None:
        """Take the theme's colours."""
        if self._field is not None:
            self._show_walls()
            self._scene.still_changed()

    def _show_walls(self) -> None:
        assert self._field is not None
        vertexes, faces, lit = walls(self._field)
        self._walls.setVisible(bool(len(faces)))
        if len(faces):
            self._wall_data.setVertexes(vertexes)
            self._wall_data.setFaces(faces)
            self._wall_data.setVertexColors(lit)
            self._walls.meshDataChanged()


def walls(field: HeightField) -> tuple[NDArray[np.float32], NDArray[np.uint32], colours.Bytes]:
    """Return the four sides of the block: vertexes, triangles and colours; nothing where the rim has holes."""
    points = field.vertexes().reshape(*field.z.shape, 3)
    tokens = theme.current()
    rims = (points[0], points[-1], points[:, 0], points[:, -1])
    holes = (field.heights[0], field.heights[-1], field.heights[:, 0], field.heights[:, -1])
    vertexes, faces, lit, first = [], [], [], 0
    for rim, hole, part in zip(rims, holes, (0.35, 0.35, 0.55, 0.55), strict=True):
        foot = rim * np.array([1, 1, 0], dtype=np.float32)
        n = len(rim)
        k = np.arange(n - 1, dtype=np.uint32) + first
        quad = np.stack((k, k + 1, k + n + 1, k, k + n + 1, k + n), axis=-1).reshape(-1, 2, 3)
        gone = np.isnan(hole)
        faces.append(quad[~(gone[1:] | gone[:-1])].reshape(-1, 3))
        vertexes += [rim, foot]
        shade = theme.mix(QColor(tokens.raised), QColor(tokens.line), part)
        lit.append(np.tile(np.array(shade.getRgb(), dtype=np.uint8), (2 * n, 1)))
        first += 2 * n
    return np.concatenate(vertexes), np.concatenate(faces), np.concatenate(lit)


class Strokes(gl.GLLinePlotItem):  # type: ignore[misc]
    """Separate lines of one thickness; the scene scales it for large pictures."""

    def __init__(self, thickness: float, depth: int, *, moving: bool = False, smooth: bool = True) -> None:
        super().__init__(mode="lines", antialias=smooth, width=thickness)
        self.thickness, self.moving = thickness, moving
        self.setGLOptions(ON_TOP)
        self.setDepthValue(depth)
        self.setVisible(False)

    def show_pieces(self, pieces: Floats, colour: NDArray[np.float32] | tuple[float, ...]) -> None:
        """Draw pieces ``[n, 2, 3]`` in one colour, or in one of ``[n, 4]`` each."""
        self.setVisible(bool(len(pieces)))
        if len(pieces):
            each = np.repeat(colour, 2, axis=0) if isinstance(colour, np.ndarray) else colour
            self.setData(pos=np.ascontiguousarray(pieces.reshape(-1, 3), dtype=np.float32), color=each)


class Lines:
    """Everything on and around the block that is drawn with lines or points."""

    def __init__(self, scene: Scene) -> None:
        self._back, self._iso = Strokes(1.0, 1), Strokes(1.0, 2, smooth=False)  # smooth ends of short pieces make beads
        self._casing, self._path = Strokes(CASING_PX, 3, moving=True), Strokes(PATH_PX, 4, moving=True)
        self._points = gl.GLScatterPlotItem(pxMode=True, size=POINT_PX, glOptions="translucent")
        self._points.setGLOptions(ON_TOP)
        self._points.setDepthValue(5)
        self._points.moving, self._points.thickness = True, POINT_PX
        self._points.setVisible(False)
        self._back_pieces: Floats = np.empty((0, 2, 3))
        self._scene = scene
        for item in (self._back, self._iso, self._casing, self._path, self._points):
            scene.addItem(item)

    def hide_iso(self) -> None:
        """Hide the iso-lines of a surface that is gone."""
        self._iso.setVisible(False)

    def show_iso(self, field: HeightField, count: int, name: str) -> None:
        """Draw ``count`` iso-lines, bright on dark colours and dark on bright ones."""
        pieces, level = isolines(field.z, levels(field.z, count))
        clear = readable(pieces, level, field.z.shape)
        pieces, level = pieces[clear], level[clear]
        last = np.array(field.z.shape[::-1]) - 1
        flat = (pieces / last - 0.5) * 2 * field.half
        low, high = field.span
        heights = np.repeat((level / 2 - low / 2) / (high / 2 - low / 2), 2).reshape(-1, 2, 1)
        table = colours.table(name)
        bright = colours.luminance(table[colours.indices(level, low, high)]) > 0.5
        colour = np.where(bright[:, None], ISO_DARK, ISO_LIGHT)
        self._iso.show_pieces(np.concatenate((flat, heights * HEIGHT + 0.001), axis=2), colour)
        self._scene.still_changed()

    def show_back(self, pieces: Floats) -> None:
        """Draw the lines on the walls behind."""
        self._back_pieces = pieces
        self._back.show_pieces(pieces, _floats(QColor(theme.current().line)))
        self._scene.still_changed()

    def show_paths(self, pieces: Floats, colour: NDArray[np.float32]) -> None:
        """Draw the racers' ways over a dark casing."""
        dark = np.tile(np.array(_floats(CASING), dtype=np.float32), (len(colour), 1))
        dark[:, 3] = colour[:, 3]
        self._casing.show_pieces(pieces, dark)
        lifted = pieces + np.array([0, 0, 0.002]) if len(pieces) else pieces
        self._path.show_pieces(lifted, colour)

    def show_swarms(self, field: HeightField, swarms: Sequence[Swarm]) -> None:
        """Draw the finite points of the visible swarms."""
        places, shades = [np.empty((0, 3))], [np.empty((0, 4))]
        for swarm in swarms:
            if swarm.visible:
                flat = field.to_scene(swarm.x, swarm.y)
                place = np.c_[flat, field.on_surface(flat) + PATH_LIFT]
                place = place[np.isfinite(place).all(axis=1)]
                places.append(place)
                shades.append(np.tile(_floats(theme.current().on_map(swarm.colour)), (len(place), 1)))
        found = np.concatenate(places)
        self._points.setVisible(bool(len(found)))
        if len(found):
            self._points.setData(pos=found.astype(np.float32), color=np.concatenate(shades).astype(np.float32))

    def recolour(self, _tokens: theme.Theme) -> None:
        """Take the theme's colours."""
        self.show_back(self._back_pieces)


def path_pieces(field: HeightField, paths: Sequence[Path]) -> tuple[Floats, NDArray[np.float32]]:
    """Return the visible paths as pieces ``[n, 2, 3]`` that follow the ground, and the colour of each ``[n, 4]``."""
    pieces, shades = [np.empty((0, 2, 3))], [np.empty((0, 4), dtype=np.float32)]
    for path in paths:
        if not path.visible or len(path.x) < 2:
            continue
        found = _draped(field, path)
        dash = theme.current().dash(path.colour) if path.dash is None else path.dash
        found = _dashed(found, dash) if dash else found
        colour = theme.current().on_map(path.colour)
        colour.setAlphaF(0.35 if path.faint else 1.0)
        pieces.append(found)
        shades.append(np.tile(np.array(_floats(colour), dtype=np.float32), (len(found), 1)))
    return np.concatenate(pieces), np.concatenate(shades)


def _draped(field: HeightField, path: Path) -> Floats:
    """Return a path's steps cut into pieces no longer than a cell of the grid, lifted a little above the ground."""
    flat = field.to_scene(path.x, path.y)
    flat[~(np.abs(flat) < FAR).all(axis=1)] = np.nan
    cell = 2 * float(field.half.max()) / max(field.z.shape)
    flat = flat[close_points(flat[:, 0], flat[:, 1], cell / 4, cell / 4)]
    with np.errstate(invalid="ignore"):
        cuts = np.ceil(np.hypot(*np.diff(flat, axis=0).T) / cell)
    good = np.isfinite(cuts)
    cuts = np.where(good, np.clip(cuts, 1, 400), 1).astype(int)
    cuts = np.maximum(1, (cuts * min(1.0, PATH_POINTS / max(1, cuts.sum()))).astype(int))
    step = np.repeat(np.arange(len(cuts)), cuts)
    part = (np.arange(len(step)) - np.repeat(np.cumsum(cuts) - cuts, cuts))[:, None] / cuts[step][:, None]
    way = np.diff(flat, axis=0)[step]
    start = flat[:-1][step] + part * way
    piece = way / cuts[step][:, None]
    over = OVERLAP * piece / np.maximum(1e-9, np.hypot(*piece.T))[:, None]
    ends = np.stack((start - over, start + piece + over), axis=1)
    heights = field.on_surface(ends.reshape(-1, 2)).reshape(-1, 2, 1) + PATH_LIFT
    pieces = np.concatenate((ends, heights), axis=2)
    return np.asarray(pieces[np.isfinite(pieces).all(axis=(1, 2))])


def _dashed(pieces: Floats, dash: tuple[float, ...]) -> Floats:
    """Return the pieces that lie under the dashes, measured along the way in units of 0.008 of the scene."""
    along = np.cumsum(np.linalg.norm(pieces[:, 1] - pieces[:, 0], axis=1)) / 0.008
    ends = np.cumsum(dash)
    return np.asarray(pieces[np.searchsorted(ends, along % ends[-1], side="right") % 2 == 0])


def _floats(colour: QColor) -> tuple[float, ...]:
    return (colour.redF(), colour.greenF(), colour.blueF(), colour.alphaF())
