"""The camera of a surface in the user's hands: what mouse and keys do to it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from .camera import Projection, axes, clamped
from .values import PERSPECTIVE, TOP, Camera

ORBIT_DEG, KEY_DEG, KEY_ZOOM = 0.4, 5.0, 1.15
"""Degrees a pixel of drag, degrees and factor a key press."""
TURNS = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class Orbit(QObject):
    """Holds the camera and moves it."""

    moved = Signal(object)
    """The camera, after the user moved it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.camera = PERSPECTIVE

    def place(self, camera: Camera) -> None:
        """Take a camera over; emits nothing."""
        self.camera = clamped(camera)

    def move(self, camera: Camera) -> None:
        """Take a camera over and tell it."""
        self.place(camera)
        self.moved.emit(self.camera)

    def reset(self) -> None:
        """See all of it, in the manner in force."""
        self.move(TOP if self.camera.flat else PERSPECTIVE)

    def turn(self, dx: float, dy: float) -> None:
        """Turn by a drag of so many pixels; the map view becomes perspective."""
        azimuth, elevation = self.camera.azimuth - ORBIT_DEG * dx, self.camera.elevation + ORBIT_DEG * dy
        self.move(replace(self.camera, azimuth=azimuth, elevation=elevation, flat=False))

    def pan(self, dx: float, dy: float, lens: Projection) -> None:
        """Move the scene with the mouse: a pixel is as long as it looks at the middle of the base."""
        right, up, _ = axes(self.camera)
        ends = lens.to_pixels(np.stack((np.zeros(3), 0.01 * right)))
        unit = 0.01 / max(1e-6, math.dist(ends[0, :2], ends[1, :2]))
        pan = np.array(self.camera.pan) + unit * (up * dy - right * dx)
        self.move(replace(self.camera, pan=(float(pan[0]), float(pan[1]), float(pan[2]))))

    def zoom(self, factor: float) -> None:
        """Come nearer (above 1) or go away."""
        self.move(replace(self.camera, zoom=self.camera.zoom * factor))

    def key(self, key: Qt.Key) -> bool:
        """Do what a key asks for; return False where it asks for nothing."""
        if key in TURNS:
            self.turn(*(turn * KEY_DEG / ORBIT_DEG for turn in TURNS[key]))
        elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom(KEY_ZOOM)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / KEY_ZOOM)
        elif key in {Qt.Key.Key_R, Qt.Key.Key_Home}:
            self.reset()
        elif key == Qt.Key.Key_T:
            self.move(TOP)
        elif key == Qt.Key.Key_P:
            self.move(PERSPECTIVE)
        else:
            return False
        return True
