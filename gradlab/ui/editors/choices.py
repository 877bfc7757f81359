"""Editors of choices: yes or no, one of a few words, and something or nothing."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from gradlab.ui.i18n import plain_tip, render

from .base import Editor, edits, gesture
from .context import Context
from .slot import MISSING, Slot


class Choice(QComboBox):
    """A combo box that the wheel changes only when it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn when focused; else the panel scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


@edits(lambda slot: slot.type is bool and not slot.optional)
class BoolEdit(Editor):
    """Yes or no: a check box that carries its own label."""

    labelled = True

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self._value = False
        self.box = QCheckBox(self)
        self.box.clicked.connect(self._clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box)
        self.setFocusProxy(self.box)
        self.retranslate()

    def value(self) -> bool:
        """Return the last accepted value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show ``value``."""
        self._value = value
        self.box.setChecked(value)

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        self._value = value
        super().accept(value)

    def controls(self) -> list[QWidget]:
        """Return the box."""
        return [self.box]

    def _clicked(self, checked: bool) -> None:
        self.edited.emit(checked, gesture("switch"))

    def retranslate(self) -> None:
        """Say everything again."""
        super().retranslate()
        self.box.setText(self.label_text().replace("&", "&&"))

    def tip(self) -> str:
        """Return what it means and its default."""
        lines = [render(self.slot.description)]
        if self.slot.default is not MISSING:
            state = self.tr("on") if self.slot.default else self.tr("off")
            lines.append(self.tr("default: {value}").format(value=state))
        return plain_tip("\n".join(line for line in lines if line))


def _options(slot: Slot) -> tuple[Any, ...]:
    options = (False, True) if slot.type is bool else get_args(slot.type)
    return (None, *options) if slot.optional else options


@edits(lambda slot: get_origin(slot.type) is Literal or (slot.type is bool and slot.optional))
class ChoiceEdit(Editor):
    """One of a few words; None is one more, under its own name."""

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self._options = _options(slot)
        self._value: Any = MISSING
        self.box = Choice(self)
        self.box.addItems([""] * len(self._options))
        self.box.activated.connect(self._activated)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box)
        self.setFocusProxy(self.box)
        self.retranslate()

    def value(self) -> Any:
        """Return the last accepted value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show ``value``."""
        self._value = value
        self.box.setCurrentIndex(self._options.index(value) if value in self._options else -1)

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        self._value = value
        super().accept(value)

    def controls(self) -> list[QWidget]:
        """Return the box."""
        return [self.box]

    def _activated(self, index: int) -> None:
        value = self._options[index]
        if value != self._value or self.is_refused():
            self.edited.emit(value, gesture("choose"))

    def option_text(self, option: Any) -> str:
        """Return what an option is called on screen."""
        titles = self.slot.extra.get("titles")
        if option is None:
            return render(self.slot.none) or self.tr("not set")
        if isinstance(option, bool):
            return self.tr("on") if option else self.tr("off")
        return render(str(titles[option])) if isinstance(titles, dict) and option in titles else str(option)

    def retranslate(self) -> None:
        """Say everything again."""
        super().retranslate()
        for index, option in enumerate(self._options):
            self.box.setItemText(index, self.option_text(option))

    def tip(self) -> str:
        """Return what it means and its default."""
        lines = [render(self.slot.description)]
        if self.slot.default is not MISSING:
            lines.append(self.tr("default: {value}").format(value=self.option_text(self.slot.default)))
        if self.slot.tunable:
            lines.append(self.tr("Acts on a run under way, at its next step."))
        return plain_tip("\n".join(line for line in lines if line))
