"""One frame of a live, shaded surface: new heights to painted picture, against the item that pyqtgraph has for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph.opengl as gl
from bench import compare, show
from OpenGL.GL import glFinish
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gradlab.app import make_application
from gradlab.ui.plots.surface import SurfaceView
from gradlab.ui.plots.values import Path

POINTS = 200
FRAMES = 16
SIZE = (800, 600)
GOALS = {"gradlab": 0.12}
BUILT_IN = "GLSurfacePlotItem"


def waves() -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the grid and the heights of each frame."""
    x = np.linspace(-5, 5, POINTS)
    return x, [np.sin(x)[:, None] * np.cos(x + phase)[None] for phase in np.linspace(0, 6, FRAMES)]


def opened(widget: QWidget) -> QWidget:
    """Show ``widget`` and let its OpenGL come up."""
    widget.resize(*SIZE)
    widget.show()
    QTest.qWaitForWindowExposed(widget)
    QTest.qWait(300)
    return widget


def painted(scene: gl.GLViewWidget) -> None:
    """Paint and wait until the last pixel is there."""
    scene.makeCurrent()
    scene.paintGL()
    glFinish()
    scene.doneCurrent()


def built_in() -> Callable[[], None]:
    """Return the frame of pyqtgraph with its default, smooth normals and its shader."""
    scene = gl.GLViewWidget()
    scene.setCameraPosition(distance=20)
    x, heights = waves()
    item = gl.GLSurfacePlotItem(x=x, y=x, z=heights[0].astype(np.float32), shader="shaded", computeNormals=True)
    scene.addItem(item)
    opened(scene)
    frames = iter(range(10**9))

    def frame() -> None:
        item.setData(z=heights[next(frames) % FRAMES].astype(np.float32))
        painted(scene)

    return frame


def own(*, whole: bool) -> Callable[[], None]:
    """Return the frame of gradlab with axes and labels; ``whole``: and a path, marks and fresh iso-lines."""
    view = SurfaceView()
    x, heights = waves()
    view.set_surface(x, x, heights[0])
    opened(view)
    frames = iter(range(10**9))
    turn = np.linspace(0, 20, 300)
    path = Path("p", turn / 5 * np.cos(turn), turn / 5 * np.sin(turn))

    def frame() -> None:
        view.set_surface(x, x, heights[next(frames) % FRAMES], live=not whole)
        if whole:
            view.set_paths([path])
        view._scene.repaint()  # draws, reads back, shows, and paints axes and labels over it

    return frame


def main() -> None:
    """Print the table."""
    make_application(["gradlab"])
    contenders = {
        BUILT_IN: built_in(),
        "gradlab": own(whole=False),
        "gradlab with iso-lines and a path": own(whole=True),
    }
    results = compare(contenders, BUILT_IN, rounds=9)
    show(f"A live surface of {POINTS}² points, one frame of {SIZE[0]} × {SIZE[1]}", results, BUILT_IN, GOALS)


if __name__ == "__main__":
    main()
