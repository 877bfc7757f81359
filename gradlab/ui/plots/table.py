"""The numbers behind a plot in a window: read, copy; large ones stay arrays and are never turned into items."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QTableView, QVBoxLayout, QWidget

from gradlab.ui import theme

from .values import Columns

Index = QModelIndex | QPersistentModelIndex


class ColumnsModel(QAbstractTableModel):
    """Columns of different lengths as a table."""

    def __init__(self, columns: Columns, parent: QWidget) -> None:
        super().__init__(parent)
        self._names = list(columns)
        self._columns = [np.asarray(column) for column in columns.values()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the length of the longest column."""
        return 0 if parent.isValid() else max((len(column) for column in self._columns), default=0)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a number as it is, every digit of it."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self.texts(index.column(), np.array([index.row()]))[0] or None

    def texts(self, column: int, rows: np.ndarray) -> list[str]:
        """Return what stands in a column at ascending ``rows``; nothing where it has ended."""
        values = self._columns[column]
        held = rows[rows < len(values)]
        return [*map(str, values[held].tolist()), *[""] * (len(rows) - len(held))]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's name, or a row's number from 0."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self._names[section] if orientation == Qt.Orientation.Horizontal else str(section)


class CellsView(QTableView):
    """A table whose selection is copied as a block; Qt copies one cell.

    Nothing goes by single indexes: Qt makes each of them by asking the model in Python, and there may be millions.
    """

    def __init__(self, model: ColumnsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.numbers = model
        self.setModel(model)
        header = self.horizontalHeader()
        header.setSelectionModel(QItemSelectionModel(model, header))  # with the view's it asks about every row

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on Ctrl+C."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the selected cells on the clipboard, tab-separated."""
        numbers = self.numbers
        chosen = np.zeros((numbers.rowCount(), numbers.columnCount()), dtype=bool)
        for part in self.selectionModel().selection().toList():
            chosen[part.top() : part.bottom() + 1, part.left() : part.right() + 1] = True
        rows = np.flatnonzero(chosen.any(axis=1))
        cells = [numbers.texts(column, rows) for column in range(numbers.columnCount())]
        lines = (
            "\t".join(text for text, on in zip(line, wanted, strict=True) if on)
            for line, wanted in zip(zip(*cells, strict=True), chosen[rows].tolist(), strict=True)
        )
        QGuiApplication.clipboard().setText("\n".join(lines))


class DataTable(QDialog):
    """A window that shows columns; Ctrl+C copies what is selected, tab-separated."""

    def __init__(self, title: str, columns: Columns, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("{plot}: data").format(plot=title))
        self.view = CellsView(ColumnsModel(columns, self), self)
        self.view.setFont(theme.mono_font())
        self.view.setAccessibleName(self.windowTitle())
        self.view.setWordWrap(False)
        self.view.verticalHeader().setDefaultSectionSize(22)
        self.view.horizontalHeader().setDefaultSectionSize(170)
        layout = QVBoxLayout(self)
        layout.addWidget(self.view)
        self.resize(min(1100, 120 + 170 * max(2, len(columns))), 520)
