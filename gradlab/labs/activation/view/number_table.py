"""A dense table of numbers: a name per row, every digit in the tooltip, what is not finite in red."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from gradlab.ui import theme

ROW_PX = 24
DIGITS = 5


class NumberTable(QTableWidget):
    """Shows rows of a name and numbers."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(0, 0, parent)
        self._shown: tuple[tuple[str, ...], tuple[tuple[object, ...], ...]] = ((), ())
        self.setAccessibleName(name)
        self.setProperty("class", "dense")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.horizontalHeader().setMinimumSectionSize(20)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        theme.watcher().changed.connect(self._recolour)

    def show_rows(self, headings: Sequence[str], rows: Sequence[Sequence[str | float]]) -> None:
        """Show ``rows``, each a name and as many numbers as there are headings after the first."""
        self._shown = tuple(headings), tuple(tuple(row) for row in rows)
        if self.columnCount() != len(headings):
            self.setColumnCount(len(headings))
        self.setHorizontalHeaderLabels(list(headings))
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, entry in enumerate(row):
                self._cell(place, column, entry)

    def _cell(self, row: int, column: int, entry: str | float) -> None:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, column, item)
        tokens = theme.current()
        if isinstance(entry, str):
            item.setText(entry)
            item.setForeground(QColor(tokens.text))
            return
        item.setFont(theme.mono_font(11))
        item.setText(f"{entry:.{DIGITS}g}")
        item.setToolTip(repr(entry))
        item.setForeground(QColor(tokens.text if math.isfinite(entry) else tokens.bad))

    def _recolour(self, _theme: object) -> None:
        headings, rows = self._shown
        self.show_rows(headings, rows)  # type: ignore[arg-type]
