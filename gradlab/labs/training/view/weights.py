"""The weights of a layer, a cell each: press one and type another number, and the training has it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem, QWidget

from gradlab.labs.training.pins import Pin
from gradlab.labs.training.readings import Weights
from gradlab.ui import figures, theme
from gradlab.ui.editors.numbers import read_real

ROW_PX, HEAD_PX, CELL_PX = 22, 24, 64
MOST_ROWS = 8
"""Rows that are seen at once; the rest scrolls."""
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Entry = tuple[str, tuple[int, ...], float]
"""A tensor, a place in it, and what stands there."""


class WeightTable(QTableWidget):
    """A row per unit, its weights, then its bias. ``pinned(pin)``: a number was typed; ``refused(why)``: none was."""

    pinned = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, 0, parent)
        self._entries: dict[tuple[int, int], Entry] = {}
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
        self.itemChanged.connect(self._typed)

    def show_weights(self, found: Weights, pins: tuple[Pin, ...]) -> bool:
        """Show the tensors of a layer, those set by hand bold; tell whether it is news.

        While a number is being typed the table stays as it is.
        """
        if self.state() == QAbstractItemView.State.EditingState:
            return False
        shown = (found.tensors, found.shapes, b"".join(values.tobytes() for values in found.values), pins)
        if shown == self._shown:
            return False
        self._shown = shown
        blocker, at = QSignalBlocker(self), (self.currentRow(), self.currentColumn())
        columns = list(_columns(found))
        rows = len(columns[0][1]) if columns else 0
        self.clear()
        self._entries.clear()
        self.setRowCount(rows)
        self.setColumnCount(len(columns))
        self.setHorizontalHeaderLabels([heading for heading, _ in columns])
        self.setVerticalHeaderLabels([str(row) for row in range(rows)])
        placed = {(pin.tensor, pin.index) for pin in pins}
        for column, (_, entries) in enumerate(columns):
            for row, entry in enumerate(entries):
                self._entries[row, column] = entry
                self.setItem(row, column, _item(entry, by_hand=entry[:2] in placed))
        self.setFixedHeight(HEAD_PX + ROW_PX * min(rows, MOST_ROWS) + 16)
        self.setCurrentCell(*at)
        blocker.unblock()
        return True

    def point_at(self, row: int, column: int = 0, *, edit: bool = False) -> None:
        """Go to a cell; ``edit``: with a field open in it."""
        item = self.item(row, column)
        if item is not None and self.isEnabled():
            self.setCurrentItem(item)
            self.scrollToItem(item)
            self.setFocus()
            if edit:
                self.editItem(item)

    def _typed(self, item: QTableWidgetItem) -> None:
        tensor, index, value = self._entries[item.row(), item.column()]
        try:
            pin = Pin(tensor=tensor, index=index, value=read_real(item.text()))
        except ValueError as error:
            blocker = QSignalBlocker(self)
            item.setText(_written(value))
            blocker.unblock()
            self.refused.emit(f"{_place(tensor, index)}: {_line(error)}")
            return
        self.refused.emit("")
        if item.text() != _written(value):
            self.pinned.emit(pin)


def matrix(found: Weights) -> tuple[list[str], np.ndarray]:
    """Return the headings and the numbers [unit, column] of the table of a layer."""
    columns = list(_columns(found))
    values = [[value for _, _, value in entries] for _, entries in columns]
    return [heading for heading, _ in columns], np.array(values, dtype=float).T.reshape(-1, len(columns))


def _columns(found: Weights) -> Iterator[tuple[str, list[Entry]]]:
    """Yield each column's heading and entries; tensors with other rows than the first have no place here."""
    tall = len(found.values[0]) if found.values else 0
    for tensor, shape, values in zip(found.tensors, found.shapes, found.values, strict=True):
        if len(values) != tall:
            continue
        short, flat = tensor.rpartition(".")[2], shape[1:]
        for column in range(values.shape[1]):
            place = tuple(int(at) for at in np.unravel_index(column, flat)) if flat else ()
            heading = f"{short} {','.join(map(str, place))}" if place else short
            rows = range(tall)
            yield heading, [(tensor, (row, *place) if shape else (), float(values[row, column])) for row in rows]


def _item(entry: Entry, *, by_hand: bool) -> QTableWidgetItem:
    tensor, index, value = entry
    item = QTableWidgetItem(_written(value))
    item.setTextAlignment(RIGHT)
    font = theme.mono_font(11)
    font.setBold(by_hand)
    item.setFont(font)
    item.setToolTip(f"{_place(tensor, index)} = {value!r}")
    return item


def _written(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else figures.short(value)


def _place(tensor: str, index: tuple[int, ...]) -> str:
    return f"{tensor}{list(index)}" if index else tensor


def _line(error: ValueError) -> str:
    from pydantic import ValidationError

    from gradlab.engine.errors import explain

    return str(explain(error)) if isinstance(error, ValidationError) else str(error)
