"""What the discs and rings on a plane stand for: a column of them with their names."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gradlab.ui import theme

from .values import Colour

ROW_PX, PAD_PX, MARK_PX = 16, 6, 8
Entry = tuple[str, Colour, bool]
"""A name, its colour, and whether it is drawn hollow."""


class DotKey(QWidget):
    """Lies on a plot and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Name these; nothing is shown without any."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.resize(self.sizeHint())
            self.update()
        self.setVisible(bool(entries))

    def text(self) -> str:
        """Return what it says, a name a line."""
        return "\n".join(name for name, _, _ in self._entries)

    def sizeHint(self) -> QSize:
        """Return the room for all names."""
        metrics = QFontMetrics(theme.sans_font(11))
        wide = max((metrics.horizontalAdvance(name) for name, _, _ in self._entries), default=0)
        return QSize(wide + MARK_PX + 3 * PAD_PX, ROW_PX * len(self._entries) + PAD_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card; names are drawn, never interpreted."""
        tokens, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(tokens.surface)
        ground.setAlphaF(0.85)
        painter.fillRect(self.rect(), ground)
        painter.setFont(theme.sans_font(11))
        for row, (name, colour, hollow) in enumerate(self._entries):
            top, shade = PAD_PX // 2 + ROW_PX * row, tokens.colour(colour)
            painter.setPen(QPen(shade, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush if hollow else shade)
            painter.drawEllipse(QRectF(PAD_PX, top + (ROW_PX - MARK_PX) / 2, MARK_PX, MARK_PX))
            painter.setPen(QColor(tokens.muted))
            place = QRect(2 * PAD_PX + MARK_PX, top, self.width(), ROW_PX)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)
