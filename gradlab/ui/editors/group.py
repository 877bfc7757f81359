"""The editor of a frozen value: a row per field, sections under headings, advanced fields folded away."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from gradlab.engine.catalog import Item
from gradlab.engine.model import Frozen
from gradlab.ui.i18n import render

from .base import Editor, Remark, Where, discard, edits
from .context import Context
from .fields import Fields
from .fold import Fold
from .rows import FieldRow, Heading
from .slot import MISSING, Slot

LABEL_WIDTH = 104
"""Pixels kept for the labels of a panel, so that its fields stand under each other."""


def blocks(fields: Fields, without: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Return (section, names) for each run of plain fields that stand together; a wide one stands alone."""
    run: list[str] = []
    section = ""
    for name, slot in fields.slots.items():
        if name in without or slot.advanced:
            continue
        if run and slot.section != section:
            yield section, run
            run = []
        section = slot.section
        run.append(name)
    if run:
        yield section, run


@edits(lambda slot: not slot.optional and isinstance(slot.type, type) and issubclass(slot.type, Frozen))
class GroupEdit(Editor):
    """A frozen value, field by field. As a page its wide fields and sections stand under headings."""

    wide = True

    def __init__(
        self,
        slot: Slot,
        context: Context,
        path: str,
        parent: QWidget | None = None,
        *,
        page: bool = False,
        filled: bool = True,
    ) -> None:
        super().__init__(slot, context, path, parent)
        self._page = page
        """Whether wide fields stand under headings."""
        self._filled = filled
        self.without: Collection[str] = ()
        """Fields that are shown elsewhere."""
        self._idle: Collection[str] = ()
        self._rows: list[FieldRow] = []
        self._headings: list[Heading] = []
        self.fold: Fold | None = None
        self.fields: Fields | None = None
        self._remark = Remark(self)
        self._body: QWidget | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._remark)

    def value(self) -> Any:
        """Return the last value that was valid as a whole."""
        return self.fields.value if self.fields else MISSING

    def set_value(self, value: Any) -> None:
        """Show ``value``; another class gets other rows."""
        for _ in self.build(value):
            pass

    def build(self, value: Frozen) -> Iterator[None]:
        """Show ``value``, yielding after each section that had to be built."""
        if self.fields is not None and type(self.fields.value) is type(value):
            self.fields.set_value(value)
            self.refresh()
            return
        self._clear()
        self.fields = Fields(value, self.context, self.path, self)
        self.fields.edited.connect(self._on_edited)
        self.fields.remarked.connect(self._on_remarked)
        if self._filled:
            yield from self._fill()

    def fill(self) -> None:
        """Build the rows, now and for every later value."""
        if not self._filled:
            self._filled = True
            for _ in self._fill():
                pass

    def is_empty(self) -> bool:
        """Tell whether there is nothing to show."""
        return self.fields is None or not set(self.fields.slots) - set(self.without)

    def _clear(self) -> None:
        if self._body is not None:
            discard(self._body)
        if self.fields is not None:
            self.fields.deleteLater()
        self._rows, self._headings = [], []
        self.fold = None
        self._body = QWidget(self)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16 if self._page else 6)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.indexOf(self._remark), self._body)

    def _fill(self) -> Iterator[None]:
        assert self.fields is not None
        assert self._body is not None
        column = self._column()
        for section, names in blocks(self.fields, self.without):
            grid = self._grid(section, self._body)
            column.addLayout(grid)
            for name in names:
                yield from self.fields.build(name, self._body)
                headed = self._page and not section and self.fields.editor(name, self._body).wide
                if headed and grid.count():
                    grid = self._grid("", self._body)
                    column.addLayout(grid)
                self._add_row(name, grid, self._body, headed=headed)
                if headed:
                    grid = self._grid("", self._body)
                    column.addLayout(grid)
        if self._folded():
            self.fold = Fold(self._fill_fold, self._body)
            column.addWidget(self.fold)
        self.set_idle(self._idle)
        yield

    def set_idle(self, names: Collection[str]) -> None:
        """Leave the fields with these names out; one that is refused stays in sight."""
        self._idle = names
        for row in self._rows:
            row.set_shown(row.editor.slot.name not in names or bool(row.editor.problems()))
        for heading in self._headings:
            heading.setVisible(any(row.shown for row in heading.rows))
        if self.fold is not None:
            self.fold.setVisible(not set(self._folded()) <= set(names))

    def _column(self) -> QVBoxLayout:
        assert self._body is not None
        column = self._body.layout()
        assert isinstance(column, QVBoxLayout)
        return column

    def _grid(self, section: str, parent: QWidget) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        grid.setColumnStretch(1, 1)
        if section:
            self._headings.append(Heading(section, "h" if self._page else "muted", parent))
            grid.addWidget(self._headings[-1], 0, 0, 1, 2)
        return grid

    def _add_row(self, name: str, grid: QGridLayout, parent: QWidget, *, headed: bool = False) -> None:
        assert self.fields is not None
        row = FieldRow(self.fields.editor(name, parent), grid, parent, headed=headed)
        self._rows.append(row)
        if row.editor.slot.section and not row.editor.slot.advanced:
            self._headings[-1].rows.append(row)

    def _block(self, names: list[str], parent: QWidget) -> QGridLayout:
        grid = self._grid("", parent)
        for name in names:
            self._add_row(name, grid, parent)
        return grid

    def _fill_fold(self, body: QWidget) -> None:
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._block(self._folded(), body))
        self.set_idle(self._idle)

    def _folded(self) -> list[str]:
        fields = self.fields.slots if self.fields is not None else {}
        return [name for name, slot in fields.items() if slot.advanced and name not in self.without]

    def refresh(self) -> None:
        """Show labels, hints and marks again."""
        for row in self._rows:
            row.refresh()

    def _on_edited(self, value: Frozen, gesture: str) -> None:
        self.refresh()
        self.edited.emit(value, gesture)

    def _on_remarked(self) -> None:
        assert self.fields is not None
        self._remark.say(self.fields.remark)
        self.remarked.emit()

    def commit(self) -> None:
        """Take what is typed in any field."""
        if self.fields is not None:
            self.fields.commit()

    def problems(self) -> list[tuple[str, str]]:
        """Return every refusal in it."""
        return [*super().problems(), *(self.fields.problems() if self.fields else [])]

    def refuse(self, message: str, where: Where = ()) -> None:
        """Hand the verdict to the field it is about."""
        if message and self.fields is not None and self.fields.blame(message, where):
            return
        super().refuse(message)

    def reveal(self, path: str) -> bool:
        """Unfold and focus the field that ``path`` starts with, else the first one."""
        if self.fields is None:
            return False
        name, _, rest = path.partition(".")
        if name not in self.fields.slots:
            return any(editor.reveal("") for editor in self.fields.built().values())
        if self.fold is not None and self.fields.slots[name].advanced:
            self.fold.set_open(True)
        self.fill()
        for row in self._rows:
            row.set_shown(row.shown or row.editor.slot.name == name)
        return self.fields.editor(name, self).reveal(rest)

    def summary(self) -> str:
        """Return what differs from the defaults."""
        value = self.value()
        if not isinstance(value, Frozen) or self.fields is None:
            return ""
        changed = [
            (name, getattr(value, name))
            for name, slot in self.fields.slots.items()
            if name not in self.without and getattr(value, name) != slot.default
        ]
        return " · ".join(f"{name} {in_short(what)}" for name, what in changed)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.refresh()


def in_short(value: Any) -> str:
    """Return a value in a few characters."""
    if isinstance(value, Item):
        return render(value.name())
    return ", ".join(in_short(part) for part in value) if isinstance(value, tuple) else str(value)
