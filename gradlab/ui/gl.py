"""Whether OpenGL works here, and who draws it; asked once, before anything needs it."""

from __future__ import annotations

import os
import sys
from functools import cache

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software rasterizer", "gdi generic")
GL_RENDERER = 0x1F01


@cache
def renderer() -> str:
    """Return what draws OpenGL here, empty when nothing does; asks the driver once. Needs a QGuiApplication."""
    context = QOpenGLContext()
    if not context.create():
        return ""
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    if not surface.isValid() or not context.makeCurrent(surface):
        return ""
    try:
        return str(context.functions().glGetString(GL_RENDERER) or "unknown")
    finally:
        context.doneCurrent()
        surface.destroy()


def gl_available() -> bool:
    """Tell whether the surface can be drawn; also makes PyOpenGL use the window system that Qt uses."""
    if not renderer():
        return False
    if sys.platform.startswith("linux"):
        wayland = QGuiApplication.platformName().startswith("wayland")
        os.environ.setdefault("PYOPENGL_PLATFORM", "egl" if wayland else "glx")
    return True


def samples() -> int:
    """Return how many samples a pixel gets: 4, or none where the processor draws."""
    return 0 if any(name in renderer().lower() for name in SOFTWARE) else 4
