"""A surface with a tangent plane on it. Import only where OpenGL works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gradlab.ui import theme
from gradlab.ui.plots.mesh import HEIGHT, HeightField
from gradlab.ui.plots.surface import SurfaceView

CELLS = 8
REACH = 0.16
"""Half the side of the plane, as a part of the domain's."""
FACE, BEHIND, EDGE = 90, 34, 200
"""Opacities of the plane: in sight, behind the surface, and of its outline."""
OVER = 0.25
"""How far the plane may stand out of the box, in parts of its height."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The tangent plane f + p (x − x₀) + q (y − y₀); ``up`` turns values into heights of the surface."""

    x: float
    y: float
    f: float
    slopes: tuple[float, float]
    up: Callable[[np.ndarray], np.ndarray]


class TangentSurface(SurfaceView):
    """Draws the plane over the scene, faint where the surface hides it."""

    _plane: Plane | None = None

    def set_plane(self, plane: Plane | None) -> None:
        """Draw this plane; None takes it away."""
        if plane is not self._plane:
            self._plane = plane
            self._scene.update_over()

    def marks_key(self) -> tuple[object, ...]:
        """Return what changes with the marks, the plane among them."""
        return *super().marks_key(), self._plane

    def paint_marks(self, painter: QPainter, field: HeightField) -> None:
        """Paint the plane under the marks."""
        if self._plane is not None:
            self._paint_plane(painter, self._plane, field)
        super().paint_marks(painter, field)

    def places(self, plane: Plane) -> np.ndarray:
        """Return the grid of the plane in scene units, [n, n, 3]; NaN where it leaves the box."""
        field = self._field
        assert field is not None
        sides = [REACH * float(ends[-1] - ends[0]) * np.linspace(-1, 1, CELLS + 1) for ends in (field.x, field.y)]
        dx, dy = np.meshgrid(*sides)
        with np.errstate(all="ignore"):
            z = plane.up(plane.f + plane.slopes[0] * dx + plane.slopes[1] * dy)
            low, high = field.span
            heights = (z - low) / (high - low) * HEIGHT
        flat = field.to_scene((plane.x + dx).ravel(), (plane.y + dy).ravel())
        inside = (heights > -OVER * HEIGHT) & (heights < (1 + OVER) * HEIGHT)
        return np.dstack([flat.reshape(*dx.shape, 2), np.where(inside, heights, np.nan)])

    def _paint_plane(self, painter: QPainter, plane: Plane, field: HeightField) -> None:
        lens, grid = self.projection(), self.places(plane)
        middles = (grid[:-1, :-1] + grid[1:, :-1] + grid[:-1, 1:] + grid[1:, 1:]) / 4
        drawn = np.isfinite(middles[..., 2])
        if not drawn.any():
            return
        hidden = field.hidden(middles[drawn], lens.eye, lens.towards, flat=lens.flat)
        pixels = lens.to_pixels(np.nan_to_num(grid).reshape(-1, 3))[:, :2].reshape(CELLS + 1, CELLS + 1, 2)
        around = np.stack((pixels[:-1, :-1], pixels[:-1, 1:], pixels[1:, 1:], pixels[1:, :-1]), axis=2)[drawn]
        painter.save()
        for behind, face, edge in ((False, FACE, EDGE), (True, BEHIND, BEHIND)):
            painter.setBrush(_tone(face))
            painter.setPen(QPen(_tone(edge), 0.8))
            for corners in around[hidden == behind].tolist():
                painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        painter.restore()


def _tone(opacity: int) -> QColor:
    tone = QColor(theme.current().on_map(0))
    tone.setAlpha(opacity)
    return tone
