"""What Qt and OpenGL find on this machine, printed as JSON.

Runs as ``python -m gradlab.ui.probe``, in a process of its own: a screen that is not there, or a bad driver, ends it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication, QOffscreenSurface, QOpenGLContext

GL_RENDERER, GL_VERSION = 0x1F01, 0x1F02
SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software", "gdi generic")


def examine() -> dict[str, Any]:
    """Return Qt's versions and platform, its screen, its fonts and its OpenGL; needs a ``QGuiApplication``."""
    screen = QGuiApplication.primaryScreen()
    systems = QFontDatabase.writingSystems()
    return {
        "pyside": pyside_version,
        "qt": qVersion(),
        "platform": QGuiApplication.platformName(),
        "screen": f"{screen.size().width()}×{screen.size().height()}, scale {screen.devicePixelRatio():g}",
        "fonts": len(QFontDatabase.families()),
        "font": QGuiApplication.font().family(),
        "chinese": QFontDatabase.WritingSystem.SimplifiedChinese in systems,
        "opengl": opengl(),
    }


def opengl() -> dict[str, Any]:
    """Return what draws in 3-D, and whether that is a processor and no graphics card; empty without OpenGL."""
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return {}
    functions = context.functions()
    renderer, version = functions.glGetString(GL_RENDERER), functions.glGetString(GL_VERSION)
    context.doneCurrent()
    software = any(name in str(renderer).casefold() for name in SOFTWARE)
    return {"renderer": renderer, "version": version, "software": software}


def main() -> None:
    """Print the findings as one line of JSON."""
    application = QGuiApplication(["gradlab"])
    sys.stdout.write(json.dumps(examine()) + "\n")
    sys.stdout.flush()
    del application


if __name__ == "__main__":
    main()
