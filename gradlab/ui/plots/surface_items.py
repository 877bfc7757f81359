"""The OpenGL items of a surface: shaded block, iso-lines and walls; uploaded only when they change."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph.opengl as gl
from numpy.typing import NDArray
from OpenGL import GL
from PySide6.QtGui import QColor

from gradlab.ui import theme

from . import colours
from .isolines import iso_lines
from .mesh import HEIGHT, HeightField
from .scene import Scene
from .values import Floats

Words = NDArray[np.uint32]
LIGHTS = 64
BRIGHTEST = 1.06
"""Light goes from 0 to this in ``LIGHTS`` steps."""
ISO_DARK = np.array([0, 0, 0, 0.26], dtype=np.float32)
ISO_LIGHT = np.array([1, 1, 1, 0.30], dtype=np.float32)
"""Iso-lines on the bright and on the dark part of a map."""
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
        self._scene.update()

    def recolour(self, _tokens: theme.Theme) -> None:
        """Take the theme's colours."""
        if self._field is not None:
            self._show_walls()
            self._scene.update()

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

    def __init__(self, thickness: float, depth: int, *, smooth: bool = True) -> None:
        super().__init__(mode="lines", antialias=smooth, width=thickness)
        self.thickness = thickness
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
    """The lines on and around the block that stand still."""

    def __init__(self, scene: Scene) -> None:
        self._back, self._iso = Strokes(1.0, 1), Strokes(1.0, 2, smooth=False)  # smooth ends of short pieces make beads
        self._back_pieces: Floats = np.empty((0, 2, 3))
        self._scene = scene
        for item in (self._back, self._iso):
            scene.addItem(item)

    def hide_iso(self) -> None:
        """Hide the iso-lines of a surface that is gone."""
        self._iso.setVisible(False)

    def show_iso(self, field: HeightField, count: int, name: str) -> None:
        """Draw ``count`` iso-lines, bright on dark colours and dark on bright ones."""
        pieces, level = iso_lines(field.z, count)
        last = np.array(field.z.shape[::-1]) - 1
        flat = (pieces / last - 0.5) * 2 * field.half
        low, high = field.span
        heights = np.repeat((level / 2 - low / 2) / (high / 2 - low / 2), 2).reshape(-1, 2, 1)
        table = colours.table(name)
        bright = colours.luminance(table[colours.indices(level, low, high)]) > 0.5
        colour = np.where(bright[:, None], ISO_DARK, ISO_LIGHT)
        self._iso.show_pieces(np.concatenate((flat, heights * HEIGHT + 0.001), axis=2), colour)
        self._scene.update()

    def show_back(self, pieces: Floats) -> None:
        """Draw the lines on the walls behind."""
        self._back_pieces = pieces
        self._back.show_pieces(pieces, _floats(QColor(theme.current().line)))
        self._scene.update()

    def recolour(self, _tokens: theme.Theme) -> None:
        """Take the theme's colours."""
        self.show_back(self._back_pieces)


def _floats(colour: QColor) -> tuple[float, ...]:
    return (colour.redF(), colour.greenF(), colour.blueF(), colour.alphaF())
