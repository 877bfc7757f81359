"""Where there is no OpenGL: a notice that takes the place of the surface."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gradlab.ui.gl import gl_available

from .values import PERSPECTIVE, Camera, Columns, Floats, Path, Spot, Start, Swarm, Ticks

if TYPE_CHECKING:
    from .surface import SurfaceView

log = logging.getLogger(__name__)


class NoSurface(QWidget):
    """The face of a SurfaceView with a one-line notice in it; what it is given it forgets, but for the camera."""

    picked = Signal(float, float)
    startMoved = Signal(str, float, float, bool)
    cameraChanged = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._camera = PERSPECTIVE
        self._notice = QLabel(self)
        self._notice.setTextFormat(Qt.TextFormat.PlainText)
        self._notice.setProperty("class", "muted")
        self._notice.setWordWrap(True)
        self._notice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self).addWidget(self._notice)
        self.retranslate()

    def retranslate(self) -> None:
        """Say it again in the language in force."""
        self._notice.setText(self.tr("The surface needs OpenGL, which does not work here; the contour shows the same."))
        self.setAccessibleDescription(self._notice.text())

    def set_surface(
        self,
        x: Floats,
        y: Floats,
        z: Floats,
        *,
        colour: Floats | None = None,
        lines: int = 0,
        ticks: Ticks | None = None,
        values: Floats | None = None,
        live: bool = False,
    ) -> None:
        """Do nothing."""

    def set_colour_map(self, name: str) -> None:
        """Do nothing."""

    def set_axes(self, x: str, y: str, z: str) -> None:
        """Do nothing."""

    def set_paths(self, paths: Sequence[Path]) -> None:
        """Do nothing."""

    def set_starts(self, starts: Sequence[Start]) -> None:
        """Do nothing."""

    def set_spots(self, spots: Sequence[Spot]) -> None:
        """Do nothing."""

    def set_swarms(self, swarms: Sequence[Swarm]) -> None:
        """Do nothing."""

    def camera(self) -> Camera:
        """Return the camera that was set."""
        return self._camera

    def set_camera(self, camera: Camera) -> None:
        """Keep it, so that the look is not lost."""
        self._camera = camera

    def pick(self, px: float, py: float) -> tuple[float, float] | None:
        """Return None: there is nothing under any pixel."""
        return None

    def reset_view(self) -> None:
        """Do nothing."""

    def perspective(self) -> None:
        """Do nothing."""

    def top(self) -> None:
        """Do nothing."""

    def rehearse(self) -> Iterator[None]:
        """Do nothing."""
        yield from ()

    def paint_plot(self, painter: QPainter, scale: float) -> None:
        """Paint the notice."""
        self.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)

    def columns(self) -> Columns:
        """Return no columns."""
        return {}

    def summary(self) -> str:
        """Return the notice."""
        return self._notice.text()


class LaterSurface(NoSurface):
    """Stands where a surface will be once what draws it is loaded: its ground, with nothing on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("class", "plot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def retranslate(self) -> None:
        """Say that it comes, to those who cannot see that."""
        self.setAccessibleDescription(self.tr("The surface is being loaded."))


def make_surface(parent: QWidget | None = None) -> SurfaceView | NoSurface:
    """Return a surface, or the notice with the same face where OpenGL does not work."""
    if not gl_available():
        log.info("no OpenGL: the surface is replaced by a notice")
        return NoSurface(parent)
    from .surface import SurfaceView

    return SurfaceView(parent)
