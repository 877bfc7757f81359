"""The ground of every flat plot: axes, pan and zoom that cannot break, hover, focus, and the theme followed live."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from gradlab.ui import theme

from . import ticks
from .axis import Axis

ZOOM_STEP = 0.8
MARGINS_PX = (2, 10, 14, 2)
"""Left, top, right and bottom of the axes, so that the labels at their ends are whole."""

pg.setConfigOptions(antialias=True, imageAxisOrder="row-major", segmentedLineMode="off", mouseRateLimit=-1)


class View(pg.ViewBox):  # type: ignore[misc]
    """A view whose range is always one that can be drawn; Shift and drag zooms into a box."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.disableAutoRange()

    def setRange(self, rect: Any = None, xRange: Any = None, yRange: Any = None, **options: Any) -> None:
        """Set what is seen; NaN, infinity, denormal and overflowing spans become the nearest range that works."""
        if rect is not None:
            xRange, yRange = (rect.left(), rect.right()), (rect.top(), rect.bottom())
        asked = {"xRange": xRange, "yRange": yRange}
        safe = {name: ticks.safe_range(*map(float, ends)) for name, ends in asked.items() if ends is not None}
        super().setRange(**safe, **options)

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Pan; zoom with the right button; zoom into a box with Shift."""
        box = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.setMouseMode(self.RectMode if box else self.PanMode)
        super().mouseDragEvent(ev, axis)


class Canvas(QWidget):
    """A plot without content."""

    hovered = Signal(object)
    viewChanged = Signal()
    """The user moved or zoomed the view."""

    def __init__(self, parent: QWidget | None = None, *, x: str = "", y: str = "") -> None:
        super().__init__(parent)
        self._auto = True
        self._names = (x, y)
        self.view = View()
        self.left, self.bottom = Axis("left"), Axis("bottom")
        self.graphics = pg.PlotWidget(self, viewBox=self.view, axisItems={"left": self.left, "bottom": self.bottom})
        self.plot = self.graphics.getPlotItem()
        self._build()
        self.set_axes(x, y)
        self._dress(theme.current())
        theme.watcher().changed.connect(self._recolour)

    def _build(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.graphics, 0, 0)
        self.setProperty("class", "plot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.graphics.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.ctrlMenu.setParent(self, self.plot.ctrlMenu.windowFlags())  # else it outlives the plot
        self.plot.layout.setContentsMargins(*MARGINS_PX)
        self.plot.showGrid(x=True, y=True, alpha=1.0)
        self.graphics.viewport().installEventFilter(self)
        self.graphics.scene().sigMouseMoved.connect(self._mouse_moved)
        self.graphics.scene().sigMouseClicked.connect(self._mouse_clicked)
        self.view.sigRangeChangedManually.connect(self._moved_by_hand)
        self.view.sigResized.connect(self._resized)

    def _resized(self) -> None:
        self.graphics.viewport().update()  # pyqtgraph's axes reach into the view and do not tell when it moves
        self._place_overlays()

    # what subclasses fill in

    def _restyle(self) -> None:
        """Take new colours."""

    def _fit(self) -> None:
        """Show all of the data."""

    def _pointed(self, at: QPointF | None) -> None:
        """React to the mouse in data units, None when it left."""
        self.hovered.emit(None if at is None else (at.x(), at.y()))

    def _clicked(self, at: QPointF) -> None:
        """React to a click in data units."""

    def _double_clicked(self, at: QPointF) -> None:
        """React to a double click in data units."""

    def _place_overlays(self) -> None:
        """Put the widgets that lie on the plot where they belong."""

    def summary(self) -> str:
        """Return one sentence about what is drawn, for screen readers."""
        return ""

    # the face

    def set_axes(self, x: str, y: str) -> None:
        """Name the axes."""
        self._names = (x, y)
        self.bottom.set_name(x)
        self.left.set_name(y)

    def auto_range(self) -> bool:
        """Tell whether the view follows the data (until the user pans or zooms)."""
        return self._auto

    def reset_view(self) -> None:
        """Show all of it again, and follow the data from now on."""
        self._auto = True
        self._fit()
        self.viewChanged.emit()

    def area(self) -> QRect:
        """Return where the data is drawn, in pixels of this widget."""
        rect = self.graphics.mapFromScene(self.view.sceneBoundingRect()).boundingRect()
        return QRect(rect.translated(self.graphics.pos()))

    def to_pixels(self, x: float, y: float) -> QPointF:
        """Return where a point in view units lies in this widget."""
        at = self.graphics.mapFromScene(self.view.mapViewToScene(QPointF(x, y)))
        return QPointF(at + self.graphics.pos())

    def paint_plot(self, painter: QPainter, scale: float) -> None:
        """Paint the plot at the origin, for an export."""
        for child in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if child.isVisible():  # each for itself: the frame that shows the focus stays out
                QWidget.render(child, painter, child.pos(), renderFlags=QWidget.RenderFlag.DrawChildren)

    def zoom(self, factor: float) -> None:
        """Shrink (below 1) or widen what is seen around its middle."""
        self.view.scaleBy((factor, factor))
        self._moved_by_hand()

    # events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + and -, reset with Home, pan with the arrows."""
        key = event.key()
        pans = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        if key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_STEP)
        elif key in {Qt.Key.Key_Home, Qt.Key.Key_R}:
            self.reset_view()
        elif key in pans:
            (x0, x1), (y0, y1) = self.view.viewRange()
            dx, dy = pans[Qt.Key(key)]
            self.view.translateBy(x=dx * (x1 - x0) / 10, y=dy * (y1 - y0) / 10)
            self._moved_by_hand()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell a screen reader what is drawn now."""
        self.setAccessibleDescription(self.summary())
        super().focusInEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the overlays in place."""
        super().resizeEvent(event)
        self._place_overlays()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the mouse leaving."""
        if event.type() == QEvent.Type.Leave:
            self._pointed(None)
        return super().eventFilter(watched, event)

    def _mouse_moved(self, scene: QPointF) -> None:
        inside = self.view.sceneBoundingRect().contains(scene)
        self._pointed(self.view.mapSceneToView(scene) if inside else None)

    def _mouse_clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.view.sceneBoundingRect().contains(event.scenePos()):
            return
        at = self.view.mapSceneToView(event.scenePos())
        (self._double_clicked if event.double() else self._clicked)(at)

    def _moved_by_hand(self, _mask: object = None) -> None:
        self._auto = False
        self.viewChanged.emit()

    def _recolour(self, tokens: theme.Theme) -> None:
        self._dress(tokens)
        self._restyle()

    def _dress(self, tokens: theme.Theme) -> None:
        self.graphics.setBackground(tokens.surface)
        self.left.recolour()
        self.bottom.recolour()
