"""Plain text of a few lines that grows with it, underlines where it is refused, and leaves Undo to the window."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QTextEdit, QWidget

from gradlab.ui import theme

from .line_field import is_undo

MOST_LINES = 6
MARGIN = 2
PADDING = 12
"""Frame and padding of the style sheet, above and below together, with a pixel to spare each."""
LONGEST = 10_000
"""Characters a text takes; more is refused before it is laid out."""


class TextField(QPlainTextEdit):
    """Plain text of a few lines; Enter takes it, Tab leaves it, Undo belongs to the window once it is taken."""

    entered = Signal()
    escaped = Signal()
    left = Signal()
    too_long = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.untaken = False
        self.setTabChangesFocus(True)
        self.setProperty("class", "mono")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(MARGIN)
        self.textChanged.connect(self.fit)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take text; files are for the window."""
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def fit(self) -> None:
        """Be as high as the text, up to a few lines."""
        wanted = max(1, math.ceil(self.document().size().height()))
        lines = min(MOST_LINES, wanted)
        bar = Qt.ScrollBarPolicy.ScrollBarAsNeeded if wanted > lines else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(bar)
        line = math.ceil(QFontMetricsF(self.font()).lineSpacing())
        self.setFixedHeight(lines * line + 2 * MARGIN + PADDING)

    def event(self, event: QEvent) -> bool:
        """Let Undo and Redo through to the window unless there is text that only this field knows."""
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and not self.untaken and is_undo(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take on Enter, give back on Escape; Shift+Enter breaks the line."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape and self.untaken:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Refuse a paste that is too long to be laid out; it is never cut in two."""
        kept = len(self.toPlainText()) - len(self.textCursor().selectedText())
        if kept + len(source.text()) > LONGEST:
            self.too_long.emit(kept + len(source.text()))
            return
        super().insertFromMimeData(source)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed; a context menu does not count as leaving."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def resizeEvent(self, event: Any) -> None:
        """Another width breaks the lines elsewhere."""
        super().resizeEvent(event)
        self.fit()

    def point_at(self, column: int | None) -> None:
        """Underline the character at ``column`` (from 0), or nothing."""
        self.setExtraSelections([] if column is None else [self._spot(column)])

    def _spot(self, column: int) -> QTextEdit.ExtraSelection:
        spot = QTextEdit.ExtraSelection()
        cursor = self.textCursor()
        length = len(self.toPlainText())
        cursor.setPosition(max(0, min(column, length - 1)))
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor)
        look = QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        look.setUnderlineColor(QColor(theme.current().bad))
        spot.cursor, spot.format = cursor, look
        return spot
