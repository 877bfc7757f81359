"""The editor of a list of values without ids, such as the stages of a schedule: one editor each, by place."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from gradlab.engine.model import Frozen, Part
from gradlab.ui import icons
from gradlab.ui.i18n import render

from .base import Editor, Where, discard, editor_for, edits, gesture, join
from .context import Context
from .lists import element
from .optional import plainest
from .slot import MISSING, Slot


def _is_sequence(slot: Slot) -> bool:
    kind = element(slot.type)
    return not slot.optional and isinstance(kind, type) and issubclass(kind, Frozen) and not issubclass(kind, Part)


@edits(_is_sequence)
class SequenceEdit(Editor):
    """Editors under each other, each with a button that removes it."""

    wide = True

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self._value: Any = MISSING
        self._body: QWidget | None = None
        self._inside = False
        self.editors: list[Editor] = []
        self.add = QPushButton(self)
        self.add.setProperty("class", "flat add")
        icons.put(self.add, "plus", "accent")
        self.add.clicked.connect(self._append)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.retranslate()

    def value(self) -> Any:
        """Return the last accepted list."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show ``value``, in the editors that are there where their number fits."""
        before, self._value = self._value, value
        if before is not MISSING and len(value) == len(self.editors):
            for editor, entry in zip(self.editors, value, strict=True):
                if editor.value() != entry:
                    editor.set_value(entry)
        else:
            self._rebuild()
        high = self.slot.size.high
        self.add.setEnabled(high is None or len(value) < high)

    def _rebuild(self) -> None:
        if self._body is not None:
            discard(self._body)
        self._body = QWidget(self)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.editors = []
        for index, entry in enumerate(self._value):
            column.addLayout(self._line(index, entry, self._body))
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, self._body)

    def _line(self, index: int, entry: Any, body: QWidget) -> QHBoxLayout:
        slot = self.slot.inner(element(self.slot.type), f"{self.label_text()} {index + 1}")
        editor = editor_for(slot, self.context, join(self.path, str(index)), body)
        editor.set_value(entry)
        away = QToolButton(body)
        away.setProperty("class", "tool")
        icons.put(away, "close")
        away.setAccessibleName(self.tr("Remove {name}").format(name=slot.name))
        away.setToolTip(away.accessibleName())
        away.setEnabled(len(self._value) > (self.slot.size.low or 0))
        away.clicked.connect(self._remove)
        for widget in (editor, away):
            widget.setProperty("index", index)
        editor.edited.connect(self._on_edited)
        editor.remarked.connect(self.remarked)
        self.editors.append(editor)
        line = QHBoxLayout()
        line.addWidget(editor, 1)
        line.addWidget(away, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _on_edited(self, entry: Any, name: str) -> None:
        index = int(self.sender().property("index"))
        self.edited.emit((*self._value[:index], entry, *self._value[index + 1 :]), join(str(index), name))

    def _append(self) -> None:
        entry = self.context.new_part(self.path)
        if entry is None:
            entry = plainest(self.slot.inner(element(self.slot.type)))
        self.edited.emit((*self._value, entry), gesture("add"))

    def _remove(self) -> None:
        index = int(self.sender().property("index"))
        self.edited.emit((*self._value[:index], *self._value[index + 1 :]), gesture("remove"))

    def accept(self, value: Any) -> None:
        """Take the owner's word that the list stands."""
        self.set_value(value)
        super().accept(value)

    def refuse(self, message: str, where: Where = ()) -> None:
        """Hand the verdict to the editor it is about."""
        if message and where and isinstance(where[0], int) and where[0] < len(self.editors):
            self.editors[where[0]].refuse(message, where[1:])
        else:
            super().refuse(message)

    def problems(self) -> list[tuple[str, str]]:
        """Return every refusal in it."""
        inside = [(join(str(i), path), text) for i, e in enumerate(self.editors) for path, text in e.problems()]
        return [*super().problems(), *inside]

    def commit(self) -> None:
        """Take what is typed in any of them."""
        for editor in list(self.editors):
            editor.commit()

    def controls(self) -> list[QWidget]:
        """Return the button that is always there."""
        return [self.add]

    def reveal(self, path: str) -> bool:
        """Focus what is at ``path``, which begins with a place."""
        name, _, rest = path.partition(".")
        if name.isdigit() and int(name) < len(self.editors):
            return self.editors[int(name)].reveal(rest)
        return super().reveal(path)

    def retranslate(self) -> None:
        """Say everything again."""
        kind = self.slot.extra.get("item") or element(self.slot.type).__name__.lower()
        self.add.setText(self.tr("Add {thing}").format(thing=render(str(kind))))
        self.add.setAccessibleName(self.add.text())
