"""Where a surface is seen from, as matrices: fits the box into the frame, points to pixels, pixels to rays. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .values import Camera, Floats

FIELD_DEG = 30.0
"""Vertical opening of the lens; long, so that heights at the back compare with those in front."""
REACH = 5.0
"""No point of the scene lies farther from where the camera aims, panned as far as it goes."""
MARGINS_PX = (48.0, 14.0, 30.0, 46.0)
"""Left, top, right, bottom: room for labels around the box."""
STRETCH = (0.7, 1.25)
"""How much lower and higher the box may be drawn to fill wide and tall frames."""
ELEVATIONS = (4.0, 90.0)
ZOOMS = (0.2, 40.0)


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """One picture: ``view`` and ``lens`` are 4 × 4, ``size`` in pixels, ``eye`` in scene units (not stretched)."""

    view: Floats
    lens: Floats
    size: tuple[float, float]
    eye: Floats
    towards: Floats
    """Unit vector from the scene to the eye."""
    flat: bool

    def to_pixels(self, points: Floats) -> Floats:
        """Return x, y (down) and clip depth of scene points ``[n, 3]``, shape ``[n, 3]``."""
        clip = np.c_[points, np.ones(len(points))] @ (self.lens @ self.view).T
        w = np.where(np.abs(clip[:, 3]) < 1e-9, 1e-9, clip[:, 3])
        width, height = self.size
        return np.stack(((clip[:, 0] / w + 1) * width / 2, (1 - clip[:, 1] / w) * height / 2, clip[:, 2] / w), axis=1)

    def ray(self, px: float, py: float) -> tuple[Floats, Floats]:
        """Return origin and unit direction of the ray through a pixel."""
        width, height = self.size
        inverse = np.linalg.inv(self.lens @ self.view)
        ends = np.array([[2 * px / width - 1, 1 - 2 * py / height, z, 1] for z in (-1, 1)]) @ inverse.T
        near, far = ends[:, :3] / ends[:, 3:]
        return near, (far - near) / np.linalg.norm(far - near)


def clamped(camera: Camera) -> Camera:
    """Return the camera with its angles and zoom where they may be."""
    elevation = min(max(camera.elevation, ELEVATIONS[0]), ELEVATIONS[1])
    azimuth = (camera.azimuth + 180.0) % 360.0 - 180.0
    pan = tuple(min(max(p, -2.0), 2.0) for p in camera.pan)
    zoom = min(max(camera.zoom, ZOOMS[0]), ZOOMS[1])
    return Camera(azimuth, elevation, zoom, (pan[0], pan[1], pan[2]), camera.flat)


def project(camera: Camera, corners: Floats, size: tuple[float, float]) -> Projection:
    """Return the picture in which all ``corners`` ``[n, 3]`` lie within the margins at zoom 1."""
    right, up, towards = axes(camera)
    width, height = max(size[0], 1.0), max(size[1], 1.0)
    sides = (width, height, width, height)
    left_px, top_px, right_px, bottom_px = (min(m, 0.22 * s) for m, s in zip(MARGINS_PX, sides, strict=True))
    half = np.array([width - left_px - right_px, height - top_px - bottom_px]) / height
    tall = np.array([1.0, 1.0, min(max(half[1] / half[0], STRETCH[0]), STRETCH[1])])
    frame = np.stack((right, up, towards))
    local = corners * tall @ frame.T
    if camera.flat:
        centre, reach = _fit_flat(local, half)
        distance, lens = 8.0, _parallel(width / height, reach / camera.zoom)
        column = 3
    else:
        tangent = math.tan(math.radians(FIELD_DEG / 2))
        centre, distance = _fit_perspective(local, half, tangent)
        distance, lens = distance / camera.zoom, _perspective(width / height, tangent, distance / camera.zoom)
        column, right_px, left_px, top_px, bottom_px = 2, left_px, right_px, bottom_px, top_px  # w is -z
    lens[0, column] = (left_px - right_px) / width  # the free middle lies off the middle
    lens[1, column] = (bottom_px - top_px) / height
    eye = centre[0] * right + centre[1] * up + np.array(camera.pan) + distance * towards
    view = np.eye(4)
    view[:3, :3] = frame * tall
    view[:3, 3] = -frame @ eye
    towards = towards / tall
    return Projection(view, lens, (width, height), eye / tall, towards / np.linalg.norm(towards), camera.flat)


def axes(camera: Camera) -> tuple[Floats, Floats, Floats]:
    """Return the unit vectors of the picture: right, up, and towards the eye."""
    a, e = math.radians(camera.azimuth), math.radians(camera.elevation)
    towards = np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)])
    right = np.array([-math.sin(a), math.cos(a), 0.0])
    return right, np.cross(towards, right), towards


def _fit_flat(local: Floats, half: Floats) -> tuple[Floats, float]:
    """Return the middle of the points in the picture, and half the height that shows them all."""
    low, high = local[:, :2].min(axis=0), local[:, :2].max(axis=0)
    return (low + high) / 2, float(((high - low) / 2 / half).max())


def _fit_perspective(local: Floats, half: Floats, tangent: float) -> tuple[Floats, float]:
    """Return the point of the picture plane to aim at and the distance that shows all points, by iteration."""
    centre = np.zeros(2)
    for _ in range(20):
        distance = _distance(local, centre, half, tangent)
        depth = distance - local[:, 2:]
        seen = (local[:, :2] - centre) / depth
        centre = centre + (seen.min(axis=0) + seen.max(axis=0)) / 2 * float(depth.min())
    return centre, _distance(local, centre, half, tangent)


def _distance(local: Floats, centre: Floats, half: Floats, tangent: float) -> float:
    """Return how far the eye must be from ``centre`` for all points to lie in the frame."""
    return float((local[:, 2:] + np.abs(local[:, :2] - centre) / (tangent * half)).max())


def _perspective(aspect: float, tangent: float, distance: float) -> Floats:
    f, near, far = 1.0 / tangent, max(0.02, distance - REACH), distance + REACH
    return np.array([
        [f / aspect, 0, 0, 0], [0, f, 0, 0],
        [0, 0, (far + near) / (near - far), 2 * far * near / (near - far)], [0, 0, -1, 0],
    ])  # fmt: skip


def _parallel(aspect: float, reach: float) -> Floats:
    near, far = 0.1, 16.0
    return np.array([
        [1 / (reach * aspect), 0, 0, 0], [0, 1 / reach, 0, 0],
        [0, 0, 2 / (near - far), (far + near) / (near - far)], [0, 0, 0, 1],
    ])  # fmt: skip
