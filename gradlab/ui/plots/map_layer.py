"""The still part of a contour plot (colours, iso-lines, arrow field), kept as a picture until the view changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPen, QTransform

from gradlab.ui import theme

from .colours import Bytes
from .values import Floats

LIGHT, DARK = QColor(255, 255, 255, 84), QColor(0, 0, 0, 74)
"""Iso-lines on the dark and on the bright part of a map."""
ARROW = QColor(255, 255, 255, 190)
ARROW_CASING = QColor(0, 0, 0, 110)


class Lines:
    """Many separate lines, held as Qt wants them."""

    def __init__(self, pieces: Floats | None = None) -> None:
        """Take end points ``[n, 2, 2]`` of (x, y)."""
        self._array = PrimitiveArray(QLineF, 4)
        self._array.resize(0 if pieces is None else len(pieces))
        if pieces is not None and len(pieces):
            self._array.ndarray()[:] = pieces.reshape(-1, 4)

    def draw(self, painter: QPainter, pen: QPen) -> None:
        """Stroke them all with a pen that is not scaled."""
        if len(self._array.ndarray()):
            painter.setPen(pen)
            painter.drawLines(*self._array.drawargs())


class MapLayer(pg.GraphicsObject):  # type: ignore[misc]
    """Paints a picture over a rectangle in data units, and lines on it."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._pixels: Bytes | None = None
        self._rect = QRectF(0, 0, 1, 1)
        self._light, self._dark, self._arrows = Lines(), Lines(), Lines()
        self._kept: tuple[object, QImage] = (None, QImage())
        self._version = 0
        self.setZValue(-20)

    def set_image(self, pixels: Bytes, rect: QRectF) -> None:
        """Show RGBA bytes ``[ny, nx, 4]``, row 0 at the low end of y, over ``rect``."""
        self._pixels = np.ascontiguousarray(pixels)
        rows, columns = pixels.shape[:2]
        self._image = QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        self.prepareGeometryChange()
        self._rect = rect
        self._changed()

    def set_lines(self, on_dark: Floats, on_bright: Floats) -> None:
        """Show iso-lines, pieces ``[n, 2, 2]`` in data units, apart by the ground they lie on."""
        self._light, self._dark = Lines(on_dark), Lines(on_bright)
        self._changed()

    def set_arrows(self, pieces: Floats) -> None:
        """Show an arrow field as pieces ``[n, 2, 2]`` in data units."""
        self._arrows = Lines(pieces)
        self._changed()

    def boundingRect(self) -> QRectF:
        """Return the picture's rectangle."""
        return self._rect

    def paint(self, p: QPainter, _option: Any, _widget: Any = None) -> None:
        """Paint the kept picture, made anew when view, size or content changed; a drawing gets the lines themselves."""
        if p.paintEngine().type() == QPaintEngine.Type.SVG:
            self._draw(p)
            return
        world = p.worldTransform()
        box = self.getViewBox()
        area = box.mapRectToScene(box.boundingRect()).toAlignedRect()
        scale = abs(p.deviceTransform().m11() / world.m11()) if world.m11() else 1.0
        key = (self._version, theme.current().name, scale, area.getRect(), *(getattr(world, f)() for f in PARTS))
        if self._kept[0] != key:
            self._kept = (key, self._render(world, area, scale))
        p.save()
        p.resetTransform()
        p.drawImage(area.topLeft(), self._kept[1])
        p.restore()

    def _render(self, world: QTransform, area: Any, scale: float) -> QImage:
        picture = QImage(area.size() * scale, QImage.Format.Format_ARGB32_Premultiplied)
        picture.setDevicePixelRatio(scale)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.translate(-area.topLeft())
        painter.setTransform(world, True)
        self._draw(painter)
        painter.end()
        return picture

    def _draw(self, painter: QPainter) -> None:
        if self._image.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self._rect, QColor(theme.current().line))
        painter.drawImage(self._rect, self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._light.draw(painter, _hair(LIGHT, 1.0))
        self._dark.draw(painter, _hair(DARK, 1.0))
        self._arrows.draw(painter, _hair(ARROW_CASING, 2.4))
        self._arrows.draw(painter, _hair(ARROW, 1.2))

    def _changed(self) -> None:
        self._version += 1
        self.update()


PARTS = ("m11", "m12", "m21", "m22", "dx", "dy")


def _hair(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def arrows(x: Floats, y: Floats, dx: Floats, dy: Floats) -> Floats:
    """Return a field ``dx[j, i], dy[j, i]`` at ``x[i], y[j]`` as pieces of arrows, none longer than a cell.

    Lengths go with the fourth root of the vector's, so that the direction shows where the function is flat.
    """
    length = np.hypot(dx, dy)
    good = np.isfinite(length) & (length > 0)
    if not good.any() or len(x) < 2 or len(y) < 2:
        return np.empty((0, 2, 2))
    cell = np.array([abs(x[1] - x[0]), abs(y[1] - y[0])])
    gx, gy = (grid[good] for grid in np.meshgrid(x, y))
    unit = np.stack((dx[good], dy[good]), axis=1) / length[good][:, None]
    size = 0.85 * (length[good] / length[good].max()) ** 0.25
    reach = np.abs(unit / cell).max(axis=1)
    step = unit * (size / reach)[:, None]
    centre = np.stack((gx, gy), axis=1)
    tip, tail = centre + step / 2, centre - step / 2
    barb = 0.32 * step
    side = 0.2 * np.stack((-step[:, 1] * cell[0] / cell[1], step[:, 0] * cell[1] / cell[0]), axis=1)
    pieces = [np.stack(ends, axis=1) for ends in ((tail, tip), (tip, tip - barb + side), (tip, tip - barb - side))]
    return np.concatenate(pieces)
