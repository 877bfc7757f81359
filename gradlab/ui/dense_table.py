"""A table to read: rows close together, no lines between them, chosen whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem, QWidget

from . import theme
from .i18n import plain_tip

ROW_PX = 24
TIP = Qt.ItemDataRole.UserRole
"""Where an item keeps what its tooltip was made of."""
REST_MS = 50
"""Rows out of sight are written when no others have come for so long."""


class DenseTable(QTableWidget):
    """What the tables of results have in common; Tab leaves them."""

    def __init__(self, columns: int, parent: QWidget | None = None, *, row_px: int = ROW_PX) -> None:
        super().__init__(0, columns, parent)
        self._written = False
        self._write_row: Callable[[int], None] | None = None
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self.flush)
        self.verticalScrollBar().valueChanged.connect(self.flush)
        self.setProperty("class", "dense")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(row_px)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)

    def fill(self, rows: int, write_row: Callable[[int], None]) -> None:
        """Have ``write_row`` write each row: those in sight now, the others when a hand rests or they are looked at."""
        self.setRowCount(rows)
        self._write_row = write_row
        first, last = self.rowAt(0), self.rowAt(self.viewport().height())
        shown = range(max(first, 0), rows if last < 0 else last + 1) if self.isVisible() else range(rows)
        with self.at_once():
            for row in shown:
                write_row(row)
        if len(shown) < rows:
            self._rest.start()
        else:
            self._write_row = None
            self._rest.stop()

    def flush(self) -> None:
        """Write what is left to be written."""
        write_row, self._write_row = self._write_row, None
        if write_row is not None:
            self._rest.stop()
            with self.at_once():
                for row in range(self.rowCount()):
                    write_row(row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more rows, or fewer."""
        super().resizeEvent(event)
        self.flush()

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
            self.horizontalHeader().length()  # widths that follow the text do so now: later, all is painted again

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
