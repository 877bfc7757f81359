"""Small things on a card: the dot in the colour of a trace, and a line of text that gives way."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from gradlab.ui import theme
from gradlab.ui.i18n import plain_tip

DOT = 10


def dot_icon(color: int | str, *, filled: bool = True) -> QIcon:
    """Return a disc in the colour of a trace; a ring when it is not filled."""
    icon = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(QSize(DOT + 2, DOT + 2) * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = theme.current().colour(color)
        painter.setPen(shade)
        painter.setBrush(shade if filled else QColor(Qt.GlobalColor.transparent))
        painter.drawEllipse(QPointF(DOT / 2 + 1, DOT / 2 + 1), DOT / 2 - 0.5, DOT / 2 - 0.5)
        painter.end()
        icon.addPixmap(pixmap)
    return icon


class Elided(QLabel):
    """One line of plain text that gives way; what is cut off is in the tooltip."""

    clicked_twice = Signal()

    def __init__(self, css_class: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("class", css_class)
        self._whole = ""

    def say(self, text: str) -> None:
        """Show ``text``, as much of it as there is room for."""
        self._whole = text
        self.updateGeometry()
        self._elide()

    def whole(self) -> str:
        """Return the text, uncut."""
        return self._whole

    def sizeHint(self) -> QSize:
        """Want room for the whole text."""
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Give way to almost nothing."""
        return QSize(16, super().minimumSizeHint().height())

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(plain_tip(self._whole) if shown != self._whole else "")

    def resizeEvent(self, event: Any) -> None:
        """Cut elsewhere."""
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        """Another font takes another width."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
            self._elide()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Say that it was clicked twice."""
        self.clicked_twice.emit()
        event.accept()
