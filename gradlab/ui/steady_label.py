"""A label for a text that changes many times a second and mostly keeps its size."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QAccessible, QEnterEvent, QFocusEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel


class SteadyLabel(QLabel):
    """Paints a new text that fits where the old one stood, without asking the window to lay itself out again.

    A QLabel does so at every ``setText``, and one whose text can be selected keeps a whole document of it. Here the
    label itself is told when somebody may want it: under the mouse, with the focus, for a screen reader.
    """

    _shown: str | None = None
    """What is painted, where that is not what the QLabel has."""

    def setText(self, text: str) -> None:
        """Show ``text``."""
        if text == self.text():
            return
        if self._fits(text):
            self._shown = text
            self.update()
        else:
            self._shown = None
            super().setText(text)

    def text(self) -> str:
        """Return what is shown."""
        return super().text() if self._shown is None else self._shown

    def _fits(self, text: str) -> bool:
        if not self.isVisible() or self.underMouse() or self.hasFocus() or QAccessible.isActive():
            return False
        lines, metrics = text.split("\n"), self.fontMetrics()
        room = self.contentsRect().width()
        if len(lines) != super().text().count("\n") + 1:
            return False
        return max(metrics.horizontalAdvance(line) for line in lines) <= room

    def _settle(self) -> None:
        """Let the QLabel have the text."""
        if self._shown is not None:
            text, self._shown = self._shown, None
            super().setText(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text that is shown."""
        if self._shown is None:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        flags, place = self.alignment().value, self.contentsRect()
        self.style().drawItemText(painter, place, flags, self.palette(), True, self._shown, self.foregroundRole())
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Become a label that can be selected from."""
        self._settle()
        super().enterEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Become a label that can be selected from."""
        self._settle()
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Become a label that can be selected from."""
        self._settle()
        super().focusInEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Be measured anew in another font."""
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._settle()
        super().changeEvent(event)
