"""A table to read: rows close together, no lines between them, chosen whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem, QWidget

from . import theme
from .i18n import plain_tip

ROW_PX = 24
TIP = Qt.ItemDataRole.UserRole
"""Where an item keeps what its tooltip was made of."""


class DenseTable(QTableWidget):
    """What the tables of results have in common; Tab leaves them."""

    def __init__(self, columns: int, parent: QWidget | None = None, *, row_px: int = ROW_PX) -> None:
        super().__init__(0, columns, parent)
        self._written = False
        self.setProperty("class", "dense")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(row_px)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Let cells be written without a word; of all of them it is told once, for each telling costs a layout."""
        model = self.model()
        model.blockSignals(True)
        try:
            yield
        finally:
            model.blockSignals(False)
        if self._written:
            self._written = False
            model.dataChanged.emit(model.index(0, 0), model.index(self.rowCount() - 1, self.columnCount() - 1))

    def write(self, row: int, column: int, text: str, tone: str, tip: str) -> None:
        """Write a cell, where it is not so already: names to the left, numbers to the right."""
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            if column:
                item.setFont(theme.mono_font(11))
            self.setItem(row, column, item)
            self._written = True
        if item.text() != text:
            item.setText(text)
            self._written = True
        if item.foreground().color() != QColor(tone):
            item.setForeground(QColor(tone))
            self._written = True
        if item.data(TIP) != tip:
            item.setData(TIP, tip)
            item.setToolTip(plain_tip(tip))
