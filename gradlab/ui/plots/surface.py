"""The function as a shaded surface: orbit, zoom, pick; paths and markers on it. Import only where OpenGL works."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from .values import Camera, Columns, Floats, Path, Spot, Start, Swarm, Ticks


class SurfaceView(QWidget):
    """A height field in its box."""

    picked = Signal(float, float)
    cameraChanged = Signal(object)
    failed = Signal(str)
    """OpenGL gave up (one line, once); show the contour instead."""

    def __init__(self, parent: QWidget | None = None, *, x: str = "x", y: str = "y", z: str = "f") -> None: ...
    def set_surface(
        self, x: Floats, y: Floats, z: Floats, *, colour: Floats | None = None, lines: int = 14,
        ticks: Ticks | None = None, live: bool = False,
    ) -> None:
        """Draw z[j, i] over x[i], y[j], already transformed; ``live`` leaves the iso-lines for when it comes to rest."""

    def set_colour_map(self, name: str) -> None: ...
    def set_axes(self, x: str, y: str, z: str) -> None: ...
    def set_paths(self, paths: Sequence[Path]) -> None: ...
    def set_starts(self, starts: Sequence[Start]) -> None: ...
    def set_spots(self, spots: Sequence[Spot]) -> None: ...
    def set_swarms(self, swarms: Sequence[Swarm]) -> None: ...
    def camera(self) -> Camera: ...
    def set_camera(self, camera: Camera) -> None: ...
    def pick(self, px: float, py: float) -> tuple[float, float] | None:
        """Return (x, y) of the surface under a pixel of the widget, None beside it."""

    def reset_view(self) -> None: ...
    def columns(self) -> Columns: ...
    def summary(self) -> str: ...
