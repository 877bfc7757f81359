"""A line of text that steps by arrows and wheel and leaves Undo to the window once its text is taken."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QFocusEvent, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget

NOTCH = 120
"""What one notch of a wheel turns."""
LONGEST = 2000
"""Characters a line takes."""


def is_undo(event: QEvent) -> bool:
    """Tell whether a key event means Undo or Redo."""
    keys = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
    return isinstance(event, QKeyEvent) and any(event.matches(key) for key in keys)


class LineField(QLineEdit):
    """A line edit that leaves Undo to the window once its text is taken, and steps by arrows and wheel."""

    stepped = Signal(float)
    escaped = Signal()
    entered = Signal()
    left = Signal()
    menu_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.untaken = False
        self.steps = False
        self._turned = 0
        self.setMaxLength(LONGEST)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take text; files are for the window."""
        if event.mimeData().hasUrls():
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def event(self, event: QEvent) -> bool:
        """Let Undo and Redo through to the window unless there is text that only this field knows."""
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and not self.untaken and is_undo(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step on arrows and page keys, give back on Escape, take on Enter."""
        notches = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        key = Qt.Key(event.key())
        if self.steps and key in notches and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.stepped.emit(notches[key])
        elif key == Qt.Key.Key_Escape and self.untaken:
            self.escaped.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step by whole notches when focused; else the panel scrolls."""
        if not (self.steps and self.hasFocus()):
            event.ignore()
            return
        self._turned += event.angleDelta().y()
        notches = int(self._turned / NOTCH)
        self._turned -= notches * NOTCH
        if notches:
            self.stepped.emit(notches)
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed; a context menu does not count as leaving."""
        super().focusOutEvent(event)
        self._turned = 0
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what the editor adds above the usual entries."""
        menu = self.createStandardContextMenu()
        self.menu_wanted.emit(menu)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())
