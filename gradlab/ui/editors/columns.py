"""Editors of columns of a table: their names are typed, or chosen among those that the file has."""

from __future__ import annotations

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from gradlab.engine.errors import UserError
from gradlab.engine.model import at

from .base import edits, gesture
from .context import Context
from .line import LineEditor
from .lists import ListEdit, element
from .slot import Slot

AMONG = "columns"
MOST_NAMES = 40
"""Columns that a menu has room for; the others are typed."""


def _is_columns(slot: Slot) -> bool:
    return slot.extra.get("among") == AMONG


class _Columns(LineEditor):
    """A line of names, and a button with a menu of the columns that the owner's file has, filled when it opens."""

    wide = True

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        self.choose: QPushButton | None = None
        super().__init__(slot, context, path, parent)
        self.choose = QPushButton(self)
        self.menu = QMenu(self.choose)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.menu.triggered.connect(self._pressed)
        self.choose.setMenu(self.menu)
        column, row = self.layout(), QHBoxLayout()
        assert isinstance(column, QVBoxLayout)
        column.setSpacing(6)
        row.addWidget(self.choose)
        row.addStretch(1)
        column.addLayout(row)
        self.retranslate()

    def names(self) -> tuple[str, ...]:
        """Return the columns of the file; raises ``UserError`` where it cannot be read."""
        spec = self.context.spec()
        found: tuple[str, ...] = () if spec is None else at(spec, self.path.rpartition(".")[0]).columns()
        return found

    def chosen(self) -> tuple[str, ...]:
        """Return the names that stand."""
        raise NotImplementedError

    def _fill(self) -> None:
        self.menu.clear()
        try:
            names = self.names()
        except (UserError, KeyError) as error:
            self.menu.addAction(str(error)).setEnabled(False)
            return
        self._offer(names[:MOST_NAMES])
        if len(names) > MOST_NAMES:
            told = self.tr("{count} more: type their names").format(count=len(names) - MOST_NAMES)
            self.menu.addAction(told).setEnabled(False)

    def _offer(self, names: tuple[str, ...]) -> None:
        raise NotImplementedError

    def _add(self, name: str, text: str, *, on: bool) -> QAction:
        action = self.menu.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(on)
        action.setData(name)
        return action

    def _pressed(self, action: QAction) -> None:
        self._take_column(action.data(), on=action.isChecked())

    def _take_column(self, name: str, *, on: bool) -> None:
        raise NotImplementedError

    def retranslate(self) -> None:
        """Say everything again."""
        super().retranslate()
        if self.choose is not None:
            self.choose.setText(self.tr("Columns"))
            self.choose.setAccessibleName(self.tr("Columns of the file for {field}").format(field=self.label_text()))


@edits(lambda slot: slot.type is str and _is_columns(slot))
class ColumnEdit(_Columns):
    """One column: the menu takes another one in its place."""

    def read(self, text: str) -> str:
        """Return the text as it is."""
        return text

    def chosen(self) -> tuple[str, ...]:
        """Return the name that stands."""
        return (self._value,) if self._value else ()

    def _stand_in(self) -> str:
        return self.tr("the last column")

    def _offer(self, names: tuple[str, ...]) -> None:
        group = QActionGroup(self.menu)
        group.addAction(self._add("", self.tr("the last column"), on=not self.chosen()))
        for name in names:
            group.addAction(self._add(name, name, on=name in self.chosen()))

    def _take_column(self, name: str, *, on: bool) -> None:
        del on
        self.propose(name, gesture("choose"))


@edits(lambda slot: not slot.optional and element(slot.type) is str and _is_columns(slot))
class ColumnsEdit(_Columns, ListEdit):
    """Several columns, in the order of the file: the menu puts one in or takes it out."""

    def chosen(self) -> tuple[str, ...]:
        """Return the names that stand."""
        return tuple(self._value) if isinstance(self._value, tuple) else ()

    def _stand_in(self) -> str:
        return self.tr("all others")

    def _offer(self, names: tuple[str, ...]) -> None:
        self._add("", self.tr("all others"), on=not self.chosen())
        for name in names:
            self._add(name, name, on=name in self.chosen())

    def _take_column(self, name: str, *, on: bool) -> None:
        wanted = {*self.chosen(), name} if on else {*self.chosen()} - {name}
        self.propose(tuple(one for one in self.names() if one in wanted) if name else (), gesture("choose"))
