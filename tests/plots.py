"""Helpers of the plot tests: widgets shown for real, the mouse in data units, and races to draw."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gradlab.ui import theme

LEFT = Qt.MouseButton.LeftButton


def shown(qtbot: Any, widget: QWidget, width: int = 640, height: int = 480) -> Any:
    """Show ``widget`` in the program's dress and wait until it is painted."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    if not application.styleSheet():
        theme.apply(application, "dark")
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    painted(widget)
    return widget


def painted(widget: QWidget) -> Any:
    """Paint now, whatever that raises, and return the picture."""
    QApplication.sendPostedEvents()
    return widget.grab().toImage()


def pixel(plot: Any, x: float, y: float) -> QPoint:
    """Return the place of a point in view units on the viewport that takes the mouse."""
    at = plot.to_pixels(x, y) - QPointF(plot.graphics.pos())
    return QPoint(round(at.x()), round(at.y()))


def click(plot: Any, x: float, y: float) -> None:
    """Click on a point in view units."""
    QTest.mouseClick(plot.graphics.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, pixel(plot, x, y))


def hover(plot: Any, x: float, y: float) -> None:
    """Move the mouse to a point in view units."""
    viewport = plot.graphics.viewport()
    for at in (pixel(plot, x, y) + QPoint(3, 3), pixel(plot, x, y)):
        move(viewport, at, Qt.MouseButton.NoButton)


def drag(
    target: QWidget, start: QPoint, stop: QPoint, steps: int = 6, keys: Any = Qt.KeyboardModifier.NoModifier
) -> None:
    """Press, move in steps and let go."""
    move(target, start, Qt.MouseButton.NoButton, keys)
    QTest.mousePress(target, LEFT, keys, start)
    for k in range(1, steps + 1):
        move(target, start + (stop - start) * k / steps, LEFT, keys)
    QTest.mouseRelease(target, LEFT, keys, stop)


def move(target: QWidget, at: QPoint, button: Any = LEFT, keys: Any = Qt.KeyboardModifier.NoModifier) -> None:
    """Move the mouse with ``button`` down; at once, whatever the window system does with its own pointer."""
    where = QPointF(target.mapToGlobal(at))
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), where, Qt.MouseButton.NoButton, button, keys)
    QApplication.sendEvent(target, event)


def double_click(target: QWidget) -> None:
    """Click twice in the middle, as a window system tells it."""
    centre = target.rect().center()
    QTest.mouseClick(target, LEFT, Qt.KeyboardModifier.NoModifier, centre)
    QTest.mouseDClick(target, LEFT, Qt.KeyboardModifier.NoModifier, centre)
    QTest.mouseRelease(target, LEFT, Qt.KeyboardModifier.NoModifier, centre)


def wheel(target: QWidget, at: QPoint, delta: int = 120) -> None:
    """Turn the wheel by a notch."""
    event = QWheelEvent(
        QPointF(at), QPointF(target.mapToGlobal(at)), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(target, event)


def colours(image: Any, step: int = 1) -> set[str]:
    """Return the colours of a picture."""
    return {
        image.pixelColor(x, y).name() for x in range(0, image.width(), step) for y in range(0, image.height(), step)
    }


def has(image: Any, colour: str | QColor, tolerance: int = 12) -> bool:
    """Tell whether a picture has a pixel of about this colour."""
    want = np.array(QColor(colour).getRgb()[:3])
    array = pixels(image)
    return bool((np.abs(array - want).max(axis=2) <= tolerance).any())


def pixels(image: Any) -> np.ndarray:
    """Return a picture as numbers ``[rows, columns, 3]``."""
    rgba = image.convertToFormat(QImage.Format.Format_RGBA8888)
    flat = np.frombuffer(rgba.constBits(), np.uint8).reshape(rgba.height(), rgba.bytesPerLine() // 4, 4)
    return flat[:, : rgba.width(), :3].astype(int)


def bowl(n: int = 61) -> tuple[np.ndarray, np.ndarray]:
    """Return a grid axis and z[j, i] = x² + 2 y over it."""
    x = np.linspace(-2, 2, n)
    gx, gy = np.meshgrid(x, x)
    return x, gx**2 + 2 * gy
