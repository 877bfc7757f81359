"""The weights of a layer, a cell each: press one and type another number, and the training has it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QStyledItemDelegate, QTableView, QWidget

from gradlab.labs.training.pins import Pin
from gradlab.labs.training.readings import Weights
from gradlab.ui import figures, theme
from gradlab.ui.editors.numbers import read_real

ROW_PX, HEAD_PX, CELL_PX = 22, 24, 64
DOT = "•"
"""Stands before a number that was set by hand."""
MOST_ROWS = 8
"""Rows that are seen at once; the rest scrolls."""
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
EDITABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
Index = QModelIndex | QPersistentModelIndex
Place = tuple[str, tuple[int, ...]]
"""A tensor, and where in it."""
Role = Qt.ItemDataRole


class WeightModel(QAbstractTableModel):
    """The numbers of a layer [unit, column] as they are drawn; a run brings new ones many times a second."""

    typed = Signal(int, int, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.values = np.empty((0, 0))
        self._headings: list[str] = []
        self._columns: list[tuple[str, tuple[int, ...] | None]] = []
        self._cells: dict[Place, tuple[int, int]] = {}
        self._pins: dict[Place, Pin] = {}
        self._awaited: dict[Place, tuple[Pin, float]] = {}
        """Numbers that were set and are not in the training yet, each with the one that stands there till then."""

    def show_weights(self, found: Weights, pins: tuple[Pin, ...]) -> None:
        """Take the numbers in; the cells stay where they are as long as the layer is the same."""
        headings, values = matrix(found)
        columns = [(tensor, place) for _, tensor, place, _ in _columns(found)]
        same, before = (columns, values.shape) == (self._columns, self.values.shape), self._pins
        self._pins = {(pin.tensor, pin.index): pin for pin in pins}
        if same:
            self._await(before, values)
            self.values = values
            self.dataChanged.emit(self.index(0, 0), self.index(values.shape[0] - 1, values.shape[1] - 1))
            return
        self.beginResetModel()
        self.values, self._headings, self._columns, self._awaited = values, headings, columns, {}
        spots = ((row, column) for row in range(values.shape[0]) for column in range(values.shape[1]))
        self._cells = {self.place(*spot): spot for spot in spots}
        self.endResetModel()

    def _await(self, before: Mapping[Place, Pin], values: np.ndarray) -> None:
        """Show what has been set since from now on, until the training brings another number for the place."""
        for place, (pin, _) in list(self._awaited.items()):
            row, column = self._cells[place]
            if self._pins.get(place) != pin or float(values[row, column]) != self._awaited[place][1]:
                del self._awaited[place]
        for place, pin in self._pins.items():
            if place in self._cells and pin != before.get(place):
                row, column = self._cells[place]
                if values[row, column] == self.values[row, column]:
                    self._awaited[place] = pin, float(values[row, column])

    def value(self, row: int, column: int) -> float:
        """Return what a cell shows: the number of the training, or the one that it is to have at the next step."""
        awaited = self._awaited.get(self.place(row, column))
        return float(self.values[row, column]) if awaited is None else awaited[0].value

    def place(self, row: int, column: int) -> Place:
        """Return what stands in a cell."""
        tensor, rest = self._columns[column]
        return tensor, () if rest is None else (row, *rest)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of units."""
        return int(self.values.shape[0])

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of weights of a unit, its bias among them."""
        return int(self.values.shape[1])

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Return a number in few digits, in all of them as a tooltip; one set by hand has a dot and a colour."""
        value, place = self.value(index.row(), index.column()), self.place(index.row(), index.column())
        match role:
            case Role.DisplayRole:
                return f"{DOT} {_written(value)}" if place in self._pins else _written(value)
            case Role.EditRole:
                return _written(value)
            case Role.ToolTipRole:
                later = self.tr("from the next step on")
                return f"{_named(*place)} = {value!r}" + (f", {later}" if place in self._awaited else "")
            case Role.ForegroundRole:
                return QColor(theme.current().accent) if place in self._pins else None
            case Role.TextAlignmentRole:
                return RIGHT
            case Role.FontRole:
                font = theme.mono_font(11)
                font.setBold(place in self._pins)
                return font
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Return the name of a column, or the number of a unit."""
        if role != Role.DisplayRole:
            return None
        return self._headings[section] if orientation == Qt.Orientation.Horizontal else str(section)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every number can be set."""
        return EDITABLE

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Tell what was typed; the number itself changes with the training."""
        self.typed.emit(index.row(), index.column(), str(value))
        return False


class Typing(QStyledItemDelegate):
    """A field in a cell that says something only when something was typed, if it was the number that stood there."""

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand on what was typed; a field that was opened and left alone sets nothing."""
        if isinstance(editor, QLineEdit) and editor.isModified():
            model.setData(index, editor.text())


class WeightTable(QTableView):
    """A row per unit, its weights, then its bias. ``pinned(pin)``: a number was typed; ``refused(why)``: none was."""

    pinned = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.weights = WeightModel(self)
        self.setModel(self.weights)
        self.setItemDelegate(Typing(self))
        self._shown: tuple[object, ...] = ()
        self.setProperty("class", "dense")
        self.setTabKeyNavigation(False)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.horizontalHeader().setDefaultSectionSize(CELL_PX)
        self.weights.typed.connect(self._typed)

    def show_weights(self, found: Weights, pins: tuple[Pin, ...]) -> bool:
        """Show the tensors of a layer, those set by hand with a dot; tell whether it is news.

        While a number is being typed the table stays as it is.
        """
        shown = (found.tensors, found.shapes, b"".join(values.tobytes() for values in found.values), pins)
        if self.state() == QAbstractItemView.State.EditingState or shown == self._shown:
            return False
        self._shown = shown
        self.weights.show_weights(found, pins)
        self.setFixedHeight(HEAD_PX + ROW_PX * min(self.weights.rowCount(), MOST_ROWS) + 16)
        return True

    def point_at(self, row: int, column: int = 0, *, edit: bool = False) -> None:
        """Go to a cell; ``edit``: with a field open in it."""
        index = self.weights.index(row, column)
        if index.isValid() and self.isEnabled():
            self.setCurrentIndex(index)
            self.scrollTo(index)
            self.setFocus()
            if edit:
                self.edit(index)

    def _typed(self, row: int, column: int, text: str) -> None:
        place = self.weights.place(row, column)
        try:
            pin = Pin(tensor=place[0], index=place[1], value=read_real(text))
        except ValueError as error:
            self.refused.emit(f"{_named(*place)}: {_line(error)}")
            return
        self.refused.emit("")
        self.pinned.emit(pin)


def matrix(found: Weights) -> tuple[list[str], np.ndarray]:
    """Return the headings and the numbers [unit, column] of the table of a layer."""
    columns = list(_columns(found))
    values = [values for *_, values in columns]
    return [heading for heading, *_ in columns], np.stack(values, axis=1) if values else np.empty((0, 0))


def _columns(found: Weights) -> Iterator[tuple[str, str, tuple[int, ...] | None, np.ndarray]]:
    """Yield each column's heading, tensor, place behind the unit's number (None in a tensor of one number), numbers.

    Tensors with other rows than the first have no place here.
    """
    tall = len(found.values[0]) if found.values else 0
    for tensor, shape, values in zip(found.tensors, found.shapes, found.values, strict=True):
        if len(values) != tall:
            continue
        short, flat = tensor.rpartition(".")[2], shape[1:]
        for column in range(values.shape[1]):
            place = tuple(int(at) for at in np.unravel_index(column, flat)) if flat else ()
            heading = f"{short} {','.join(map(str, place))}" if place else short
            yield heading, tensor, place if shape else None, np.asarray(values[:, column], dtype=float)


def _written(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else figures.short(value)


def _named(tensor: str, index: tuple[int, ...]) -> str:
    return f"{tensor}{list(index)}" if index else tensor


def _line(error: ValueError) -> str:
    from pydantic import ValidationError

    from gradlab.engine.errors import explain

    return str(explain(error)) if isinstance(error, ValidationError) else str(error)
