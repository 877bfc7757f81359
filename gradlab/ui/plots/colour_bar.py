"""A narrow colour bar with a few labels."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradlab.ui import theme

from . import colours, ticks
from .values import Ticks

BAR_PX, LABEL_PX, GAP_PX = 6, 46, 15
"""Width of the bar, least room for its labels, least distance of two labels."""
TALL_PX = 600
"""Height for which the room for labels is measured."""


class ColourBar(QWidget):
    """Shows the map from low (below) to high, beside the plot area that it is told."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._map = "viridis"
        self._range = (0.0, 1.0)
        self._ticks: Ticks | None = None
        self._area = QRect()
        self._label_px = LABEL_PX
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Return the room for bar and labels."""
        return QSize(BAR_PX + self._label_px, 60)

    def show_map(self, name: str, low: float, high: float, labels: Ticks | None) -> None:
        """Show colour map ``name`` over low … high in transformed units, ``labels`` at places in them."""
        self._map, self._range, self._ticks = name, (low, high), labels
        metrics = QFontMetrics(theme.sans_font(11))
        widest = max((metrics.horizontalAdvance(text) for _, text in self._labels(TALL_PX)), default=0)
        self._label_px = max(LABEL_PX, widest + 8)
        self.update()

    def align(self, area: QRect) -> None:
        """Reach from the top to the bottom of ``area`` (rows of the parent)."""
        self._area = area
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar and the labels that have room."""
        painter, tokens = QPainter(self), theme.current()
        top, height = self._area.top() - self.y(), max(1, self._area.height())
        table = colours.table(self._map)[::-1].copy()
        strip = QImage(table.data, 1, 256, 4, QImage.Format.Format_RGBA8888)
        painter.drawImage(QRect(0, top, BAR_PX, height), strip)
        painter.setFont(theme.sans_font(11))
        painter.setPen(QColor(tokens.muted))
        low, high = self._range
        last = None
        for value, text in self._labels(height):
            part = (value - low) / (high - low) if high > low else 0.5
            y = round(top + (1 - part) * height)
            if not top + 4 <= y <= top + height - 4 or (last is not None and abs(last - y) < GAP_PX):
                continue
            last = y
            painter.drawText(BAR_PX + 5, y - 8, self._label_px - 5, 16, Qt.AlignmentFlag.AlignVCenter, text)

    def _labels(self, height: int) -> Ticks:
        if self._ticks is not None:
            return self._ticks
        return ticks.linear(*self._range, max(2, height // 60))
