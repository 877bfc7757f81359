"""The editor of named numbers, such as the parameters of a formula."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from gradlab.ui import icons

from .base import Editor, Where, discard, editor_for, edits, gesture
from .context import Context
from .line import LineEditor
from .slot import MISSING, Slot


class NameEdit(LineEditor):
    """A name: one word."""

    def read(self, text: str) -> str:
        """Return the name."""
        if not text.isidentifier():
            raise ValueError(self.tr("must be a name, such as a or x1"))
        return text


@edits(lambda slot: not slot.optional and get_origin(slot.type) is dict)
class MappingEdit(Editor):
    """Names and values, a line each; ``Add`` makes another line."""

    wide = True

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self._value: Any = MISSING
        self._body: QWidget | None = None
        self.names: list[NameEdit] = []
        self.cells: list[Editor] = []
        self.add = QPushButton(self)
        self.add.setProperty("class", "flat add")
        icons.put(self.add, "plus", "accent")
        self.add.clicked.connect(self._add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.retranslate()

    def value(self) -> Any:
        """Return the last accepted value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show ``value``, in the lines that are there where the names are the same."""
        if value == self._value:
            return
        same = self._value is not MISSING and list(value) == list(self._value) and len(self.cells) == len(value)
        self._value = dict(value)
        if same:
            for cell, entry in zip(self.cells, value.values(), strict=True):
                cell.set_value(entry)
        else:
            self._rebuild()

    def _rebuild(self) -> None:
        if self._body is not None:
            discard(self._body)
        self._body = QWidget(self)
        self.names, self.cells = [], []
        grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for line, (name, entry) in enumerate(self._value.items()):
            self._build_line(grid, line, name, entry)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, self._body)
        self.remarked.emit()

    def _build_line(self, grid: QGridLayout, line: int, name: str, entry: Any) -> None:
        body = self._body
        naming = NameEdit(Slot("name", str, title=self.tr("Name of a parameter")), self.context, self.path, body)
        naming.set_value(name)
        naming.setFixedWidth(88)
        cell = editor_for(self.slot.inner(get_args(self.slot.type)[1], name), self.context, self.path, body)
        cell.set_value(entry)
        away = QToolButton(body)
        away.setProperty("class", "tool")
        icons.put(away, "close")
        away.setAccessibleName(self.tr("Remove {name}").format(name=name))
        away.setToolTip(away.accessibleName())
        away.setProperty("line", line)
        away.clicked.connect(self._remove)
        for editor in (naming, cell):
            editor.edited.connect(self._on_edited)
            editor.remarked.connect(self.remarked)
            editor.setProperty("line", line)
        for column, widget in enumerate((naming, cell, away)):
            grid.addWidget(widget, line, column)
        self.names.append(naming)
        self.cells.append(cell)

    def _on_edited(self, entry: Any, gesture_name: str) -> None:
        line, sender = int(self.sender().property("line")), self.sender()
        names: list[str] = [naming.value() for naming in self.names]
        values = [cell.value() for cell in self.cells]
        if sender in self.names:
            if entry in names[:line] + names[line + 1 :]:
                self.names[line].refuse(self.tr("{name} is there already").format(name=entry))
                return
            names[line] = entry
        else:
            values[line] = entry
        self.edited.emit(dict(zip(names, values, strict=True)), gesture_name)

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        self._value = dict(value)
        if len(value) != len(self.cells):
            self._rebuild()
        for naming, cell, (name, entry) in zip(self.names, self.cells, value.items(), strict=True):
            naming.accept(name)
            cell.accept(entry)
        super().accept(value)

    def refuse(self, message: str, where: Where = ()) -> None:
        """Hand the verdict to the line it is about."""
        name = str(where[0]) if where else ""
        if message and self._value is not MISSING and name in self._value:
            self.cells[list(self._value).index(name)].refuse(message, where[1:])
        else:
            super().refuse(message)

    def problem(self) -> str:
        """Return the first refusal, with the name it is about."""
        for naming, cell in zip(self.names, self.cells, strict=True):
            for editor in (naming, cell):
                if editor.problem():
                    return f"{naming.value()}: {editor.problem()}"
        return super().problem()

    def unreadable(self) -> bool:
        """Tell whether a line stands for nothing."""
        return any(editor.unreadable() for editor in (*self.names, *self.cells))

    def commit(self) -> None:
        """Take what is typed in any line."""
        for editor in (*self.names, *self.cells):
            editor.commit()

    def reveal(self, path: str) -> bool:
        """Focus the refused line, else the line of that name, else the first."""
        editors = sorted((*self.names, *self.cells), key=lambda editor: not editor.problem())
        if not editors:
            return super().reveal(path)
        if path in (self._value or {}) and not self.problem():
            return self.cells[list(self._value).index(path)].reveal("")
        return editors[0].reveal("")

    def _add(self) -> None:
        taken = set(self._value)
        letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
        name = next((n for n in [*letters, *(f"a{i}" for i in range(len(taken) + 1))] if n not in taken), "a")
        self.edited.emit({**self._value, name: 1.0}, gesture("add"))
        if name in self._value:
            self.names[-1].field.setFocus()
            self.names[-1].field.selectAll()

    def _remove(self) -> None:
        name = list(self._value)[int(self.sender().property("line"))]
        self.edited.emit({key: entry for key, entry in self._value.items() if key != name}, gesture("remove"))

    def controls(self) -> list[QWidget]:
        """Return the button that is always there."""
        return [self.add]

    def retranslate(self) -> None:
        """Say everything again."""
        self.add.setText(self.tr("Add"))
        self.add.setAccessibleName(f"{self.label_text()}: {self.add.text()}")
