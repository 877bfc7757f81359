"""Editors of tuples: a cell per entry where the entries have names, one line of commas where they have none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args, get_origin

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from gradlab.ui.i18n import plain_tip, render
from gradlab.ui.widgets import plain_label

from .base import Editor, Where, discard, editor_for, edits
from .context import Context, look_up
from .line import LineEditor
from .lists import ListEdit, element
from .slot import MISSING, Slot, peel, slot_for

MOST_CELLS = 12
"""Entries that get cells of their own; more are written on one line."""
_SCALARS = (float, int)


def _is_numeric(slot: Slot) -> bool:
    """Tell whether ``slot`` is a tuple of numbers (some of which may be None), or of such tuples."""
    args = [arg for arg in get_args(slot.type) if arg is not Ellipsis]
    return get_origin(slot.type) is tuple and bool(args) and all(_is_number(slot_for("", arg)) for arg in args)


def _is_number(slot: Slot) -> bool:
    return slot.type in _SCALARS or (not slot.optional and _is_numeric(slot))


@edits(lambda slot: not slot.optional and _is_numeric(slot))
class TupleEdit(Editor):
    """Numbers that belong together, such as a point; ``set_labels`` names them."""

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self._value: Any = MISSING
        self._wanted: list[Any] = []
        self._labels = tuple(look_up(context.labels, path) or slot.extra.get("labels", ()))
        self._body: QWidget | None = None
        self.cells: list[Editor] = []
        self.line: ListEdit | None = None
        nested = any(get_origin(peel(arg)[0]) for arg in get_args(slot.type))
        self.wide = element(slot.type) is not None or nested or bool(self._labels)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def set_labels(self, labels: Sequence[str]) -> None:
        """Name the entries."""
        if tuple(labels) == self._labels:
            return
        self._labels = tuple(labels)
        if self._value is not MISSING:
            self._rebuild(self._value)
        elif self._wanted:
            self.set_ghost(self._regrown())

    def _regrown(self) -> list[Any]:
        wanted, self.cells = self._wanted, []
        return wanted

    def value(self) -> Any:
        """Return the last accepted value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show ``value``, in the cells that are there where their number fits."""
        if value == self._value:
            return
        self._value = value
        self._wanted = list(value)
        if self.line is not None and not self._has_cells(value):
            self.line.set_value(value)
        elif self.cells and len(self.cells) == len(value) and self._has_cells(value):
            for cell, entry in zip(self.cells, value, strict=True):
                cell.set_value(entry)
        else:
            self._rebuild(value)

    def set_ghost(self, value: Sequence[Any]) -> None:
        """Show ``value`` as what stands in for nothing."""
        if not self.cells or len(self.cells) != len(value):
            self._rebuild(value)
        self._value = MISSING
        self._wanted = list(value)
        for cell, entry in zip(self.cells, value, strict=False):
            if isinstance(cell, LineEditor):
                cell.set_ghost(entry)
        if self.line is not None:
            self.line.set_ghost(tuple(value))

    def _has_cells(self, value: Sequence[Any]) -> bool:
        kind = element(self.slot.type)
        named = bool(self._labels) or kind is None or kind not in _SCALARS
        return named and len(value) <= MOST_CELLS

    def _rebuild(self, value: Any) -> None:
        if self._body is not None:
            discard(self._body)
        self.cells, self.line = [], None
        self._body = QWidget(self)
        if self._has_cells(value):
            self._build_cells(value, self._body)
        else:
            self._build_line(value, self._body)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._body)
        self.remarked.emit()

    def _build_line(self, value: Any, body: QWidget) -> None:
        self.line = ListEdit(self.slot, self.context, self.path, body)
        self.line.set_value(value)
        self.line.edited.connect(self.edited)
        self.line.remarked.connect(self.remarked)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line)

    def _build_cells(self, value: Any, body: QWidget) -> None:
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        per_line = self._per_line(len(value))
        for index, entry in enumerate(value):
            line, column = divmod(index, per_line)
            cell = self._cell(index, entry, body)
            if self._labels:
                label = plain_label(self.cell_label(index), "muted", body)
                label.setBuddy(cell)
                grid.addWidget(label, line, 2 * column)
            grid.addWidget(cell, line, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        if self.cells:
            self.setFocusProxy(self.cells[0])

    def _per_line(self, count: int) -> int:
        kind = element(self.slot.type)
        if kind not in _SCALARS and kind is not None:
            return 1
        return 2 if self._labels else max(1, count)

    def _cell(self, index: int, entry: Any, body: QWidget) -> Editor:
        args = get_args(self.slot.type)
        annotation = args[0] if element(self.slot.type) is not None else args[index]
        label = self.cell_label(index)
        slot = self.slot.inner(annotation, name=f"{self.label_text()} {label}", title="")
        cell = editor_for(slot, self.context, f"{self.path}.{index}", body)
        cell.set_value(entry)
        cell.setProperty("index", index)
        cell.edited.connect(self._on_edited)
        cell.remarked.connect(self.remarked)
        self.cells.append(cell)
        return cell

    def cell_label(self, index: int) -> str:
        """Return what an entry is called."""
        return self._labels[index] if index < len(self._labels) else str(index + 1)

    def _on_edited(self, entry: Any, gesture: str) -> None:
        self._wanted[int(self.sender().property("index"))] = entry
        self.edited.emit(tuple(self._wanted), gesture)

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        self._value = value
        self._wanted = list(value)
        if self.line is not None:
            self.line.accept(value)
        for cell, entry in zip(self.cells, value, strict=False):
            cell.accept(entry)
        super().accept(value)

    def refuse(self, message: str, where: Where = ()) -> None:
        """Hand the verdict to the entry it is about; without one, to all of them."""
        if self.line is not None:
            named = bool(message) and bool(where) and isinstance(where[0], int)
            self.line.refuse(f"{int(where[0]) + 1}: {message}" if named else message, where)
        elif message and where and isinstance(where[0], int) and where[0] < len(self.cells):
            self.cells[where[0]].refuse(message, where[1:])
        else:
            for cell in self.cells if not message else ():
                cell.refuse("")
            super().refuse(message)

    def mark_invalid(self, invalid: bool) -> None:
        """Pass the red on to the cells that have nothing to say themselves."""
        for cell in self.cells:
            cell.accuse(invalid and not any(other.problem() for other in self.cells))

    def problem(self) -> str:
        """Return the first refusal, with the name of its entry."""
        if self.line is not None:
            return self.line.problem()
        for index, cell in enumerate(self.cells):
            if cell.problem():
                return f"{self.cell_label(index)}: {cell.problem()}"
        return super().problem()

    def unreadable(self) -> bool:
        """Tell whether an entry stands for no number."""
        return any(editor.unreadable() for editor in self._editors())

    def commit(self) -> None:
        """Take what is typed in any entry."""
        for editor in list(self._editors()):
            editor.commit()

    def controls(self) -> list[QWidget]:
        """Return the lines of all entries, the refused ones first."""
        editors = sorted(self._editors(), key=lambda editor: not editor.problem())
        return [control for editor in editors for control in editor.controls()]

    def _editors(self) -> list[Editor]:
        return [self.line] if self.line is not None else self.cells

    def reveal(self, path: str) -> bool:
        """Focus the refused entry, else the first."""
        del path
        editors = sorted(self._editors(), key=lambda editor: not editor.problem())
        return bool(editors) and editors[0].reveal("")

    def retranslate(self) -> None:
        """Leave the entries to say what they are."""

    def tip(self) -> str:
        """Return what it means and its default."""
        lines = [render(self.slot.description)]
        if self.slot.default is not MISSING:
            lines.append(self.tr("default: {value}").format(value=self.slot.default))
        return plain_tip("\n".join(line for line in lines if line))
