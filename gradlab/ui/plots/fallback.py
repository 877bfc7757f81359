"""Where there is no OpenGL: the probe, and a notice that takes the place of the surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from .surface import SurfaceView


def gl_available() -> bool:
    """Tell whether OpenGL works here; asks the driver once and also readies PyOpenGL for the window system."""
    raise NotImplementedError


class NoSurface(QWidget):
    """The face of a SurfaceView with a one-line notice in it."""


def make_surface(parent: QWidget | None = None) -> SurfaceView | NoSurface:
    """Return a surface, or the notice with the same face where OpenGL does not work."""
    raise NotImplementedError
