"""The OpenGL scene under a surface: our projection, our mouse, a sharp still when it rests, errors told once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pyqtgraph as pg
import pyqtgraph.opengl as gl
from OpenGL import GL
from pyqtgraph.opengl.GLViewWidget import GLViewMixin
from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QMatrix4x4, QMouseEvent, QPainter, QSurfaceFormat, QWheelEvent
from PySide6.QtOpenGL import QOpenGLFramebufferObject, QOpenGLFramebufferObjectFormat
from PySide6.QtWidgets import QWidget

from gradlab.ui import theme
from gradlab.ui.gl import samples

from .offscreen import OffscreenGL

log = logging.getLogger(__name__)

CLICK_PX = 4
"""A press that moves less than this is a click."""
REST_MS = 700
"""Without multisampling, a scene that rests this long is drawn again at twice the size and shrunk."""
FINE = 2.0
LARGEST_PX = 8192
FEW_PX = 16


class Scene(GLViewMixin, OffscreenGL):  # type: ignore[misc]
    """Draws GL items, which stand still, through the owner's projection; lets the owner paint around and over them."""

    orbited = Signal(float, float)
    panned = Signal(float, float)
    zoomed = Signal(float)
    clicked = Signal(float, float)
    dragged = Signal(float, float, bool)
    """What was gripped is wanted at this pixel; and whether it is let go there."""
    failed = Signal(str)
    _rest: QTimer | None = None  # pyqtgraph updates before __init__ has come this far

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner: Any = owner
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._moved = self._gripped = False
        self._broken = False
        self._still: QImage | None = None
        self._line_scale = 1.0
        self._drawn_items: int | None = None
        self._ground: tuple[tuple[object, ...], QImage] = ((), QImage())
        self._samples = samples()
        if self._samples == 0:
            self._rest = QTimer(self, interval=REST_MS, singleShot=True)
            self._rest.timeout.connect(self._draw_still)
        self._keep_format()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)

    def _keep_format(self) -> None:
        wanted = QSurfaceFormat.defaultFormat()
        wanted.setDepthBufferSize(24)
        wanted.setSamples(self._samples)
        self.setFormat(wanted)

    # drawing

    def update(self, *_region: Any) -> None:
        """Draw again, since something changed."""
        self._still = None
        if self._rest is not None:
            self._rest.start()
        super().update()

    def viewMatrix(self) -> QMatrix4x4:
        """Return the owner's view."""
        return QMatrix4x4(self._owner.projection().view.ravel().tolist())

    def projectionMatrix(self, region: Any, viewport: Any) -> QMatrix4x4:
        """Return the owner's lens."""
        return QMatrix4x4(self._owner.projection().lens.ravel().tolist())

    def paintGL(self) -> None:
        """Draw the items."""
        self._line_scale = self.devicePixelRatioF()
        super().paintGL()

    def ground(self, drawn: QImage) -> QImage:
        """Return the scene, its still where there is one, with axes around it, kept until one of them is another."""
        best = drawn if self._still is None else self._still
        key = (best.cacheKey(), *self._owner.axes_key())
        if self._ground[0] != key:
            made = best.convertToFormat(QImage.Format.Format_RGB32)
            made.setDevicePixelRatio(self.devicePixelRatioF())
            painter = QPainter(made)
            try:
                self._owner.paint_axes(painter)
            finally:
                painter.end()
            self._ground = (key, made)
        return self._ground[1]

    def paint_over(self, painter: QPainter) -> None:
        """Paint what moves."""
        self._owner.paint_moving(painter)

    def drawItemTree(self, item: Any = None, useItemNames: bool = False) -> None:
        """Draw the items in order; the first error ends all drawing and is told once (pyqtgraph would print each)."""
        if self._broken:
            return
        try:
            items = self.items[: self._drawn_items]
            for each in sorted((i for i in items if i.visible()), key=lambda i: i.depthValue()):
                if isinstance(each, gl.GLLinePlotItem):
                    each.width = each.thickness * self._line_scale
                each.paint()
        except Exception as error:  # whatever the driver or PyOpenGL raises
            self._broken = True
            log.exception("the surface cannot be drawn")
            self.failed.emit(f"{type(error).__name__}: {error}".splitlines()[0])

    def rehearse(self) -> Iterator[None]:
        """Draw a few pixels of more and more items: at its first drawing, the driver compiles what an item needs."""
        self.makeCurrent()
        self.doneCurrent()
        yield
        for count in range(1, len(self.items) + 1):
            self._drawn_items = count
            self.picture(FEW_PX / max(FEW_PX, self.width(), self.height()))
            self._drawn_items = None
            yield

    def fine_picture(self, scale: float) -> QImage:
        """Return the items, without overlay, with smooth edges whoever draws."""
        if self._samples:
            return self.picture(scale)
        size = QSize(round(self.width() * scale), round(self.height() * scale))
        smooth = Qt.TransformationMode.SmoothTransformation
        return self.picture(FINE * scale).scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)

    def picture(self, scale: float) -> QImage:
        """Return the items, without overlay, at ``scale`` pixels a pixel."""
        size = QSize(round(self.width() * scale), round(self.height() * scale))
        if max(size.width(), size.height()) > LARGEST_PX:
            return self.picture(scale * LARGEST_PX / max(size.width(), size.height()))
        self.makeCurrent()
        form = QOpenGLFramebufferObjectFormat()
        form.setAttachment(QOpenGLFramebufferObject.Attachment.CombinedDepthStencil)
        form.setSamples(self._samples)
        buffer = QOpenGLFramebufferObject(size, form)
        buffer.bind()
        GL.glViewport(0, 0, size.width(), size.height())
        self._line_scale = scale
        region = self.getViewport()
        self.paint(region=region, viewport=region)
        image = buffer.toImage()
        buffer.release()
        self.doneCurrent()
        return image

    def _draw_still(self) -> None:
        if not self.isVisible() or not self.isValid() or self._broken:
            return
        self._still = self.fine_picture(self.devicePixelRatioF())
        QWidget.update(self)

    def set_ground(self, tokens: theme.Theme) -> None:
        """Take the theme's ground."""
        self.setBackgroundColor(pg.mkColor(QColor(tokens.surface)))

    # the mouse

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """Begin a click or a drag."""
        self._pressed = self._last = ev.position()
        self._moved = False
        self._gripped = ev.button() == Qt.MouseButton.LeftButton and self._owner.grip(self._last.x(), self._last.y())
        ev.accept()

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        """Drag what was gripped, or orbit; pan with the middle or right button or with Shift."""
        if self._pressed is None:
            grips = self._owner.grip(ev.position().x(), ev.position().y())
            self.setCursor(Qt.CursorShape.OpenHandCursor if grips else Qt.CursorShape.ArrowCursor)
            return
        away = ev.position() - self._pressed
        if not self._moved and abs(away.x()) + abs(away.y()) < CLICK_PX:
            return
        self._moved = True
        step, self._last = ev.position() - self._last, ev.position()
        if self._gripped:
            self.dragged.emit(self._last.x(), self._last.y(), False)
            return
        shifted = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if ev.buttons() == Qt.MouseButton.LeftButton and not shifted:
            self.orbited.emit(step.x(), step.y())
        else:
            self.panned.emit(step.x(), step.y())

    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:
        """Tell a click from the end of a drag."""
        at, left = ev.position(), ev.button() == Qt.MouseButton.LeftButton
        if self._pressed is not None and self._moved and self._gripped:
            self.dragged.emit(at.x(), at.y(), True)
        elif self._pressed is not None and not self._moved and left:
            self.clicked.emit(at.x(), at.y())
        self._pressed = None

    def wheelEvent(self, ev: QWheelEvent) -> None:
        """Zoom."""
        delta = ev.angleDelta()
        self.zoomed.emit(1.0015 ** (delta.y() or delta.x()))
        ev.accept()

    def keyPressEvent(self, ev: Any) -> None:
        """Leave the keys to the owner."""
        ev.ignore()

    def keyReleaseEvent(self, ev: Any) -> None:
        """Leave the keys to the owner."""
        ev.ignore()
