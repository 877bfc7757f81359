"""A surface with a tangent plane on it. Import only where OpenGL works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gradlab.ui import theme
from gradlab.ui.plots.mesh import HEIGHT
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
        self._plane = plane
        self._scene.update_over()

    def paint_moving(self, painter: QPainter, *, kept: bool = True) -> None:
        """Paint the plane under ways and marks."""
        if self._plane is not None and self._field is not None:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_plane(painter, self._plane)
            painter.restore()
        super().paint_moving(painter, kept=kept)

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

    def _paint_plane(self, painter: QPainter, plane: Plane) -> None:
        lens, field = self.projection(), self._field
        assert field is not None
        grid = self.places(plane)
        if not np.isfinite(grid[..., 2]).any():
            return
        middles = (grid[:-1, :-1] + grid[1:, :-1] + grid[:-1, 1:] + grid[1:, 1:]) / 4
        solid = np.nan_to_num(middles.reshape(-1, 3), nan=-1.0)
        hidden = field.hidden(solid, lens.eye, lens.towards, flat=lens.flat).reshape(CELLS, CELLS)
        pixels = lens.to_pixels(np.nan_to_num(grid).reshape(-1, 3))[:, :2].reshape(CELLS + 1, CELLS + 1, 2)
        tone = QColor(theme.current().on_map(0))
        for j, i in np.ndindex(CELLS, CELLS):
            if not np.isfinite(middles[j, i]).all():
                continue
            tone.setAlpha(BEHIND if hidden[j, i] else FACE)
            painter.setBrush(tone)
            edge = QColor(tone)
            edge.setAlpha(BEHIND if hidden[j, i] else EDGE)
            painter.setPen(QPen(edge, 0.8))
            corners = (pixels[j, i], pixels[j, i + 1], pixels[j + 1, i + 1], pixels[j + 1, i])
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
