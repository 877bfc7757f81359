"""Swarms: many thousand points, written straight into a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter

from gradlab.ui import theme

from .marks import CASING, Overlay
from .values import Floats, Swarm

FEW, LARGE = 50, 1.7
"""Up to so many points are a sample, looked at one by one, and so many times as large as those of a crowd."""


class Dots(Overlay):
    """Swarms: up to hundreds of thousands of points, written straight into a picture."""

    def __init__(self) -> None:
        super().__init__(12)
        self._swarms: tuple[Swarm, ...] = ()

    def show_swarms(self, swarms: Sequence[Swarm]) -> None:
        """Draw the finite points of the visible ones."""
        self._swarms = tuple(swarm for swarm in swarms if swarm.visible and len(swarm.x))
        self.update()

    def draw(self, painter: QPainter, world: Any) -> None:
        """Write every point as a small disc with a dark rim."""
        if not self._swarms:
            return
        box = self.getViewBox()
        area = box.mapRectToScene(box.boundingRect()).toAlignedRect()
        scale = max(1.0, abs(painter.deviceTransform().m11()))
        dots = []
        for swarm in self._swarms:
            with np.errstate(over="ignore", invalid="ignore"):
                x = np.asarray(swarm.x) * world.m11() + world.dx() - area.left()
                y = np.asarray(swarm.y) * world.m22() + world.dy() - area.top()
            dots.append((x, y, theme.current().on_map(swarm.colour)))
        painter.drawImage(area.topLeft(), dotted(area.size(), dots, scale))


def dotted(size: QSize, dots: Sequence[tuple[Floats, Floats, QColor]], scale: float) -> QImage:
    """Return a picture of discs with a dark rim at (x, y), in pixels of which the picture has ``scale`` to a side."""
    rows, columns = round(size.height() * scale), round(size.width() * scale)
    pixels = np.zeros((rows, columns, 4), dtype=np.uint8)
    for x, y, colour in dots:
        size_px = scale * (LARGE if len(x) <= FEW else 1.0)
        for radius, tone in ((2.4, CASING), (1.5, colour)):
            splat(pixels, x * scale, y * scale, radius * size_px, (tone.red(), tone.green(), tone.blue(), 255))
    picture = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()
    picture.setDevicePixelRatio(scale)
    return picture


def splat(pixels: np.ndarray, x: np.ndarray, y: np.ndarray, radius: float, colour: tuple[int, int, int, int]) -> None:
    """Write discs of ``radius`` at (x, y) into RGBA bytes ``[rows, columns, 4]``; outside or NaN is left out."""
    rows, columns = pixels.shape[:2]
    with np.errstate(invalid="ignore"):
        inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    column, row = x[inside].astype(np.intp), y[inside].astype(np.intp)
    flat = pixels.reshape(-1, 4).view(np.uint32).ravel()
    word = np.array(colour, dtype=np.uint8).view(np.uint32)[0]
    reach = int(radius)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dx * dx + dy * dy <= radius * radius:
                at = np.clip(row + dy, 0, rows - 1) * columns + np.clip(column + dx, 0, columns - 1)
                flat[at] = word
