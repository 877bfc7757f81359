"""OpenGL drawn into a buffer and shown as a picture, with the face of a QOpenGLWidget.

A QOpenGLWidget has Qt compose the whole window with OpenGL, every plot and label of it at every frame. Where the
processor draws, that takes longer than the drawing itself; so the window stays a raster window, and only what changed
in the scene is drawn and read back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL
from PySide6.QtCore import QPoint, QRect, QSize, QTimer
from PySide6.QtGui import QImage, QOffscreenSurface, QOpenGLContext, QPainter, QPaintEvent, QResizeEvent, QSurfaceFormat
from PySide6.QtOpenGL import QOpenGLFramebufferObject, QOpenGLFramebufferObjectFormat
from PySide6.QtWidgets import QWidget

GATHER_MS = 10
"""Changes within this time are painted together: a picture of the scene is dear, and the plots beside it go first."""


class OffscreenGL(QWidget):
    """Draws with ``paintGL`` when it is stale, then paints the picture and what ``paint_over`` adds."""

    _gathering: QTimer | None = None  # pyqtgraph updates before __init__ has come this far

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gathering = QTimer(self, interval=GATHER_MS, singleShot=True)
        self._gathering.timeout.connect(self._ask_to_paint)
        self._format = QSurfaceFormat.defaultFormat()
        self._context: QOpenGLContext | None = None
        self._surface: QOffscreenSurface | None = None
        self._buffer: QOpenGLFramebufferObject | None = None
        self._image: QImage | None = None
        self._depth: NDArray[np.float32] | None = None

    # the face of a QOpenGLWidget

    def setFormat(self, wanted: QSurfaceFormat) -> None:
        """Ask for depth and samples, before the first drawing."""
        self._format = wanted

    def isValid(self) -> bool:
        """Tell whether there is a context to draw with."""
        return self._context is not None

    def context(self) -> QOpenGLContext | None:
        """Return the context."""
        return self._context

    def makeCurrent(self) -> None:
        """Make OpenGL calls go to this scene; the first time there is one to make."""
        if self._context is None:
            self._context = QOpenGLContext(self)
            self._context.setFormat(self._format)
            shared = QOpenGLContext.globalShareContext()
            if shared is not None:
                self._context.setShareContext(shared)
            self._context.create()
            self._surface = QOffscreenSurface(None, self)
            self._surface.setFormat(self._context.format())
            self._surface.create()
            self._context.makeCurrent(self._surface)
            self.initializeGL()
        assert self._surface is not None
        self._context.makeCurrent(self._surface)

    def doneCurrent(self) -> None:
        """End the calls."""
        if self._context is not None:
            self._context.doneCurrent()

    def defaultFramebufferObject(self) -> int:
        """Return the buffer that the picture is made from."""
        return self._buffer.handle() if self._buffer is not None else 0

    def initializeGL(self) -> None:
        """Make what needs a context."""

    def paintGL(self) -> None:
        """Draw the scene."""

    # the picture

    def update(self, *_region: object) -> None:
        """Draw the scene again."""
        self._image = self._depth = None
        self.update_over()

    def update_over(self) -> None:
        """Paint again what stands over the scene, which is as it was."""
        if self._gathering is not None and not self.waits:
            self._gathering.start()

    def _ask_to_paint(self) -> None:
        QWidget.update(self)

    @property
    def waits(self) -> bool:
        """There are changes that are not painted yet."""
        return self._gathering is not None and self._gathering.isActive()

    def ground(self, drawn: QImage) -> QImage:
        """Return what is painted first: the scene as it was drawn, or what is better."""
        return drawn

    def paint_over(self, painter: QPainter) -> None:
        """Paint what stands over the scene."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Show the picture, drawing it anew where the scene has changed."""
        if self._image is None:
            self._image = self._draw()
        painter = QPainter(self)
        try:
            painter.drawImage(QPoint(), self.ground(self._image))
            self.paint_over(painter)
        finally:
            painter.end()  # Qt crashes on a painter that an error left open

    def grabFramebuffer(self) -> QImage:
        """Return what is shown."""
        return self.grab().toImage()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the scene at its new size."""
        super().resizeEvent(event)
        self.update()

    def depths(self) -> NDArray[np.float32] | None:
        """Return how deep each pixel of the picture lies, 0 (near) to 1, rows from the top; None before the first."""
        if self._depth is None and self._image is not None and self._buffer is not None:
            self.makeCurrent()
            size, source = self._buffer.size(), self._buffer
            if self._format.samples() > 0:  # several depths a pixel cannot be read; one of them can be copied
                source = _buffer(size, 0)
                whole, layer = QRect(QPoint(), size), GL.GL_DEPTH_BUFFER_BIT
                QOpenGLFramebufferObject.blitFramebuffer(source, whole, self._buffer, whole, layer, GL.GL_NEAREST)
            source.bind()
            read = GL.glReadPixels(0, 0, size.width(), size.height(), GL.GL_DEPTH_COMPONENT, GL.GL_FLOAT)
            source.release()
            self.doneCurrent()
            self._depth = np.frombuffer(read, np.float32).reshape(size.height(), size.width())[::-1]
        return self._depth

    def _draw(self) -> QImage:
        self.makeCurrent()
        ratio = self.devicePixelRatioF()
        size = QSize(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))
        if self._buffer is None or self._buffer.size() != size:
            self._buffer = _buffer(size, max(0, self._format.samples()))
        self._buffer.bind()
        assert self._context is not None
        self._context.functions().glViewport(0, 0, size.width(), size.height())
        self.paintGL()
        image = self._buffer.toImage()
        image.setDevicePixelRatio(ratio)
        self._buffer.release()
        self.doneCurrent()
        return image


def _buffer(size: QSize, samples: int) -> QOpenGLFramebufferObject:
    form = QOpenGLFramebufferObjectFormat()
    form.setAttachment(QOpenGLFramebufferObject.Attachment.CombinedDepthStencil)
    form.setSamples(samples)
    return QOpenGLFramebufferObject(size, form)
