"""A height field in a box of unit size: triangles, hill shading, heights between grid points, ray casting. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .colours import LEAST_SPAN, finite_range
from .values import Floats

HEIGHT = 0.95
"""Height of the box; its longer side reaches from -1 to 1."""
NARROWEST = 0.45
LIGHT = np.array([-0.42, -0.55, 0.72], dtype=np.float32)
AMBIENT = 0.58
RELIEF = 1.3
"""How much steeper slopes look to the light than they are."""
RAY_SAMPLES = 600
Faces = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class HeightField:
    """z[j, i] over x[i], y[j], ascending and even; NaN and infinite heights are holes."""

    x: Floats
    y: Floats
    z: Floats

    @cached_property
    def span(self) -> tuple[float, float]:
        """The least and greatest finite z."""
        low, high = finite_range(self.z)
        return (low, high) if high / 2 - low / 2 > LEAST_SPAN else (low - 0.5, low + 0.5)

    @cached_property
    def half(self) -> Floats:
        """Half the width and depth of the box: true to the domain unless that is very narrow."""
        sides = np.array([self.x[-1] - self.x[0], self.y[-1] - self.y[0]])
        return np.asarray(np.maximum(sides / sides.max(), NARROWEST))

    @cached_property
    def heights(self) -> NDArray[np.float32]:
        """Scene heights ``[ny, nx]``; NaN in holes."""
        low, high = self.span
        scaled = (self.z / 2 - low / 2) * (HEIGHT / (high / 2 - low / 2))
        scaled[~np.isfinite(scaled)] = np.nan
        return scaled.astype(np.float32)

    @cached_property
    def solid(self) -> bool:
        """Whether there are no holes."""
        return not bool(np.isnan(self.heights).any())

    def to_scene(self, x: Floats, y: Floats) -> Floats:
        """Return the scene place of data points, ``[n, 2]``."""
        middle = np.array([self.x[0] + self.x[-1], self.y[0] + self.y[-1]]) / 2
        sides = np.array([self.x[-1] - self.x[0], self.y[-1] - self.y[0]]) / 2
        return (np.stack((np.asarray(x, dtype=float), np.asarray(y, dtype=float)), axis=1) - middle) / sides * self.half

    def to_data(self, place: Floats) -> tuple[float, float]:
        """Return the data point at a scene place (x, y)."""
        part = place[:2] / self.half / 2 + 0.5
        return (
            float(self.x[0] + part[0] * (self.x[-1] - self.x[0])),
            float(self.y[0] + part[1] * (self.y[-1] - self.y[0])),
        )

    def height(self, z: float) -> float:
        """Return the scene height of a value."""
        low, high = self.span
        return (z / 2 - low / 2) / (high / 2 - low / 2) * HEIGHT

    def vertexes(self) -> NDArray[np.float32]:
        """Return the grid points ``[ny * nx, 3]``; holes lie on the base."""
        out = np.empty((*self.z.shape, 3), dtype=np.float32)
        out[..., 0] = np.linspace(-self.half[0], self.half[0], len(self.x))
        out[..., 1] = np.linspace(-self.half[1], self.half[1], len(self.y))[:, None]
        out[..., 2] = self.heights if self.solid else np.nan_to_num(self.heights)
        return out.reshape(-1, 3)

    def faces(self) -> Faces:
        """Return the triangles, two a cell, those at holes left out."""
        rows, columns = self.z.shape
        corner = np.arange(rows * columns, dtype=np.uint32).reshape(rows, columns)
        a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
        faces = np.stack((a, b, c, a, c, d), axis=-1).reshape(-1, 3)
        if self.solid:
            return faces
        hole = np.isnan(self.heights).ravel()
        return np.asarray(faces[~hole[faces].any(axis=1)])

    def shading(self) -> NDArray[np.float32]:
        """Return how much light each grid point gets, about 0.5 … 1.1, ``[ny, nx]``."""
        heights = self.heights if self.solid else np.nan_to_num(self.heights)
        step = 2 * self.half / (np.array(self.z.shape[::-1]) - 1)
        gx, gy = _slopes(heights, 1, RELIEF / step[0]), _slopes(heights, 0, RELIEF / step[1])
        light = LIGHT[2] - LIGHT[0] * gx - LIGHT[1] * gy
        gx *= gx
        gy *= gy
        gx += gy
        gx += 1.0
        np.sqrt(gx, out=gx)
        light /= gx
        np.maximum(light, 0.0, out=light)
        light *= (1.0 - AMBIENT) / LIGHT[2]
        light += AMBIENT
        return np.asarray(light)

    def on_surface(self, place: Floats) -> Floats:
        """Return the height of the drawn triangles at scene places ``[n, 2]``; NaN beside it and in holes."""
        grid = (place / self.half / 2 + 0.5) * (np.array(self.z.shape[::-1]) - 1)
        last = np.array(self.z.shape[::-1]) - 1
        outside = ((grid < -1e-6) | (grid > last + 1e-6) | np.isnan(grid)).any(axis=1)
        grid = np.clip(np.nan_to_num(grid), 0, last)
        cell = np.minimum(grid.astype(np.intp), last - 1)
        u, v = (grid - cell).T
        i, j = cell.T
        h = self.heights
        a, b, c, d = h[j, i], h[j, i + 1], h[j + 1, i + 1], h[j + 1, i]
        found = np.where(u >= v, a + u * (b - a) + v * (c - b), a + v * (d - a) + u * (c - d))
        found[outside] = np.nan
        return np.asarray(found)

    def cast(self, origin: Floats, direction: Floats) -> Floats | None:
        """Return where a ray first meets the surface from above, ``[3]``; None when it does not."""
        span = self._within(origin, direction)
        if span is None:
            return None
        t = np.linspace(*span, RAY_SAMPLES)
        above = self._above(origin, direction, t)
        under = np.flatnonzero((above[1:] <= 0) & (above[:-1] > 0))
        if not under.size:
            return None
        low, high = t[under[0]], t[under[0] + 1]
        for _ in range(40):
            middle = (low + high) / 2
            if self._above(origin, direction, np.array([middle]))[0] > 0:
                low = middle
            else:
                high = middle
        return np.asarray(origin + low * direction)

    def hidden(self, points: Floats, eye: Floats, towards: Floats, *, flat: bool) -> NDArray[np.bool_]:
        """Return which scene points ``[n, 3]`` lie behind the surface, seen from ``eye``."""
        if not len(points):
            return np.zeros(0, dtype=bool)
        way = np.broadcast_to(towards, points.shape) if flat else eye - points
        way = way / np.linalg.norm(way, axis=1, keepdims=True)
        t = np.linspace(0.03, 2.6, 90)
        along = points[:, None, :] + t[None, :, None] * way[:, None, :]
        ground = self.on_surface(along[..., :2].reshape(-1, 2)).reshape(along.shape[:2])
        with np.errstate(invalid="ignore"):
            return np.asarray((ground > along[..., 2] + 0.004).any(axis=1))

    def _above(self, origin: Floats, direction: Floats, t: Floats) -> Floats:
        points = origin + t[:, None] * direction
        ground = self.on_surface(points[:, :2])
        return np.where(np.isnan(ground), np.inf, points[:, 2] - ground)

    def _within(self, origin: Floats, direction: Floats) -> tuple[float, float] | None:
        """Return the stretch of a ray inside the box."""
        low = np.array([-self.half[0], -self.half[1], -1e-3])
        high = np.array([self.half[0], self.half[1], HEIGHT + 1e-3])
        with np.errstate(divide="ignore", invalid="ignore"):
            a, b = (low - origin) / direction, (high - origin) / direction
        start, stop = np.nanmax(np.minimum(a, b)), np.nanmin(np.maximum(a, b))
        return (max(float(start), 0.0), float(stop)) if stop > max(start, 0.0) else None


def _slopes(heights: NDArray[np.float32], axis: int, scale: float) -> NDArray[np.float32]:
    """Return central differences along ``axis`` times ``scale`` per grid step, one-sided at the edges."""
    out = np.empty_like(heights)
    h, o = (heights, out) if axis == 0 else (heights.T, out.T)
    np.subtract(h[2:], h[:-2], out=o[1:-1])
    o[1:-1] *= 0.5
    np.subtract(h[1], h[0], out=o[0])
    np.subtract(h[-1], h[-2], out=o[-1])
    out *= np.float32(scale)
    return out
