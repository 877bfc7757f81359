"""Swarms: many thousand points, written straight into a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from gradlab.ui import theme

from .marks import CASING, Overlay
from .values import Swarm


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
        pixels = np.zeros((round(area.height() * scale), round(area.width() * scale), 4), dtype=np.uint8)
        for swarm in self._swarms:
            x = (np.asarray(swarm.x) * world.m11() + world.dx() - area.left()) * scale
            y = (np.asarray(swarm.y) * world.m22() + world.dy() - area.top()) * scale
            colour = theme.current().on_map(swarm.colour)
            splat(pixels, x, y, 2.4 * scale, (CASING.red(), CASING.green(), CASING.blue(), 255))
            splat(pixels, x, y, 1.5 * scale, (colour.red(), colour.green(), colour.blue(), 255))
        rows, columns = pixels.shape[:2]
        picture = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        painter.drawImage(QRectF(area), picture)


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
