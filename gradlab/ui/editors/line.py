"""One line of typed text that stands for a value: parsed after a pause, taken on Enter, given back on Escape."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.ui.i18n import plain_tip, render

from .base import Editor, Where, gesture
from .context import Context
from .line_field import LineField
from .slot import MISSING, Slot

TYPING_MS = 250
"""Pause in typing after which the text is taken; sooner, half a number (``1e-``) would flash red or act."""


class LineEditor(Editor):
    """An editor of one line; a subclass says how text becomes a value (``read``) and a value text (``write``)."""

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self._value: Any = MISSING
        self._fault = ""
        self._gesture = ""
        self._ghost = False
        self.field = LineField(self)
        self._pause = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._pause.timeout.connect(self._take)
        self.field.textEdited.connect(self._typed)
        self.field.escaped.connect(self.restore)
        self.field.entered.connect(self._finish)
        self.field.left.connect(self._finish)
        self.field.stepped.connect(self._step)
        self.field.menu_wanted.connect(self._extend_menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.field)
        self.setFocusProxy(self.field)
        self.retranslate()

    def read(self, text: str) -> Any:
        """Return the value that ``text`` stands for; raise ``ValueError`` with what it asks for."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """Return ``value`` as text that reads back as the same value."""
        return str(value)

    def stepped(self, value: Any, notches: float) -> Any:
        """Return ``value`` stepped by ``notches``, within the bounds."""
        del notches
        return value

    def value(self) -> Any:
        """Return the last accepted value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show ``value``; the same value as before leaves the text alone, also refused text."""
        if value == self._value and type(value) is type(self._value) and not self._ghost:
            return
        self._value = value
        self._ghost = False
        self._gesture = ""
        self._show(value)

    def set_ghost(self, value: Any) -> None:
        """Show ``value`` as what stands in for nothing: faint, until something is typed or stepped."""
        if self._ghost and value == self._value:
            return
        self._value = value
        self._ghost = True
        self._show(value)

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        self._value = value
        if self._ghost:
            self._ghost = False
            if not self.field.text():
                self._show(value)
        self.field.untaken = self._pause.isActive() or bool(self._fault)
        super().accept(value)
        self.retranslate()

    def commit(self) -> None:
        """Take what is typed, now."""
        if self._pause.isActive():
            self._take()

    def restore(self) -> None:
        """Give up what is typed and refused."""
        self._show(self._value)
        self.edited.emit(self._value, gesture("restore"))

    def reset(self) -> None:
        """Go back to the default."""
        self.propose(self.slot.default, gesture("reset"))

    def propose(self, value: Any, name: str) -> None:
        """Show ``value`` and ask the owner for it."""
        self._ghost = False
        self._show(value)
        self.field.untaken = True
        self.edited.emit(value, name)

    def unreadable(self) -> bool:
        """Tell whether the text stands for no value."""
        return bool(self._fault)

    def problem(self) -> str:
        """Return what is wrong with the text, else with the value."""
        return self._fault or super().problem()

    def controls(self) -> list[QWidget]:
        """Return the line."""
        return [self.field]

    def refuse(self, message: str, where: Where = ()) -> None:
        """Show the owner's verdict, also to a screen reader."""
        super().refuse(message, where)
        self._describe()

    def retranslate(self) -> None:
        """Say everything again, the tooltip with the current value."""
        super().retranslate()
        self.field.setPlaceholderText(self._stand_in())
        self._describe()

    def _stand_in(self) -> str:
        if self._ghost:
            return self.write(self._value)
        return render(self.slot.none) or self.tr("not set") if self.slot.optional else ""

    def _typed(self) -> None:
        self._gesture = self._gesture if ":type:" in self._gesture else gesture("type")
        self.field.untaken = True
        self._pause.start()

    def _take(self) -> None:
        self._pause.stop()
        text = self.field.text().strip()
        try:
            value = None if self.slot.optional and not text else self.read(text)
        except ValueError as error:
            self._set_fault(str(error))
            return
        self._set_fault("")
        self.edited.emit(value, self._gesture or gesture("type"))

    def _finish(self) -> None:
        self.commit()
        self._gesture = ""
        if not self.is_refused() and self._value is not MISSING:
            self._show(self._value)

    def _step(self, notches: float) -> None:
        self.commit()
        if self._value is MISSING or self._value is None or self.is_refused():
            return
        self._gesture = self._gesture if ":step:" in self._gesture else gesture("step")
        value = self.stepped(self._value, notches)
        if value != self._value:
            self.propose(value, self._gesture)

    def _show(self, value: Any) -> None:
        text = "" if self._ghost or value is None or value is MISSING else self.write(value)
        self._pause.stop()
        self.field.untaken = False
        if text != self.field.text():
            self.field.setText(text)
            self.field.setCursorPosition(len(text) if self.field.hasFocus() else 0)
        self._set_fault("")
        self.refuse("")
        self.retranslate()

    def _set_fault(self, message: str) -> None:
        if message == self._fault:
            return
        self._fault = message
        self.update_mark()
        self._describe()
        self.remarked.emit()

    def _describe(self) -> None:
        self.field.setAccessibleDescription(self.problem() or render(self.slot.description))

    def tip(self) -> str:
        """Return what the field means, its range, its default and its whole value."""
        slot, lines = self.slot, [render(self.slot.description)]
        if slot.unit:
            lines.append(self.tr("unit: {unit}").format(unit=slot.unit))
        if slot.bounds.text():
            lines.append(self.tr("range: {range}").format(range=slot.bounds.text()))
        if slot.default is not MISSING:
            lines.append(self.tr("default: {value}").format(value=self._default_text()))
        if slot.tunable:
            lines.append(self.tr("Acts on a run under way, at its next step."))
        return plain_tip("\n".join(line for line in lines if line))

    def _default_text(self) -> str:
        default = self.slot.default
        return render(self.slot.none) or self.tr("not set") if default is None else self.write(default)

    def _extend_menu(self, menu: Any) -> None:
        if self.slot.default is MISSING:
            return
        text = self.tr("Reset to {value}").format(value=self._default_text().replace("&", "&&"))
        reset = QAction(text, menu)
        reset.setEnabled(self._value != self.slot.default or self.is_refused())
        reset.triggered.connect(self.reset)
        first = menu.actions()[0] if menu.actions() else None
        menu.insertAction(first, reset)
        menu.insertSeparator(first)
