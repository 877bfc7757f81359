"""What lies on a plot: the read-out beside the crosshair, and the note about what is not drawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from gradlab.ui import theme

from .values import Colour

ROW_PX = 17
PAD_PX = 8
NAME_PX = 150
"""Longest name in a read-out, longer ones are shortened."""
Row = tuple[Colour, str, str]


class Readout(QWidget):
    """Exact values beside the crosshair, one row per curve."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._head = ""
        self._rows: tuple[Row, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_rows(self, head: str, rows: Sequence[Row], at: QPoint, within: QRect) -> None:
        """Show ``rows`` to the right of ``at``, or to the left where there is no room."""
        self._head, self._rows = head, tuple(rows)
        size = self.sizeHint()
        x = at.x() + 10 if at.x() + 10 + size.width() <= within.right() else at.x() - 10 - size.width()
        y = min(max(at.y() - size.height() // 2, within.top() + 2), within.bottom() - size.height() - 2)
        self.setGeometry(QRect(QPoint(max(within.left(), x), max(within.top() + 2, y)), size))
        self.show()
        self.raise_()
        self.update()

    def text(self) -> str:
        """Return what it says, a row a line."""
        return "\n".join((self._head, *(f"{name} {value}".strip() for _, name, value in self._rows)))

    def sizeHint(self) -> QSize:
        """Return the room for all rows."""
        names, values = self._widths()
        head = QFontMetrics(theme.mono_font(11)).horizontalAdvance(self._head)
        width = max(head, 14 + names + (10 if names else 0) + values)
        return QSize(width + 2 * PAD_PX, ROW_PX * (len(self._rows) + 1) + PAD_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card; user text is drawn, never interpreted."""
        tokens, names = theme.current(), self._widths()[0]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(tokens.raised)
        ground.setAlphaF(0.94)
        painter.setPen(QColor(tokens.line))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(theme.mono_font(11))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(PAD_PX, PAD_PX // 2, self.width(), ROW_PX, Qt.AlignmentFlag.AlignVCenter, self._head)
        for k, row in enumerate(self._rows, 1):
            self._paint_row(painter, PAD_PX // 2 + ROW_PX * k, names, row)

    def _paint_row(self, painter: QPainter, top: int, names: int, row: Row) -> None:
        tokens, (colour, name, value) = theme.current(), row
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.colour(colour))
        painter.drawEllipse(PAD_PX, top + ROW_PX // 2 - 4, 8, 8)
        box = QRect(PAD_PX + 14, top, names, ROW_PX)
        painter.setFont(theme.sans_font(11))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, _short(name))
        painter.setFont(theme.mono_font(11))
        painter.setPen(QColor(tokens.text))
        box = QRect(PAD_PX, top, self.width() - 2 * PAD_PX, ROW_PX)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value)

    def _widths(self) -> tuple[int, int]:
        sans, mono = QFontMetrics(theme.sans_font(11)), QFontMetrics(theme.mono_font(11))
        names = max((sans.horizontalAdvance(_short(name)) for _, name, _ in self._rows), default=0)
        return names, max((mono.horizontalAdvance(value) for _, _, value in self._rows), default=0)


def _short(name: str) -> str:
    return QFontMetrics(theme.sans_font(11)).elidedText(name, Qt.TextElideMode.ElideMiddle, NAME_PX)


class Note(QLabel):
    """A short muted remark in a corner of a plot."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("class", "note")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, text: str) -> None:
        """Show ``text``, or nothing when it is empty."""
        if text != self.text():
            self.setText(text)
            self.setWordWrap(False)
            self.adjustSize()
        self.setVisible(bool(text))

    def fit(self, width: int) -> None:
        """Break the text into lines where there is less room than it wants."""
        self.setWordWrap(False)
        wanted = self.sizeHint()
        self.setWordWrap(wanted.width() > width)
        self.resize(QSize(width, self.heightForWidth(width)) if self.wordWrap() else wanted)
