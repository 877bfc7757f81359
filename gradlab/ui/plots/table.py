"""The numbers behind a plot in a window: read, copy; large ones stay arrays and are never turned into items."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
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
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole or index.row() >= len(column):
            return None
        value = column[index.row()].item()
        return repr(value) if isinstance(value, float) else str(value)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's name, or a row's number from 0."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self._names[section] if orientation == Qt.Orientation.Horizontal else str(section)


class CellsView(QTableView):
    """A table whose selection is copied as a block; Qt copies one cell."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on Ctrl+C."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the selected cells on the clipboard, tab-separated."""
        rows: dict[int, list[str]] = {}
        for index in sorted(self.selectedIndexes(), key=lambda index: (index.row(), index.column())):
            rows.setdefault(index.row(), []).append(str(index.data() or ""))
        QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in rows.values()))


class DataTable(QDialog):
    """A window that shows columns; Ctrl+C copies what is selected, tab-separated."""

    def __init__(self, title: str, columns: Columns, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("{plot}: data").format(plot=title))
        self.view = CellsView(self)
        self.view.setModel(ColumnsModel(columns, self.view))
        self.view.setFont(theme.mono_font())
        self.view.setAccessibleName(self.windowTitle())
        self.view.setWordWrap(False)
        self.view.verticalHeader().setDefaultSectionSize(22)
        self.view.horizontalHeader().setDefaultSectionSize(170)
        layout = QVBoxLayout(self)
        layout.addWidget(self.view)
        self.resize(min(1100, 120 + 170 * max(2, len(columns))), 520)
