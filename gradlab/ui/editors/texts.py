"""The editor of a text such as a formula: wraps, grows with it, and shows where it is refused."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from .base import Editor, edits, gesture
from .context import Context
from .slot import MISSING, Slot
from .text_field import LONGEST, TextField

TYPING_MS = 150
_COLUMN = re.compile(r"\bcolumn (\d+)\b")


@edits(lambda slot: slot.type is str and not {"pick", "among"} & set(slot.extra))
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
