"""The editor of a text such as a formula: wraps, grows with it, and shows where it is refused."""

from __future__ import annotations

import math
import re
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from gradlab.ui import theme

from .base import Editor, edits, gesture
from .context import Context
from .line import is_undo
from .slot import MISSING, Slot

TYPING_MS = 150
MOST_LINES = 6
LONGEST = 10_000
"""Characters a text takes; more is refused before it is laid out."""
_COLUMN = re.compile(r"\bcolumn (\d+)\b")


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
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(2)
        self.textChanged.connect(self.fit)

    def fit(self) -> None:
        """Be as high as the text, up to a few lines."""
        lines = min(MOST_LINES, max(1, math.ceil(self.document().size().height())))
        frame = self.height() - self.viewport().height() if self.isVisible() else 10
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 2 * 2 + max(10, min(frame, 24)))

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
        if len(source.text()) + len(self.toPlainText()) > LONGEST:
            self.too_long.emit(len(source.text()))
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


@edits(lambda slot: slot.type is str)
class TextEdit(Editor):
    """A text, checked while it is typed; a message that names a column is shown at that column."""

    wide = True

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self._value: Any = MISSING
        self._fault = ""
        self._gesture = ""
        self.field = TextField(self)
        self._pause = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._pause.timeout.connect(self._take)
        self.field.textChanged.connect(self._typed)
        self.field.entered.connect(self._finish)
        self.field.left.connect(self._finish)
        self.field.escaped.connect(self.restore)
        self.field.too_long.connect(self._too_long)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.field)
        self.setFocusProxy(self.field)
        self.retranslate()

    def value(self) -> Any:
        """Return the last accepted value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show ``value``; the same value as before leaves the text alone, also refused text."""
        if value == self._value:
            return
        self._value = value
        self._gesture = ""
        self._show(value)

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        self._value = value
        self.field.untaken = self._pause.isActive()
        super().accept(value)

    def commit(self) -> None:
        """Take what is typed, now."""
        if self._pause.isActive():
            self._take()

    def restore(self) -> None:
        """Give up what is typed and refused."""
        self._show(self._value)
        self.edited.emit(self._value, gesture("restore"))

    def problem(self) -> str:
        """Return what is wrong with the text, else with the value."""
        return self._fault or super().problem()

    def controls(self) -> list[QWidget]:
        """Return the field."""
        return [self.field]

    def update_mark(self) -> None:
        """Be red and point at the column while something is wrong."""
        super().update_mark()
        found = _COLUMN.search(self.problem())
        self.field.point_at(int(found[1]) - 1 if found else None)
        self.field.setAccessibleDescription(self.problem() or self.slot.description)

    def _typed(self) -> None:
        self._gesture = self._gesture or gesture("type")
        self.field.untaken = True
        self._fault = ""
        self._pause.start()

    def _take(self) -> None:
        self._pause.stop()
        text = self.field.toPlainText().strip()
        self.edited.emit(None if self.slot.optional and not text else text, self._gesture or gesture("type"))

    def _finish(self) -> None:
        self.commit()
        self._gesture = ""

    def _too_long(self, length: int) -> None:
        self._fault = self.tr("{count} characters are too many: the limit is {limit}").format(
            count=length, limit=LONGEST
        )
        self.update_mark()
        self.remarked.emit()

    def _show(self, value: Any) -> None:
        self._pause.stop()
        self._fault = ""
        text = value if isinstance(value, str) else ""
        if text != self.field.toPlainText():
            self.field.blockSignals(True)
            self.field.setPlainText(text)
            self.field.blockSignals(False)
            self.field.fit()
        self.field.untaken = False
        self.refuse("")
